import { GEMINI_MODELS, google } from './google.ts'
import type { Provider } from './provider.ts'
import { vertexCloud } from './vertex-cloud.ts'

/**
 * Google's models over Vertex AI: with an API key ("express mode"), or in a project of one's own with
 * Google credentials.
 */
export const vertex: Provider = {
  name: 'vertex',
  title: 'Google Vertex AI',
  otherNames: ['google-vertex'],
  kind: 'aggregator',
  endpoints: [
    {
      protocol: 'gemini',
      baseUrl: 'https://aiplatform.googleapis.com/v1/publishers/google',
      paths: {
        create: '/models/{model}:generateContent',
        createStream: '/models/{model}:streamGenerateContent?alt=sse',
        countTokens: '/models/{model}:countTokens',
      },
      auth: { header: 'x-goog-api-key' },
      // Ids of calls were refused until about 2026-09 (java-genai issue #694).
      quirks: { sendCallIds: false },
    },
  ],
  keyVariables: ['VERTEX_API_KEY'],
  baseUrlVariables: ['VERTEX_BASE_URL'],
  cloud: vertexCloud('google', {
    project: ['GOOGLE_CLOUD_PROJECT'],
    location: ['GOOGLE_CLOUD_LOCATION', 'GOOGLE_CLOUD_REGION'],
  }),
  anyModel: true,
  models: GEMINI_MODELS,
  capabilities: { streamingArguments: false },
  unserved: google.unserved ?? [],
  priceNames: ['google'],
}
