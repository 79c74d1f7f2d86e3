import type { Provider } from './provider.ts'

/** Mistral AI. */
export const mistral: Provider = {
  name: 'mistral',
  title: 'Mistral AI',
  otherNames: ['mistralai'],
  kind: 'maker',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://api.mistral.ai/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // "Tool call id was turn1_0 but must be a-z, A-Z, 0-9, with a length of 9": ironclaw issue
        // #1241, 2026-03.
        callId: { pattern: /^[a-zA-Z0-9]{9}$/, max: 9 },
        requiredWord: 'any',
        toolChoices: ['auto', 'none', 'required', 'tool'],
        // With `none` and tools the answer is garbled: pydantic-ai, 2026-08.
        noneDropsTools: true,
        // General knowledge, not verified.
        toolMessageName: true,
        // "Unexpected role 'user' after role 'tool'": datapizza-ai issue #98, 2026-01.
        noUserAfterTool: true,
        // 422 `extra_forbidden` for each of these: eca issue #231, 2025-12; anon-kode issue #53,
        // 2025-03. Unknown fields are refused throughout.
        maxTokensField: 'max_tokens',
        streamOptions: false,
        customTools: false,
        systemRole: 'system',
        efforts: [],
      },
    },
  ],
  keyVariables: ['MISTRAL_API_KEY'],
  baseUrlVariables: ['MISTRAL_BASE_URL'],
  modelPatterns: [
    /^(mistral|ministral|codestral|devstral|magistral|pixtral|mixtral|open-mi[sx]tral)-/,
  ],
  aliases: {
    'mistral-large': 'mistral-large-latest',
    'mistral-medium': 'mistral-medium-latest',
    'mistral-medium-3-1': 'mistral-medium-2508',
    'mistral-small': 'mistral-small-latest',
    codestral: 'codestral-latest',
    'devstral-small': 'devstral-small-latest',
    'magistral-medium': 'magistral-medium-latest',
    'magistral-small': 'magistral-small-latest',
    'ministral-3b': 'ministral-3b-latest',
    'ministral-8b': 'ministral-8b-latest',
    'mistral-nemo': 'open-mistral-nemo',
    'mistral-7b': 'open-mistral-7b',
    'mixtral-8x7b': 'open-mixtral-8x7b',
    'pixtral-large': 'pixtral-large-latest',
    'pixtral-12b': 'pixtral-12b-latest',
    'mistral-saba': 'mistral-saba-latest',
  },
  models: [
    {
      // Reasoning that can be asked for: `none` or `high`. Source: Mistral docs "reasoning",
      // 2026-08.
      match: /^mistral-(small-(latest|4|2603)|medium-(latest|3[.-]5))/,
      quirks: { efforts: ['none', 'high'] },
    },
    { match: /^magistral/, capabilities: { reasoning: true } },
    {
      match: /^(pixtral|magistral|mistral-(small|medium|large)-(latest|2[5-9]|3|4))/,
      capabilities: { imagesIn: true },
    },
    {
      match: /^ministral-.*(latest|2512)/,
      capabilities: { imagesIn: true },
    },
  ],
  unserved: [
    { match: /embed|ocr|moderation|voxtral/, why: 'it does not chat.' },
    { match: /:free$|-instruct/, why: 'Mistral does not serve it under this name.' },
  ],
  // A call comes whole in one chunk: traffic recorded in 2026-08.
  capabilities: { streamingArguments: false },
  priceNames: ['mistral'],
}
