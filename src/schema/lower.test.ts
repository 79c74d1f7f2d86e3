import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../core/json.ts'
import { coerceArguments } from './coerce.ts'
import { Unfit } from './dialect.ts'
import { DIALECTS, type DialectName, type Lowered, lowerSchema } from './lower.ts'

function lower(schema: JsonObject | undefined, dialect: DialectName): Lowered {
  return lowerSchema(schema, DIALECTS[dialect])
}

function back(lowered: Lowered, text: string): string {
  return lowered.coercion ? coerceArguments(text, lowered.coercion) : text
}

function object(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties, ...more }
}

function closed(properties: JsonObject, more: JsonObject = {}): JsonObject {
  const required = Object.keys(properties)
  return { type: 'object', properties, required, additionalProperties: false, ...more }
}

const TREE = {
  type: 'object',
  properties: { tree: { $ref: '#/$defs/node' } },
  required: ['tree'],
  additionalProperties: false,
  $defs: {
    node: closed({
      name: { type: 'string' },
      children: { type: 'array', items: { $ref: '#/$defs/node' } },
    }),
  },
}

describe('a schema within its dialect', () => {
  const wide = object({ a: { type: 'string', minLength: 2 }, b: { oneOf: [{ type: 'null' }, {}] } })
  it.each<[DialectName, JsonObject]>([
    ['openai-chat', wide],
    ['openai-chat', { properties: {}, type: 'object', items: [{ type: 'string' }] }],
    ['anthropic', wide],
    ['anthropic', { type: 'object' }],
    ['gemini-json', wide],
    ['gemini-json', TREE],
    ['openai-chat-strict', TREE],
    [
      'openai-chat-strict',
      closed({
        a: { type: ['string', 'null'], pattern: '^x' },
        b: { anyOf: [{ type: 'integer', minimum: 1 }, { const: 'x' }] },
      }),
    ],
    ['anthropic-strict', closed({ a: { type: 'string', format: 'uri' } }, { required: [] })],
  ])('%s: is the same object', (dialect, schema) => {
    const lowered = lower(schema, dialect)
    expect(lowered).toEqual({ schema, losses: [] })
    expect(lowered.schema).toBe(schema)
  })
})

describe('OpenAI strict', () => {
  it('asks for optional properties as ones that may be null, and takes the nulls out again', () => {
    const lowered = lower(
      object(
        {
          a: { type: 'string' },
          b: { type: 'integer' },
          c: { type: ['string', 'null'] },
          d: { enum: ['x', 'y'] },
          e: object({ f: { type: 'number' } }, { additionalProperties: false }),
        },
        { required: ['a'], additionalProperties: false },
      ),
      'openai-chat-strict',
    )
    expect(lowered.schema).toEqual(
      closed({
        a: { type: 'string' },
        b: { type: ['integer', 'null'] },
        c: { type: ['string', 'null'] },
        d: { enum: ['x', 'y', null] },
        e: closed({ f: { type: ['number', 'null'] } }, { type: ['object', 'null'] }),
      }),
    )
    expect(back(lowered, '{"a": "1", "b":null, "c":null,"d":null,"e":{"f":null}}')).toBe(
      '{"a": "1","c":null,"e":{}}',
    )
    expect(back(lowered, '{"a": "\\u00e9", "b": 1.0, "c":"null"}')).toBe(
      '{"a": "\\u00e9", "b": 1.0, "c":"null"}',
    )
  })

  it('tells in words what it has no keyword for', () => {
    const { schema, losses } = lower(
      closed({ a: { type: 'string', minLength: 3, description: 'A.', default: 'abc' } }),
      'openai-chat-strict',
    )
    expect(schema).toEqual(
      closed({ a: { type: 'string', description: 'A. (minLength 3; default "abc")' } }),
    )
    expect(losses).toEqual([
      {
        at: '/properties/a',
        what: 'minLength is told in words',
        action: 'approximated',
        meaning: true,
      },
    ])
  })

  it.each<[string, JsonObject]>([
    ['a map', object({ a: { type: 'object', additionalProperties: { type: 'string' } } })],
    ['an object of anything', object({ a: { type: 'object' } })],
    ['a value of any type', object({ a: { description: 'anything' } })],
    ['a list of anything', object({ a: { type: 'array' } })],
    ['properties by pattern', object({ a: { type: 'object', patternProperties: { '^x': {} } } })],
    ['an open root', object({}, { additionalProperties: true })],
    ['fixed objects', object({ a: { enum: [{ b: 1 }] } })],
  ])('cannot hold %s', (_, schema) => {
    expect(() => lower(schema, 'openai-chat-strict')).toThrow(Unfit)
    expect(() => lower(schema, 'anthropic-strict')).toThrow(Unfit)
  })

  it('puts allOf together, and makes oneOf anyOf', () => {
    const { schema } = lower(
      closed({
        a: {
          allOf: [
            closed({ b: { type: 'string' } }, { additionalProperties: undefined }),
            { properties: { c: { type: 'number', minimum: 1 } }, required: ['c'] },
          ],
        },
        d: { oneOf: [{ type: 'string' }, { type: 'number' }] },
      }),
      'openai-chat-strict',
    )
    expect(schema).toMatchObject({
      properties: {
        a: {
          properties: { b: { type: 'string' }, c: { type: 'number' } },
          required: expect.arrayContaining(['b', 'c']),
        },
        d: { anyOf: [{ type: 'string' }, { type: 'number' }] },
      },
    })
  })

  it('puts a union at the root into a property, and takes it out of the arguments', () => {
    const branch = (kind: string) => closed({ kind: { const: kind }, [kind]: { type: 'string' } })
    const lowered = lower(
      { type: 'object', anyOf: [branch('x'), branch('y')] },
      'openai-chat-strict',
    )
    expect(lowered.schema).toMatchObject({ type: 'object', required: ['value'] })
    expect(lowered.losses).toMatchObject([{ at: '', action: 'emulated' }])
    expect(back(lowered, '{"value": {"kind":"x","x": "1"}}')).toBe('{"kind":"x","x": "1"}')
  })
})

describe('Anthropic', () => {
  it('gets old drafts in the words of 2020-12', () => {
    const { schema } = lower(
      object({
        a: { type: 'integer', minimum: 0, exclusiveMinimum: true, required: true },
        b: { type: 'array', items: [{ type: 'string' }], additionalItems: false },
        c: { type: 'string', nullable: true, enum: ['x'] },
      }),
      'anthropic',
    )
    expect(schema).toEqual(
      object(
        {
          a: { type: 'integer', exclusiveMinimum: 0 },
          b: { type: 'array', prefixItems: [{ type: 'string' }], items: false },
          c: { type: ['string', 'null'], enum: ['x', null] },
        },
        { required: ['a'] },
      ),
    )
  })

  it('gets plain names of properties, and the client its own', () => {
    const lowered = lower(
      object({ 'größe (cm)': { type: 'number' } }, { required: ['größe (cm)'] }),
      'anthropic',
    )
    expect(lowered.schema).toEqual(
      object({ gr__e__cm_: { type: 'number' } }, { required: ['gr__e__cm_'] }),
    )
    expect(back(lowered, '{"gr__e__cm_": 180.0}')).toBe('{"größe (cm)": 180.0}')
  })

  it('holds no recursion when strict', () => {
    expect(() => lower(TREE, 'anthropic-strict')).toThrow(/refers to itself/)
  })

  it('is told conditions at the root in words', () => {
    const { schema } = lower(
      object({ a: {}, b: {} }, { anyOf: [{ required: ['a'] }, { required: ['b'] }] }),
      'anthropic',
    )
    expect(schema).toEqual(object({ a: {}, b: {} }, { description: '(any of with a, with b)' }))
  })
})

describe("Gemini's Schema", () => {
  it('takes types in capitals, flags for null, and texts for fixed values', () => {
    const lowered = lower(
      object({
        a: { enum: [1, 2.5, null] },
        b: { const: true },
        c: { type: ['string', 'integer', 'null'], minLength: 1, minimum: 3, description: 'C.' },
        d: { type: 'array', items: { type: ['boolean', 'null'] }, uniqueItems: true },
        e: { type: 'integer', exclusiveMinimum: 4 },
        f: { type: 'object', properties: {}, additionalProperties: false },
      }),
      'gemini-schema',
    )
    expect(lowered.schema).toEqual({
      type: 'OBJECT',
      properties: {
        a: { type: 'STRING', enum: ['1', '2.5'], nullable: true },
        b: { type: 'STRING', enum: ['true'] },
        c: {
          anyOf: [
            { type: 'STRING', minLength: 1, description: 'C.' },
            { type: 'INTEGER', minimum: 3 },
            { type: 'NULL' },
          ],
        },
        d: {
          type: 'ARRAY',
          items: { type: 'BOOLEAN', nullable: true },
          description: '(items must differ)',
        },
        e: { type: 'INTEGER', minimum: 5 },
        f: { type: 'OBJECT', properties: {}, description: '(no further properties)' },
      },
    })
    expect(back(lowered, '{"a":"2.5","b":"true","c":"1","d":[ ],"e":5.0}')).toBe(
      '{"a":2.5,"b":true,"c":"1","d":[ ],"e":5.0}',
    )
    expect(back(lowered, '{"a":null, "c":4}')).toBe('{"a":null, "c":4}')
  })

  it('writes references out, and cuts what would never end', () => {
    const { schema, losses } = lower(TREE, 'gemini-schema')
    expect(JSON.stringify(schema)).not.toContain('$')
    expect(losses).toContainEqual({
      at: expect.stringContaining('/properties/tree'),
      what: 'a definition inside of itself, from its third time on',
      action: 'approximated',
      meaning: false,
    })
  })

  it('is left out where there is nothing to say', () => {
    expect(lower(object({}), 'gemini-schema')).toEqual({ schema: undefined, losses: [] })
  })

  it('finds the alternative that was meant', () => {
    const lowered = lower(
      object({ a: { anyOf: [{ enum: [1, 2] }, closed({ k: { const: 7 } }), { type: 'string' }] } }),
      'gemini-schema',
    )
    expect(back(lowered, '{"a":"1"}')).toBe('{"a":1}')
    expect(back(lowered, '{"a":{"k":"7"}}')).toBe('{"a":{"k":7}}')
    expect(back(lowered, '{"a":"3"}')).toBe('{"a":"3"}')
  })
})

describe('coercion', () => {
  it('leaves broken text alone', () => {
    const lowered = lower(object({ a: { enum: [1] } }), 'gemini-schema')
    for (const text of ['', '{"a":"1"', '"x"', '[]', 'null']) expect(back(lowered, text)).toBe(text)
  })

  it('follows references into themselves', () => {
    const tree = {
      ...TREE,
      $defs: {
        node: object(
          { n: { type: 'string' }, next: { $ref: '#/$defs/node' } },
          { additionalProperties: false, required: ['n'] },
        ),
      },
    }
    const lowered = lower(tree, 'openai-chat-strict')
    expect(back(lowered, '{"tree":{"n":"1","next":{"n":"2","next":null}}}')).toBe(
      '{"tree":{"n":"1","next":{"n":"2"}}}',
    )
  })
})
