import { ERROR_CODES, type ErrorCode, type ToolgateError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { WireError } from '../protocol.ts'
import { NAME } from './wire.ts'

/**
 * The type of each code, where it is not `invalid_request_error`. Source: Claude docs, "Errors",
 * 2026-10.
 */
const TYPES: { readonly [C in ErrorCode]?: string } = {
  authentication: 'authentication_error',
  permission: 'permission_error',
  not_found: 'not_found_error',
  model_not_found: 'not_found_error',
  request_too_large: 'request_too_large',
  billing: 'billing_error',
  conflict: 'conflict_error',
  rate_limit: 'rate_limit_error',
  quota: 'rate_limit_error',
  vendor_error: 'api_error',
  overloaded: 'overloaded_error',
  malformed_call: 'api_error',
  vendor_auth: 'api_error',
  vendor_unreachable: 'api_error',
  vendor_contradiction: 'api_error',
  stream_cut: 'api_error',
  timeout: 'timeout_error',
  client_closed: 'api_error',
  shutting_down: 'overloaded_error',
  internal: 'api_error',
}

/** The vendor's word for "busy" has a status of its own. */
const OVERLOADED = 529

/** How the vendor names what it expected, where its word differs from the house's. */
const EXPECTED: { readonly [expected: string]: string } = {
  'a string': 'a valid string',
  'an integer': 'a valid integer',
  'a decimal': 'a valid number',
  'a boolean': 'a valid boolean',
  'an array': 'a valid array',
}

/**
 * Words an error as the vendor would. What a vendor of this protocol said is said again, except
 * where it judged the gateway's own key, which is no business of the client's.
 */
export function encodeError(error: ToolgateError, requestId: string): WireError {
  const status = statusOf(error)
  const headers: { [name: string]: string } = {
    'content-type': 'application/json',
    'request-id': requestId,
    'x-should-retry': String(error.retryable),
  }
  const { retryAfter } = error.details
  if (retryAfter !== undefined && (status === 429 || status === 503 || status === OVERLOADED)) {
    headers['retry-after'] = String(Math.ceil(retryAfter))
  }
  const said = isOurKey(error) ? undefined : vendorError(error)
  const type = isOurKey(error) ? 'api_error' : (TYPES[error.code] ?? 'invalid_request_error')
  const body: JsonObject = {
    type: 'error',
    error: said ?? { type, message: messageOf(error), ...detailsOf(error) },
    request_id: requestId,
  }
  return { status, headers, body }
}

/**
 * What the vendor's own clients read besides the text. Their tool runner leaves the conversation
 * with the vendor, and goes on with the full history where it is told that this cannot be.
 * Source: Anthropic SDK 1.11, message threads, 2026-11-19.
 */
function detailsOf({ code, details }: ToolgateError): JsonObject {
  if (code !== 'unsupported' || details.path?.[0] !== 'thread') return {}
  return { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } }
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
  return error.code === 'overloaded' || error.status === 503 ? OVERLOADED : error.status
}

/** The error object of a vendor that speaks this protocol. */
function vendorError(error: ToolgateError): JsonObject | undefined {
  const { vendor, protocol } = error.details
  const body = protocol === NAME ? vendor?.body : undefined
  if (!isObject(body) || body['type'] !== 'error') return undefined
  const said = body['error']
  return isObject(said) && typeof said['type'] === 'string' ? said : undefined
}

/** The vendor's words for what went wrong; for the rest, the house's. */
function messageOf(error: ToolgateError): string {
  const { path = [], callIds = [], names = [] } = error.details
  const at = path.length === 0 ? '' : `${path.join('.')}: `
  const ids = callIds.join(', ')
  switch (error.code) {
    case 'missing_field':
      return path.length === 0 ? error.message : `${at}Field required`
    case 'unknown_field':
      return path.length === 0 ? error.message : `${at}Extra inputs are not permitted`
    case 'invalid_type':
      return typeMessage(error, at)
    case 'invalid_value':
    case 'invalid_call_id':
      return valueMessage(error, at)
    case 'invalid_tool_name':
      return nameMessage(error)
    case 'unanswered_tool_calls':
      return unanswered(path[1], ids)
    case 'misplaced_tool_result':
      // A result behind other content counts as none; what is named is the message with the call.
      return unanswered(typeof path[1] === 'number' ? path[1] - 1 : path[1], ids)
    case 'orphan_tool_result':
      return `${at}unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${ids}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
    case 'duplicate_tool_result':
      return `${at}each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${ids}`
    case 'duplicate_tool_call':
      return `${at}\`tool_use\` ids must be unique`
    case 'invalid_tool_arguments':
      return path.length === 0 ? error.message : `${at}Input should be a valid dictionary`
    case 'duplicate_tool':
      return 'tools: Tool names must be unique.'
    case 'unknown_tool':
      return `Tool '${names.join("', '")}' not found in provided tools`
    case 'model_not_found':
      return modelMessage(error, names)
    case 'invalid_json':
      return error.message.replace(/^The body/, 'The request body')
    case 'method_not_allowed':
      return 'Method Not Allowed'
    case 'internal':
      // What went wrong inside is nothing for a client to read.
      return 'Internal server error'
    default:
      return error.message
  }
}

function unanswered(index: string | number | undefined, ids: string): string {
  const at = index === undefined ? '' : `messages.${index}: `
  return `${at}\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
}

function typeMessage(error: ToolgateError, at: string): string {
  const expected = error.details['expected']
  if (typeof expected !== 'string') return error.message
  const path = error.details.path ?? []
  if (path.at(-1) === 'input' && expected === 'an object') {
    return `${at}Input should be a valid dictionary`
  }
  return `${at}Input should be ${EXPECTED[expected] ?? expected}`
}

function valueMessage(error: ToolgateError, at: string): string {
  const { allowed, why } = error.details
  if (Array.isArray(allowed)) return `${at}Input should be ${listed(allowed.map(String))}`
  if (typeof why === 'string') return `${at}${why}`
  return error.message
}

/** The most characters of a tool's name. */
const MAX_NAME = 128

/** The name stands inside the definition, whoever counted the tools. */
function nameMessage(error: ToolgateError): string {
  const { path = [], names = [], pattern, why } = error.details
  const isTool = path[0] === 'tools' && path.length === 2
  const at = [...path, ...(isTool ? ['custom', 'name'] : [])].join('.')
  if ((names[0]?.length ?? 0) > MAX_NAME) {
    return `${at}: String should have at most ${MAX_NAME} characters`
  }
  if (typeof why === 'string') return `${at}: ${why}`
  return typeof pattern === 'string'
    ? `${at}: String should match pattern '${pattern}'`
    : error.message
}

/** `'a'`, `'a' or 'b'`, `'a', 'b' or 'c'`. */
function listed(words: readonly string[]): string {
  const quoted = words.map(word => `'${word}'`)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`
}

function modelMessage(error: ToolgateError, names: readonly string[]): string {
  const model: unknown = error.details['model']
  const text = typeof model === 'string' ? `model: ${model}` : error.message
  return names.length === 0 ? text : `${text} Did you mean ${names.join(', ')}?`
}
