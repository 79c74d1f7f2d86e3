import type { ModelRule, Provider } from './provider.ts'

/**
 * What the models of Google take. Sources: Gemini API docs, pages "thinking" and "thought
 * signatures", 2026; python-genai issues, 2026.
 */
export const GEMINI_MODELS: readonly ModelRule[] = [
  {
    // Gemini 3 and later: signatures are enforced, levels of thinking, pictures in results.
    match: /^gemini-/,
    quirks: {
      maxOutput: 65_536,
      thoughtSignatures: 'required',
      imagesInResults: true,
      thinksByDefault: true,
    },
    capabilities: { imagesIn: true, imagesInResults: true, reasoning: true },
  },
  { match: /^gemini-3(\.\d)?-pro/, quirks: { thinkingLevels: ['LOW', 'HIGH'] } },
  {
    match: /^gemini-2\.5/,
    quirks: {
      thoughtSignatures: 'optional',
      imagesInResults: false,
      thinkingLevels: [],
      thinkingBudgets: { least: 0, most: 24_576 },
    },
    capabilities: { imagesInResults: false },
  },
  { match: /^gemini-2\.5-pro/, quirks: { thinkingBudgets: { least: 128, most: 32_768 } } },
  {
    match: /^gemini-2\.0/,
    quirks: {
      maxOutput: 8192,
      thoughtSignatures: 'none',
      imagesInResults: false,
      thinksByDefault: false,
      thinkingLevels: [],
      thinkingBudgets: { least: 0, most: 0 },
    },
    capabilities: { imagesInResults: false, reasoning: false },
  },
]

/** Google's models over the Gemini API (AI Studio). */
export const google: Provider = {
  name: 'google',
  title: 'Google',
  otherNames: ['gemini'],
  kind: 'maker',
  endpoints: [
    {
      protocol: 'gemini',
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
      paths: {
        create: '/models/{model}:generateContent',
        createStream: '/models/{model}:streamGenerateContent?alt=sse',
        countTokens: '/models/{model}:countTokens',
        models: '/models',
      },
      auth: { header: 'x-goog-api-key' },
    },
  ],
  keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  baseUrlVariables: ['GOOGLE_GEMINI_BASE_URL'],
  modelPatterns: [/^gemini-/],
  models: GEMINI_MODELS,
  unserved: [
    { match: /embedding|imag|veo|-tts|live|native-audio|aqa|omni/, why: 'it does not chat.' },
    { match: /^gemini-(1|pro|flash)/, why: 'Google has retired it.' },
    // The price data counts what Vertex AI resells among Google's own.
    { match: /^claude/, why: 'it is sold on Vertex AI, which speaks its maker’s protocol for it.' },
    { match: /^gemma/, why: 'it takes no tools, and its prompts are made in another way.' },
  ],
  capabilities: { streamingArguments: false },
  priceNames: ['google'],
}
