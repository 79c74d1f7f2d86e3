import type { JsonObject } from './json.ts'

/** The names of the wire protocols that the house speaks. */
export const PROTOCOL_NAMES = [
  'openai-chat',
  'openai-responses',
  'anthropic',
  'gemini',
  'converse',
] as const

/** One of the wire protocols that the house speaks. */
export type ProtocolName = (typeof PROTOCOL_NAMES)[number]

/**
 * Fields that have no place in the canonical model, kept as they came, under the protocol that owns
 * them. Read and written only by that protocol.
 */
export type Extras = { readonly [P in ProtocolName]?: JsonObject }
