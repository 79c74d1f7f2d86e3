import { anthropic } from './anthropic.ts'
import { anthropicCompatible } from './anthropic-compatible.ts'
import { azure } from './azure.ts'
import { bedrock } from './bedrock.ts'
import { deepseek } from './deepseek.ts'
import { glm } from './glm.ts'
import { google } from './google.ts'
import { groq } from './groq.ts'
import { kimi } from './kimi.ts'
import { mistral } from './mistral.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import { openaiCompatible } from './openai-compatible.ts'
import { openrouter } from './openrouter.ts'
import type { Provider } from './provider.ts'
import { qwen } from './qwen.ts'
import { together } from './together.ts'
import { vertex } from './vertex.ts'
import { vertexAnthropic } from './vertex-anthropic.ts'
import { vllm } from './vllm.ts'
import { xai } from './xai.ts'

/** All vendors: makers of models first, then those who serve the models of others. */
export const PROVIDERS: readonly Provider[] = [
  openai,
  anthropic,
  google,
  vertex,
  vertexAnthropic,
  deepseek,
  qwen,
  glm,
  kimi,
  mistral,
  xai,
  groq,
  azure,
  bedrock,
  openrouter,
  together,
  ollama,
  vllm,
  openaiCompatible,
  anthropicCompatible,
]

const BY_NAME = new Map<string, Provider>()
for (const provider of PROVIDERS) {
  for (const name of [provider.name, ...(provider.otherNames ?? [])]) BY_NAME.set(name, provider)
}

/** The vendor of this name, by its own or any other word for it; upper and lower case alike. */
export function findProvider(name: string): Provider | undefined {
  return BY_NAME.get(name.toLowerCase())
}
