import type { TwinVendor } from '../vendor.ts'
import type { Manners } from './manners.ts'
import { twinOf } from './twin.ts'
import { compatible } from './vendors/compatible.ts'
import { deepseek } from './vendors/deepseek.ts'
import { glm } from './vendors/glm.ts'
import { groq } from './vendors/groq.ts'
import { kimi } from './vendors/kimi.ts'
import { mistral } from './vendors/mistral.ts'
import { ollama } from './vendors/ollama.ts'
import { openai } from './vendors/openai.ts'
import { openrouter } from './vendors/openrouter.ts'
import { qwen } from './vendors/qwen.ts'
import { together } from './vendors/together.ts'
import { type VllmOptions, vllm } from './vendors/vllm.ts'
import { xai } from './vendors/xai.ts'

/** What may be said about a twin of this protocol. */
export interface OpenaiChatOptions {
  /** For `openai`: names of models that it serves besides those whose pattern it knows. */
  readonly models?: readonly string[]
  /** For `vllm`: how the server was started. */
  readonly vllm?: VllmOptions
}

const MAKERS: { readonly [name: string]: (options: OpenaiChatOptions) => Manners } = {
  openai: options => openai(options.models),
  deepseek: () => deepseek,
  qwen: () => qwen,
  glm: () => glm,
  kimi: () => kimi,
  mistral: () => mistral,
  groq: () => groq,
  xai: () => xai,
  together: () => together,
  openrouter: () => openrouter,
  ollama: () => ollama,
  vllm: options => vllm(options.vllm),
  compatible: () => compatible,
}

/** The names of the vendors that speak Chat Completions. */
export const openaiChatNames: readonly string[] = Object.keys(MAKERS)

/**
 * The twin of one vendor that speaks Chat Completions.
 *
 * @throws RangeError for a name that is not among `openaiChatNames`.
 */
export function openaiChatTwin(name: string, options: OpenaiChatOptions = {}): TwinVendor {
  const make = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined
  if (make) return twinOf(make(options))
  throw new RangeError(`unknown vendor "${name}"; expected one of: ${openaiChatNames.join(', ')}`)
}

/** The twins of all vendors that speak Chat Completions, with their defaults. */
export const openaiChatVendors: { readonly [name: string]: TwinVendor } = Object.fromEntries(
  openaiChatNames.map(name => [name, openaiChatTwin(name)]),
)
