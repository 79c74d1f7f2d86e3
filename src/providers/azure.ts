import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

/**
 * OpenAI's models on Azure. The account names the resource, such as
 * `https://name.openai.azure.com`. A model's id is the name of a deployment: where that is not the
 * model's own name, an alias of the account says which model it is. Source: Azure docs "API version
 * lifecycle" and "Azure OpenAI REST reference", 2026.
 */
export const azure: Provider = {
  name: 'azure',
  title: 'Azure OpenAI',
  otherNames: ['azure-openai'],
  kind: 'aggregator',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: '',
      paths: { create: '/openai/v1/chat/completions', models: '/openai/v1/models' },
      versioned: '/openai/deployments/{model}/chat/completions?api-version={version}',
      auth: { header: 'api-key' },
    },
    {
      protocol: 'openai-responses',
      beside: true,
      baseUrl: '',
      paths: { create: '/openai/v1/responses', models: '/openai/v1/models' },
      // From 2025-03-01-preview on.
      versioned: '/openai/responses?api-version={version}',
      auth: { header: 'api-key' },
    },
  ],
  keyVariables: ['AZURE_OPENAI_API_KEY'],
  baseUrlVariables: ['AZURE_OPENAI_ENDPOINT'],
  versionVariables: ['AZURE_OPENAI_API_VERSION'],
  anyModel: true,
  idsByUser: true,
  models: openai.models ?? [],
  unserved: openai.unserved ?? [],
  capabilities: openai.capabilities ?? {},
}
