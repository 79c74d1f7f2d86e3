import type { ReasoningState } from '../core/message.ts'

/**
 * What a state begins with that stands in a field made for another family's. No vendor's own
 * signature or encrypted content holds a dot: they are base64.
 */
export const CARRIED = 'tg1.'

/** A state as one text, `tg1.<family>.<kind>.<id>.<data>`, for a field that clients hand back. */
export function packState(state: ReasoningState): string {
  const { family, kind, id = '', data } = state
  return `${CARRIED}${escapeDots(family)}.${kind}.${escapeDots(id)}.${data}`
}

/** The state that a text stands for; `undefined` if `packState` did not write it. */
export function unpackState(text: string): ReasoningState | undefined {
  if (!text.startsWith(CARRIED)) return undefined
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
