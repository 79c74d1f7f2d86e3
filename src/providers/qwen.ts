import type { Provider } from './provider.ts'

/** Qwen, from Alibaba Cloud Model Studio (DashScope). */
export const qwen: Provider = {
  name: 'qwen',
  title: 'Qwen (Alibaba Cloud)',
  otherNames: ['dashscope', 'alibaba'],
  kind: 'maker',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        maxTokensField: 'max_tokens',
        // "developer is not one of ['system', 'assistant', 'user', 'tool', 'function']": general
        // knowledge, not verified; nor are the next two.
        systemRole: 'system',
        strictTools: false,
        customTools: false,
        // eino issue #994: "does not support being set to
        // required or object in thinking mode", 2026-06.
        toolChoices: ['auto', 'none', 'tool'],
        forcedChoiceNeedsThinkingOff: true,
        // Only some of the newest models take `json_schema`; the others refuse it.
        structuredOutput: false,
        efforts: [],
        topK: true,
      },
    },
    {
      protocol: 'anthropic',
      baseUrl: 'https://dashscope-intl.aliyuncs.com/apps/anthropic',
      paths: { create: '/v1/messages' },
      auth: { header: 'x-api-key' },
      quirks: { strictTools: false, structuredOutput: false, thinking: 'manual' },
    },
  ],
  keyVariables: ['DASHSCOPE_API_KEY', 'QWEN_API_KEY', 'ALIBABA_API_KEY'],
  baseUrlVariables: ['DASHSCOPE_BASE_URL'],
  modelPatterns: [/^qwen/, /^qwq-/, /^qvq-/],
  models: [
    // Deep thinking guide, 2026-03: switched by `enable_thinking`; off unless asked for on these
    {
      match: /^qwen(-plus|-flash|-turbo|3-max)/,
      quirks: { thinkingSwitch: 'enable_thinking' },
    },
    // and on unless told not to on the open ones and from 3.5 on.
    {
      match: /^qwen3(\.\d|-(?!max|coder|vl|.*-instruct))/,
      quirks: { thinkingSwitch: 'enable_thinking', thinksByDefault: true },
    },
    // These can do nothing else.
    {
      match: /^(qwq-|qvq-)|-thinking/,
      quirks: { thinksByDefault: true, toolChoices: ['auto', 'none'] },
    },
    { match: /-vl|qvq|omni|^qwen3\.[5-9]/, capabilities: { imagesIn: true } },
    { match: /^qwen3\.8-max/, quirks: { structuredOutput: true } },
  ],
  unserved: [
    { match: /embedding|rerank|-asr|-tts|image|-mt-|livetranslate/, why: 'it does not chat.' },
  ],
}
