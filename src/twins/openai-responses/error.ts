import type { TwinContext, TwinReply } from '../vendor.ts'
import { replyHeaders } from './headers.ts'

/** What may be said about an error beside its text. */
export interface ErrorDetails {
  /** Where in the body: `input[0].content`; `null` if that is not said. */
  readonly param?: string | null
  readonly code?: string | number | null
  /** Default 400. */
  readonly status?: number
  /** Default `invalid_request_error`. */
  readonly type?: string
}

/** A request that the vendor turns down; rules throw it and the twin's front answers it. */
export class Rejection extends Error {
  override readonly name = 'Rejection'
  readonly param: string | null
  readonly code: string | number | null
  readonly status: number
  readonly type: string

  constructor(message: string, details: ErrorDetails = {}) {
    super(message)
    this.param = details.param ?? null
    this.code = details.code ?? null
    this.status = details.status ?? 400
    this.type = details.type ?? 'invalid_request_error'
  }
}

/** Turns a request down: a 400 `invalid_request_error` at `param`. */
export function reject(message: string, param: string | null, code: string | null = null): never {
  throw new Rejection(message, { param, code })
}

/** Turns a request down that lacks a field. */
export function rejectMissing(path: string): never {
  reject(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter')
}

/** What the vendor says when it fails (issues and client code, 2025 and 2026). */
const FAILURES: { readonly [status: number]: readonly [message: string, details?: ErrorDetails] } =
  {
    401: [
      'Incorrect API key provided: sk-*****0000. You can find your API key at https://platform.openai.com/account/api-keys.',
      { code: 'invalid_api_key' },
    ],
    403: [
      'Country, region, or territory not supported',
      { type: 'request_forbidden', code: 'unsupported_country_region_territory' },
    ],
    429: [
      'Rate limit reached for requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 1s. Visit https://platform.openai.com/account/rate-limits to learn more.',
      { type: 'requests', code: 'rate_limit_exceeded' },
    ],
    500: ['The server had an error while processing your request. Sorry about that!'],
    502: ['Bad gateway.', { type: 'cf_bad_gateway', code: 502 }],
    503: [
      'The server is currently overloaded with other requests. Sorry about that! You can retry your request, or contact us through our help center at help.openai.com if the error persists.',
    ],
    504: ['Gateway timeout.', { type: 'cf_gateway_timeout', code: 504 }],
  }

/** The error that the vendor answers with this status; an unlisted one is told in general words. */
export function failureOf(status: number, message?: string): Rejection {
  const [text, details] = FAILURES[status] ?? [`The request failed (${status}).`]
  const type = status >= 500 ? 'server_error' : 'invalid_request_error'
  return new Rejection(message ?? text, { type, ...details, status })
}

/** The vendor's error body, as a reply. */
export function rejectionReply(rejection: Rejection, context: TwinContext): TwinReply {
  const { message, type, param, code, status } = rejection
  const isEarly = status === 401 || status === 404 || status === 405
  return {
    status,
    headers: {
      'content-type': isEarly ? 'application/json; charset=utf-8' : 'application/json',
      ...replyHeaders(context.random, { isEarly }),
    },
    body: `${JSON.stringify({ error: { message, type, param, code } }, undefined, 2)}\n`,
  }
}

/**
 * The vendor's own answer with this status. A wait (seconds; default 1 for 429) is also told in
 * milliseconds where whole seconds cannot tell it.
 */
export function failureReply(
  status: number,
  context: TwinContext,
  options: { readonly retryAfter?: number; readonly message?: string } = {},
): TwinReply {
  const reply = rejectionReply(failureOf(status, options.message), context)
  const wait = options.retryAfter ?? (status === 429 ? 1 : undefined)
  if (wait === undefined) return reply
  const headers = {
    ...reply.headers,
    'retry-after': String(Math.ceil(wait)),
    ...(!Number.isInteger(wait) && { 'retry-after-ms': String(Math.round(wait * 1000)) }),
  }
  return { ...reply, headers }
}
