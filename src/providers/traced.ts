import type { Provider } from './provider.ts'

/**
 * Vendors that OpenTelemetry's conventions have another word for (`gen_ai.provider.name`, read in
 * @opentelemetry/semantic-conventions 1.45, 2026-11-28).
 */
const WORDS: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  google: 'gcp.gemini',
  mistral: 'mistral_ai',
  vertex: 'gcp.vertex_ai',
  'vertex-anthropic': 'gcp.vertex_ai',
  xai: 'x_ai',
}

/** What traces call a vendor: the conventions' word, else the house's own name of it. */
export function tracedName({ name }: Provider): string {
  return WORDS[name] ?? name
}
