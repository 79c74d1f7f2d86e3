import { anthropicTwin } from './anthropic/index.ts'
import type { TwinContext, TwinReply, TwinRequest, TwinVendor } from './vendor.ts'

const PATH =
  /^\/(?:v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/)?models\/([^/:]+):(rawPredict|streamRawPredict)$/

/**
 * The twin of Claude on Vertex AI: the Messages twin behind Google's door. The model stands in the
 * path, `anthropic_version` in the body, and errors wear Google's envelope around the vendor's own.
 * Sources: Claude docs, "Claude on Vertex AI", 2026-10; Antigravity-Manager issue #498 for errors.
 */
export const vertexAnthropicTwin: TwinVendor = {
  name: 'vertex-anthropic',
  async handle(request, context) {
    const inner = readRequest(request)
    if ('refusal' in inner) return googleError(inner.status, inner.refusal)
    return wrapped(await anthropicTwin.handle(inner, context))
  },
  failure: (status, context: TwinContext, options) =>
    wrapped(anthropicTwin.failure(status, context, options)),
  streamFailure: anthropicTwin.streamFailure,
}

interface Refusal {
  readonly status: number
  readonly refusal: string
}

/** The request as the Messages twin knows it. */
function readRequest(request: TwinRequest): TwinRequest | Refusal {
  const [, model, method] = PATH.exec(decodeURIComponent(request.path)) ?? []
  if (model === undefined || request.method !== 'POST') {
    return { status: 404, refusal: 'The requested URL was not found on this server.' }
  }
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
  if (token === undefined || /invalid/i.test(token)) {
    const refusal =
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.'
    return { status: 401, refusal }
  }
  const body = parsed(request.body)
  if (body === undefined) return { status: 400, refusal: 'Invalid JSON payload received.' }
  const { anthropic_version: version, ...rest } = body
  if (version !== 'vertex-2023-10-16') return invalid('anthropic_version: Field required')
  if ('model' in rest) return invalid('model: Extra inputs are not permitted')
  if (method === 'streamRawPredict' && rest['stream'] !== true) {
    return invalid('stream: streamRawPredict needs `stream: true`')
  }
  const id = model.replace(/@default$/, '').replace('@', '-')
  return {
    ...request,
    path: '/v1/messages',
    headers: { ...request.headers, 'x-api-key': token, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: id, ...rest }),
  }
}

function parsed(body: string): { readonly [field: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function invalid(message: string): Refusal {
  const error = { type: 'error', error: { type: 'invalid_request_error', message } }
  return { status: 400, refusal: JSON.stringify(error) }
}

const STATUSES: { readonly [status: number]: string } = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
}

function wrapped(reply: TwinReply): TwinReply {
  if (reply.status < 400 || !('body' in reply)) return reply
  return googleError(reply.status, reply.body, reply.headers)
}

function googleError(
  code: number,
  message: string,
  headers: Record<string, string> = {},
): TwinReply {
  const error = { code, message, status: STATUSES[code] ?? 'INTERNAL' }
  return {
    status: code,
    headers: { ...headers, 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify({ error }),
  }
}
