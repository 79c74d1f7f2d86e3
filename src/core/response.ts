import type { Extras } from './extras.ts'
import type { Json } from './json.ts'
import type { AssistantPart } from './message.ts'

/**
 * Why the model stopped. `refusal` is the vendor's classifier or the model declining as a whole;
 * `pause` asks for the same conversation to be sent again; `malformed-call` is a call that the
 * model wrote too badly to be given out.
 */
export type FinishKind =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'malformed-call'
  | 'other'

/** Why the model stopped, in the house's words and in the vendor's. */
export interface FinishReason {
  readonly kind: FinishKind
  /** The vendor's own word. */
  readonly raw: string
  /** The stop sequence that was met, where the vendor tells. */
  readonly stopSequence?: string
  /** What more the vendor says, such as the category of a refusal. */
  readonly details?: Json
}

/** Tokens. `cached` and `cacheWrite` are part of `input`; `reasoning` is part of `output`. */
export interface Usage {
  readonly input: number
  readonly output: number
  readonly cached?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
  readonly extras?: Extras
}

/** A model's whole answer, in the words of the house. */
export interface ModelResponse {
  /** The vendor's id of the answer; empty if it gave none. */
  readonly id: string
  readonly model: string
  /** Unix seconds, where the vendor tells. */
  readonly created?: number
  /** In the order the model produced it. */
  readonly content: readonly AssistantPart[]
  readonly finish: FinishReason
  readonly usage?: Usage
  readonly extras?: Extras
}

/**
 * The one place that decides the finish kind: calls mean `tool-calls`, whatever the vendor said,
 * unless the answer was cut (by length or a stop sequence), refused or paused; and without a call
 * there is no `tool-calls`.
 */
export function finishKind(said: FinishKind, hasCalls: boolean): FinishKind {
  if (hasCalls) return said === 'stop' || said === 'other' ? 'tool-calls' : said
  return said === 'tool-calls' ? 'stop' : said
}
