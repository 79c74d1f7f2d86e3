import { ERROR_CODES, type ErrorCode, type ErrorDetails, ToolgateError } from '../core/error.ts'
import type { ProtocolName } from '../core/extras.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { type Building, objectAt, textAt } from './kept-fields.ts'
import type { WireError } from './protocol.ts'

/** The longest text of a vendor that is passed on in an error. */
const MAX_TEXT = 2000

/** What vendors repeat of a key that they refuse: the gateway's own, and nobody else's business. */
const KEY = /\b(?:sk|gsk|pk|key)-[\w*-]{4,}|[\w-]*\*{3,}[\w*-]*/g

/** An error as vendors word it, whatever their envelope. */
interface Said {
  readonly message: string
  readonly type: string
  readonly code: Json
  readonly param: Json
  /** The object that says it. */
  readonly source: JsonObject
}

/**
 * Reads a vendor's error in any of the envelopes seen among compatible vendors: OpenAI's own, one
 * wrapped in a list (Google), a flat one (Mistral, older vLLM), FastAPI's `detail`, a bare string
 * (Ollama), text or HTML of a proxy, or nothing at all.
 */
export function decodeVendorError(protocol: ProtocolName, wire: WireError): ToolgateError {
  const read = readBody(wire.body, wire.status)
  const said = { ...read, message: read.message.replace(KEY, '***') }
  const code = codeOf(wire.status, said)
  const details: Building<ErrorDetails> & { [key: string]: unknown } = {
    protocol,
    vendorStatus: wire.status,
    vendor: { type: said.type, code: said.code, param: said.param, body: wire.body },
  }
  const wait = retryAfter(wire, said)
  if (wait !== undefined) details.retryAfter = wait
  const generation = said.source['failed_generation']
  if (typeof generation === 'string') details['failedGeneration'] = generation
  const asked = wire.headers['x-should-retry']
  const retryable =
    asked === 'true' || asked === 'false' ? asked === 'true' : ERROR_CODES[code].retryable
  return new ToolgateError(code, said.message, {
    status: statusOf(code, wire.status),
    origin: 'vendor',
    retryable,
    details,
  })
}

/**
 * The status that an error in the middle of a 200 would have had.
 *
 * @param refusals the words of its type and code by which it is the request's fault
 */
export function inBandStatus(body: Json, refusals: RegExp): number {
  const { source, type, code } = readBody(body, 0)
  for (const candidate of [
    source['status_code'],
    code,
    source['status'],
    source['raw_status_code'],
  ]) {
    const status = typeof candidate === 'string' ? Number(candidate) : candidate
    if (typeof status === 'number' && status >= 400 && status < 600) return status
  }
  const word = `${type} ${typeof code === 'string' ? code : ''}`
  if (/rate_limit|insufficient_quota|too_many/.test(word)) return 429
  if (/overloaded|unavailable/.test(word)) return 503
  if (/timeout/.test(word)) return 504
  return refusals.test(word) ? 400 : 500
}

function readBody(body: Json, status: number): Said {
  if (Array.isArray(body)) return readBody(body[0] ?? null, status)
  if (!isObject(body)) return plain(textOf(body, status))
  const error = body['error']
  if (isObject(error)) return readEnvelope(error, body)
  if (typeof error === 'string' && error !== '')
    return { ...readEnvelope(body, body), message: textAt(body, 'message') || error }
  if (body['detail'] !== undefined) return readDetail(body['detail'] ?? null, body)
  return readEnvelope(body, body)
}

function plain(message: string): Said {
  return { message, type: '', code: null, param: null, source: {} }
}

function readEnvelope(error: JsonObject, body: JsonObject): Said {
  const told = error['message'] ?? error['msg'] ?? body['message'] ?? null
  let message = typeof told === 'string' && told !== '' ? told : JSON.stringify(told ?? error)
  const raw = textAt(objectAt(error, 'metadata') ?? {}, 'raw')
  // OpenRouter says no more than "Provider returned error" itself.
  if (raw !== '' && !message.includes(raw)) message = `${message}: ${raw}`
  return {
    message: message.slice(0, MAX_TEXT),
    type: textAt(error, 'type') || textAt(error, 'status'),
    code: error['code'] ?? null,
    param: error['param'] ?? null,
    source: error,
  }
}

/** FastAPI's form: a text, or a list of places with a message each. */
function readDetail(detail: Json, body: JsonObject): Said {
  if (typeof detail === 'string') return { ...plain(detail), source: body }
  if (isObject(detail)) return readEnvelope(detail, body)
  if (!Array.isArray(detail)) return plain(JSON.stringify(detail))
  const problems = detail.filter(isObject).map(problem => {
    const place = Array.isArray(problem['loc'])
      ? problem['loc'].filter(step => step !== 'body')
      : []
    return { place: place.join('.'), text: textAt(problem, 'msg') || JSON.stringify(problem) }
  })
  return {
    message: problems
      .map(problem => (problem.place === '' ? problem.text : `${problem.place}: ${problem.text}`))
      .join('; ')
      .slice(0, MAX_TEXT),
    type: 'invalid_request_error',
    code: null,
    param: problems[0]?.place || null,
    source: body,
  }
}

/** The text of a body that is not JSON; of a proxy's page, its title. */
function textOf(body: Json, status: number): string {
  const text = typeof body === 'string' ? body.trim() : ''
  if (text === '') return `The vendor answered with status ${status} and an empty body.`
  if (!text.startsWith('<')) return text.slice(0, MAX_TEXT)
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim()
  return title
    ? `The vendor answered with a page: ${title}`
    : `The vendor answered with status ${status} and a page.`
}

function codeOf(status: number, said: Said): ErrorCode {
  const byWord = codeByWord(`${said.type} ${typeof said.code === 'string' ? said.code : ''}`)
  if (byWord) return byWord
  if (/API[_ ]key not valid|API_KEY_INVALID|incorrect api key/i.test(said.message))
    return 'authentication'
  if (status === 429 && /insufficient (?:balance|quota)/i.test(said.message)) return 'quota'
  // OpenRouter's moderation says why; it is about the request, not about the key.
  if (status === 403 && objectAt(said.source, 'metadata')?.['reasons'] !== undefined)
    return 'invalid_request'
  if (status === 404 && /model/i.test(said.message)) return 'model_not_found'
  return codeByStatus(status)
}

function codeByWord(words: string): ErrorCode | undefined {
  if (/insufficient_quota/.test(words)) return 'quota'
  if (/invalid_api_key|authentication_error|invalid_authentication/.test(words))
    return 'authentication'
  if (/model_not_found|model_not_exist/.test(words)) return 'model_not_found'
  // The model wrote a call that the vendor would not give out (Groq, 2026-02): no fault of the client.
  if (/tool_use_failed/.test(words)) return 'malformed_call'
  if (/rate_limit/.test(words)) return 'rate_limit'
  if (/overloaded/.test(words)) return 'overloaded'
  return undefined
}

function codeByStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'authentication'
    case 403:
      return 'permission'
    case 402:
      return 'billing'
    case 404:
      return 'not_found'
    case 408:
    case 504:
      return 'timeout'
    case 409:
      return 'conflict'
    case 413:
      return 'request_too_large'
    case 429:
      return 'rate_limit'
    case 498:
    case 503:
    case 529:
      return 'overloaded'
    default:
      return status >= 400 && status < 500 ? 'invalid_request' : 'vendor_error'
  }
}

/** The status that the error goes on with: the vendor's own, where it means the same to a client. */
function statusOf(code: ErrorCode, status: number): number {
  if (code === 'invalid_request' && status >= 400 && status < 500) return status
  if (code === 'vendor_error' && status >= 500 && status < 600) return status
  return ERROR_CODES[code].status
}

/**
 * Seconds to wait: `retry-after-ms` counts before `retry-after`, which may be a date, and both
 * before Google's `RetryInfo` in the body.
 */
function retryAfter(wire: WireError, said: Said): number | undefined {
  const milliseconds = Number(wire.headers['retry-after-ms'] ?? Number.NaN)
  if (milliseconds >= 0) return milliseconds / 1000
  const header = wire.headers['retry-after']
  if (header !== undefined && header.trim() !== '') {
    const seconds = Number(header)
    if (seconds >= 0) return seconds
    // Two dates of the vendor's own clock; there is none of ours here.
    const wait = (Date.parse(header) - Date.parse(wire.headers['date'] ?? '')) / 1000
    if (!Number.isNaN(wait)) return Math.max(0, wait)
  }
  const details = said.source['details']
  if (!Array.isArray(details)) return undefined
  for (const detail of details) {
    const delay = isObject(detail) ? Number.parseFloat(textAt(detail, 'retryDelay')) : Number.NaN
    if (delay >= 0) return delay
  }
  return undefined
}
