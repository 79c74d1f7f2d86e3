import { ToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { type FinishKind, type FinishReason, finishKind } from '../../core/response.ts'
import { type Building, objectAt, textAt } from './wire.ts'

/** The vendor's words. Source: Google Gen AI SDK 2.32; `MODEL_ARMOR` was seen at run time. */
const KINDS: { readonly [reason: string]: FinishKind } = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  CONTINUATION: 'pause',
  MALFORMED_FUNCTION_CALL: 'malformed-call',
  UNEXPECTED_TOOL_CALL: 'malformed-call',
  TOO_MANY_TOOL_CALLS: 'malformed-call',
  LANGUAGE: 'other',
  OTHER: 'other',
}

const REASONS: { readonly [K in FinishKind]: string } = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'OTHER',
  'malformed-call': 'MALFORMED_FUNCTION_CALL',
  other: 'OTHER',
}

/** Some recordings hold the numbers of the enum; beyond these the two surfaces do not agree. */
const NUMBERED = [
  'FINISH_REASON_UNSPECIFIED',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
] as const

/** The vendor's word for why the model stopped, or the empty text while it has not. */
export function finishWord(candidate: JsonObject): string {
  const reason = candidate['finishReason']
  if (typeof reason === 'number') return NUMBERED[reason] ?? 'OTHER'
  return typeof reason === 'string' ? reason : ''
}

/**
 * Reads why the model stopped. `message` is the vendor's text beside it.
 *
 * @throws ToolgateError `malformed_call` if the model wrote a call and none can be given out.
 */
export function decodeFinish(raw: string, message: string, hasCalls: boolean): FinishReason {
  const said = Object.hasOwn(KINDS, raw) ? (KINDS[raw] ?? 'other') : 'other'
  if (said === 'malformed-call' && !hasCalls) throw malformedCall(raw, message)
  const finish: Building<FinishReason> = { kind: finishKind(said, hasCalls), raw }
  if (message !== '' && finish.kind !== 'tool-calls') finish.details = { finishMessage: message }
  return finish
}

/** The kind that a word stands for; for whoever only watches. */
export function kindOfWord(raw: string, hasCalls: boolean): FinishKind {
  return finishKind(Object.hasOwn(KINDS, raw) ? (KINDS[raw] ?? 'other') : 'other', hasCalls)
}

function malformedCall(raw: string, message: string): ToolgateError {
  const said = message === '' ? '' : ` ${message}`
  return new ToolgateError(
    'malformed_call',
    `The model wrote a tool call that cannot be read (${raw}).${said}`,
    { origin: 'vendor', details: { vendor: { type: raw } } },
  )
}

/** Why a prompt got no answer at all; `undefined` if it was not blocked. */
export function blockOf(feedback: Json | undefined): FinishReason | undefined {
  if (typeof feedback !== 'object' || feedback === null || Array.isArray(feedback)) return undefined
  const reason = feedback['blockReason']
  if (reason === undefined || reason === null || reason === 0) return undefined
  const raw = typeof reason === 'string' ? reason : 'BLOCKED_REASON_UNSPECIFIED'
  return { kind: 'content-filter', raw, details: { promptFeedback: feedback } }
}

/** The `promptFeedback` of a prompt that was blocked by a vendor of this protocol. */
export function blockedBy(finish: FinishReason): JsonObject | undefined {
  const { details } = finish
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return undefined
  return objectAt(details, 'promptFeedback')
}

/** The fields of a candidate that tell why the model stopped. */
export interface StopFields {
  readonly finishReason: string
  readonly finishMessage?: string
}

/**
 * Words why the model stopped. `hasCalls`: calls were written, which end with `STOP` here.
 * `isRefused`: the model declined in words of its own, which are no matter of safety.
 */
export function encodeFinish(
  finish: FinishReason,
  hasCalls: boolean,
  isRefused: boolean,
): StopFields {
  const kind = finishKind(finish.kind, hasCalls)
  // Of several words for one kind, the vendor's own is kept.
  const isOwnWord = Object.hasOwn(KINDS, finish.raw) && KINDS[finish.raw] === kind
  const finishReason = isOwnWord
    ? finish.raw
    : kind === 'refusal' && isRefused
      ? 'STOP'
      : REASONS[kind]
  const { details } = finish
  const message =
    typeof details === 'object' && details !== null && !Array.isArray(details)
      ? textAt(details, 'finishMessage')
      : ''
  if (message !== '') return { finishReason, finishMessage: message }
  return kind === 'tool-calls'
    ? { finishReason, finishMessage: 'Model generated function call(s).' }
    : { finishReason }
}
