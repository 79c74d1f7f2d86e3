import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, isToolgateError, ToolgateError } from './error.ts'

describe('ToolgateError', () => {
  it('takes its status and whether to try again from the table', () => {
    const codes = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES)
    expect(codes.length).toBeGreaterThan(30)
    for (const code of codes) {
      const error = new ToolgateError(code, 'why')
      expect(error).toMatchObject({ ...ERROR_CODES[code], code, message: 'why' })
      expect(error.origin).toBe('client')
      expect(error.details).toEqual({})
      expect(error.status).toBeGreaterThanOrEqual(400)
      expect(error.status).toBeLessThan(600)
    }
  })

  it('lets each be said otherwise', () => {
    const cause = new Error('below')
    const error = new ToolgateError('rate_limit', 'slow down', {
      status: 529,
      origin: 'vendor',
      retryable: false,
      details: { retryAfter: 3 },
      cause,
    })
    expect(error).toMatchObject({ status: 529, origin: 'vendor', retryable: false })
    expect(error.details.retryAfter).toBe(3)
    expect(error.cause).toBe(cause)
    expect('cause' in new ToolgateError('internal', 'x')).toBe(false)
  })

  it('is an Error, with its name', () => {
    const error = new ToolgateError('internal', 'x')
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe('ToolgateError: x')
  })
})

describe('isToolgateError', () => {
  it('knows its own, and those of another copy of the package', () => {
    expect(isToolgateError(new ToolgateError('internal', 'x'))).toBe(true)
    const foreign = Object.assign(new Error('x'), { [Symbol.for('toolgate.error')]: true })
    expect(isToolgateError(foreign)).toBe(true)
  })

  it.each([null, undefined, 'text', 1, {}, new Error('x')])('refuses %s', value => {
    expect(isToolgateError(value)).toBe(false)
  })
})
