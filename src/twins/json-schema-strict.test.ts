import { describe, expect, it } from 'vitest'
import { looseProblem, type StrictLimits, strictProblem } from './json-schema-strict.ts'

const LIMITS: StrictLimits = { properties: 5000, levels: 10, distinctUnions: false }

/** A closed object whose properties are all required. */
const closed = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})
const strict = (schema: unknown, limits: Partial<StrictLimits> = {}) =>
  strictProblem(schema, { ...LIMITS, ...limits })?.text
const inside = (schema: object) => strict(closed({ a: schema }))

describe('strictProblem', () => {
  it('accepts what strict mode can enforce', () => {
    const node = { $ref: '#/$defs/node' }
    const schema = closed(
      {
        name: { type: 'string', description: 'd', pattern: '^a' },
        maybe: { type: ['string', 'null'] },
        list: { type: 'array', items: node, minItems: 1 },
        kind: { enum: ['a', 1, null] },
        fixed: { const: 'x' },
        number: { type: 'integer', minimum: 0, maximum: 5 },
        when: { type: 'string', format: 'date-time' },
        either: { anyOf: [closed({ a: { type: 'string' } }), { type: 'null' }] },
        self: { $ref: '#' },
      },
      { $defs: { node: closed({ next: { anyOf: [node, { type: 'null' }] } }) } },
    )
    expect(strict(schema)).toBeUndefined()
    expect(strict(closed({}))).toBeUndefined()
    expect(strict({ type: 'object', properties: {}, additionalProperties: false })).toBeUndefined()
  })

  it('wants an object at the root, and no union there', () => {
    const got = (type: string) =>
      `schema must be a JSON Schema of 'type: "object"', got 'type: "${type}"'.`
    expect(strict({})).toBe(got('None'))
    expect(strict(undefined)).toBe(got('None'))
    expect(strict({ type: 'string' })).toBe(got('string'))
    expect(strict({ anyOf: [closed({})] })).toBe(got('None'))
    expect(strict(closed({}, { anyOf: [closed({})] }))).toBe(
      "In context=(), 'anyOf' is not permitted.",
    )
  })

  it('wants objects closed, everywhere', () => {
    const text = "'additionalProperties' is required to be supplied and to be false."
    expect(strict({ type: 'object', properties: {} })).toBe(`In context=(), ${text}`)
    expect(inside({ type: 'object' })).toBe(`In context=('properties', 'a'), ${text}`)
    expect(inside({ type: ['object', 'null'], additionalProperties: true })).toBe(
      `In context=('properties', 'a'), ${text}`,
    )
    expect(inside({ type: 'array', items: { type: 'object' } })).toBe(
      `In context=('properties', 'a', 'items'), ${text}`,
    )
    expect(inside({ anyOf: [{ type: 'null' }, { type: 'object' }] })).toBe(
      `In context=('properties', 'a', 'anyOf', '1'), ${text}`,
    )
    expect(strict(closed({}, { $defs: { x: { type: 'object' } } }))).toBe(
      `In context=('$defs', 'x'), ${text}`,
    )
  })

  it('wants all properties required, and nothing else', () => {
    const text =
      "'required' is required to be supplied and to be an array including every key in properties."
    expect(strict(closed({ a: { type: 'string' } }, { required: [] }))).toBe(
      `In context=(), ${text} Missing 'a'.`,
    )
    expect(strict(closed({ a: { type: 'string' } }, { required: undefined }))).toBe(
      `In context=(), ${text} Missing 'a'.`,
    )
    expect(strict(closed({}, { required: ['recipe'] }))).toBe(
      `In context=(), ${text} Extra required key 'recipe' supplied.`,
    )
  })

  it.each([
    'oneOf',
    'allOf',
    'not',
    'if',
    'minLength',
    'uniqueItems',
    'default',
    'patternProperties',
    'prefixItems',
  ])('does not permit %s', keyword => {
    expect(inside({ type: 'string', [keyword]: 1 })).toBe(
      `In context=('properties', 'a'), '${keyword}' is not permitted.`,
    )
  })

  it('wants references alone and to something', () => {
    const defs = { $defs: { x: { type: 'string' } } }
    const refer = (node: object) => strict(closed({ a: node }, defs))
    expect(refer({ $ref: '#/$defs/x' })).toBeUndefined()
    expect(refer({ $ref: '#/$defs/x', description: 'd' })).toBe(
      "In context=('properties', 'a'), $ref cannot have keywords {'description'}.",
    )
    expect(refer({ $ref: '#/$defs/y' })).toMatch(/which was not found/)
  })

  it('wants types, items and known formats', () => {
    expect(inside({ description: 'anything' })).toBe(
      "In context=('properties', 'a'), schema must have a 'type' key.",
    )
    expect(strict(closed({ a: true }))).toBe(
      "In context=('properties', 'a'), schema must have a 'type' key.",
    )
    expect(inside({ type: 'array' })).toBe(
      "In context=('properties', 'a'), array schema missing items.",
    )
    expect(inside({ type: 'string', format: 'uri' })).toBe(
      "In context=('properties', 'a'), 'uri' is not a valid format.",
    )
  })

  it('limits depth and size', () => {
    const nested = (levels: number): object =>
      levels === 1 ? closed({}) : closed({ a: nested(levels - 1) })
    expect(strict(nested(5), { levels: 5 })).toBeUndefined()
    expect(strict(nested(6), { levels: 5 })).toBe('6 levels of nesting exceeds limit of 5.')
    expect(strict(nested(11))).toBe('11 levels of nesting exceeds limit of 10.')
    const wide = Object.fromEntries(
      Array.from({ length: 101 }, (_, index) => [`p${index}`, { type: 'string' }]),
    )
    expect(strict(closed(wide), { properties: 100 })).toBe('101 parameters exceeds limit of 100.')
    expect(strict(closed(wide))).toBeUndefined()
    expect(inside({ enum: Array.from({ length: 1001 }, (_, index) => index) })).toMatch(
      /^1001 enum/,
    )
    expect(inside({ enum: ['x'.repeat(120_000)] })).toMatch(/exceeds limit of 120000\.$/)
  })

  it('wants unions told apart by their first property, in older models', () => {
    const kind = (name: string) => closed({ kind: { const: name }, [name]: { type: 'string' } })
    const union = closed(
      { a: { anyOf: [kind('x'), { $ref: '#/$defs/y' }] } },
      { $defs: { y: kind('y') } },
    )
    expect(strict(union)).toBeUndefined()
    expect(strictProblem(union, { ...LIMITS, distinctUnions: true })).toEqual({
      text: "Invalid schema: Objects provided via 'anyOf' must not share identical first keys.",
      whole: true,
    })
    const apart = closed({ a: { anyOf: [closed({ x: { type: 'null' } }), { type: 'null' }] } })
    expect(strict(apart, { distinctUnions: true })).toBeUndefined()
  })
})

describe('looseProblem', () => {
  it('accepts most of JSON Schema', () => {
    const schema = {
      type: 'object',
      properties: {
        free: { type: 'object' },
        any: {},
        choice: { oneOf: [{ type: 'string', minLength: 2 }, { allOf: [{ type: 'integer' }] }] },
      },
    }
    expect(looseProblem(schema)).toBeUndefined()
    expect(looseProblem({ type: 'object', properties: {} })).toBeUndefined()
  })

  it('wants an object with properties, and items in arrays', () => {
    expect(looseProblem({ type: 'array' })?.text).toMatch(/got 'type: "array"'\.$/)
    expect(looseProblem({ type: ['object', 'null'] })?.text).toMatch(/\['object', 'null'\]/)
    expect(looseProblem({ type: 'object' })?.text).toBe(
      'In context=(), object schema missing properties.',
    )
    const configs = { anyOf: [{ type: 'array' }, { type: 'null' }] }
    expect(looseProblem({ type: 'object', properties: { configs } })?.text).toBe(
      "In context=('properties', 'configs', 'anyOf', '0'), array schema missing items.",
    )
  })
})
