import { describe, expect, it } from 'vitest'
import { isToolgateError, type ToolgateError } from '../core/error.ts'
import type { Json } from '../core/json.ts'
import {
  asArray,
  asObject,
  asString,
  missing,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  optionalWord,
  pathOf,
  place,
  string,
  typeName,
  wrongType,
  wrongValue,
} from './read.ts'

function thrownBy(action: () => unknown): ToolgateError {
  try {
    action()
  } catch (thrown) {
    if (isToolgateError(thrown)) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('places', () => {
  it('name the keys from the root down', () => {
    expect(pathOf(undefined)).toEqual([])
    expect(pathOf(place('model'))).toEqual(['model'])
    expect(pathOf(place('text', place(0, place('content', place(3, place('messages'))))))).toEqual([
      'messages',
      3,
      'content',
      0,
      'text',
    ])
  })
})

describe('typeName', () => {
  it.each<[Json | undefined, string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    [[], 'an array'],
    [{}, 'an object'],
    ['', 'a string'],
    [1, 'an integer'],
    [1.5, 'a decimal'],
    [false, 'a boolean'],
  ])('%j is %s', (value, name) => {
    expect(typeName(value)).toBe(name)
  })
})

describe('errors', () => {
  const at = place('role', place(2, place('messages')))

  it('carry the path as it is, for each protocol to word', () => {
    expect(missing(at)).toMatchObject({
      code: 'missing_field',
      status: 400,
      origin: 'client',
      message: 'Missing messages.2.role',
      details: { path: ['messages', 2, 'role'] },
    })
    expect(wrongType(at, 'a string', [1])).toMatchObject({
      code: 'invalid_type',
      status: 400,
      message: 'messages.2.role: expected a string, found an array',
      details: { path: ['messages', 2, 'role'], expected: 'a string', found: 'an array' },
    })
    expect(wrongValue(at, "'x' is not a role", { allowed: ['user'], value: 'x' })).toMatchObject({
      code: 'invalid_value',
      status: 400,
      message: "messages.2.role: 'x' is not a role",
      details: { path: ['messages', 2, 'role'], allowed: ['user'], value: 'x' },
    })
  })

  it('call the root the body', () => {
    expect(thrownBy(() => asObject([])).message).toBe('body: expected an object, found an array')
    expect(thrownBy(() => asObject(undefined)).code).toBe('invalid_type')
    expect(wrongValue(undefined, 'is empty').message).toBe('body: is empty')
  })
})

describe('required values', () => {
  const at = place('x')

  it('come back as they are', () => {
    const object = { a: 1 }
    const array = [1]
    expect(asObject(object, at)).toBe(object)
    expect(asArray(array, at)).toBe(array)
    expect(asString('', at)).toBe('')
    expect(string({ x: 'y' }, 'x')).toBe('y')
  })

  it('are missing when absent, and of a wrong type when null', () => {
    for (const read of [asObject, asArray, asString]) {
      expect(thrownBy(() => read(undefined, at)).code).toBe('missing_field')
      expect(thrownBy(() => read(null, at))).toMatchObject({
        code: 'invalid_type',
        details: { path: ['x'], found: 'null' },
      })
    }
    expect(thrownBy(() => string({}, 'x')).details.path).toEqual(['x'])
    expect(thrownBy(() => string({ x: 1 }, 'x', place(0, place('tools'))))).toMatchObject({
      message: 'tools.0.x: expected a string, found an integer',
    })
  })

  it('tell arrays from objects', () => {
    expect(thrownBy(() => asArray({}, at)).details.found).toBe('an object')
    expect(thrownBy(() => asObject([], at)).details.found).toBe('an array')
  })
})

describe('optional values', () => {
  const readers = {
    optionalString,
    optionalNumber,
    optionalInteger,
    optionalBoolean,
    optionalObject,
    optionalArray,
    optionalStrings,
  }

  it.each(Object.entries(readers))('%s reads absent and null as undefined', (_, read) => {
    expect(read({}, 'x')).toBeUndefined()
    expect(read({ x: null }, 'x')).toBeUndefined()
    expect(read({ x: undefined }, 'x')).toBeUndefined()
  })

  const wrong: [keyof typeof readers, string, Json[]][] = [
    ['optionalString', 'a string', [1, true, [], {}]],
    ['optionalNumber', 'a decimal', ['1', true, [], {}]],
    ['optionalInteger', 'an integer', ['1', 1.5, true, [], {}]],
    ['optionalBoolean', 'a boolean', ['true', 1, 0, [], {}]],
    ['optionalObject', 'an object', ['{}', 1, []]],
    ['optionalArray', 'an array', ['[]', 1, {}]],
    ['optionalStrings', 'an array', ['a', {}]],
  ]
  it.each(wrong)('%s wants %s', (name, expected, values) => {
    for (const value of values) {
      const error = thrownBy(() => readers[name]({ x: value }, 'x', place('up')))
      expect(error.code).toBe('invalid_type')
      expect(error.details).toMatchObject({ path: ['up', 'x'], expected, found: typeName(value) })
    }
  })

  it('keep falsy values', () => {
    expect(optionalString({ x: '' }, 'x')).toBe('')
    expect(optionalNumber({ x: 0 }, 'x')).toBe(0)
    expect(optionalInteger({ x: 0 }, 'x')).toBe(0)
    expect(optionalBoolean({ x: false }, 'x')).toBe(false)
    expect(optionalArray({ x: [] }, 'x')).toEqual([])
  })

  it('refuse a number that JSON cannot write again', () => {
    const body = JSON.parse('{"x":1e999}')
    expect(thrownBy(() => optionalNumber(body, 'x')).code).toBe('invalid_value')
    expect(thrownBy(() => optionalInteger(body, 'x')).code).toBe('invalid_type')
  })

  it('name the string of a list that is none', () => {
    expect(optionalStrings({ stop: ['a', ''] }, 'stop')).toEqual(['a', ''])
    expect(thrownBy(() => optionalStrings({ stop: ['a', 1] }, 'stop'))).toMatchObject({
      message: 'stop.1: expected a string, found an integer',
      details: { path: ['stop', 1] },
    })
    expect(thrownBy(() => optionalStrings({ stop: [null] }, 'stop')).code).toBe('invalid_type')
  })

  it('take a word of a list only', () => {
    const words = ['low', 'high'] as const
    expect(optionalWord({ x: 'low' }, 'x', words)).toBe('low')
    expect(optionalWord({}, 'x', words)).toBeUndefined()
    expect(optionalWord({ x: null }, 'x', words)).toBeUndefined()
    expect(thrownBy(() => optionalWord({ x: 'LOW' }, 'x', words))).toMatchObject({
      code: 'invalid_value',
      message: "x: 'LOW' is not one of low, high",
      details: { path: ['x'], allowed: ['low', 'high'], value: 'LOW' },
    })
    expect(thrownBy(() => optionalWord({ x: 1 }, 'x', words)).code).toBe('invalid_type')
  })
})
