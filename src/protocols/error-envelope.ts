import { ERROR_CODES, type ErrorCode, type ToolgateError, type WirePath } from '../core/error.ts'
import type { ProtocolName } from '../core/extras.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import type { WireError } from './protocol.ts'

/** The four fields of the envelope (OpenAI API reference, "Error object", 2026-07). */
interface Envelope {
  readonly message: string
  readonly type: string
  readonly param: Json
  readonly code: Json
}

/** What is said about an error, and what of the envelope is not as usual. */
export type Sentence = Partial<Envelope> & { readonly message: string }

/** Where the protocols of one vendor word an error differently. */
export interface ErrorWords {
  readonly protocol: ProtocolName
  /** Characters of a call's id. */
  readonly maxCallId: number
  /** The status of an error, where it is not the usual one. */
  status(error: ToolgateError): number | undefined
  /** How the place of a parameter is written. */
  parameter(path: WirePath): string
  /** The place that the envelope names, where it is not that of the path. */
  param(error: ToolgateError): string | undefined
  /** The place of a tool's name. */
  toolName(index: number): string
  /** Sentences of the protocol's own, which come before the shared ones. */
  about(error: ToolgateError, path: WirePath, param: string | null): Sentence | undefined
  unknownModel(model: string): string
}

/** Words errors as the vendor does over one of its protocols. */
export interface ErrorEncoder {
  encodeError(error: ToolgateError, requestId: string): WireError
  /** The body of an error, which is the same in a stream. */
  encodeErrorBody(error: ToolgateError): JsonObject
}

const INVALID = 'invalid_request_error'

/** Makes the encoder of errors for a protocol. */
export function errorEncoder(words: ErrorWords): ErrorEncoder {
  return {
    encodeError: (error, requestId) => encodeError(words, error, requestId),
    encodeErrorBody: error => encodeErrorBody(words, error),
  }
}

/**
 * Words an error as OpenAI would. An error of a vendor of this protocol is said again in its own
 * words. Statuses that OpenAI does not use, such as 529, become their nearest.
 */
function encodeError(words: ErrorWords, error: ToolgateError, requestId: string): WireError {
  const status = statusOf(words, error)
  const headers: { [name: string]: string } = {
    'content-type': 'application/json',
    'x-request-id': requestId,
    'x-should-retry': String(error.retryable),
  }
  const wait = error.details.retryAfter
  if (wait !== undefined && (status === 429 || status === 503))
    headers['retry-after'] = String(Math.ceil(wait))
  return { status, headers, body: encodeErrorBody(words, error) }
}

/** Whether a vendor refused the key: it is the gateway's, so no business of the client's. */
function isOurKey(error: ToolgateError): boolean {
  return (
    error.code === 'vendor_auth' ||
    (error.origin === 'vendor' && (error.code === 'authentication' || error.code === 'permission'))
  )
}

function statusOf(words: ErrorWords, error: ToolgateError): number {
  if (isOurKey(error)) return ERROR_CODES.vendor_auth.status
  const own = words.status(error)
  if (own !== undefined) return own
  return error.status === 529 ? 503 : error.status
}

function encodeErrorBody(words: ErrorWords, error: ToolgateError): JsonObject {
  const { message, type, param, code } = again(words, error) ?? envelope(words, error)
  return { error: { message, type, param, code, ...vendorExtras(words, error) } }
}

/** The words of a vendor of this very protocol, unless they are about the gateway's own key. */
function again(words: ErrorWords, error: ToolgateError): Envelope | undefined {
  const { vendor, protocol } = error.details
  if (!vendor || protocol !== words.protocol || isOurKey(error)) return undefined
  return {
    message: error.message,
    type: vendor.type || typeOf(error.code),
    param: vendor.param ?? null,
    code: vendor.code ?? null,
  }
}

/** Fields that a vendor of this protocol adds to its envelope, such as `failed_generation`. */
function vendorExtras(words: ErrorWords, error: ToolgateError): JsonObject | undefined {
  const { vendor, protocol } = error.details
  if (protocol !== words.protocol || isOurKey(error) || !isObject(vendor?.body)) return undefined
  const said = vendor.body['error']
  if (!isObject(said)) return undefined
  const { message: _message, type: _type, param: _param, code: _code, ...more } = said
  return more
}

function typeOf(code: ErrorCode): string {
  switch (code) {
    case 'rate_limit':
      return 'requests'
    case 'quota':
      return 'insufficient_quota'
    case 'vendor_error':
    case 'overloaded':
    case 'malformed_call':
    case 'vendor_auth':
    case 'vendor_unreachable':
    case 'vendor_contradiction':
    case 'stream_cut':
    case 'timeout':
    case 'shutting_down':
    case 'internal':
      return 'server_error'
    default:
      return INVALID
  }
}

function envelope(words: ErrorWords, error: ToolgateError): Envelope {
  const path = error.details.path ?? []
  const place = path.length === 0 ? null : words.parameter(path)
  const param = words.param(error) ?? place
  const found = words.about(error, path, param) ?? aboutFields(words, error, path, param)
  if (found) return { type: INVALID, param, code: null, ...found }
  const kind = isOurKey(error) ? 'vendor_auth' : error.code
  const message = messageOf(words, error)
  return { message, type: typeOf(kind), param, code: CODES[kind] ?? null }
}

/** What OpenAI says about a field that is not as it should be. */
function aboutFields(
  words: ErrorWords,
  error: ToolgateError,
  path: WirePath,
  param: string | null,
): Sentence | undefined {
  switch (error.code) {
    case 'invalid_json':
      return {
        message:
          "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)",
      }
    case 'missing_field':
      return {
        message: `Missing required parameter: '${param ?? ''}'.`,
        code: 'missing_required_parameter',
      }
    case 'unknown_field':
      return { message: `Unknown parameter: '${param ?? ''}'.`, code: 'unknown_parameter' }
    case 'invalid_type':
      return { message: wrongType(error, param), code: 'invalid_type' }
    case 'invalid_value':
      return { message: wrongValue(error, param), code: 'invalid_value' }
    case 'invalid_tool_name':
      return aboutToolName(words, error, path)
    case 'invalid_call_id':
      return aboutCallId(words, error, param)
    default:
      return undefined
  }
}

function wrongType(error: ToolgateError, param: string | null): string {
  const { expected, found } = error.details
  const place = param === null ? '' : ` for '${param}'`
  const wanted = typeof expected === 'string' ? expected : 'another type'
  const got = typeof found === 'string' ? found : 'something else'
  return `Invalid type${place}: expected ${wanted}, but got ${got} instead.`
}

function wrongValue(error: ToolgateError, param: string | null): string {
  const { allowed, value, why } = error.details
  if (Array.isArray(allowed)) {
    const words = allowed.map(word => `'${word}'`)
    const last = words.pop() ?? ''
    const list =
      words.length === 0 ? last : `${words.join(', ')}${words.length > 1 ? ',' : ''} and ${last}`
    const found = typeof value === 'string' ? `'${value}'` : JSON.stringify(value ?? null)
    return `Invalid value: ${found}. Supported values are: ${list}.`
  }
  return typeof why === 'string' ? `Invalid '${param ?? ''}': ${why}.` : error.message
}

/** Characters of a tool's name (quoted in mcp-use issue #90). */
const MAX_NAME = 64

function tooLong(param: string, most: number, length: number): string {
  return `Invalid '${param}': string too long. Expected a string with maximum length ${most}, but got a string with length ${length} instead.`
}

function aboutToolName(words: ErrorWords, error: ToolgateError, path: WirePath): Sentence {
  if (path.length === 0) return { message: error.message, code: 'invalid_value' }
  const param =
    path[0] === 'tools' && typeof path[1] === 'number'
      ? words.toolName(path[1])
      : words.parameter(path)
  const length = error.details.names?.[0]?.length ?? 0
  if (length > MAX_NAME)
    return { message: tooLong(param, MAX_NAME, length), param, code: 'string_above_max_length' }
  return {
    message: `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
    param,
    code: 'invalid_value',
  }
}

function aboutCallId(words: ErrorWords, error: ToolgateError, param: string | null): Sentence {
  const id = error.details.callIds?.[0]
  if (id === undefined || id.length <= words.maxCallId)
    return { message: error.message, code: 'invalid_value' }
  return {
    message: tooLong(param ?? 'id', words.maxCallId, id.length),
    code: 'string_above_max_length',
  }
}

/** The codes of errors whose message is the gateway's or the vendor's own. */
const CODES: { readonly [code in ErrorCode]?: string } = {
  unsupported: 'unsupported_parameter',
  lossy_request: 'unsupported_parameter',
  // The word of the vendor's cloud for a prompt that its filters stop.
  guardrail_refused: 'content_filter',
  duplicate_tool_call: 'invalid_value',
  duplicate_tool: 'invalid_value',
  unknown_tool: 'invalid_value',
  authentication: 'invalid_api_key',
  permission: 'permission_denied',
  model_not_found: 'model_not_found',
  method_not_allowed: 'method_not_supported',
  request_too_large: 'request_too_large',
  unsupported_media_type: 'unsupported_media_type',
  billing: 'billing_error',
  conflict: 'conflict',
  rate_limit: 'rate_limit_exceeded',
  quota: 'insufficient_quota',
  overloaded: 'overloaded',
  malformed_call: 'malformed_call',
  vendor_auth: 'vendor_auth',
  vendor_unreachable: 'vendor_unreachable',
  vendor_contradiction: 'vendor_contradiction',
  stream_cut: 'stream_cut',
  timeout: 'timeout',
  client_closed: 'client_closed',
  shutting_down: 'shutting_down',
}

function messageOf(words: ErrorWords, error: ToolgateError): string {
  switch (error.code) {
    case 'model_not_found':
      return unknownModel(words, error)
    case 'internal':
      // What went wrong inside is nothing for a client to read.
      return 'The server had an error while processing your request. Sorry about that!'
    default:
      return error.message
  }
}

/** The vendor's sentence about an unknown model, and the nearest names that are known. */
function unknownModel(words: ErrorWords, error: ToolgateError): string {
  const { model, names } = error.details
  const sentence = typeof model === 'string' ? words.unknownModel(model) : error.message
  return names && names.length > 0 ? `${sentence} Did you mean ${names.join(', ')}?` : sentence
}
