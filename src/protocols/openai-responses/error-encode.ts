import { ERROR_CODES, type ErrorCode, type ToolgateError, type WirePath } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { WireError } from '../protocol.ts'
import { NAME, parameter } from './wire.ts'

/** The four fields of OpenAI's envelope (OpenAI API reference, "Error object", 2026-07). */
interface Envelope {
  readonly message: string
  readonly type: string
  readonly param: Json
  readonly code: Json
}

const INVALID = 'invalid_request_error'

/**
 * Words an error as OpenAI would. An error of a vendor of this protocol is said again in its own
 * words. Statuses that OpenAI does not use, such as 529, become their nearest.
 */
export function encodeError(error: ToolgateError, requestId: string): WireError {
  const status = statusOf(error)
  const headers: { [name: string]: string } = {
    'content-type': 'application/json',
    'x-request-id': requestId,
    'x-should-retry': String(error.retryable),
  }
  const wait = error.details.retryAfter
  if (wait !== undefined && (status === 429 || status === 503))
    headers['retry-after'] = String(Math.ceil(wait))
  return { status, headers, body: encodeErrorBody(error) }
}

/** Whether a vendor refused the key: it is the gateway's, so no business of the client's. */
function isOurKey(error: ToolgateError): boolean {
  return (
    error.code === 'vendor_auth' ||
    (error.origin === 'vendor' && (error.code === 'authentication' || error.code === 'permission'))
  )
}

function statusOf(error: ToolgateError): number {
  if (isOurKey(error)) return ERROR_CODES.vendor_auth.status
  // Unlike on Chat Completions, an unknown model is a bad request (recorded 2025 to 2026).
  if (error.code === 'model_not_found') return 400
  return error.status === 529 ? 503 : error.status
}

/** The body of an error, which is the same in a stream. */
export function encodeErrorBody(error: ToolgateError): JsonObject {
  const { message, type, param, code } = again(error) ?? envelope(error)
  return { error: { message, type, param, code, ...vendorExtras(error) } }
}

/** The words of a vendor of this very protocol, unless they are about the gateway's own key. */
function again(error: ToolgateError): Envelope | undefined {
  const { vendor, protocol } = error.details
  if (!vendor || protocol !== NAME || isOurKey(error)) return undefined
  return {
    message: error.message,
    type: vendor.type || typeOf(error.code),
    param: vendor.param ?? null,
    code: vendor.code ?? null,
  }
}

/** Fields that a vendor of this protocol adds to its envelope, such as `failed_generation`. */
function vendorExtras(error: ToolgateError): JsonObject | undefined {
  const { vendor, protocol } = error.details
  if (protocol !== NAME || isOurKey(error) || !isObject(vendor?.body)) return undefined
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

function envelope(error: ToolgateError): Envelope {
  const path = error.details.path ?? []
  const place = path.length === 0 ? null : parameter(path)
  const param = error.code === 'model_not_found' ? 'model' : place
  const found = aboutFields(error, path, param) ?? aboutCalls(error, path)
  if (found) return { type: INVALID, param, code: null, ...found }
  const kind = isOurKey(error) ? 'vendor_auth' : error.code
  return { message: messageOf(error), type: typeOf(kind), param, code: CODES[kind] ?? null }
}

/** What OpenAI says about a field that is not as it should be. */
function aboutFields(
  error: ToolgateError,
  path: WirePath,
  param: string | null,
): (Partial<Envelope> & { message: string }) | undefined {
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
      return aboutToolName(error, path)
    case 'invalid_call_id':
      return aboutCallId(error, param)
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

/** The limits of names (quoted in mcp-use issue #90 and ungate issue #26). */
const MAX_NAME = 64
const MAX_CALL_ID = 64

function tooLong(param: string, most: number, length: number): string {
  return `Invalid '${param}': string too long. Expected a string with maximum length ${most}, but got a string with length ${length} instead.`
}

function aboutToolName(
  error: ToolgateError,
  path: WirePath,
): Partial<Envelope> & { message: string } {
  if (path.length === 0) return { message: error.message, code: 'invalid_value' }
  const param =
    path[0] === 'tools' && typeof path[1] === 'number' ? `tools[${path[1]}].name` : parameter(path)
  const length = error.details.names?.[0]?.length ?? 0
  if (length > MAX_NAME)
    return { message: tooLong(param, MAX_NAME, length), param, code: 'string_above_max_length' }
  return {
    message: `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
    param,
    code: 'invalid_value',
  }
}

function aboutCallId(
  error: ToolgateError,
  param: string | null,
): Partial<Envelope> & { message: string } {
  const id = error.details.callIds?.[0]
  if (id === undefined || id.length <= MAX_CALL_ID)
    return { message: error.message, code: 'invalid_value' }
  return {
    message: tooLong(param ?? 'id', MAX_CALL_ID, id.length),
    code: 'string_above_max_length',
  }
}

/** What OpenAI says about calls and results that do not fit together. */
function aboutCalls(
  error: ToolgateError,
  path: WirePath,
): (Partial<Envelope> & { message: string }) | undefined {
  const id = error.details.callIds?.[0] ?? ''
  switch (error.code) {
    case 'unanswered_tool_calls':
      // trae-agent issue #245.
      return { message: `No tool output found for function call ${id}.`, param: INPUT }
    case 'orphan_tool_result':
    case 'misplaced_tool_result':
      // vscode issue #320060.
      return {
        message: `No tool call found for function call output with call_id ${id}.`,
        param: INPUT,
      }
    case 'duplicate_tool_result':
      return { message: error.message, param: INPUT, code: 'invalid_value' }
    case 'invalid_tool_arguments':
      return { message: error.message, param: INPUT, code: 'invalid_value' }
    case 'unknown_tool':
      if (path[0] !== 'tool_choice') return undefined
      // The vendor names the kind of tool, not the tool (answers measured 2026-04).
      return {
        message: `Tool choice 'function' not found in 'tools' parameter.${named(error)}`,
        param: 'tool_choice',
      }
    default:
      return undefined
  }
}

const INPUT = 'input'

/** Which tool it is, which the vendor leaves to the reader. */
function named(error: ToolgateError): string {
  const name = error.details.names?.[0]
  return name === undefined ? '' : ` There is no tool named '${name}'.`
}

/** The codes of errors whose message is the gateway's or the vendor's own. */
const CODES: { readonly [code in ErrorCode]?: string } = {
  unsupported: 'unsupported_parameter',
  lossy_request: 'unsupported_parameter',
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

function messageOf(error: ToolgateError): string {
  switch (error.code) {
    case 'model_not_found':
      return unknownModel(error)
    case 'internal':
      // What went wrong inside is nothing for a client to read.
      return 'The server had an error while processing your request. Sorry about that!'
    default:
      return error.message
  }
}

/** The vendor's sentence about an unknown model, and the nearest names that are known. */
function unknownModel(error: ToolgateError): string {
  const { model, names } = error.details
  const sentence =
    typeof model === 'string' ? `The requested model '${model}' does not exist.` : error.message
  return names && names.length > 0 ? `${sentence} Did you mean ${names.join(', ')}?` : sentence
}
