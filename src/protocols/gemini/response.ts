import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { type FinishReason, finishKind, type ModelResponse } from '../../core/response.ts'
import type { EncodeContext } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { decodeAnswerParts, encodeAnswerPart } from './answer-part.ts'
import { decodeInBandError, isErrorBody } from './error-decode.ts'
import { blockedBy, blockOf, decodeFinish, encodeFinish, finishWord } from './finish.ts'
import { answerCallId } from './tool-call.ts'
import { decodeUsage, encodeUsage, mergeUsage } from './usage.ts'
import { type Building, NAME, objectAt, ownExtras, restOf, restore, textAt } from './wire.ts'

/** Fields of an answer that the codec reads; the rest is kept. */
export const ANSWER_FIELDS: ReadonlySet<string> = new Set([
  'candidates',
  'usageMetadata',
  'modelVersion',
  'responseId',
])
/** Fields of a candidate that the codec reads; the rest is kept under `$candidate`. */
export const CANDIDATE_FIELDS: ReadonlySet<string> = new Set([
  'content',
  'finishReason',
  'finishMessage',
  'index',
])

/**
 * Reads a vendor's answer. The first candidate is the answer; further ones are kept for clients of
 * this protocol. A list of chunks, which the vendor sends without `alt=sse`, reads as one answer.
 *
 * @throws ToolgateError `vendor_contradiction` if there is no answer in it, `malformed_call` for a
 * call that cannot be given out, and the error itself if it is one that came with a good status.
 */
export function decodeResponse(wire: Json, _quirks: Quirks): ModelResponse {
  if (isErrorBody(wire)) throw decodeInBandError(wire)
  const body = Array.isArray(wire) ? joined(wire) : wire
  if (!isObject(body)) throw contradiction('it is no JSON object')
  const candidates = Array.isArray(body['candidates']) ? body['candidates'] : []
  const candidate = candidates.find(isFirst)
  const blocked = blockOf(body['promptFeedback'])
  if (!isObject(candidate) && !blocked) throw contradiction('it holds no candidate')
  const first = isObject(candidate) ? candidate : {}
  const id = textAt(body, 'responseId')
  const content = decodeAnswerParts(partsOf(first), wire, position => answerCallId(id, position))
  const hasCalls = content.some(part => part.type === 'tool-call')
  const word = finishWord(first)
  const finish =
    blocked && word === '' ? blocked : decodeFinish(word, textAt(first, 'finishMessage'), hasCalls)
  checkCalls(content)
  const response: Building<ModelResponse> = {
    id,
    model: textAt(body, 'modelVersion'),
    content,
    finish,
  }
  const usage = objectAt(body, 'usageMetadata')
  if (usage) response.usage = decodeUsage(usage)
  const extras = restOf(body, ANSWER_FIELDS) ?? {}
  const candidateExtras = restOf(first, CANDIDATE_FIELDS)
  if (candidateExtras) extras['$candidate'] = candidateExtras
  const others = candidates.filter(other => other !== candidate)
  if (others.length > 0) extras['$candidates'] = others
  for (const _ in extras) {
    response.extras = { [NAME]: extras }
    break
  }
  return response
}

/** Whether a candidate is the first, which needs no index. */
export function isFirst(candidate: Json): boolean {
  return isObject(candidate) && (candidate['index'] ?? 0) === 0
}

/** The parts of a candidate; none where its content is left out. */
export function partsOf(candidate: JsonObject): Json[] {
  const content = objectAt(candidate, 'content')
  const parts = content?.['parts']
  return Array.isArray(parts) ? parts : []
}

function checkCalls(content: ModelResponse['content']): void {
  if (content.some(part => part.type === 'tool-call' && part.name === '')) throw namelessCall()
}

/** `malformed_call`: nobody can say what is to be called. */
export function namelessCall(): ToolgateError {
  const text = "The vendor's answer holds a tool call without a name."
  return new ToolgateError('malformed_call', text, { origin: 'vendor' })
}

/** `vendor_contradiction`: the vendor's answer contradicts its own protocol. */
export function contradiction(what: string): ToolgateError {
  return new ToolgateError('vendor_contradiction', `The vendor's answer cannot be read: ${what}.`, {
    origin: 'vendor',
  })
}

/** The chunks of a stream that came as a list, as one answer. */
function joined(chunks: readonly Json[]): JsonObject {
  const whole: JsonObject = {}
  const usage: JsonObject = {}
  const candidate: JsonObject = {}
  const parts: Json[] = []
  let hasCandidate = false
  for (const chunk of chunks) {
    if (!isObject(chunk)) continue
    mergeUsage(whole, chunk)
    mergeUsage(usage, objectAt(chunk, 'usageMetadata') ?? {})
    const candidates = Array.isArray(chunk['candidates']) ? chunk['candidates'] : []
    const first = candidates.find(isFirst)
    if (!isObject(first)) continue
    hasCandidate = true
    mergeUsage(candidate, first)
    parts.push(...partsOf(first))
  }
  if (hasCandidate) {
    candidate['content'] = { parts }
    whole['candidates'] = [candidate]
  }
  for (const _ in usage) {
    whole['usageMetadata'] = usage
    break
  }
  return whole
}

/** The model of an answer: what the vendor calls it, else what the client called it. */
export function answerModel(model: string, context: EncodeContext): string {
  return model === '' ? context.request.model : model
}

/** The id of an answer: the vendor's, else a new one of this protocol's length. */
export function answerId(id: string, context: EncodeContext): string {
  return id === '' ? context.newId('', 22) : id
}

/** Writes an answer for a client; every call with its id, which the vendor's own clients echo. */
export function encodeResponse(response: ModelResponse, context: EncodeContext): Json {
  const parts: Json[] = []
  let hasCalls = false
  let isRefused = false
  const isCut = response.finish.kind === 'length'
  for (const part of response.content) {
    if (part.type === 'refusal') isRefused = true
    const wire = encodeAnswerPart(part, isCut)
    if (wire === undefined) continue
    if (part.type === 'tool-call') hasCalls = true
    parts.push(wire)
  }
  const own = ownExtras(response.extras)
  const body: JsonObject = {}
  if (!isBlocked(response.finish, parts.length)) {
    const candidate = lastCandidate(parts, response.finish, hasCalls, isRefused, own)
    const others = own?.['$candidates']
    body['candidates'] = [candidate, ...(Array.isArray(others) ? others : [])]
  }
  if (response.usage) body['usageMetadata'] = encodeUsage(response.usage)
  body['modelVersion'] = answerModel(response.model, context)
  body['responseId'] = answerId(response.id, context)
  return restore(blockedBody(body, response.finish), own)
}

/** Whether an answer is the refusal of a prompt, which has no candidate at all. */
export function isBlocked(finish: FinishReason, parts: number): boolean {
  return parts === 0 && blockedBy(finish) !== undefined
}

/** Puts the feedback on a refused prompt into an answer. */
export function blockedBody(body: JsonObject, finish: FinishReason): JsonObject {
  const feedback = blockedBy(finish)
  return feedback ? { promptFeedback: feedback, ...body } : body
}

/** The candidate of an answer, or of the last chunk of one, with the reason why it ends. */
export function lastCandidate(
  parts: Json[],
  finish: FinishReason,
  hasCalls: boolean,
  isRefused: boolean,
  own: JsonObject | undefined,
): JsonObject {
  const content: JsonObject = parts.length > 0 ? { parts, role: 'model' } : { role: 'model' }
  const candidate: JsonObject = {
    content,
    ...encodeFinish({ ...finish, kind: finishKind(finish.kind, hasCalls) }, hasCalls, isRefused),
    index: 0,
  }
  return own ? restore(candidate, objectAt(own, '$candidate')) : candidate
}
