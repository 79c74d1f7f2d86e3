import { ERROR_CODES, type ErrorCode, type ErrorDetails, ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { tryParseJson } from '../../wire/json.ts'
import type { WireError } from '../protocol.ts'
import { type Building, NAME, textAt } from './wire.ts'

/** What the status words mean. Source: Google APIs, `google.rpc.Code`. */
const CODES: { readonly [status: string]: ErrorCode } = {
  INVALID_ARGUMENT: 'invalid_request',
  FAILED_PRECONDITION: 'invalid_request',
  OUT_OF_RANGE: 'invalid_request',
  UNIMPLEMENTED: 'invalid_request',
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'not_found',
  ABORTED: 'conflict',
  ALREADY_EXISTS: 'conflict',
  RESOURCE_EXHAUSTED: 'rate_limit',
  INTERNAL: 'vendor_error',
  UNKNOWN: 'vendor_error',
  DATA_LOSS: 'vendor_error',
  CANCELLED: 'vendor_error',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
}

const BY_STATUS: { readonly [status: number]: ErrorCode } = {
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  413: 'request_too_large',
  429: 'rate_limit',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
}

/** Codes that every protocol has a status of its own for. */
const OWN_STATUS: ReadonlySet<ErrorCode> = new Set(['overloaded', 'timeout', 'authentication'])

/** What vendors repeat of a key that they refuse: the gateway's own, and nobody else's business. */
const KEY = /\b(?:AIza[\w-]{20,}|ya29\.[\w.-]{10,}|sk-[\w*.-]{4,})/g

/** A message longer than this is no message but a page. */
const MAX_MESSAGE = 2_000

/** Whether a body that came where an answer should be is an error. */
export function isErrorBody(body: Json): boolean {
  if (Array.isArray(body)) return body.some(isErrorBody)
  if (!isObject(body)) return false
  return isFilledError(body['error']) && body['candidates'] === undefined
}

function isFilledError(error: Json | undefined): boolean {
  return isObject(error) || (typeof error === 'string' && error !== '')
}

/** Reads a vendor's error in whatever envelope it came. */
export function decodeError(error: WireError): ToolgateError {
  const said = readEnvelope(error.body)
  const code = codeOf(said, error.status)
  const details: Building<ErrorDetails> & { [key: string]: unknown } = {
    protocol: NAME,
    vendorStatus: error.status,
    vendor: vendorOf(said, error.body),
  }
  const retryAfter = readRetryAfter(error.headers) ?? said.retryDelay
  if (retryAfter !== undefined) details.retryAfter = retryAfter
  const message =
    said.message === ''
      ? `The vendor answered with status ${error.status}.`
      : said.message.replace(KEY, '***')
  const isStatus = error.status >= 400 && error.status <= 599 && !OWN_STATUS.has(code)
  return new ToolgateError(code, message, {
    origin: 'vendor',
    status: isStatus ? error.status : ERROR_CODES[code].status,
    retryable: ERROR_CODES[code].retryable,
    details,
  })
}

/** Reads an error that came where an answer should be: in a stream, or with a good status. */
export function decodeInBandError(body: Json): ToolgateError {
  const { code } = readEnvelope(body)
  return decodeError({ status: typeof code === 'number' ? code : 200, headers: {}, body })
}

interface Envelope {
  readonly message: string
  /** The status word, or the type of another vendor's envelope. */
  readonly word: string
  readonly code: Json | undefined
  /** Reasons of `ErrorInfo`, and ids of the quotas that ran out. */
  readonly reasons: readonly string[]
  /** Seconds. */
  readonly retryDelay: number | undefined
}

const NOTHING: Envelope = {
  message: '',
  word: '',
  code: undefined,
  reasons: [],
  retryDelay: undefined,
}

/** Finds what is known in the envelopes that are known; the compatible endpoint wraps it in a list. */
function readEnvelope(body: Json): Envelope {
  if (Array.isArray(body)) return readEnvelope(body.find(isErrorBody) ?? body[0] ?? null)
  if (typeof body === 'string') {
    // A refused stream may answer with an event.
    const event = body.startsWith('data:') ? tryParseJson(body.slice(5)) : undefined
    return isObject(event) ? readEnvelope(event) : { ...NOTHING, message: textOfPage(body) }
  }
  if (!isObject(body)) return NOTHING
  const inner = body['error']
  if (typeof inner === 'string') {
    return { ...NOTHING, message: textAt(body, 'message') || inner, code: body['code'] }
  }
  if (isObject(inner)) return readError(inner)
  if (typeof body['message'] === 'string') return readError(body)
  const detail = body['detail']
  if (typeof detail === 'string') return { ...NOTHING, message: detail }
  if (Array.isArray(detail)) {
    return { ...NOTHING, message: detail.map(textOfDetail).join('; ') }
  }
  return NOTHING
}

function readError(error: JsonObject): Envelope {
  const message = textAt(error, 'message')
  // The vendor's own client wraps an envelope into the message of another.
  const nested = message.startsWith('{') ? tryParseJson(message) : undefined
  if (isObject(nested) && isObject(nested['error'])) return readError(nested['error'])
  const reasons: string[] = []
  let retryDelay: number | undefined
  const details = Array.isArray(error['details']) ? error['details'] : []
  for (const detail of details) {
    if (!isObject(detail)) continue
    const type = textAt(detail, '@type')
    if (type.endsWith('.ErrorInfo')) reasons.push(textAt(detail, 'reason'))
    else if (type.endsWith('.RetryInfo')) retryDelay = secondsOf(textAt(detail, 'retryDelay'))
    else if (type.endsWith('.QuotaFailure') && Array.isArray(detail['violations'])) {
      for (const violation of detail['violations']) {
        if (isObject(violation)) reasons.push(textAt(violation, 'quotaId'))
      }
    }
  }
  return {
    message,
    word: textAt(error, 'status') || textAt(error, 'type'),
    code: error['code'],
    reasons,
    retryDelay,
  }
}

/** `34.4s` as seconds. */
function secondsOf(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)s$/.exec(text)
  return found ? Number(found[1]) : undefined
}

/** One entry of a FastAPI `detail` list. */
function textOfDetail(entry: Json): string {
  if (!isObject(entry)) return JSON.stringify(entry)
  const steps = Array.isArray(entry['loc']) ? entry['loc'] : []
  const keys = steps.map(step => (typeof step === 'string' ? step : JSON.stringify(step)))
  const place = keys.length === 0 ? '' : `${keys.join('.')}: `
  return `${place}${typeof entry['msg'] === 'string' ? entry['msg'] : JSON.stringify(entry)}`
}

/** The text of a body that is no JSON; of a web page, its title. */
function textOfPage(body: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)
  return (title?.[1] ?? body).trim().slice(0, MAX_MESSAGE)
}

function vendorOf(said: Envelope, body: Json): NonNullable<ErrorDetails['vendor']> {
  return {
    ...(said.word !== '' && { type: said.word }),
    ...(said.code !== undefined && { code: said.code }),
    body,
  }
}

function codeOf(said: Envelope, status: number): ErrorCode {
  // A bad key is a 400 on AI Studio.
  if (said.reasons.includes('API_KEY_INVALID') || said.message.startsWith('API key not valid')) {
    return 'authentication'
  }
  const known = Object.hasOwn(CODES, said.word) ? CODES[said.word] : undefined
  let code = known ?? BY_STATUS[status]
  if (!code) code = status >= 400 && status < 500 ? 'invalid_request' : 'vendor_error'
  if (code === 'not_found' && /\bmodels?[/ ]/i.test(said.message)) return 'model_not_found'
  // What is spent for the day does not come back soon.
  if (code === 'rate_limit' && said.reasons.some(reason => reason.includes('PerDay'))) {
    return 'quota'
  }
  return code
}

/**
 * Seconds to wait: `retry-after-ms`, else `retry-after` in seconds or as a date, which is measured
 * against the vendor's own `date`.
 */
function readRetryAfter(headers: WireError['headers']): number | undefined {
  const milliseconds = numberOf(headers['retry-after-ms'])
  if (milliseconds !== undefined) return milliseconds / 1000
  const text = headers['retry-after']
  const seconds = numberOf(text)
  if (seconds !== undefined || text === undefined) return seconds
  const until = Date.parse(text)
  const now = Date.parse(headers['date'] ?? '')
  return Number.isNaN(until) || Number.isNaN(now) ? undefined : Math.max(0, (until - now) / 1000)
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}
