import { describe, expect, it } from 'vitest'
import { JsonSyntaxError, jsonSource, parseJson, writeJson } from './json.ts'

describe('parseJson', () => {
  it.each([
    '{}',
    '[]',
    ' {"a": [1, -2.5e3, true, false, null, "x\\n\\u00e9\\"\\\\"]} ',
    '"\\\\"',
    '-0',
    '{"__proto__": {"a": 1}, "b": {}}',
  ])('agrees with the engine on %s', text => {
    expect(parseJson(text).value).toEqual(JSON.parse(text))
  })

  it.each([
    ['', 0],
    ['{', 1],
    ['{"a":1,}', 7],
    ["{'a':1}", 1],
    ['[1 2]', 3],
    ['01', 1],
    ['"\t"', 0],
    ['"\\x41"', 0],
    ['"open', 0],
    ['nul', 0],
    ['{"a" 1}', 5],
    ['{} {}', 3],
  ])('refuses %j at %i', (text, position) => {
    try {
      parseJson(text)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(JsonSyntaxError)
      expect(error).toMatchObject({ position })
    }
  })

  it('refuses what would overflow the stack', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow(JsonSyntaxError)
  })

  it('remembers the source of objects and lists', () => {
    const document = parseJson('{"input": {"n": 1.0,  "big": 12345678901234567890} }')
    const { value } = document
    const input = typeof value === 'object' && value && 'input' in value ? value.input : undefined
    expect(document.sourceOf(Object(input))).toBe('{"n": 1.0,  "big": 12345678901234567890}')
    expect(document.sourceOf({ made: 'here' })).toBe('{"made":"here"}')
  })
})

describe('writeJson', () => {
  it('keeps order, leaves out undefined and splices sources in', () => {
    const text = writeJson({
      b: 1,
      a: undefined,
      input: jsonSource('{"n":1.0}'),
      list: ['é', null],
    })
    expect(text).toBe('{"b":1,"input":{"n":1.0},"list":["é",null]}')
  })
})
