import { GEMINI_MODELS, google } from './google.ts'
import type { Provider } from './provider.ts'

/**
 * Google's models over Vertex AI, with an API key ("express mode"). A project of one's own is an
 * account with its address: `https://{location}-aiplatform.googleapis.com/v1/projects/…/publishers/google`.
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
  anyModel: true,
  models: GEMINI_MODELS,
  capabilities: { streamingArguments: false },
  unserved: google.unserved ?? [],
  priceNames: ['google'],
}
