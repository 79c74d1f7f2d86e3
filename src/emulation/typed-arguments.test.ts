import { describe, expect, it } from 'vitest'
import { TypedArguments } from './typed-arguments.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    word: { type: 'string' },
    count: { type: 'integer' },
    share: { type: 'number' },
    on: { type: 'boolean' },
    list: { type: 'array' },
    maybe: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    choice: { enum: ['1', '2'] },
    open: {},
  },
}

describe('an argument written as text', () => {
  it.each([
    ['word', '4', '"4"'],
    ['word', ' a "b"\n', '" a \\"b\\"\\n"'],
    ['word', '"quoted"', '"\\"quoted\\""'],
    ['count', ' 4 ', '4'],
    ['count', 'four', '"four"'],
    ['share', '1.50', '1.50'],
    ['share', '3', '3'],
    ['on', 'True', 'true'],
    ['on', 'false', 'false'],
    ['list', '[1, 2.0]', '[1, 2.0]'],
    ['list', '[1,', '"[1,"'],
    ['maybe', 'null', 'null'],
    ['maybe', '7', '"7"'],
    ['choice', '1', '"1"'],
    ['open', '{"a": 1}', '{"a": 1}'],
    ['open', 'Oslo', '"Oslo"'],
    ['unheard-of', 'true', 'true'],
    ['toString', 'x', '"x"'],
  ])('of %s, %j, becomes %s', (key, text, json) => {
    const values = new TypedArguments(SCHEMA)
    expect(values.addText(key, text)).toBe(true)
    expect(values.toText()).toBe(`{${JSON.stringify(key)}: ${json}}`)
  })

  it('stands only once, and without a schema it is JSON if it can be', () => {
    const values = new TypedArguments(undefined)
    expect(values.toText()).toBe('{}')
    expect(values.addText('__proto__', '1')).toBe(true)
    expect(values.addText('__proto__', '2')).toBe(false)
    expect(values.toText()).toBe('{"__proto__": 1}')
  })
})
