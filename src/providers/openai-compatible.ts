import type { Provider } from './provider.ts'

/**
 * Any server that speaks Chat Completions. The account names the address, and may add quirks. What
 * it leaves out is what such servers most often lack.
 */
export const openaiCompatible: Provider = {
  name: 'openai-compatible',
  title: 'OpenAI-compatible server',
  kind: 'self-hosted',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: '',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        maxTokensField: 'max_tokens',
        toolChoices: ['auto', 'none', 'required', 'tool'],
        customTools: false,
        systemRole: 'system',
      },
    },
  ],
  keyVariables: ['OPENAI_COMPATIBLE_API_KEY'],
  keyOptional: true,
  baseUrlVariables: ['OPENAI_COMPATIBLE_BASE_URL'],
  anyModel: true,
  // Google's own such endpoint, and gateways before it, want the signatures of calls back, in
  // `extra_content`. Source: Gemini API docs, "OpenAI compatibility" and "thought signatures", 2026.
  models: [
    { match: /(^|\/)gemini-/, quirks: { thoughtSignatures: 'required' } },
    { match: /(^|\/)gemini-2/, quirks: { thoughtSignatures: 'optional' } },
  ],
}
