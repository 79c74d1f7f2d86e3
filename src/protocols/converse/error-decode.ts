import { ERROR_CODES, type ErrorCode, type ErrorDetails, ToolgateError } from '../../core/error.ts'
import { isObject, type Json } from '../../core/json.ts'
import type { WireError } from '../protocol.ts'
import { type Building, NAME, textAt } from './wire.ts'

/** What the vendor's types mean. Source: AWS API reference, "Converse" and "common errors", 2026. */
const CODES: { readonly [type: string]: ErrorCode } = {
  validationexception: 'invalid_request',
  accessdeniedexception: 'permission',
  unrecognizedclientexception: 'authentication',
  invalidsignatureexception: 'authentication',
  incompletesignature: 'authentication',
  incompletesignatureexception: 'authentication',
  missingauthenticationtokenexception: 'authentication',
  expiredtokenexception: 'authentication',
  resourcenotfoundexception: 'model_not_found',
  conflictexception: 'conflict',
  throttlingexception: 'rate_limit',
  servicequotaexceededexception: 'quota',
  modelnotreadyexception: 'overloaded',
  serviceunavailableexception: 'overloaded',
  modeltimeoutexception: 'timeout',
  modelerrorexception: 'vendor_error',
  modelstreamerrorexception: 'vendor_error',
  internalserverexception: 'vendor_error',
}

const BY_STATUS: { readonly [status: number]: ErrorCode } = {
  401: 'authentication',
  403: 'permission',
  404: 'model_not_found',
  408: 'timeout',
  413: 'request_too_large',
  429: 'rate_limit',
  503: 'overloaded',
}

/** Codes that every protocol has a status of its own for. */
const OWN_STATUS: ReadonlySet<ErrorCode> = new Set(['overloaded', 'timeout'])

/** A message longer than this is no message but a page. */
const MAX_MESSAGE = 2_000

/** Reads a vendor's error: a message in the body, and its type in a header. */
export function decodeError({ status, headers, body }: WireError): ToolgateError {
  // The type may have the address of its definition behind a colon.
  const [type = ''] = (headers['x-amzn-errortype'] ?? typeIn(body)).split(':')
  const message = messageOf(body)
  const code = codeOf(type, status, message)
  const details: Building<ErrorDetails> & { [key: string]: unknown } = {
    protocol: NAME,
    vendorStatus: status,
    vendor: { ...(type ? { type } : {}), body },
  }
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  if (seconds >= 0) details.retryAfter = seconds
  const isStatus = status >= 400 && status <= 599 && !OWN_STATUS.has(code)
  return new ToolgateError(code, message || `The vendor answered with status ${status}.`, {
    origin: 'vendor',
    status: isStatus ? status : ERROR_CODES[code].status,
    details,
  })
}

/** Reads an error that came inside a stream: its type, and the text of its body. */
export function decodeInBandError(type: string, body: Json): ToolgateError {
  return decodeError({ status: 200, headers: { 'x-amzn-errortype': type }, body })
}

function codeOf(type: string, status: number, message: string): ErrorCode {
  const name = type.toLowerCase()
  const known = Object.hasOwn(CODES, name) ? CODES[name] : undefined
  const code =
    known ??
    BY_STATUS[status] ??
    (status >= 400 && status < 500 ? 'invalid_request' : 'vendor_error')
  // The vendor calls it a matter of validation.
  return code === 'invalid_request' && message === 'The provided model identifier is invalid.'
    ? 'model_not_found'
    : code
}

function typeIn(body: Json): string {
  const type = isObject(body) ? textAt(body, '__type') : ''
  return type.slice(type.lastIndexOf('#') + 1)
}

function messageOf(body: Json): string {
  if (typeof body === 'string') return body.trim().slice(0, MAX_MESSAGE)
  if (!isObject(body)) return ''
  return textAt(body, 'message') || textAt(body, 'Message')
}
