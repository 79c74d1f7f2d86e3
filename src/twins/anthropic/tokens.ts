import { isList, isObject, type Json } from './json.ts'
import type { MessagesRequest } from './request.ts'

/** Tokens of a text by the twins' rule of thumb: four characters each, at least one if not empty. */
export function countText(text: string): number {
  return Math.ceil(text.length / 4)
}

/** What the vendor adds for an image or a page, roughly. */
const MEDIA_TOKENS = 1_500
/** What the vendor's instructions on tool use cost. Source: Claude docs, "tool use", 2026. */
const TOOL_PROMPT_TOKENS = 346

/** Tokens of a JSON value, media counted as pictures rather than as text. */
export function countValue(value: Json | undefined): number {
  if (typeof value === 'string') return countText(value)
  if (isList(value)) return value.reduce((total: number, item) => total + countValue(item), 0)
  if (!isObject(value)) return value === undefined ? 0 : 1
  if ((value['type'] === 'image' || value['type'] === 'document') && isObject(value['source'])) {
    return MEDIA_TOKENS
  }
  return Object.entries(value).reduce(
    (total, [name, member]) =>
      name === 'cache_control' || name === 'signature' || name === 'type'
        ? total
        : total + countText(name) + countValue(member),
    0,
  )
}

/** The parts of a prompt in the order in which the vendor caches them. */
export interface PromptTokens {
  readonly tools: readonly number[]
  readonly system: readonly number[]
  /** By message and block. */
  readonly messages: readonly (readonly number[])[]
  readonly total: number
}

/** Estimates the input tokens of a request. */
export function countPrompt(request: MessagesRequest): PromptTokens {
  const tools = request.tools.map(
    ({ at }, index) => countValue(at) + (index === 0 ? TOOL_PROMPT_TOKENS : 0),
  )
  const system = request.system.map(({ at }) => countValue(at) + 2)
  const messages = request.messages.map(({ blocks }) =>
    blocks.map(({ at }, index) => countValue(at) + (index === 0 ? 3 : 0)),
  )
  const total = [...tools, ...system, ...messages.flat()].reduce((sum, count) => sum + count, 3)
  return { tools, system, messages, total }
}
