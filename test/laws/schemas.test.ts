import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isObject, type Json, type JsonObject } from '../../src/core/json.ts'
import { coerceArguments } from '../../src/schema/coerce.ts'
import { Unfit } from '../../src/schema/dialect.ts'
import { DIALECTS, type DialectName, type Lowered, lowerSchema } from '../../src/schema/lower.ts'
import { checkArguments } from '../../src/schema/validate.ts'
import { fitsDialect } from '../../src/twins/anthropic/schema-dialect.ts'
import { judgeStrict } from '../../src/twins/anthropic/strict-schema.ts'
import { schemaComplaint } from '../../src/twins/bedrock/rules-tools.ts'
import { jsonSchemaComplaint } from '../../src/twins/gemini/rules-schema.ts'
import { looseProblem, strictProblem } from '../../src/twins/json-schema-strict.ts'
import { sayInDialect } from '../schema-speech.ts'

const LIMITS = { properties: 5000, levels: 10, distinctUnions: false }
/** All fields of the vendor's own dialect. Source: Google Gen AI SDK 2.32, `Schema`, 2026. */
const GEMINI_FIELDS = new Set([
  ...[
    'type',
    'format',
    'title',
    'description',
    'nullable',
    'enum',
    'items',
    'minItems',
    'maxItems',
  ],
  ...['properties', 'required', 'minProperties', 'maxProperties', 'minLength', 'maxLength'],
  ...['pattern', 'example', 'anyOf', 'propertyOrdering', 'default', 'minimum', 'maximum'],
])

/** What the vendor would say of a schema in each dialect, by rules that the twins have of their own. */
const COMPLAINTS: Record<DialectName, (schema: JsonObject) => unknown> = {
  'openai-chat': looseProblem,
  'openai-chat-strict': schema => strictProblem(schema, LIMITS),
  anthropic: schema => {
    if (['anyOf', 'oneOf', 'allOf'].some(key => key in schema)) return 'composition at the root'
    return fitsDialect(schema) ? undefined : 'not of draft 2020-12'
  },
  'anthropic-strict': schema => {
    const verdict = judgeStrict(schema)
    return 'fault' in verdict ? verdict.fault : undefined
  },
  converse: schema => schemaComplaint(schema, 0, { isClaude: true, isNova: false }),
  'converse-bare': schema => schemaComplaint(schema, 0, { isClaude: false, isNova: true }),
  'converse-strict': schema => {
    const verdict = judgeStrict(schema)
    return 'fault' in verdict ? verdict.fault : undefined
  },
  'gemini-json': jsonSchemaComplaint,
  'gemini-schema': geminiComplaint,
}

function geminiComplaint(node: Json | undefined): string | undefined {
  if (!isObject(node)) return 'no object'
  const odd = Object.keys(node).find(key => !GEMINI_FIELDS.has(key))
  if (odd !== undefined) return `unknown field ${odd}`
  const { type, anyOf, enum: words, items, properties } = node
  if (type === undefined && anyOf === undefined) return 'no type'
  if (anyOf !== undefined && Object.keys(node).length > 1) return 'something beside anyOf'
  if (
    Array.isArray(words) &&
    (type !== 'STRING' || !words.every(word => typeof word === 'string' && word !== ''))
  )
    return 'fixed values that are no texts'
  if ((type === 'ARRAY') !== (items !== undefined)) return 'items'
  const children = [
    ...(isObject(properties) ? Object.values(properties) : []),
    ...(items === undefined ? [] : [items]),
    ...(Array.isArray(anyOf) ? anyOf : []),
  ]
  return children.map(geminiComplaint).find(complaint => complaint !== undefined)
}

const NAMES = Object.keys(DIALECTS).filter((name): name is DialectName =>
  Object.hasOwn(DIALECTS, name),
)

/** A schema, and a value that fits it. */
interface Pair {
  readonly schema: JsonObject
  readonly value: Json
}

const scalar: fc.Arbitrary<Pair> = fc.oneof(
  fc.string({ maxLength: 6 }).map(value => ({ schema: { type: 'string', maxLength: 12 }, value })),
  fc
    .integer({ min: -9, max: 9 })
    .map(value => ({ schema: { type: 'integer', minimum: -9 }, value })),
  fc.boolean().map(value => ({ schema: { type: 'boolean', description: 'Yes or no.' }, value })),
  fc.constantFrom<Pair[]>(
    { schema: { enum: [1, 2, 3] }, value: 2 },
    { schema: { type: ['string', 'null'], enum: ['a', '', null] }, value: '' },
    { schema: { const: 7 }, value: 7 },
    { schema: { type: ['integer', 'string'] }, value: 'x' },
    { schema: { type: ['number', 'null'], exclusiveMaximum: 10 }, value: null },
    { schema: { type: 'number', nullable: true }, value: 1.5 },
    {
      schema: { type: 'string', format: 'date-time', pattern: '^2' },
      value: '2026-01-01T00:00:00Z',
    },
    { schema: { oneOf: [{ type: 'boolean' }, { enum: [0, 1] }] }, value: 1 },
  ),
)

const pair: fc.Arbitrary<Pair> = fc.letrec<{ pair: Pair }>(tie => ({
  pair: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { arbitrary: scalar, weight: 4 },
    {
      arbitrary: fc.tuple(tie('pair'), fc.boolean()).map(([item, isThere]) => ({
        schema: { type: 'array', items: item.schema, uniqueItems: false },
        value: isThere ? [item.value, item.value] : [],
      })),
      weight: 1,
    },
    { arbitrary: objectOf(tie('pair')), weight: 2 },
    {
      arbitrary: tie('pair').map(one => ({
        schema: { allOf: [one.schema], description: 'Put together.' },
        value: one.value,
      })),
      weight: 1,
    },
  ),
})).pair

function mayBeNull(schema: JsonObject): boolean {
  return /"null"|"nullable"|:null|null[,\]]/.test(JSON.stringify(schema))
}

/** Each property is required, left out, or optional and there. */
function objectOf(inner: fc.Arbitrary<Pair>): fc.Arbitrary<Pair> {
  // Where null may be said anyhow, a model that must say something says it for what is absent.
  const property = fc
    .tuple(inner, fc.constantFrom('required', 'there', 'absent'))
    .map(([one, how]) => [one, how === 'absent' && mayBeNull(one.schema) ? 'there' : how] as const)
  return fc
    .tuple(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), property, { maxKeys: 4 }),
      fc.constantFrom(false, undefined),
    )
    .map(([entries, additionalProperties]) => {
      const list = Object.entries(entries)
      return {
        schema: {
          type: 'object',
          properties: Object.fromEntries(list.map(([name, [one]]) => [name, one.schema])),
          required: list.filter(([, [, how]]) => how === 'required').map(([name]) => name),
          ...(additionalProperties === false ? { additionalProperties } : {}),
        },
        value: Object.fromEntries(
          list.filter(([, [, how]]) => how !== 'absent').map(([name, [one]]) => [name, one.value]),
        ),
      }
    })
}

function lowered(schema: JsonObject, dialect: DialectName): Lowered | undefined {
  try {
    return lowerSchema(schema, DIALECTS[dialect])
  } catch (error) {
    if (error instanceof Unfit) return undefined
    throw error
  }
}

/** Says the value in a dialect, as the model would, and takes it back. */
function thereAndBack({ schema, coercion }: Lowered, value: Json): Json {
  const said = JSON.stringify(sayInDialect(value, schema))
  return JSON.parse(coercion ? coerceArguments(said, coercion) : said)
}

describe.each(NAMES)('[G8.1] any schema in the dialect %s', dialect => {
  it('is one that the vendor takes, and arguments come back as they were meant', () => {
    fc.assert(
      fc.property(objectOf(pair), ({ schema, value }) => {
        const made = lowered(schema, dialect)
        if (!made) return
        expect(made.schema ? COMPLAINTS[dialect](made.schema) : undefined).toBeUndefined()
        const back = thereAndBack(made, value)
        expect(back).toEqual(value)
        expect(checkArguments(schema, JSON.stringify(back)).ok).toBe(true)
      }),
      { numRuns: 300, seed: 20261128 },
    )
  })

  it('needs no second lowering', () => {
    fc.assert(
      fc.property(objectOf(pair), ({ schema }) => {
        const first = lowered(schema, dialect)
        if (!first?.schema || dialect === 'gemini-schema') return
        expect(lowered(first.schema, dialect)?.schema).toBe(first.schema)
      }),
      { numRuns: 100, seed: 20261128 },
    )
  })
})
