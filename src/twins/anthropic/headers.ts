import type { Random } from '../random.ts'
import type { TwinContext } from '../vendor.ts'

// Ids of recorded traffic use no 0, O, I and l.
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** The organisation that every answer of the twin names. */
export const ORGANIZATION_ID = 'b7c1f4de-52a8-4f0e-9d36-70617e5a1c02'

/** Mints an id as the vendor writes them, such as `toolu_01` and 22 more characters. */
export function mintId(prefix: 'msg' | 'toolu' | 'srvtoolu' | 'req', random: Random): string {
  const stamp = prefix === 'req' ? '011C' : '01'
  return `${prefix}_${stamp}${random.text(24 - stamp.length, ALPHABET)}`
}

/** The headers that every answer has. */
export function replyHeaders(requestId: string, contentType: string): Record<string, string> {
  return {
    'content-type': contentType,
    'request-id': requestId,
    'anthropic-organization-id': ORGANIZATION_ID,
  }
}

const LIMITS = {
  requests: 4_000,
  'input-tokens': 2_000_000,
  'output-tokens': 400_000,
  tokens: 2_400_000,
} as const

/**
 * The rate limit headers: four groups of limit, remaining and reset (RFC 3339, whole seconds).
 * `exhausted` says that the requests of this minute are used up, as with a 429.
 */
export function rateLimits(
  context: TwinContext,
  options: { readonly exhausted?: boolean } = {},
): Record<string, string> {
  const headers: Record<string, string> = {}
  const reset = new Date(Math.ceil(context.now() / 1000) * 1000).toISOString()
  for (const [name, limit] of Object.entries(LIMITS)) {
    const used = name === 'requests' ? (options.exhausted ? limit : 1) : 0
    headers[`anthropic-ratelimit-${name}-limit`] = String(limit)
    headers[`anthropic-ratelimit-${name}-remaining`] = String(limit - used)
    headers[`anthropic-ratelimit-${name}-reset`] = reset.replace('.000Z', 'Z')
  }
  return headers
}
