import type { ReasoningState } from '../../core/message.ts'

/** The family of models whose reasoning state this protocol carries by nature. */
export const FAMILY = 'google'

/** A documented value that switches the check off. Source: Gemini API docs, "thought signatures". */
export const DUMMY_SIGNATURE = 'skip_thought_signature_validator'

/** Marks a signature that carries another family's state, as text and as the base64 of it. */
const FOREIGN = 'tg1.'
const FOREIGN_BASE64 = 'dGcxL'

/**
 * The `thoughtSignature` that stands for a state: the family's own as it is, any other state as the
 * base64 of `tg1.<family>.<kind>.<id>.<data>`, because clients read the field as bytes.
 */
export function encodeSignature(state: ReasoningState): string {
  if (state.family === FAMILY) return state.data
  const { family, kind, id = '', data } = state
  const text = `${FOREIGN}${escapeDots(family)}.${kind}.${escapeDots(id)}.${data}`
  return Buffer.from(text, 'utf8').toString('base64')
}

/** The state that a signature stands for; none if it is empty. */
export function decodeSignature(signature: string): ReasoningState | undefined {
  if (signature === '') return undefined
  const foreign = signature.startsWith(FOREIGN_BASE64) ? foreignState(signature) : undefined
  return foreign ?? { family: FAMILY, kind: 'signature', data: signature }
}

function foreignState(signature: string): ReasoningState | undefined {
  const text = Buffer.from(signature, 'base64').toString('utf8')
  if (!text.startsWith(FOREIGN)) return undefined
  const [, family = '', kind = '', id = '', ...rest] = text.split('.')
  if (kind !== 'signature' && kind !== 'redacted' && kind !== 'encrypted') return undefined
  if (family === '' || rest.length === 0) return undefined
  const state = { family: unescapeDots(family), kind, data: rest.join('.') } as const
  return id === '' ? state : { ...state, id: unescapeDots(id) }
}

function escapeDots(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('.', '%2E')
}

function unescapeDots(text: string): string {
  return text.replaceAll('%2E', '.').replaceAll('%25', '%')
}

/** Whether the vendor itself can read a state. */
export function isOwnState(state: ReasoningState | undefined): state is ReasoningState {
  return state?.family === FAMILY
}
