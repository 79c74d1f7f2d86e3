import { expect } from 'vitest'
import { isToolgateError, type ToolgateError } from '../../src/core/error.ts'
import type { ProtocolName } from '../../src/core/extras.ts'
import { isObject, type Json, type JsonObject } from '../../src/core/json.ts'
import type { ModelRequest } from '../../src/core/request.ts'
import type { ModelResponse } from '../../src/core/response.ts'
import { assemble, type StreamPart } from '../../src/core/stream.ts'
import { backNamed, PROTOCOLS, protocolNamed } from '../../src/protocols/index.ts'
import type { Back, Front } from '../../src/protocols/protocol.ts'
import type { Quirks } from '../../src/protocols/quirks.ts'
import { parseJson, stringifyJson } from '../../src/wire/json.ts'
import { exactText, meaningFor } from '../answers.ts'
import { brokenLaw, contextFor, decodeStream, encodeStream, partsOf, recut } from '../codec-runs.ts'
import { requestMeaning } from '../request-meaning.ts'
import type { Recording } from './recordings.ts'

/** The protocols that answers are written for. */
export const FRONTS = ['openai-chat', 'anthropic'] as const

/** What one check of a recording found: equal values, or two that should be. */
export interface Comparison {
  readonly found: unknown
  readonly expected: unknown
}

/** Why a check does not apply to a recording, or what it compares. Broken laws are thrown. */
export type Check = (recording: Recording) => Comparison | undefined

/**
 * A vendor that takes everything that the recording holds: which of several names of a field it
 * knows is read off the request, for it took them.
 */
function quirksOf(request: JsonObject): Quirks {
  const messages = JSON.stringify(request['messages'] ?? [])
  const has = (field: string) => messages.includes(`"${field}":`)
  return {
    topK: true,
    imagesInResults: true,
    cacheControl: has('cache_control'),
    maxTokensField: 'max_tokens' in request ? 'max_tokens' : 'max_completion_tokens',
    requiredWord: request['tool_choice'] === 'any' ? 'any' : 'required',
    reasoningDetails: 'reasoning' in request || has('reasoning_details'),
    ...('thinking' in request ? { thinkingSwitch: 'thinking' } : {}),
    ...('enable_thinking' in request ? { thinkingSwitch: 'enable_thinking' } : {}),
    ...(has('reasoning_content') ? { reasoningField: 'reasoning_content' } : {}),
    ...(has('reasoning') ? { reasoningField: 'reasoning' } : {}),
  }
}

/** Where some clouds put the model: into the URL. A body without one is completed from there. */
const MODEL_IN_URL = /\/(?:deployments|model|models)\/([^/:]+(?::\d+)?)/

function withModel({ request, path }: Recording): JsonObject | undefined {
  const named = MODEL_IN_URL.exec(path)?.[1]
  if (!request || 'model' in request || named === undefined) return request
  return { model: decodeURIComponent(named), ...request }
}

/** Whether nobody reads requests of this protocol here: it is spoken with vendors alone. */
function isBackOnly({ protocol }: Recording): boolean {
  return PROTOCOLS[protocol] === undefined
}

/** The request, read and written again for the same protocol, means the same and loses nothing. */
export function checkRequest(recording: Recording): Comparison | undefined {
  const request = withModel(recording)
  if (!request || isBackOnly(recording)) return undefined
  const protocol = protocolNamed(recording.protocol)
  const headers = { 'anthropic-version': '2023-06-01', ...recording.requestHeaders }
  const wire = parseJson(JSON.stringify(request))
  try {
    const { body, losses } = protocol.encodeRequest(
      protocol.decodeRequest(wire, { headers }),
      quirksOf(request),
    )
    const again: Json = JSON.parse(stringifyJson(body))
    return {
      found: { losses, body: requestMeaning(recording.protocol, again) },
      expected: { losses: [], body: requestMeaning(recording.protocol, request) },
    }
  } catch (thrown) {
    // What the vendor itself refused may be refused here too.
    if (recording.status === 400 && isToolgateError(thrown) && thrown.status < 500) return undefined
    throw thrown
  }
}

/**
 * The request, written for the other protocol, is one that this protocol's own decoder takes, with
 * the same calls and results in the same order; whatever else is changed is told.
 */
export function checkCarried(recording: Recording): Comparison | undefined {
  const request = withModel(recording)
  if (!request || recording.status >= 400 || isBackOnly(recording)) return undefined
  const from = protocolNamed(recording.protocol)
  const headers = { 'anthropic-version': '2023-06-01' }
  const asked = from.decodeRequest(parseJson(JSON.stringify(request)), {
    headers: { ...headers, ...recording.requestHeaders },
  })
  const to = protocolNamed(recording.protocol === 'anthropic' ? 'openai-chat' : 'anthropic')
  const { body, losses } = to.encodeRequest(asked, { maxOutput: 8192, prefill: true })
  const again = to.decodeRequest(parseJson(stringifyJson(body)), { headers })
  return {
    found: { calls: callsOf(again), untold: losses.filter(loss => !loss.path || !loss.what) },
    expected: { calls: callsOf(asked), untold: [] },
  }
}

/** The calls of a conversation with their exact arguments, and what answers them, in order. */
function callsOf({ messages }: ModelRequest): unknown {
  return messages.flatMap(message => {
    if (message.role !== 'assistant' && message.role !== 'tool') return []
    return message.content.flatMap(part => {
      if (part.type === 'tool-call') return [[part.id, part.name, exactText(part.arguments)]]
      return part.type === 'tool-result' ? [[part.callId]] : []
    })
  })
}

/** A stream reads the same however the network cuts it, and keeps the laws. */
export function checkCuts(recording: Recording): Comparison | undefined {
  const { stream } = recording
  if (stream === undefined) return undefined
  const protocol = backNamed(recording.protocol)
  const parts = decodeStream(protocol, [stream])
  const broken = brokenLaw(parts)
  if (broken !== undefined) throw new Error(broken)
  const isBinary = protocol.framing !== undefined
  const bytes = isBinary ? Buffer.from(stream, 'latin1') : new TextEncoder().encode(stream)
  let seed = bytes.length
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % 97
  }
  return {
    found: {
      single: decodeStream(
        protocol,
        recut(bytes, () => 1),
      ).map(comparable),
      random: decodeStream(protocol, recut(bytes, random)).map(comparable),
      carriage: decodeStream(protocol, [isBinary ? stream : stream.replace(/\r?\n/g, '\r\n')]).map(
        comparable,
      ),
    },
    expected: {
      single: parts.map(comparable),
      random: parts.map(comparable),
      carriage: parts.map(comparable),
    },
  }
}

/** A part with its error, if it is one, as plain values. */
function comparable(part: StreamPart): unknown {
  if (part.type !== 'error') return part
  const { code, message, status, details } = part.error
  return { type: 'error', code, message, status, details }
}

/** The answer of a recording as parts; an answer that came whole is cut up. */
function answerOf(recording: Recording): { parts: StreamPart[]; whole: ModelResponse } | undefined {
  const protocol = backNamed(recording.protocol)
  if (recording.status >= 400) return undefined
  if (recording.stream !== undefined) {
    const parts = decodeStream(protocol, [recording.stream])
    return parts.at(-1)?.type === 'error' ? undefined : { parts, whole: assemble(parts) }
  }
  const whole = protocol.decodeResponse(parseJson(JSON.stringify(recording.answer)), {})
  return { parts: partsOf(whole), whole }
}

/** The answer, written whole for a front and read again by that protocol, means the same. */
export function checkWhole(front: ProtocolName): Check {
  return recording => {
    const answer = answerOf(recording)
    if (!answer) return undefined
    const protocol = protocolNamed(front)
    const text = stringifyJson(protocol.encodeResponse(answer.whole, contextFor(protocol)))
    return compare(front, protocol.decodeResponse(parseJson(text), {}), answer.whole)
  }
}

/** The same, streamed. */
export function checkStreamed(front: ProtocolName): Check {
  return recording => {
    const answer = answerOf(recording)
    if (!answer) return undefined
    const protocol = protocolNamed(front)
    const parts = decodeStream(protocol, [encodeStream(protocol, answer.parts)])
    const broken = brokenLaw(parts)
    if (broken !== undefined) throw new Error(broken)
    return compare(front, assemble(parts), answer.whole)
  }
}

function compare(front: ProtocolName, found: ModelResponse, expected: ModelResponse): Comparison {
  return { found: meaningFor(front, found, ''), expected: meaningFor(front, expected) }
}

/** An error, whole or inside a stream, reaches a front with its status and its words. */
export function checkError(front: ProtocolName): Check {
  return recording => {
    const from = backNamed(recording.protocol)
    const to = protocolNamed(front)
    if (recording.status >= 400) return wholeError(recording, from, to)
    if (recording.stream === undefined) return undefined
    const parts = decodeStream(from, [recording.stream])
    const last = parts.at(-1)
    if (last?.type !== 'error') return undefined
    const again = decodeStream(to, [encodeStream(to, parts)])
    const broken = brokenLaw(again)
    if (broken !== undefined) throw new Error(broken)
    const end = again.at(-1)
    return {
      found: end?.type === 'error' ? end.error.message : end,
      expected: expect.stringContaining(last.error.message),
    }
  }
}

function wholeError(recording: Recording, from: Back, to: Front): Comparison {
  const error = from.decodeError({
    status: recording.status,
    headers: recording.responseHeaders,
    body: recording.answer ?? '',
  })
  const { status, body } = to.encodeError(error, 'req_test')
  const said = isObject(body) && isObject(body['error']) ? body['error'] : {}
  const words = wordsOf(recording.answer)
  const isKeyError = recording.status === 401 || recording.status === 403
  return {
    found: {
      origin: error.origin,
      status,
      type: typeof said['type'],
      message: said['message'],
      envelope: isObject(body) ? body['type'] : undefined,
    },
    expected: {
      origin: 'vendor',
      status: statusFor(error, recording.status, to.name),
      type: 'string',
      // What a vendor says of the gateway's own key may be masked.
      message: isKeyError ? expect.any(String) : expect.stringContaining(words),
      envelope: to.name === 'anthropic' ? 'error' : undefined,
    },
  }
}

/** A vendor's word on the gateway's key is a 502, and each protocol has a status for "busy". */
function statusFor(error: ToolgateError, status: number, front: ProtocolName): number {
  if (status === 401 || status === 403 || error.code === 'authentication') return 502
  if (status !== 503 && status !== 529) return status
  return front === 'anthropic' ? 529 : 503
}

/** The vendor's own words, wherever it puts them. */
function wordsOf(answer: Json | undefined): string {
  if (typeof answer === 'string') return ''
  const body = Array.isArray(answer) ? answer[0] : answer
  if (!isObject(body)) return ''
  const error = isObject(body['error']) ? body['error'] : body
  const { message, detail } = error
  if (typeof message === 'string') return message
  return typeof detail === 'string' ? detail : ''
}
