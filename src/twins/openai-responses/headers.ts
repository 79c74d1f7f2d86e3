import type { Random } from '../random.ts'

const HEX = '0123456789abcdef'

/** Hexadecimal digits. */
export function hex(random: Random, length: number): string {
  return random.text(length, HEX)
}

/** The organisation that a request without an `openai-organization` header belongs to. */
export const ORGANIZATION = 'twin-organization'

/**
 * The headers of a reply beside its content type (recorded 2025 and 2026). Errors from before the
 * rate limiter (401, 404, 405) carry only an id.
 */
export function replyHeaders(
  random: Random,
  options: { readonly isEarly?: boolean; readonly organization?: string } = {},
): Record<string, string> {
  const id = { 'x-request-id': `req_${hex(random, 32)}` }
  if (options.isEarly) return id
  return {
    ...id,
    'openai-organization': options.organization ?? ORGANIZATION,
    'openai-processing-ms': String(200 + random.below(1800)),
    'openai-project': 'proj_twin',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '5000',
    'x-ratelimit-limit-tokens': '800000',
    'x-ratelimit-remaining-requests': '4999',
    'x-ratelimit-remaining-tokens': '799900',
    'x-ratelimit-reset-requests': '12ms',
    'x-ratelimit-reset-tokens': '7ms',
  }
}
