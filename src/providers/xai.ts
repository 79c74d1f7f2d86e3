import type { Provider } from './provider.ts'

/** xAI. */
export const xai: Provider = {
  name: 'xai',
  title: 'xAI',
  otherNames: ['x-ai', 'grok'],
  kind: 'maker',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://api.x.ai/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // General knowledge, not verified.
        toolChoices: ['auto', 'none', 'required', 'tool'],
        customTools: false,
        efforts: [],
        // Google's guide to Grok reasoning, 2026-04, and recorded usage: `reasoning_tokens` stand
        // beside `completion_tokens`, not within.
        reasoningOutsideCompletion: true,
      },
    },
  ],
  keyVariables: ['XAI_API_KEY'],
  baseUrlVariables: ['XAI_BASE_URL'],
  modelPatterns: [/^grok-/],
  aliases: {
    'grok-4': 'grok-4-0709',
    'grok-2': 'grok-2-1212',
    'grok-2-vision': 'grok-2-vision-1212',
  },
  models: [
    {
      // Reasoning models refuse `stop`: general knowledge, not verified.
      match: /^grok-([4-9]|3-mini|code|build|latest)/,
      quirks: { stop: false },
      capabilities: { reasoning: true },
    },
    {
      match: /non-reasoning/,
      quirks: { stop: true },
      capabilities: { reasoning: false },
    },
    { match: /^grok-3-mini/, quirks: { efforts: ['low', 'high'] } },
    // Vercel AI SDK release notes, 2026-05.
    { match: /^grok-4\.3/, quirks: { efforts: ['none', 'low', 'medium', 'high'] } },
    // "This model does not support 'reasoning_effort' value 'none'": pydantic-ai, 2026-08.
    { match: /^grok-(4\.[5-9]|[5-9]|latest)/, quirks: { efforts: ['low', 'medium', 'high'] } },
    { match: /^grok-([4-9]|latest)|vision/, capabilities: { imagesIn: true } },
  ],
  unserved: [
    { match: /voice|imagine|image/, why: 'it does not chat.' },
    { match: /multi-agent/, why: 'xAI serves it over the Responses API only.' },
  ],
  // A call comes whole in one chunk: general knowledge, not verified.
  capabilities: { streamingArguments: false },
  priceNames: ['x-ai'],
}
