import { describe, expect, it } from 'vitest'
import { TimeLimitError, withinTime } from './time-limit.ts'

describe('withinTime', () => {
  it('gives back what the work returns', () => {
    const value = { a: 1 }
    expect(withinTime(100, () => value)).toBe(value)
    expect(withinTime(100, () => undefined)).toBeUndefined()
  })

  it('lets errors through', () => {
    const error = new RangeError('mine')
    expect(() =>
      withinTime(100, () => {
        throw error
      }),
    ).toThrow(error)
    const endless = (): number => 1 + endless()
    expect(() => withinTime(1000, endless)).toThrow(RangeError)
  })

  it.each<[string, () => unknown]>([
    [
      'a loop',
      () => {
        for (;;);
      },
    ],
    ['a pattern', () => /^(a+)+$/.test(`${'a'.repeat(60)}!`)],
    [
      'a swallowed stop',
      () => {
        for (;;)
          try {
            for (;;);
          } catch {}
      },
    ],
  ])('stops %s', (_, work) => {
    const started = performance.now()
    expect(() => withinTime(50, work)).toThrow(TimeLimitError)
    expect(performance.now() - started).toBeLessThan(2000)
    expect(withinTime(100, () => 'and works again')).toBe('and works again')
  })
})
