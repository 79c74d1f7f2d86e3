import type { TwinContext, TwinReply } from '../vendor.ts'
import { JSON_TYPE, replyHeaders } from './headers.ts'
import { type Writable, writeLine, writePretty } from './json-writer.ts'
import type { Manners, SurfaceName } from './surface.ts'

/** How the answer to a request is framed; errors of an unframed stream come in a list, too. */
export type Framing = 'object' | 'sse' | 'list'

/** One of an error's `details`. */
export type Detail = { readonly '@type': string } & { readonly [name: string]: Writable }

/** A request that the vendor turns down; rules throw it and the twin's front answers it. */
export class Rejection extends Error {
  readonly code: number
  /** The canonical status, such as `INVALID_ARGUMENT`. */
  readonly status: string
  readonly details: readonly Detail[]

  constructor(message: string, code = 400, details: readonly Detail[] = []) {
    super(message)
    this.name = 'Rejection'
    this.code = code
    this.status = statusOf(code)
    this.details = details
  }
}

/** Turns a request down with the vendor's usual 400. */
export function reject(message: string): never {
  throw new Rejection(message)
}

/** A detail of one of the standard types. Source: google/rpc/error_details.proto. */
export function detail(type: string, members: { readonly [name: string]: Writable }): Detail {
  return { '@type': `type.googleapis.com/google.rpc.${type}`, ...members }
}

const STATUSES: { readonly [code: number]: string } = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

function statusOf(code: number): string {
  return STATUSES[code] ?? (code >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')
}

const QUOTA_PAGE = 'https://ai.google.dev/gemini-api/docs/rate-limits'

/** Texts by code. Sources: answers quoted in public bug reports of 2025 and 2026. */
const TEXTS: { readonly [name in SurfaceName]: { readonly [code: number]: string } } = {
  studio: {
    400: 'Request contains an invalid argument.',
    401: 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    403: 'The caller does not have permission',
    404: 'Requested entity was not found.',
    429: `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: ${QUOTA_PAGE}. To monitor your current usage, head to: https://ai.dev/rate-limit. `,
    500: 'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
    503: 'The model is overloaded. Please try again later.',
    504: 'Deadline expired before operation could complete.',
  },
  vertex: {
    400: 'Request contains an invalid argument.',
    401: 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    403: "Permission 'aiplatform.endpoints.predict' denied on resource (or it may not exist).",
    404: 'Requested entity was not found.',
    429: 'Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.',
    500: 'Internal error encountered.',
    503: 'The service is currently unavailable.',
    504: 'Deadline expired before operation could complete.',
  },
}

/** The vendor's error body for a rejection, as a reply. */
export function rejectionReply(
  { code, message, details }: Rejection,
  framing: Framing,
  context: TwinContext,
): TwinReply {
  return errorReply(code, message, details, framing, context)
}

/**
 * The vendor's own answer with this code. Waiting times stand in the body only: neither surface
 * sends `retry-after` (recorded answers of 2026).
 */
export function failureReply(
  code: number,
  { surface }: Manners,
  framing: Framing,
  context: TwinContext,
  options: { readonly retryAfter?: number; readonly message?: string } = {},
): TwinReply {
  const fallback = code >= 500 ? 500 : 400
  const text = TEXTS[surface][code] ?? TEXTS[surface][fallback] ?? ''
  const { retryAfter } = options
  if (code !== 429 || surface === 'vertex') {
    const details = retryAfter === undefined ? [] : [retryInfo(retryAfter)]
    return errorReply(code, options.message ?? text, details, framing, context)
  }
  const wait = retryAfter ?? 1
  const quota = `${text}\n* Quota exceeded for metric: ${QUOTA.quotaMetric}, limit: ${QUOTA.quotaValue}, model: ${QUOTA.quotaDimensions.model}\nPlease retry in ${wait}s.`
  const details = [
    detail('Help', {
      links: [{ description: 'Learn more about Gemini API quotas', url: QUOTA_PAGE }],
    }),
    detail('QuotaFailure', { violations: [QUOTA] }),
    retryInfo(wait),
  ]
  return errorReply(code, options.message ?? quota, details, framing, context)
}

/** What ran out, by default. Source: RooCode issue #3883, 2025-06. */
const QUOTA = {
  quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
  quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
  quotaDimensions: { location: 'global', model: 'gemini-2.5-flash' },
  quotaValue: '10',
} as const

function retryInfo(seconds: number): Detail {
  return detail('RetryInfo', { retryDelay: `${seconds}s` })
}

/**
 * The framed event with which a stream breaks off. In a list it follows at least one chunk. The
 * form as an event is what clients are written for; the bare form was seen.
 */
export function streamFailureEvent(
  { surface, bareStreamErrors }: Manners,
  framing: Framing,
): string {
  const body = errorBody(503, TEXTS[surface][503] ?? '', [])
  if (framing === 'list') return `\n,\r\n${writePretty(body)}\n]\n`
  return bareStreamErrors ? `${writePretty(body)}\n` : `data: ${writeLine(body)}\r\n\r\n`
}

function errorReply(
  code: number,
  message: string,
  details: readonly Detail[],
  framing: Framing,
  context: TwinContext,
): TwinReply {
  const body = writePretty(errorBody(code, message, details))
  return {
    status: code,
    headers: replyHeaders(JSON_TYPE, context.random),
    body: framing === 'list' ? `[${body}\n]\n` : `${body}\n`,
  }
}

function errorBody(code: number, message: string, details: readonly Detail[]): Writable {
  const status = statusOf(code)
  return { error: { code, message, status, details: details.length > 0 ? details : undefined } }
}
