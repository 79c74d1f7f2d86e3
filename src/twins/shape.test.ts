import { describe, expect, it } from 'vitest'
import { kindOf, readNumber, readOneOf, readRecord, readWhole, suggestion } from './shape.ts'

describe('suggestion', () => {
  const known = ['text', 'reasoning', 'calls', 'arguments']

  it('finds the nearest word, whatever its case', () => {
    expect(suggestion('txt', known)).toBe('did you mean "text"?')
    expect(suggestion('Argument', known)).toBe('did you mean "arguments"?')
    expect(suggestion('cals', known)).toBe('did you mean "calls"?')
  })

  it('reads an abbreviation', () => {
    expect(suggestion('args', known)).toBe('did you mean "arguments"?')
  })

  it('lists all words when none is near', () => {
    expect(suggestion('zzz', known)).toBe('expected one of: text, reasoning, calls, arguments')
  })
})

describe('readers', () => {
  it('name the place and the kind that was found', () => {
    expect(() => readRecord([], 'a.b')).toThrow('a.b: expected an object, found array')
    expect(() => readRecord(null, 'a')).toThrow('a: expected an object, found null')
    expect(() => readNumber('1', 'n')).toThrow('n: expected a number, found string')
    expect(() => readWhole(1.5, 'n')).toThrow('n: expected a whole number, found 1.5')
    expect(() => readWhole(7, 'n', 0, 5)).toThrow('n: expected a number from 0 to 5, found 7')
    expect(() => readNumber(Number.NaN, 'n')).toThrow('n: expected a number of at least 0')
    expect(() => readOneOf('stpo', 'e', ['stop', 'calls'])).toThrow(
      'e: unknown "stpo"; did you mean "stop"?',
    )
  })

  it('throw an error that can be told by its name', () => {
    expect(() => readRecord(1, 'x')).toThrow(expect.objectContaining({ name: 'InvalidInput' }))
  })

  it('say "nothing" for what is missing', () => {
    expect(kindOf(undefined)).toBe('nothing')
  })
})
