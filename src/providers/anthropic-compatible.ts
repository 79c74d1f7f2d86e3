import type { Provider } from './provider.ts'

/**
 * Any server that speaks Anthropic Messages. The account names the address, and may add quirks.
 * What it leaves out is what such servers most often lack.
 */
export const anthropicCompatible: Provider = {
  name: 'anthropic-compatible',
  title: 'Anthropic-compatible server',
  kind: 'self-hosted',
  endpoints: [
    {
      protocol: 'anthropic',
      baseUrl: '',
      paths: { create: '/v1/messages', models: '/v1/models' },
      auth: { header: 'x-api-key' },
      quirks: { strictTools: false, structuredOutput: false, thinking: 'manual' },
    },
  ],
  keyVariables: ['ANTHROPIC_COMPATIBLE_API_KEY'],
  keyOptional: true,
  baseUrlVariables: ['ANTHROPIC_COMPATIBLE_BASE_URL'],
  anyModel: true,
}
