import { describe, expect, it } from 'vitest'
import { JsonSyntaxError, parseJson, parseObject } from './json.ts'
import { jsonSource, writeLine, writePretty } from './json-writer.ts'

describe('reading', () => {
  it('gives what JSON.parse gives', () => {
    for (const text of [
      '{}',
      '[]',
      ' { "a" : [ 1 , -2.5e3 , "x\\n\\u00e9" , null , true ] } ',
      '"é"',
      '0',
      '{"__proto__":1}',
    ]) {
      expect(parseJson(text).value).toEqual(JSON.parse(text))
    }
  })

  it('remembers sources', () => {
    const document = parseJson('{"a": { "n": 1.0, "l": [1.50, {"x": 2}] } }')
    const { value } = document
    const a = Object(value)['a']
    expect(document.sourceOf(a)).toBe('{ "n": 1.0, "l": [1.50, {"x": 2}] }')
    expect(document.sourceOfMember(a, 'n')).toBe('1.0')
    expect(document.sourceOfMember(a['l'], '0')).toBe('1.50')
    expect(document.sourceOfMember(a, 'm')).toBeUndefined()
    expect(document.sourceOf({ b: 1 })).toBe('{"b":1}')
  })

  it('refuses what is no JSON', () => {
    const reasonOf = (text: string) => {
      try {
        parseJson(text)
      } catch (error) {
        if (error instanceof JsonSyntaxError) return error.reason
      }
      return undefined
    }
    expect(reasonOf('{a:1}')).toBe('Expected an object key or }.')
    expect(reasonOf('{"a" 1}')).toBe('Expected : between key:value pair.')
    expect(reasonOf('{"a":1 "b":2}')).toBe('Expected , or } after key:value pair.')
    expect(reasonOf('[1 2]')).toBe('Expected , or ] after array value.')
    expect(reasonOf('{"a":"x')).toBe('Closing quote expected in string.')
    expect(reasonOf('{"a":')).toBe('Unexpected end of string. Expected a value.')
    expect(reasonOf('{} {}')).toBe('Parsing terminated before end of input.')
    expect(reasonOf('"\\x"')).toBe('Invalid escape sequence.')
    for (const text of ['', '+1', '01', '1.', '.5', '{"a":1,}', '[1,]', 'NaN', "'a'", '\u00a0{}']) {
      expect(reasonOf(text)).toBeDefined()
    }
    expect(reasonOf('['.repeat(100) + ']'.repeat(100))).toBeUndefined()
    expect(reasonOf('['.repeat(120) + ']'.repeat(120))).toContain('Message too deep.')
  })

  it('tells objects from the rest', () => {
    expect(parseObject('{"a":1}')?.value).toEqual({ a: 1 })
    for (const text of ['[]', 'null', '"{}"', '{', '']) expect(parseObject(text)).toBeUndefined()
  })
})

describe('writing', () => {
  const value = {
    a: [1, { b: 'x<y' }],
    none: undefined,
    empty: {},
    list: [],
    raw: jsonSource('{ "n":1.0 }'),
  }

  it('splices sources in and leaves out what is undefined', () => {
    expect(writeLine(value)).toBe(
      '{"a": [1,{"b": "x\\u003cy"}],"empty": {},"list": [],"raw": { "n":1.0 }}',
    )
    expect(JSON.parse(writePretty(value))).toEqual(JSON.parse(writeLine(value)))
  })

  it('breaks lines as JSON.stringify does', () => {
    const plain = { a: [1, { b: 'x' }], c: {}, d: [], e: null, f: true }
    expect(writePretty(plain)).toBe(JSON.stringify(plain, null, 2))
  })
})
