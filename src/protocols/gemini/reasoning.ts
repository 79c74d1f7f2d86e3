import type { ReasoningState } from '../../core/message.ts'
import { packState, unpackState } from '../carried-state.ts'
import { FAMILY } from '../thought-signature.ts'

/** How the base64 of a carried state begins. */
const CARRIED_BASE64 = 'dGcxL'

/**
 * The `thoughtSignature` that stands for a state: the family's own as it is, any other state as the
 * base64 of the text that carries it, because clients read the field as bytes.
 */
export function encodeSignature(state: ReasoningState): string {
  if (state.family === FAMILY) return state.data
  return Buffer.from(packState(state), 'utf8').toString('base64')
}

/** The state that a signature stands for; none if it is empty. */
export function decodeSignature(signature: string): ReasoningState | undefined {
  if (signature === '') return undefined
  const carried = signature.startsWith(CARRIED_BASE64)
    ? unpackState(Buffer.from(signature, 'base64').toString('utf8'))
    : undefined
  return carried ?? { family: FAMILY, kind: 'signature', data: signature }
}

/** Whether the vendor itself can read a state. */
export function isOwnState(state: ReasoningState | undefined): state is ReasoningState {
  return state?.family === FAMILY
}
