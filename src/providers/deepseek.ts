import type { Provider } from './provider.ts'

/** DeepSeek, over both of its protocols. */
export const deepseek: Provider = {
  name: 'deepseek',
  title: 'DeepSeek',
  otherNames: ['deepseek-ai'],
  kind: 'maker',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://api.deepseek.com',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // General knowledge, not verified: `max_tokens`; roles system, user, assistant and tool; no
        // `parallel_tool_calls`; `strict` at the beta address only.
        maxTokensField: 'max_tokens',
        systemRole: 'system',
        parallelField: false,
        strictTools: false,
        customTools: false,
        toolChoices: ['auto', 'none', 'required', 'tool'],
        // "This response_format type is unavailable now" to `json_schema`: pydantic-ai, 2026-08.
        structuredOutput: false,
        // "invalid type: sequence, expected a string": general knowledge, not
        // verified.
        contentParts: false,
        // Thinking mode guide, 2026-08: every assistant message with calls carries the field, be it
        // empty, else a 400 (opencode issues #24083 and #24722, 2026-04).
        reasoningField: 'reasoning_content',
        reasoningEcho: true,
        thinkingSwitch: 'thinking',
        thinksByDefault: true,
        // "Thinking mode does not support this tool_choice": DeepSeek-V3 issue #1376, 2026-05.
        forcedChoiceNeedsThinkingOff: true,
        efforts: ['low', 'high', 'max'],
      },
    },
    {
      // Address: Anthropic API guide, 2026-10. That it knows no schemas, strict tools or pictures
      // is not verified.
      protocol: 'anthropic',
      baseUrl: 'https://api.deepseek.com/anthropic',
      paths: { create: '/v1/messages' },
      auth: { header: 'x-api-key' },
      quirks: {
        strictTools: false,
        structuredOutput: false,
        thinking: 'manual',
        media: false,
      },
    },
  ],
  keyVariables: ['DEEPSEEK_API_KEY'],
  baseUrlVariables: ['DEEPSEEK_BASE_URL'],
  modelPatterns: [/^deepseek-/],
  // The vendor gave up both names on 2026-07-24; until then they meant this model, without and with
  // thinking. Source: DeepSeek changelog, 2026-04-24.
  aliases: {
    'deepseek-chat': 'deepseek-v4-flash',
    'deepseek-reasoner': 'deepseek-v4-flash',
  },
  reasoningByName: {
    'deepseek-chat': { mode: 'off' },
    'deepseek-reasoner': { mode: 'adaptive' },
  },
  unserved: [{ match: /^deepseek-(v3|r1|coder|vl)/, why: 'DeepSeek has retired it.' }],
  priceNames: ['deepseek'],
}
