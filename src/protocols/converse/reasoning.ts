import { isObject, type JsonObject } from '../../core/json.ts'
import type { ReasoningPart, ReasoningState } from '../../core/message.ts'
import { type Building, lose, textAt, type Writing } from './wire.ts'

/**
 * The family of the models that sign what they think here. Their signatures hold wherever they are
 * served. Source: Claude docs, "extended thinking", 2026-10.
 */
export const FAMILY = 'anthropic'

/** The state of a signed text; none if the signature is empty. */
export function signatureState(signature: string): ReasoningState | undefined {
  return signature === '' ? undefined : { family: FAMILY, kind: 'signature', data: signature }
}

/** The state of a text that nobody may read. */
export function redactedState(data: string): ReasoningState {
  return { family: FAMILY, kind: 'redacted', data }
}

/** Reads `reasoningContent`. */
export function decodeReasoning(wire: JsonObject): ReasoningPart {
  const shown = wire['reasoningText']
  const redacted = textAt(wire, 'redactedContent')
  const part: Building<ReasoningPart> = { type: 'reasoning', text: '' }
  if (isObject(shown)) part.text = textAt(shown, 'text')
  const signature = isObject(shown) ? textAt(shown, 'signature') : ''
  const state = redacted === '' ? signatureState(signature) : redactedState(redacted)
  if (state) part.state = state
  return part
}

/** Whether the models here can read a state. */
export function isOwnState(state: ReasoningState | undefined): state is ReasoningState {
  return state?.family === FAMILY && state.kind !== 'encrypted'
}

/** Writes reasoning; what is unsigned, or signed by another family, is left out and reported. */
export function encodeReasoning(
  { text, state }: ReasoningPart,
  path: string,
  writing: Writing,
): JsonObject[] {
  if (isOwnState(state)) {
    const { kind, data } = state
    return kind === 'redacted'
      ? [{ reasoningContent: { redactedContent: data } }]
      : [{ reasoningContent: { reasoningText: { text, signature: data } } }]
  }
  const whose = state ? 'of another family' : 'without a signature'
  lose(writing, path, `reasoning ${whose} was left out`, 'dropped', false)
  return []
}
