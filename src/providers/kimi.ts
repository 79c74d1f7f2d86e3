import type { Provider } from './provider.ts'

/** Kimi, from Moonshot AI; the address for China is `https://api.moonshot.cn/v1`. */
export const kimi: Provider = {
  name: 'kimi',
  title: 'Moonshot AI (Kimi)',
  otherNames: ['moonshot', 'moonshotai'],
  kind: 'maker',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://api.moonshot.ai/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // "function name is invalid, must start with a letter and can contain letters, numbers,
        // underscores, and dashes": kimi-cli issues #1773 and #2531, 2026-07.
        toolName: { pattern: /^[a-zA-Z][a-zA-Z0-9_-]*$/, max: 64 },
        // Migration guide: no `required`; a named choice is "incompatible with thinking enabled"
        // (harn, probe of 2026-07-18).
        toolChoices: ['auto', 'none'],
        parallelField: false,
        strictTools: false,
        customTools: false,
        systemRole: 'system',
        structuredOutput: false,
        efforts: [],
      },
    },
    {
      protocol: 'anthropic',
      baseUrl: 'https://api.moonshot.ai/anthropic',
      paths: { create: '/v1/messages' },
      auth: { header: 'x-api-key' },
      quirks: {
        strictTools: false,
        structuredOutput: false,
        thinking: 'manual',
        forcedChoice: false,
      },
    },
  ],
  keyVariables: ['MOONSHOT_API_KEY', 'KIMI_API_KEY', 'MOONSHOTAI_API_KEY'],
  baseUrlVariables: ['MOONSHOT_BASE_URL'],
  modelPatterns: [/^kimi-/, /^moonshot-v/],
  models: [
    {
      // "thinking is enabled but reasoning_content is missing in assistant tool call message":
      // new-api issue #3121 and many others, 2026-03. Sampling is fixed: AgentScope, 2026-10.
      match: /^kimi-(k2\.[5-9]|k2-thinking|k[3-9])/,
      quirks: {
        reasoningField: 'reasoning_content',
        reasoningEcho: true,
        thinksByDefault: true,
        sampling: 'none',
      },
    },
    { match: /^kimi-k2\.[56]/, quirks: { thinkingSwitch: 'thinking' } },
    {
      // K3 always thinks, and takes `required` since 2026-08-26 (harn, probe of that day).
      match: /^kimi-k[3-9]/,
      quirks: { efforts: ['low', 'high', 'max'], toolChoices: ['auto', 'none', 'required'] },
    },
    { match: /vision|^kimi-(k2\.[5-9]|k[3-9]|latest)/, capabilities: { imagesIn: true } },
  ],
  priceNames: ['moonshotai'],
}
