import { ANTHROPIC_MODELS } from './anthropic.ts'
import type { Provider } from './provider.ts'
import { vertexCloud } from './vertex-cloud.ts'

/**
 * Claude over Vertex AI: Messages with the model in the path, and a version in the body. Names carry
 * their date after an `@`, as in `claude-haiku-4-5@20251001`.
 * Source: Claude docs, "Claude on Vertex AI", 2026-10.
 */
export const vertexAnthropic: Provider = {
  name: 'vertex-anthropic',
  title: 'Claude on Google Vertex AI',
  otherNames: ['anthropic-vertex'],
  kind: 'aggregator',
  endpoints: [
    {
      protocol: 'anthropic',
      baseUrl: '',
      paths: {
        create: '/models/{model}:rawPredict',
        createStream: '/models/{model}:streamRawPredict',
      },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: { bodyVersion: 'vertex-2023-10-16' },
    },
  ],
  keyVariables: [],
  baseUrlVariables: [],
  cloud: vertexCloud('anthropic', {
    project: ['ANTHROPIC_VERTEX_PROJECT_ID'],
    location: ['CLOUD_ML_REGION', 'GOOGLE_CLOUD_LOCATION'],
  }),
  anyModel: true,
  models: ANTHROPIC_MODELS,
  capabilities: { imagesIn: true },
}
