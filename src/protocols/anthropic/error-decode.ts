import { ERROR_CODES, type ErrorCode, type ErrorDetails, ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { tryParseJson } from '../../wire/json.ts'
import type { WireError } from '../protocol.ts'
import { type Building, NAME } from './wire.ts'

/** What the vendor's types mean. Source: Claude docs, "Errors", 2026-10. */
const CODES: { readonly [type: string]: ErrorCode } = {
  invalid_request_error: 'invalid_request',
  authentication_error: 'authentication',
  permission_error: 'permission',
  billing_error: 'billing',
  not_found_error: 'not_found',
  conflict_error: 'conflict',
  request_too_large: 'request_too_large',
  rate_limit_error: 'rate_limit',
  api_error: 'vendor_error',
  timeout_error: 'timeout',
  overloaded_error: 'overloaded',
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
const OWN_STATUS: ReadonlySet<ErrorCode> = new Set(['overloaded', 'timeout'])

/** What vendors repeat of a key that they refuse: the gateway's own, and nobody else's business. */
const KEY = /\bsk-[\w*.-]{4,}/g

/** A message longer than this is no message but a page. */
const MAX_MESSAGE = 2_000

/** Reads a vendor's error in whatever envelope it came. */
export function decodeError(error: WireError): ToolgateError {
  const said = readEnvelope(error.body)
  const code = codeOf(said, error)
  const details: Building<ErrorDetails> & { [key: string]: unknown } = {
    protocol: NAME,
    vendorStatus: error.status,
    vendor: vendorOf(said, error.body),
  }
  const retryAfter = readRetryAfter(error.headers)
  if (retryAfter !== undefined) details.retryAfter = retryAfter
  const message =
    said.message === ''
      ? `The vendor answered with status ${error.status}.`
      : said.message.replace(KEY, '***')
  const hint = error.headers['x-should-retry']
  const isStatus = error.status >= 400 && error.status <= 599 && !OWN_STATUS.has(code)
  return new ToolgateError(code, message, {
    origin: 'vendor',
    status: isStatus ? error.status : ERROR_CODES[code].status,
    retryable: hint === 'true' || (hint !== 'false' && ERROR_CODES[code].retryable),
    details,
  })
}

/** Reads an error that came where an answer should be: in a stream, or with a good status. */
export function decodeInBandError(body: Json): ToolgateError {
  // Some gateways put the status that it would have had into the body.
  const { code } = readEnvelope(body)
  return decodeError({ status: typeof code === 'number' ? code : 200, headers: {}, body })
}

interface Envelope {
  readonly message: string
  readonly type: string
  readonly code: Json | undefined
}

/** Finds message, type and code in the envelopes that are known, from the vendor's own to none. */
function readEnvelope(body: Json): Envelope {
  if (Array.isArray(body)) return readEnvelope(body[0] ?? null)
  if (typeof body === 'string') return { message: textOfPage(body), type: '', code: undefined }
  if (!isObject(body)) return { message: '', type: '', code: undefined }
  const inner = body['error']
  if (typeof inner === 'string') return { message: inner, type: '', code: body['code'] }
  if (isObject(inner)) return readError(inner)
  if (typeof body['message'] === 'string') return readError(body)
  const detail = body['detail']
  if (typeof detail === 'string') return { message: detail, type: '', code: undefined }
  if (Array.isArray(detail)) {
    return { message: detail.map(textOfDetail).join('; '), type: '', code: undefined }
  }
  return { message: '', type: '', code: undefined }
}

function readError(error: JsonObject): Envelope {
  const message = typeof error['message'] === 'string' ? error['message'] : ''
  // Claude on Vertex says its own envelope inside the message of Google's.
  const nested = message.startsWith('{') ? tryParseJson(message) : undefined
  if (isObject(nested) && isObject(nested['error'])) return readError(nested['error'])
  const details = error['details']
  const code = isObject(details) ? details['error_code'] : undefined
  return {
    message,
    type: typeof error['type'] === 'string' ? error['type'] : '',
    code: code ?? error['code'],
  }
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
    ...(said.type !== '' && { type: said.type }),
    ...(said.code !== undefined && { code: said.code }),
    body,
  }
}

function codeOf(said: Envelope, error: WireError): ErrorCode {
  const known = Object.hasOwn(CODES, said.type) ? CODES[said.type] : undefined
  const { status } = error
  let code = known ?? BY_STATUS[status]
  // A gateway in front of the vendor may say 503 of it in the vendor's most general word.
  if (code === 'vendor_error') code = BY_STATUS[status] ?? code
  if (!code) code = status >= 400 && status < 500 ? 'invalid_request' : 'vendor_error'
  if (code === 'not_found' && said.message.startsWith('model')) return 'model_not_found'
  if (code === 'invalid_request' && said.message.includes('credit balance is too low')) {
    return 'billing'
  }
  // Of limits, the spent ones say that trying again is of no use.
  if (code === 'rate_limit') {
    const isSpent =
      error.headers['x-should-retry'] === 'false' || said.code === 'insufficient_quota'
    return isSpent ? 'quota' : code
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
