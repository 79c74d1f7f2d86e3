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
}
