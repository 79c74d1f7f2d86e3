import type { Provider } from './provider.ts'

/** GLM, from Z.AI; the address for China is `https://open.bigmodel.cn/api/paas/v4`. */
export const glm: Provider = {
  name: 'glm',
  title: 'Z.AI (GLM)',
  otherNames: ['zai', 'z-ai', 'zai-org', 'zhipu', 'zhipuai', 'bigmodel'],
  kind: 'maker',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://api.z.ai/api/paas/v4',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // Z.AI API reference and AgentScope's notes on it, 2026-10: `auto` is the only choice,
        // `max_tokens` the only limit; `strict` and `stream_options` are refused.
        toolChoices: ['auto'],
        noneDropsTools: true,
        parallelField: false,
        strictTools: false,
        customTools: false,
        streamOptions: false,
        maxTokensField: 'max_tokens',
        systemRole: 'system',
        structuredOutput: false,
        efforts: [],
      },
    },
    {
      protocol: 'anthropic',
      baseUrl: 'https://api.z.ai/api/anthropic',
      paths: { create: '/v1/messages' },
      auth: { header: 'x-api-key' },
      quirks: { strictTools: false, structuredOutput: false, thinking: 'manual' },
    },
  ],
  keyVariables: ['ZAI_API_KEY', 'ZHIPUAI_API_KEY', 'GLM_API_KEY'],
  baseUrlVariables: ['ZAI_BASE_URL'],
  modelPatterns: [/^glm-/],
  models: [
    {
      // Thinking came with 4.5 and is on by default; what was thought may be sent back.
      // Source: Z.AI guide "thinking mode", 2026-08.
      match: /^glm-(4\.[5-9]|[5-9])/,
      quirks: {
        thinkingSwitch: 'thinking',
        thinksByDefault: true,
        reasoningField: 'reasoning_content',
      },
    },
    // Arguments are streamed only if asked for. Source: Z.AI guide "stream tool call", 2026-08.
    { match: /^glm-(4\.[6-9]|[5-9])/, quirks: { toolStream: true } },
    { match: /^glm-4(\.5|-|$)/, capabilities: { streamingArguments: false } },
    // Source: Z.AI guide "thinking mode" for 5.2 and 5.3, 2026-10.
    { match: /^glm-(5\.[2-9]|[6-9])/, quirks: { efforts: ['low', 'high', 'max'] } },
    { match: /^glm-4(\.\d)?v|^glm-\d(\.\d)?v/, capabilities: { imagesIn: true } },
  ],
  unserved: [
    { match: /embedding|cogview|cogvideo|-voice|-asr|-ocr|assistant/, why: 'it does not chat.' },
  ],
  // Not the prices of bigmodel.cn, which are others.
  priceNames: ['zai'],
}
