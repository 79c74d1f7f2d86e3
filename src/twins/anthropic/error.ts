import type { TwinContext, TwinReply } from '../vendor.ts'
import { mintId, rateLimits, replyHeaders } from './headers.ts'

/** A request that the vendor turns down; rules throw it and the twin's front answers it. */
export class Rejection extends Error {
  readonly status: number
  readonly type: string
  /** What the vendor adds for programs, under `error.details`. */
  readonly details: object | undefined

  constructor(
    message: string,
    status = 400,
    type = 'invalid_request_error',
    details: object | undefined = undefined,
  ) {
    super(message)
    this.name = 'Rejection'
    this.status = status
    this.type = type
    this.details = details
  }
}

/** Turns a request down with the vendor's usual 400. */
export function reject(message: string): never {
  throw new Rejection(message)
}

/** The error types and texts by status. Source: Claude API errors page, read 2026-11. */
const FAILURES: { readonly [status: number]: readonly [type: string, message: string] } = {
  400: ['invalid_request_error', 'Invalid request'],
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'There is an issue with your billing or payment information.'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'Not Found'],
  405: ['invalid_request_error', 'Method Not Allowed'],
  409: ['conflict_error', 'The request conflicts with the current state of the resource.'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: [
    'rate_limit_error',
    "This request would exceed your organization's rate limit. Please try again later.",
  ],
  500: ['api_error', 'Internal server error'],
  503: ['api_error', 'Service unavailable'],
  504: ['timeout_error', 'Request timed out'],
  529: ['overloaded_error', 'Overloaded'],
}

/** The vendor's error body for a rejection, as a reply. */
export function rejectionReply(rejection: Rejection, context: TwinContext): TwinReply {
  const { status, type, message, details } = rejection
  return errorReply(status, type, message, context, {}, details)
}

/** The vendor's own answer with this status; an unlisted one takes the type of its class. */
export function failureReply(
  status: number,
  context: TwinContext,
  options: { readonly retryAfter?: number; readonly message?: string } = {},
): TwinReply {
  const fallback = status >= 500 ? FAILURES[500] : FAILURES[400]
  const [type, text] = FAILURES[status] ?? fallback ?? ['api_error', 'Internal server error']
  const retryAfter = options.retryAfter ?? (status === 429 ? 1 : undefined)
  return errorReply(status, type, options.message ?? text, context, {
    ...(retryAfter !== undefined && { 'retry-after': String(Math.ceil(retryAfter)) }),
    ...(status === 429 && rateLimits(context, { exhausted: true })),
  })
}

/** The framed event with which a stream breaks off. Source: Claude API streaming page, 2026-11. */
export function streamFailureEvent(): string {
  const error = { type: 'overloaded_error', message: 'Overloaded' }
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`
}

function errorReply(
  status: number,
  type: string,
  message: string,
  context: TwinContext,
  headers: Record<string, string>,
  details?: object,
): TwinReply {
  const requestId = mintId('req', context.random)
  const isTransient = status === 408 || status === 409 || status === 429 || status >= 500
  return {
    status,
    headers: {
      ...replyHeaders(requestId, 'application/json'),
      'x-should-retry': String(isTransient),
      ...headers,
    },
    body: JSON.stringify({
      type: 'error',
      error: { type, message, ...(details && { details }) },
      request_id: requestId,
    }),
  }
}
