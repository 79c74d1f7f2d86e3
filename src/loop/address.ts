import { ToolgateError } from '../core/error.ts'
import type { ProtocolName } from '../core/extras.ts'

/** What is known of a model at an address before it is asked. Everything may be absent. */
export interface AddressHints {
  readonly protocol?: ProtocolName
  /** The protocol that the model's own maker speaks. */
  readonly native?: ProtocolName
}

/** Where a run's requests go. */
export interface Address {
  readonly protocol: ProtocolName
  /** The whole URL of a request. */
  url(model: string, stream: boolean): string
}

/** The ends of paths that are whole endpoints and no bases. */
const ENDPOINTS: readonly (readonly [RegExp, ProtocolName])[] = [
  [/\/chat\/completions$/, 'openai-chat'],
  [/\/responses$/, 'openai-responses'],
  [/\/messages$/, 'anthropic'],
  [/\/models\/[^/]+:(streamG|g)enerateContent$/, 'gemini'],
]

/**
 * Finds the endpoint below a base URL, written as the vendors' own clients want it, and the protocol
 * where none is given: an endpoint's own path tells it, then `/v1beta`; `/v1` is how the many
 * compatible servers are addressed; a bare host is asked in the tongue of the model's maker.
 *
 * @throws ToolgateError `invalid_value` if the address is no URL.
 */
export function findAddress(baseUrl: string, hints: AddressHints): Address {
  const base = parseUrl(baseUrl)
  const path = base.pathname.replace(/\/+$/, '')
  const whole = ENDPOINTS.find(([pattern]) => pattern.test(path))
  const protocol = hints.protocol ?? whole?.[1] ?? guess(path, hints.native)
  const at = (pathname: string, stream?: boolean) => {
    const url = new URL(base)
    url.pathname = pathname
    if (stream && protocol === 'gemini') url.searchParams.set('alt', 'sse')
    return url.href
  }
  if (whole && whole[1] !== protocol) {
    throw new ToolgateError(
      'invalid_value',
      `${path} is an endpoint of ${whole[1]}, not ${protocol}.`,
    )
  }
  const root = whole ? path.replace(whole[0], '') : path
  return { protocol, url: (model, stream) => at(endpoint(protocol, root, model, stream), stream) }
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text)
    if (url.protocol === 'http:' || url.protocol === 'https:') return url
  } catch {
    // Said below.
  }
  throw new ToolgateError('invalid_value', 'baseUrl must be an http or https address.')
}

function guess(path: string, native: ProtocolName | undefined): ProtocolName {
  if (/\/v1(beta|alpha)\d*$/.test(path)) return 'gemini'
  if (/\/v1$/.test(path)) return native === 'openai-responses' ? native : 'openai-chat'
  return path === '' ? (native ?? 'openai-chat') : 'openai-chat'
}

function endpoint(protocol: ProtocolName, path: string, model: string, stream: boolean): string {
  switch (protocol) {
    case 'anthropic':
      return `${path.replace(/\/v1$/, '')}/v1/messages`
    case 'gemini': {
      const verb = stream ? 'streamGenerateContent' : 'generateContent'
      const base = path === '' ? '/v1beta' : path
      return `${base}/models/${encodeURIComponent(model.replace(/^models\//, ''))}:${verb}`
    }
    case 'openai-responses':
      return `${path === '' ? '/v1' : path}/responses`
    default:
      return `${path === '' ? '/v1' : path}/chat/completions`
  }
}

/** How each protocol's own vendor takes a key; the gateway takes all of them. */
export function authHeaders(
  protocol: ProtocolName,
  key: string | undefined,
): Record<string, string> {
  if (key === undefined || key === '') return {}
  if (protocol === 'anthropic') return { 'x-api-key': key }
  if (protocol === 'gemini') return { 'x-goog-api-key': key }
  return { authorization: `Bearer ${key}` }
}
