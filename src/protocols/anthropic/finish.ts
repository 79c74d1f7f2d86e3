import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { type FinishKind, type FinishReason, finishKind } from '../../core/response.ts'
import type { Building } from './wire.ts'

/** The vendor's words. `compaction` (beta) asks, like `pause_turn`, to be sent back as it is. */
const KINDS: { readonly [reason: string]: FinishKind } = {
  end_turn: 'stop',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  compaction: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'length',
}

const REASONS: { readonly [K in Exclude<FinishKind, 'malformed-call'>]: string } = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  other: 'end_turn',
}

/** Reads why the model stopped. `from` holds the three `stop_` fields. */
export function decodeFinish(from: JsonObject, hasCalls: boolean): FinishReason {
  const reason = from['stop_reason']
  const raw = typeof reason === 'string' ? reason : ''
  const said = Object.hasOwn(KINDS, raw) ? (KINDS[raw] ?? 'other') : 'other'
  const finish: Building<FinishReason> = { kind: finishKind(said, hasCalls), raw }
  const sequence = from['stop_sequence']
  if (typeof sequence === 'string') finish.stopSequence = sequence
  const details = from['stop_details']
  if (details !== null && details !== undefined) finish.details = details
  return finish
}

/** The three `stop_` fields of an answer. */
export interface StopFields {
  readonly stop_reason: string
  readonly stop_sequence: string | null
  readonly stop_details: Json
}

/**
 * Words why the model stopped. `hasCalls`: calls were written. `isRefused`: the model declined in
 * words of its own.
 *
 * @throws ToolgateError `malformed_call`: this wire has no word for a call that cannot be read, and
 * an answer that seems finished would leave an agent waiting.
 */
export function encodeFinish(
  finish: FinishReason,
  hasCalls: boolean,
  isRefused: boolean,
): StopFields {
  let kind = finishKind(finish.kind, hasCalls)
  if (kind === 'malformed-call') throw malformedCall(finish)
  if (isRefused && (kind === 'stop' || kind === 'other')) kind = 'refusal'
  const reason = REASONS[kind]
  // Of two words for one kind, the vendor's own is kept.
  const isOwnWord = Object.hasOwn(KINDS, finish.raw) && KINDS[finish.raw] === kind
  const details = finish.details
  return {
    stop_reason: isOwnWord ? finish.raw : reason,
    stop_sequence: finish.stopSequence ?? null,
    stop_details:
      reason === 'refusal' && isObject(details) && details['type'] === 'refusal' ? details : null,
  }
}

function malformedCall(finish: FinishReason): ToolgateError {
  const word = finish.raw === '' ? '' : ` (${finish.raw})`
  return new ToolgateError(
    'malformed_call',
    `The model wrote a tool call that cannot be read${word}.`,
    { origin: 'vendor' },
  )
}
