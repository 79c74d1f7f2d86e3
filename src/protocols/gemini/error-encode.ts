import { ERROR_CODES, type ErrorCode, type ToolgateError, type WirePath } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { WireError } from '../protocol.ts'
import { MAX_NAME } from './tool.ts'
import { NAME, snakeKey } from './wire.ts'

/** The HTTP status of each code, where it is not the house's own. */
const STATUSES: { readonly [C in ErrorCode]?: number } = {
  request_too_large: 400,
  unsupported_media_type: 400,
  billing: 400,
}

/** The status word of each HTTP status. Source: Google APIs, `google.rpc.Code`. */
const WORDS: { readonly [status: number]: string } = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** Sources: gemini-cli issues #4217, #11814, #16415; generative-ai issue #368. */
const COUNT =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.'
const RESPONSE_ORDER =
  'Please ensure that function response turn comes immediately after a function call turn.'

/** The vendor's names of the types that were expected. */
const TYPES: { readonly [expected: string]: string } = {
  'a string': 'TYPE_STRING',
  'an integer': 'TYPE_INT32',
  'a decimal': 'TYPE_DOUBLE',
  'a boolean': 'TYPE_BOOL',
}

/**
 * Words an error as the vendor would. What a vendor of this protocol said is said again, except
 * where it judged the gateway's own key, which is no business of the client's. Waiting times stand
 * in `RetryInfo`, and in a header for clients that read no details.
 */
export function encodeError(error: ToolgateError, requestId: string): WireError {
  const status = statusOf(error)
  const headers: { [name: string]: string } = {
    'content-type': 'application/json; charset=UTF-8',
    'x-request-id': requestId,
  }
  const { retryAfter } = error.details
  const isBusy = status === 429 || status === 503
  if (retryAfter !== undefined && isBusy) headers['retry-after'] = String(Math.ceil(retryAfter))
  const said = isOurKey(error) ? undefined : vendorError(error)
  if (said) return { status, headers, body: { error: said } }
  const details: Json[] = []
  const violations = violationsOf(error)
  if (violations.length > 0) {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: violations,
    })
  }
  if (retryAfter !== undefined && isBusy) {
    const retryDelay = `${retryAfter}s`
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay })
  }
  const body: JsonObject = {
    code: status,
    message: messageOf(error),
    status: wordOf(error, status),
  }
  if (details.length > 0) body['details'] = details
  return { status, headers, body: { error: body } }
}

/** Whether a vendor refused the key, which is never the client's here. */
function isOurKey(error: ToolgateError): boolean {
  return (
    error.code === 'vendor_auth' ||
    (error.origin === 'vendor' && (error.code === 'authentication' || error.code === 'permission'))
  )
}

function statusOf(error: ToolgateError): number {
  if (isOurKey(error)) return ERROR_CODES.vendor_auth.status
  // "Overloaded" has a status of its own with another vendor.
  if (error.code === 'overloaded' || error.status === 529) return 503
  return STATUSES[error.code] ?? error.status
}

function wordOf(error: ToolgateError, status: number): string {
  if (error.code === 'billing') return 'FAILED_PRECONDITION'
  if (error.code === 'malformed_call' || error.code === 'vendor_contradiction') return 'INTERNAL'
  return WORDS[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL')
}

/** The error object of a vendor that speaks this protocol. */
function vendorError(error: ToolgateError): JsonObject | undefined {
  const { vendor, protocol } = error.details
  if (protocol !== NAME) return undefined
  const given = Array.isArray(vendor?.body) ? vendor.body[0] : vendor?.body
  const said = isObject(given) ? given['error'] : undefined
  if (!isObject(said) || typeof said['message'] !== 'string') return undefined
  // What was quoted of a key is starred out in the message of the house.
  return typeof said['status'] === 'string' ? { ...said, message: error.message } : undefined
}

/** The place as the vendor writes it: `contents[1].parts[0].function_call`. */
function placeOf(path: WirePath): string {
  const [first, index, ...rest] = path
  let steps: WirePath = path
  if (first === 'messages') {
    const inner = rest.map(key => (key === 'content' ? 'parts' : key))
    steps = index === undefined ? ['contents'] : ['contents', index, ...inner]
  } else if (first === 'tools' && path.length === 2 && index !== undefined) {
    steps = ['tools', 0, 'functionDeclarations', index]
  } else if (first === 'tool_choice') steps = ['toolConfig', 'functionCallingConfig']
  let text = ''
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? snakeKey(step) : `.${snakeKey(step)}`
  }
  return text
}

/** Which field it is, and of a conversation which content and calls: the vendor's texts tell neither. */
function violationsOf(error: ToolgateError): Json[] {
  const { path = [] } = error.details
  if (path.length === 0 || error.status >= 500 || error.code === 'model_not_found') return []
  const field = placeOf(path)
  switch (error.code) {
    case 'unanswered_tool_calls':
    case 'orphan_tool_result':
    case 'misplaced_tool_result':
    case 'duplicate_tool_result':
    case 'duplicate_tool_call':
    case 'invalid_tool_arguments':
    case 'unknown_tool':
    case 'unsupported':
    case 'lossy_request':
      return [{ field, description: error.message }]
    default:
      return [{ field, description: messageOf(error) }]
  }
}

/** The vendor's words for what went wrong; for the rest, the house's. */
function messageOf(error: ToolgateError): string {
  const { path = [], names = [] } = error.details
  switch (error.code) {
    case 'missing_field':
      return path.length === 0 ? error.message : `${lineOf(path)}: required field is missing.`
    case 'unknown_field':
      return path.length === 0 ? error.message : unknownMessage(path)
    case 'invalid_type':
      return typeMessage(error, path)
    case 'invalid_value':
    case 'invalid_call_id':
      return valueMessage(error, path)
    case 'invalid_tool_name':
      return nameMessage(path)
    case 'unanswered_tool_calls':
    case 'duplicate_tool_result':
      return COUNT
    case 'orphan_tool_result':
    case 'misplaced_tool_result':
      return RESPONSE_ORDER
    case 'duplicate_tool':
      return `Duplicate function declaration found: ${names.join(', ')}`
    case 'unknown_tool':
      return 'allowed_function_names should be a subset of the provided function_declarations'
    case 'model_not_found':
      return modelMessage(error, names)
    case 'invalid_json':
      return `Invalid JSON payload received. ${error.message}`
    case 'internal':
      // What went wrong inside is nothing for a client to read.
      return 'Internal error encountered.'
    default:
      return error.message
  }
}

function lineOf(path: WirePath): string {
  return `* GenerateContentRequest.${placeOf(path)}`
}

/** Source: CLIProxyAPI issue #97, 2025. */
function unknownMessage(path: WirePath): string {
  const name = path.at(-1) ?? ''
  const around = placeOf(path.slice(0, -1))
  const at = around === '' ? '' : ` at '${around}'`
  return `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`
}

function typeMessage(error: ToolgateError, path: WirePath): string {
  const { expected, found } = error.details
  if (typeof expected !== 'string') return error.message
  if (found === 'an array' && path.length > 0) {
    const around = placeOf(path.slice(0, -1))
    const at = around === '' ? '' : ` at '${around}'`
    return `Invalid JSON payload received. Unknown name "${path.at(-1)}"${at}: Proto field is not repeating, cannot start list.`
  }
  const type = TYPES[expected]
  const kind = type === undefined ? '' : ` (${type})`
  const at = path.length === 0 ? 'the body' : `'${placeOf(path)}'`
  return `Invalid value at ${at}${kind}: expected ${expected}, found ${String(found)}`
}

function valueMessage(error: ToolgateError, path: WirePath): string {
  const { allowed, why, value } = error.details
  if (Array.isArray(allowed)) {
    const given = value === undefined ? '' : `, ${JSON.stringify(value)}`
    return `Invalid value at '${placeOf(path)}'${given}: it must be one of ${allowed.join(', ')}`
  }
  if (typeof why !== 'string') return error.message
  return path.length === 0 ? why : `${lineOf(path)}: ${why}`
}

/** Source: gemini-cli issue #7869, 2025. */
function nameMessage(path: WirePath): string {
  const isTool = path[0] === 'tools' && path.length === 2
  const at = `${lineOf(path)}${isTool ? '.name' : ''}`
  return `${at}: Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:) or dashes (-), with a maximum length of ${MAX_NAME}.`
}

function modelMessage(error: ToolgateError, names: readonly string[]): string {
  const model: unknown = error.details['model']
  const text =
    typeof model === 'string'
      ? `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ModelService.ListModels to see the list of available models and their supported methods.`
      : error.message
  return names.length === 0 ? text : `${text} Did you mean ${names.join(', ')}?`
}
