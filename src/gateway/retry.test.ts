import { describe, expect, it } from 'vitest'
import { ToolgateError } from '../core/error.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { retryPause } from './retry.ts'

const overloaded = new ToolgateError('overloaded', 'busy', { origin: 'vendor' })
const refused = new ToolgateError('invalid_request', 'no', { origin: 'vendor' })
const waiting = (retryAfter: number) =>
  new ToolgateError('rate_limit', 'slow down', { origin: 'vendor', details: { retryAfter } })

describe('retryPause', () => {
  it('doubles the pause, spreads it, and stops after the last try', () => {
    expect(retryPause(overloaded, {}, 1, DEFAULT_LIMITS, 1)).toBe(500)
    expect(retryPause(overloaded, {}, 2, DEFAULT_LIMITS, 1)).toBe(1000)
    expect(retryPause(overloaded, {}, 2, DEFAULT_LIMITS, 0)).toBe(750)
    expect(retryPause(overloaded, {}, 3, DEFAULT_LIMITS, 1)).toBeUndefined()
    const many = { ...DEFAULT_LIMITS, retries: 10 }
    expect(retryPause(overloaded, {}, 9, many, 1)).toBe(8000)
  })
  it('does not try again what will fail again', () => {
    expect(retryPause(refused, {}, 1, DEFAULT_LIMITS, 0)).toBeUndefined()
  })
  it("lets the vendor's x-should-retry decide", () => {
    expect(
      retryPause(overloaded, { 'x-should-retry': 'false' }, 1, DEFAULT_LIMITS, 0),
    ).toBeUndefined()
    expect(retryPause(refused, { 'x-should-retry': 'true' }, 1, DEFAULT_LIMITS, 1)).toBe(500)
  })
  it('waits as long as the vendor says, or not at all if that is too long', () => {
    expect(retryPause(waiting(2.5), {}, 1, DEFAULT_LIMITS, 0)).toBe(2500)
    expect(retryPause(waiting(0), {}, 1, DEFAULT_LIMITS, 0)).toBe(0)
    expect(retryPause(waiting(9), {}, 1, DEFAULT_LIMITS, 0)).toBeUndefined()
  })
})
