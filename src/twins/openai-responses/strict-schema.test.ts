import { describe, expect, it } from 'vitest'
import { effectiveSchema, strictFault } from './strict-schema.ts'

const LIMITS = { properties: 5000, levels: 10, distinctUnions: false }
const string = { type: 'string' }
const effective = (parameters: unknown, strict?: unknown) =>
  effectiveSchema(parameters, strict, LIMITS)

describe('a schema without a word on strictness', () => {
  it('is closed, with all its properties required', () => {
    const properties = { city: string, unit: { enum: ['C', 'F'] } }
    expect(effective({ type: 'object', properties, required: ['unit'] })).toEqual({
      isStrict: true,
      parameters: {
        type: 'object',
        properties,
        required: ['unit', 'city'],
        additionalProperties: false,
      },
    })
  })

  it('is closed all the way down', () => {
    const inner = { type: 'object', properties: { a: string } }
    const closed = { ...inner, required: ['a'], additionalProperties: false }
    const schema = (part: object) => ({
      type: 'object',
      properties: { list: { type: 'array', items: part }, either: { anyOf: [part, string] } },
      $defs: { part },
    })
    expect(effective(schema(inner))).toEqual({
      isStrict: true,
      parameters: {
        ...schema(closed),
        required: ['list', 'either'],
        additionalProperties: false,
      },
    })
  })

  it('stays as it is where strict mode cannot have it', () => {
    const open = [
      { type: 'object', properties: { a: { oneOf: [string, { type: 'number' }] } } },
      { type: 'object', properties: { a: { ...string, minLength: 1 } } },
      { type: 'object', properties: {}, additionalProperties: true },
      { type: 'object', properties: { a: {} } },
      { type: 'string' },
    ]
    for (const parameters of open) {
      expect(effective(parameters)).toEqual({ parameters, isStrict: false })
    }
  })

  it('may be missing', () => {
    expect(effective(undefined)).toEqual({ parameters: null, isStrict: true })
  })

  it('does not take a property for a keyword', () => {
    const properties = { properties: string, items: string, default: string }
    expect(effective({ type: 'object', properties })).toMatchObject({
      isStrict: true,
      parameters: { properties, required: ['properties', 'items', 'default'] },
    })
  })
})

describe('a schema with a word on strictness', () => {
  it.each([
    [true, true],
    [false, false],
    [null, false],
  ])('%j is left alone', (strict, isStrict) => {
    const parameters = { type: 'object', properties: { city: string } }
    expect(effective(parameters, strict)).toEqual({ parameters, isStrict })
  })
})

describe('the faults of a strict schema', () => {
  const closed = (properties: object) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  })

  it('do not count a default', () => {
    const city = { ...string, default: 'Paris' }
    expect(strictFault(closed({ city, default: string }), LIMITS)).toBeUndefined()
    expect(strictFault(closed({ city: { ...string, maxLength: 5 } }), LIMITS)?.text).toContain(
      "'maxLength' is not permitted",
    )
  })

  it('name what is no schema', () => {
    expect(strictFault('x', LIMITS)?.text).toContain(`got 'type: "None"'`)
  })
})
