import { describe, expect, it } from 'vitest'
import { isToolgateError, type ToolgateError } from '../core/error.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Problem } from './problems.ts'
import { checkArguments, unheldPatterns } from './validate.ts'

const OBJECT = { type: 'object' }

/** What is wrong with `value` under the property `x` of the given schema. */
function problemsOf(x: Json, value: Json, more: JsonObject = {}): readonly Problem[] {
  const verdict = checkArguments(
    { ...OBJECT, properties: { x }, ...more },
    JSON.stringify({ x: value }),
  )
  return verdict.ok ? [] : verdict.problems
}

function thrownBy(action: () => unknown): ToolgateError {
  try {
    action()
  } catch (thrown) {
    if (isToolgateError(thrown)) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('checkArguments', () => {
  const weather = {
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'array', items: { type: 'integer', minimum: 1 } },
    },
    required: ['city'],
    additionalProperties: false,
  }

  it('returns the arguments that keep the schema', () => {
    expect(checkArguments(weather, '{"city":"Oslo","days":[1,2.0]}')).toEqual({
      ok: true,
      value: { city: 'Oslo', days: [1, 2] },
    })
  })

  it('names path, rule, what was expected and what was found', () => {
    const verdict = checkArguments(weather, '{"days":[1,"two",0],"unit":"c"}')
    expect(verdict.ok ? [] : verdict.problems).toEqual([
      {
        path: '/city',
        rule: 'required',
        expected: 'a value',
        found: 'nothing',
        message: '/city: expected a value, found nothing (required)',
      },
      {
        path: '/days/1',
        rule: 'type',
        expected: 'integer',
        found: 'string "two"',
        message: '/days/1: expected integer, found string "two" (type)',
      },
      {
        path: '/days/2',
        rule: 'minimum',
        expected: '1 or more',
        found: 'number 0',
        message: '/days/2: expected 1 or more, found number 0 (minimum)',
      },
      {
        path: '/unit',
        rule: 'additionalProperties',
        expected: 'nothing here',
        found: 'string "c"',
        message: '/unit: expected nothing here, found string "c" (additionalProperties)',
      },
    ])
  })

  it('takes blank text for no arguments', () => {
    for (const text of ['', ' ', '\n\t'])
      expect(checkArguments({ type: 'object' }, text)).toEqual({ ok: true, value: {} })
    expect(checkArguments(weather, '')).toMatchObject({ problems: [{ path: '/city' }] })
  })

  it('says where text is not JSON', () => {
    const verdict = checkArguments(weather, '{"city":"Oslo"')
    expect(verdict).toMatchObject({ ok: false, problems: [{ path: '', rule: 'json' }] })
    expect(verdict.ok ? '' : verdict.problems[0]?.message).toMatch(
      /^the arguments: expected a JSON/,
    )
  })

  it.each(['[]', '"text"', '1', 'null', 'true'])('wants an object, not %s', text => {
    for (const schema of [undefined, {}, { type: 'object' }])
      expect(checkArguments(schema, text)).toMatchObject({
        ok: false,
        problems: [{ path: '', rule: 'type', expected: 'object' }],
      })
  })

  it('lets any object through without a schema', () => {
    expect(checkArguments(undefined, '{"a":1}')).toEqual({ ok: true, value: { a: 1 } })
    expect(checkArguments({}, '{"a":1}').ok).toBe(true)
  })

  const cases: [rule: string, schema: Json, good: Json[], bad: Json[], expected: string][] = [
    ['type', { type: ['string', 'null'] }, ['a', null], [1, {}], 'string or null'],
    ['type', { type: 'integer' }, [1, -1, 2.0], [1.5, '1'], 'integer'],
    ['const', { const: { a: [1] } }, [{ a: [1] }], [{ a: [2] }, 1], '{"a":[1]}'],
    ['enum', { enum: ['a', 1, null] }, ['a', 1, null], ['b', '1'], 'one of ["a",1,null]'],
    ['minimum', { minimum: 2 }, [2, 'text'], [1.9], '2 or more'],
    ['maximum', { maximum: 2 }, [2], [2.1], '2 or less'],
    ['exclusiveMinimum', { exclusiveMinimum: 2 }, [2.1], [2], 'more than 2'],
    ['exclusiveMaximum', { exclusiveMaximum: 2 }, [1.9], [2], 'less than 2'],
    ['multipleOf', { multipleOf: 0.1 }, [0.3, 1], [0.25], 'multipleOf 0.1'],
    ['minLength', { minLength: 2 }, ['🙂🙂'], ['🙂'], '2 characters or more'],
    ['maxLength', { maxLength: 1 }, ['🙂'], ['ab'], '1 characters or fewer'],
    ['pattern', { pattern: '^a+$' }, ['aa'], ['ab'], 'text that matches "^a+$"'],
    ['format', { format: 'date' }, ['2024-02-29'], ['2023-02-29'], 'text in the format "date"'],
    ['minItems', { minItems: 1 }, [[1]], [[]], '1 items or more'],
    ['maxItems', { maxItems: 1 }, [[1]], [[1, 2]], '1 items or fewer'],
    ['uniqueItems', { uniqueItems: true }, [[1, '1']], [[{ a: 1 }, { a: 1 }]], 'items that differ'],
    ['contains', { contains: { type: 'null' } }, [[1, null]], [[1], []], 'an item like'],
    ['minProperties', { minProperties: 1 }, [{ a: 1 }], [{}], 'minProperties 1'],
    ['maxProperties', { maxProperties: 1 }, [{ a: 1 }], [{ a: 1, b: 2 }], 'maxProperties 1'],
    ['not', { not: { type: 'null' } }, [1], [null], 'anything but {"type":"null"}'],
  ]
  it.each(cases)('holds to %s %j', (rule, schema, good, bad, expected) => {
    for (const value of good) expect(problemsOf(schema, value)).toEqual([])
    for (const value of bad) {
      const problems = problemsOf(schema, value)
      expect(problems).toMatchObject([{ path: '/x', rule }])
      expect(problems[0]?.expected).toContain(expected)
    }
  })

  it('goes into items, prefix items, nested and pattern properties', () => {
    expect(problemsOf({ items: { items: { type: 'null' } } }, [[null], [null, 1]])).toMatchObject([
      { path: '/x/1/1', rule: 'type' },
    ])
    const tuple = { prefixItems: [{ type: 'string' }, { type: 'number' }], items: false }
    expect(problemsOf(tuple, ['a', 1])).toEqual([])
    expect(problemsOf(tuple, ['a', 'b', 3])).toMatchObject([
      { path: '/x/1', rule: 'type' },
      { path: '/x/2', rule: 'items' },
    ])
    const named = { patternProperties: { '^n_': { type: 'number' } }, additionalProperties: false }
    expect(problemsOf(named, { n_a: 1 })).toEqual([])
    expect(problemsOf(named, { n_a: 'b', c: 1 })).toMatchObject([
      { path: '/x/n_a', rule: 'type' },
      { path: '/x/c', rule: 'additionalProperties' },
    ])
    expect(problemsOf({ propertyNames: { maxLength: 2 } }, { abc: 1 })).toMatchObject([
      { rule: 'maxLength' },
    ])
  })

  it('follows references, recursive ones too', () => {
    const $defs = {
      tree: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          'kids~/': { type: 'array', items: { $ref: '#/$defs/tree' } },
        },
        required: ['name'],
      },
    }
    const tree = { name: 'a', 'kids~/': [{ name: 'b', 'kids~/': [{ name: 1 }, {}] }] }
    expect(problemsOf({ $ref: '#/$defs/tree' }, tree, { $defs })).toMatchObject([
      { path: '/x/kids~0~1/0/kids~0~1/0/name', rule: 'type', expected: 'string' },
      { path: '/x/kids~0~1/0/kids~0~1/1/name', rule: 'required' },
    ])
  })

  it('names the alternative that was meant, or all of them', () => {
    const nullable = { anyOf: [{ type: 'null' }, { type: 'object', required: ['a'] }] }
    expect(problemsOf(nullable, {})).toMatchObject([{ path: '/x/a', rule: 'required' }])
    expect(problemsOf(nullable, 'text')).toMatchObject([{ path: '/x', rule: 'anyOf' }])
    const shapes = {
      oneOf: [
        {
          properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
          required: ['radius'],
        },
        {
          properties: { kind: { const: 'line' }, length: { type: 'number' } },
          required: ['length'],
        },
      ],
    }
    expect(problemsOf(shapes, { kind: 'line', length: '1' })).toMatchObject([
      { path: '/x/length', rule: 'type', expected: 'number' },
    ])
    const both = { oneOf: [{ type: 'number' }, { minimum: 0 }, { type: 'string' }] }
    expect(problemsOf(both, 1)).toMatchObject([{ path: '/x', rule: 'oneOf' }])
  })

  it('reports each member of allOf, and the branch of a condition that holds', () => {
    expect(problemsOf({ allOf: [{ minimum: 5 }, { multipleOf: 2 }] }, 3)).toMatchObject([
      { rule: 'minimum' },
      { rule: 'multipleOf' },
    ])
    const condition: JsonObject = JSON.parse(
      '{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}}',
    )
    expect(problemsOf(condition, 'a')).toMatchObject([{ rule: 'minLength' }])
    expect(problemsOf(condition, 1)).toMatchObject([{ rule: 'minimum' }])
  })

  it('reads draft 7 where $schema names it', () => {
    const draft7 = 'http://json-schema.org/draft-07/schema#'
    // In draft 7 what stands beside $ref is not looked at; in 2020-12 it is.
    const schema = (draft: JsonObject): JsonObject => ({
      ...draft,
      type: 'object',
      definitions: { a: {} },
      properties: { x: { $ref: '#/definitions/a', type: 'string' } },
    })
    expect(checkArguments(schema({ $schema: draft7 }), '{"x":1}').ok).toBe(true)
    expect(checkArguments(schema({}), '{"x":1}').ok).toBe(false)
    const tuple = {
      $schema: draft7,
      type: 'object',
      properties: { x: { items: [{ type: 'null' }] } },
    }
    expect(checkArguments(tuple, '{"x":[1]}').ok).toBe(false)
  })

  it('keeps its hands off the schema, and takes a frozen one', () => {
    const schema: JsonObject = { type: 'object', properties: { a: { type: 'string', id: 'x' } } }
    const before = JSON.stringify(schema)
    const properties = schema['properties']
    if (properties) Object.freeze(properties)
    Object.freeze(schema)
    expect(checkArguments(schema, '{"a":1}').ok).toBe(false)
    expect(checkArguments(schema, '{"a":"1"}').ok).toBe(true)
    expect(JSON.stringify(schema)).toBe(before)
    expect(Object.getOwnPropertyNames(schema)).toEqual(['type', 'properties'])
  })

  it('is not confused by names that mean something elsewhere', () => {
    const names = ['__proto__', 'constructor', 'id', '$ref', 'pattern', 'type', 'enum', 'const']
    const properties = JSON.parse(`{${names.map(name => `"${name}":{"type":"string"}`).join(',')}}`)
    for (const name of names) {
      const bad = checkArguments({ type: 'object', properties }, `{"${name}":1}`)
      expect(bad).toMatchObject({ ok: false, problems: [{ path: `/${name}`, rule: 'type' }] })
      expect(checkArguments({ type: 'object', properties }, `{"${name}":"1"}`).ok).toBe(true)
    }
    expect(checkArguments({ type: 'object', required: ['toString'] }, '{}').ok).toBe(false)
    expect(
      checkArguments({ type: 'object', properties: { a: { format: 'toString' } } }, '{"a":"x"}').ok,
    ).toBe(true)
  })

  it('does not hold to a pattern that is none, nor takes an id for an address', () => {
    const schema = {
      type: 'object',
      properties: { a: { pattern: '(?i)^x', id: 'same' }, b: { pattern: '(?P<n>x)', id: 'same' } },
      patternProperties: { '(?i)c': { type: 'null' }, '^d': { type: 'null' } },
    }
    expect(checkArguments(schema, '{"a":"y","b":"y","c":1}').ok).toBe(true)
    expect(checkArguments(schema, '{"d":1}')).toMatchObject({ problems: [{ path: '/d' }] })
  })

  const ODD = '(?i)^x'
  const odd = { pattern: ODD }
  it.each<[string, JsonObject, string]>([
    [
      'further properties',
      { patternProperties: { [ODD]: {} }, additionalProperties: false },
      '{"X":1}',
    ],
    [
      'properties that nothing else knows',
      { allOf: [{ patternProperties: { [ODD]: {} } }], unevaluatedProperties: false },
      '{"X":1}',
    ],
    ['a rule turned around', { properties: { a: { not: odd } } }, '{"a":"y"}'],
    [
      'and by reference',
      { properties: { a: { not: { $ref: '#/$defs/o' } } }, $defs: { o: odd } },
      '{"a":"y"}',
    ],
    [
      'a condition',
      { properties: { a: JSON.parse(`{"if":${JSON.stringify(odd)},"then":{"minLength":5}}`) } },
      '{"a":"y"}',
    ],
    ['one of several', { properties: { a: { oneOf: [odd, { type: 'string' }] } } }, '{"a":"y"}'],
    ['a count', { properties: { a: { contains: odd, maxContains: 1 } } }, '{"a":["x","y"]}'],
  ])('refuses nothing for a pattern that is none: %s', (_, schema, text) => {
    expect(checkArguments({ type: 'object', ...schema }, text)).toMatchObject({ ok: true })
  })

  it('holds to the rest of a schema with a pattern that is none', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string', pattern: ODD }, b: { oneOf: [odd, { type: 'null' }] } },
      required: ['a'],
      not: { required: ['c'] },
    }
    expect(checkArguments(schema, '{}').ok).toBe(false)
    expect(checkArguments(schema, '{"a":1}').ok).toBe(false)
    expect(checkArguments(schema, '{"a":"x","c":1}').ok).toBe(false)
    expect(unheldPatterns(schema).map(({ path }) => path)).toEqual([
      '/properties/a/pattern',
      '/properties/b/oneOf/0/pattern',
    ])
  })

  it('holds to a pattern that is legal only without the flag for characters', () => {
    const schema = {
      type: 'object',
      properties: { a: { pattern: '^[\\w-.]+$' } },
      patternProperties: { '^n\\-': { type: 'number' }, '^n-': { minimum: 3 } },
      additionalProperties: false,
    }
    expect(checkArguments(schema, '{"a":"x-y.z","n-1":3}').ok).toBe(true)
    for (const text of ['{"a":"x y"}', '{"n-1":"3"}', '{"n-1":2}', '{"b":1}'])
      expect(checkArguments(schema, text).ok, text).toBe(false)
    expect(unheldPatterns(schema)).toEqual([])
  })

  it('bounds what it says', () => {
    const long = 'x'.repeat(10_000)
    const schema = {
      type: 'object',
      properties: { [long]: { enum: [long] }, many: { items: { enum: Array(10).fill(long) } } },
    }
    const verdict = checkArguments(
      schema,
      JSON.stringify({ [long]: `${long}y`, many: Array(100).fill(1) }),
    )
    const problems = verdict.ok ? [] : verdict.problems
    expect(problems).toHaveLength(20)
    expect(JSON.stringify(problems).length).toBeLessThan(40_000)
    for (const { message } of problems) expect(message.length).toBeLessThan(800)
  })
})

describe('a schema that cannot be used', () => {
  it('is said to be malformed, and where', () => {
    const error = thrownBy(() =>
      checkArguments({ type: 'object', properties: { a: { type: 'dict' } } }, '{}'),
    )
    expect(error.code).toBe('invalid_value')
    expect(error.message).toContain("The tool's schema is malformed at /properties/a/type:")
  })

  it('is said to be uncheckable if it refers to another document', () => {
    const schema = { type: 'object', properties: { a: { $ref: 'https://example.com/s.json' } } }
    const error = thrownBy(() => checkArguments(schema, '{"a":1}'))
    expect(error).toMatchObject({ code: 'unsupported' })
    expect(error.message).toContain('https://example.com/s.json')
  })

  const doubling: JsonObject = { d0: { type: 'object' } }
  for (let i = 1; i <= 60; i++)
    doubling[`d${i}`] = { allOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] }
  let deep: JsonObject = { type: 'string' }
  for (let i = 0; i < 5000; i++) deep = { not: deep }
  const many = JSON.stringify({ a: Array.from({ length: 20_000 }, (_, i) => ({ k: 'same', i })) })
  const hostile: [string, JsonObject, string][] = [
    [
      'a pattern that backtracks',
      { properties: { a: { pattern: '^(a+)+$' } } },
      `{"a":"${'a'.repeat(50)}!"}`,
    ],
    [
      'a property pattern that backtracks',
      { patternProperties: { '^(a+)+$': {} } },
      `{"${'a'.repeat(50)}!":1}`,
    ],
    [
      'such a pattern under a plain name',
      { properties: { type: { pattern: '^(a+)+$' } } },
      `{"type":"${'a'.repeat(50)}!"}`,
    ],
    ['a reference to itself', { $ref: '#' }, '{}'],
    [
      'references in a ring',
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      '{}',
    ],
    ['references that double', { $ref: '#/$defs/d60', $defs: doubling }, '{}'],
    ['many items to compare', { properties: { a: { uniqueItems: true } } }, many],
    ['a schema of great depth', deep, '{}'],
    [
      'many rules for many items',
      { properties: { a: { items: { allOf: Array(5000).fill({ type: 'object' }) } } } },
      many,
    ],
  ]
  it.each(hostile)('ends in time: %s', (_, schema, text) => {
    const started = performance.now()
    const error = thrownBy(() => checkArguments({ type: 'object', ...schema }, text))
    expect(['unsupported', 'invalid_value']).toContain(error.code)
    expect(error.message).toMatch(/cannot be checked|malformed/)
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('answers about arguments of great depth', () => {
    const text = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(checkArguments({ type: 'object' }, text).ok).toBe(true)
    expect(checkArguments({ type: 'object' }, text.slice(5, -1)).ok).toBe(false)
    expect(checkArguments({ type: 'object', properties: { a: { type: 'null' } } }, text).ok).toBe(
      false,
    )
    const recursive = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/l' } },
      $defs: { l: { items: { $ref: '#/$defs/l' } } },
    }
    expect(thrownBy(() => checkArguments(recursive, text)).code).toBe('unsupported')
  })
})
