import type { JsonObject } from '../../core/json.ts'
import type { ReasoningPart, ReasoningState } from '../../core/message.ts'
import { packState, unpackState } from '../carried-state.ts'
import { type Building, ownExtras, restore, textAt } from './wire.ts'

/** The family of models whose reasoning state this protocol carries by nature. */
export const FAMILY = 'anthropic'

/**
 * The text of `thinking.signature` that stands for a state: the family's own signature as it is,
 * any other state as `tg1.<family>.<kind>.<id>.<data>`, and the empty text for no state, which
 * `decodeSignature` reads as unsigned.
 */
export function encodeSignature(state: ReasoningState | undefined): string {
  if (state === undefined) return ''
  if (state.family === FAMILY && state.kind === 'signature') return state.data
  return packState(state)
}

/** The state that a signature stands for; none if it is empty. */
export function decodeSignature(signature: string): ReasoningState | undefined {
  if (signature === '') return undefined
  return unpackState(signature) ?? { family: FAMILY, kind: 'signature', data: signature }
}

/** The state of a `redacted_thinking` block: text of the family that nobody may read. */
export function redactedState(data: string): ReasoningState {
  return { family: FAMILY, kind: 'redacted', data }
}

/** Whether the vendor itself can read a state: a signature, or redacted text, of the family. */
export function isOwnState(state: ReasoningState | undefined): boolean {
  return state?.family === FAMILY && state.kind !== 'encrypted'
}

/** Whether a state is text of the family that nobody may read. */
export function isRedacted(state: ReasoningState | undefined): state is ReasoningState {
  return state !== undefined && state.family === FAMILY && state.kind === 'redacted'
}

/** Reads a block of an answer, where a wrong type is passed over. */
export function decodeReasoning(block: JsonObject): Building<ReasoningPart> {
  const part: Building<ReasoningPart> = { type: 'reasoning', text: textAt(block, 'thinking') }
  const state =
    block['type'] === 'redacted_thinking'
      ? redactedState(textAt(block, 'data'))
      : decodeSignature(textAt(block, 'signature'))
  if (state) part.state = state
  return part
}

/**
 * The block that shows a piece of reasoning, and carries its state so that the client hands it
 * back; `undefined` if there is neither. Unsigned reasoning gets an empty signature.
 */
export function encodeReasoning(part: ReasoningPart): JsonObject | undefined {
  const { text, state } = part
  if (state === undefined && text === '') return undefined
  const block: JsonObject = isRedacted(state)
    ? { type: 'redacted_thinking', data: state.data }
    : { type: 'thinking', thinking: text, signature: encodeSignature(state) }
  return restore(block, ownExtras(part.extras))
}
