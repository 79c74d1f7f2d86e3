import { describe, expect, it } from 'vitest'
import type { Json } from '../core/json.ts'
import { readToolSchema, schemaProblems } from './read.ts'

function problemsOf(value: Json | undefined): string[] {
  const read = readToolSchema(value)
  return read.ok ? [] : read.problems.map(({ path, rule }) => `${path} ${rule}`)
}

describe('readToolSchema', () => {
  it('takes the absence of a schema for a tool without parameters', () => {
    expect(readToolSchema(undefined)).toEqual({ ok: true, schema: undefined })
    expect(readToolSchema(null)).toEqual({ ok: true, schema: undefined })
    expect(readToolSchema({})).toEqual({ ok: true, schema: {} })
  })

  it('gives an object schema back as it is', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      title: 'T',
      properties: {
        type: { type: ['string', 'null'], enum: ['a', null] },
        list: { type: 'array', items: { anyOf: [{ $ref: '#/$defs/a%20b' }, true] } },
        tuple: { items: [{ type: 'number' }], additionalItems: false },
        map: { additionalProperties: { type: 'integer', minimum: 1.5 }, minProperties: 0 },
      },
      required: ['type'],
      $defs: { 'a b': { const: { type: 'dict' } } },
      dependencies: { list: ['map'], map: { required: [] } },
      'x-unknown': { type: 'anything' },
      nullable: true,
    }
    expect(readToolSchema(schema)).toEqual({ ok: true, schema })
  })

  it.each<[Json, string]>([
    ['{}', ' schema'],
    [[], ' schema'],
    [true, ' schema'],
    [{ properties: {} }, '/type type'],
    [{ type: 'dict' }, '/type type'],
    [{ type: 'array' }, '/type type'],
    [{ type: ['object', 'null'] }, '/type type'],
  ])('refuses the root %j', (value, problem) => {
    expect(problemsOf(value)).toEqual([problem])
  })

  it.each<[Json, string]>([
    [{ type: 'float' }, '/properties/a/type type'],
    [{ type: ['string', 'any'] }, '/properties/a/type type'],
    [{ type: [] }, '/properties/a/type type'],
    ['string', '/properties/a schema'],
    [null, '/properties/a schema'],
    [{ properties: [] }, '/properties/a/properties properties'],
    [{ properties: { 'b/c~': 1 } }, '/properties/a/properties/b~1c~0 schema'],
    [{ items: 'string' }, '/properties/a/items schema'],
    [{ items: [1] }, '/properties/a/items/0 schema'],
    [{ anyOf: {} }, '/properties/a/anyOf anyOf'],
    [{ allOf: [] }, '/properties/a/allOf allOf'],
    [{ oneOf: [{ type: 'x' }] }, '/properties/a/oneOf/0/type type'],
    [{ required: 'b' }, '/properties/a/required required'],
    [{ required: [1] }, '/properties/a/required required'],
    [{ enum: 'b' }, '/properties/a/enum enum'],
    [{ pattern: 1 }, '/properties/a/pattern pattern'],
    [{ minLength: -1 }, '/properties/a/minLength minLength'],
    [{ maxItems: 1.5 }, '/properties/a/maxItems maxItems'],
    [{ minimum: '1' }, '/properties/a/minimum minimum'],
    [{ $ref: '#/nowhere' }, '/properties/a/$ref $ref'],
    [{ $ref: 1 }, '/properties/a/$ref $ref'],
    [{ not: 1 }, '/properties/a/not schema'],
    [{ dependencies: { b: 1 } }, '/properties/a/dependencies/b schema'],
    [{ additionalProperties: { type: 'x' } }, '/properties/a/additionalProperties/type type'],
  ])('names what is malformed in %j', (a, problem) => {
    expect(problemsOf({ type: 'object', properties: { a } })).toEqual([problem])
  })

  it('says it in words', () => {
    const read = readToolSchema({ type: 'object', properties: { a: { type: 'dict' } } })
    expect(read.ok ? [] : read.problems[0]?.message).toBe(
      '"type" must be one of object, array, string, number, integer, boolean, null, or an array of them.',
    )
  })

  it('lets references stand that it cannot follow', () => {
    expect(
      schemaProblems({ properties: { a: { $ref: 'other.json#/x' }, b: { $ref: '#anchor' } } }),
    ).toEqual([])
    expect(
      schemaProblems({ $ref: '#', properties: { $ref: { $ref: '#/properties/$ref' } } }),
    ).toEqual([])
  })

  it('names at most 20 problems, and refuses what is huge or deep', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`p${i}`, { type: 'x' }]))
    expect(problemsOf({ type: 'object', properties: many })).toHaveLength(20)
    let deep: Json = {}
    for (let i = 0; i < 10_000; i++) deep = { items: deep }
    expect(problemsOf({ type: 'object', properties: { a: deep } })).toHaveLength(1)
    const wide = Array.from({ length: 30_000 }, () => ({}))
    expect(problemsOf({ type: 'object', allOf: wide })).toEqual([expect.stringMatching(/ schema$/)])
  })
})
