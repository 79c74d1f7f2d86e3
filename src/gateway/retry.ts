import type { ToolgateError } from '../core/error.ts'
import type { Limits } from './limits.ts'
import type { VendorHeaders } from './upstream.ts'

/**
 * How long to wait before the next try, in milliseconds, or `undefined` if there shall be none.
 * The vendor's `x-should-retry` decides first, as it does in the vendors' own clients; its
 * `retry-after` is obeyed, and a longer one than the limit ends the tries.
 *
 * @param tried how many tries were made so far, at least 1
 * @param chance a number from 0 to 1 that spreads the pauses
 */
export function retryPause(
  error: ToolgateError,
  headers: VendorHeaders,
  tried: number,
  limits: Limits,
  chance: number,
): number | undefined {
  if (tried > limits.retries) return undefined
  const told = headers['x-should-retry']
  if (told === 'false' || (told !== 'true' && !error.retryable)) return undefined
  const after = error.details.retryAfter
  if (after !== undefined && after >= 0) {
    const wait = after * 1000
    return wait <= limits.maxBackoffMs ? wait : undefined
  }
  const pause = Math.min(limits.backoffMs * 2 ** (tried - 1), limits.maxBackoffMs)
  return pause * (0.75 + chance * 0.25)
}
