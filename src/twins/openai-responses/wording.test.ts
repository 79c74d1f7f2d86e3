import { describe, expect, it } from 'vitest'
import { kindOf, listed, shortened, suggestion } from './wording.ts'

describe('lists of words', () => {
  it('have a comma before the last of three, but not of two', () => {
    expect(listed([])).toBe('')
    expect(listed(['a'])).toBe("'a'")
    expect(listed(['a', 'b'])).toBe("'a' and 'b'")
    expect(listed(['a', 'b', 'c'])).toBe("'a', 'b', and 'c'")
    expect(listed(['a', 'b', 'c'], 'or')).toBe("'a', 'b', or 'c'")
  })

  it('may hold shortened names', () => {
    expect(shortened('previous_response_id')).toBe('pre..._id')
    expect(shortened('conversation')).toBe('conversation')
  })
})

describe('kinds', () => {
  it.each([
    [null, 'null'],
    [[], 'an array'],
    [1, 'an integer'],
    [1.5, 'a decimal'],
    [true, 'a boolean'],
    ['', 'a string'],
    [{}, 'an object'],
  ])('%j is %s', (value, kind) => {
    expect(kindOf(value)).toBe(kind)
  })
})

describe('suggestions', () => {
  const known = ['store', 'stream', 'tools', 'user']

  it.each([
    ['stop', " Did you mean 'store'?"],
    ['stre', " Did you mean 'store' or 'stream'?"],
    ['strem', " Did you mean 'stream' or 'store'?"],
    ['tool', " Did you mean 'tools'?"],
    ['usr', " Did you mean 'user'?"],
    ['st', ''],
    ['seed', ''],
    ['z'.repeat(1000), ''],
  ])('for %s', (word, said) => {
    expect(suggestion(word, known)).toBe(said)
  })
})
