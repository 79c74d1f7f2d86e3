import type { Json } from './json.ts'

/** Every error of the house: its HTTP status when it starts here, and whether trying again may help. */
export const ERROR_CODES = {
  // what a client sent
  invalid_json: { status: 400, retryable: false },
  missing_field: { status: 400, retryable: false },
  unknown_field: { status: 400, retryable: false },
  invalid_type: { status: 400, retryable: false },
  invalid_value: { status: 400, retryable: false },
  unsupported: { status: 400, retryable: false },
  lossy_request: { status: 400, retryable: false },
  guardrail_refused: { status: 400, retryable: false },
  unanswered_tool_calls: { status: 400, retryable: false },
  orphan_tool_result: { status: 400, retryable: false },
  misplaced_tool_result: { status: 400, retryable: false },
  duplicate_tool_result: { status: 400, retryable: false },
  duplicate_tool_call: { status: 400, retryable: false },
  invalid_tool_arguments: { status: 400, retryable: false },
  invalid_tool_name: { status: 400, retryable: false },
  invalid_call_id: { status: 400, retryable: false },
  duplicate_tool: { status: 400, retryable: false },
  unknown_tool: { status: 400, retryable: false },
  authentication: { status: 401, retryable: false },
  permission: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  model_not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  request_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  // what a vendor answered
  invalid_request: { status: 400, retryable: false },
  billing: { status: 402, retryable: false },
  conflict: { status: 409, retryable: true },
  rate_limit: { status: 429, retryable: true },
  quota: { status: 429, retryable: false },
  vendor_error: { status: 500, retryable: true },
  overloaded: { status: 503, retryable: true },
  malformed_call: { status: 502, retryable: true },
  // what happened on the way
  vendor_auth: { status: 502, retryable: false },
  vendor_unreachable: { status: 502, retryable: true },
  vendor_contradiction: { status: 502, retryable: false },
  stream_cut: { status: 502, retryable: false },
  timeout: { status: 504, retryable: true },
  client_closed: { status: 499, retryable: false },
  shutting_down: { status: 503, retryable: true },
  internal: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>

/** The stable name of what went wrong. */
export type ErrorCode = keyof typeof ERROR_CODES

/** A place in a wire body: keys and indices from the root. */
export type WirePath = readonly (string | number)[]

/** What more is known of an error; each code's own facts may stand beside these. */
export interface ErrorDetails {
  /** Where in the client's body. Each protocol words it in its own way. */
  readonly path?: WirePath
  /** The calls it is about. */
  readonly callIds?: readonly string[]
  /** The tools or models it is about. */
  readonly names?: readonly string[]
  /** The vendor's own words, kept so that the same protocol can say them again. */
  readonly vendor?: {
    readonly name?: string
    readonly type?: string
    readonly code?: Json
    readonly param?: Json
    readonly body?: Json
  }
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number
  readonly [key: string]: unknown
}

/** What differs from the defaults of an error's code. */
export interface ErrorOptions {
  readonly status?: number
  readonly origin?: 'client' | 'gateway' | 'vendor'
  readonly retryable?: boolean
  readonly details?: ErrorDetails
  readonly cause?: unknown
}

const MARK = Symbol.for('toolgate.error')

/**
 * The only error class. `code` is stable and says what happened; `status` is the HTTP status it has
 * or would have; `origin` says whose doing it was. Defaults come from `ERROR_CODES`, and the origin
 * is `client`.
 */
export class ToolgateError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly origin: 'client' | 'gateway' | 'vendor'
  readonly retryable: boolean
  readonly details: ErrorDetails
  readonly [MARK] = true

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ToolgateError'
    this.code = code
    this.status = options.status ?? ERROR_CODES[code].status
    this.origin = options.origin ?? 'client'
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable
    this.details = options.details ?? {}
  }
}

/** Whether a thrown value is a `ToolgateError`, even one from another copy of the package. */
export function isToolgateError(value: unknown): value is ToolgateError {
  return typeof value === 'object' && value !== null && MARK in value
}
