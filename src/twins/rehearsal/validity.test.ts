import { Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TwinBlock, TwinPrompt } from '../model.ts'
import { rehearsal } from './index.ts'
import { sampleOf } from './pattern.ts'
import { readSchema } from './schema.ts'
import { leastValue } from './shape.ts'
import { accepts } from './valid.ts'

type Raw = { [key: string]: unknown }

const names = fc.constantFrom(
  'city',
  'amount',
  'from',
  'to',
  'date',
  'email',
  'tags',
  'count',
  'note',
  'order_id',
  'isOpen',
  'size',
)

const texts: fc.Arbitrary<Raw> = fc.oneof(
  fc.constant({ type: 'string' }),
  fc
    .constantFrom('date', 'time', 'date-time', 'email', 'uri', 'uuid', 'ipv4', 'hostname')
    .map(format => ({ type: 'string', format })),
  fc
    .constantFrom(
      '^[A-Z]{3}$',
      '^\\d{4}-\\d{2}$',
      '^(?:low|high)$',
      '^[a-z][a-z0-9_]*$',
      '^#[0-9a-f]{6}$',
      '^\\+?[1-9]\\d{6,14}$',
    )
    .map(pattern => ({ type: 'string', pattern })),
  fc
    .constantFrom(['red', 'green'], ['a', 'b', 'c'], ['on', 'off'])
    .map(choices => ({ type: 'string', enum: choices })),
  fc
    .record({
      minLength: fc.integer({ min: 0, max: 12 }),
      maxLength: fc.integer({ min: 12, max: 20 }),
    })
    .map(limits => ({ type: 'string', ...limits })),
  fc.constant({ type: ['string', 'null'] }),
  fc.constant({ const: 'fixed' }),
)

const figures: fc.Arbitrary<Raw> = fc.oneof(
  fc.constantFrom('number', 'integer').map(type => ({ type })),
  fc
    .tuple(
      fc.constantFrom('number', 'integer'),
      fc.integer({ min: -50, max: 5 }),
      fc.integer({ min: 6, max: 90 }),
    )
    .map(([type, minimum, maximum]) => ({ type, minimum, maximum })),
  fc.integer({ min: 1, max: 9 }).map(exclusiveMinimum => ({ type: 'integer', exclusiveMinimum })),
  fc.integer({ min: 2, max: 7 }).map(multipleOf => ({ type: 'integer', minimum: 1, multipleOf })),
  fc.constant({ type: 'integer', enum: [1, 2, 4] }),
)

const scalars = fc.oneof(
  texts,
  figures,
  fc.constant<Raw>({ type: 'boolean' }),
  fc.constant<Raw>({}),
)

const schemas: fc.Arbitrary<Raw> = fc.letrec<{ one: Raw; object: Raw }>(tie => ({
  one: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc
      .record({ items: scalars, minItems: fc.integer({ min: 0, max: 2 }) })
      .map(list => ({ type: 'array', ...list })),
    fc.constant({ type: 'array', items: { type: 'string' }, minItems: 2, uniqueItems: true }),
    fc.array(scalars, { minLength: 2, maxLength: 3 }).map(anyOf => ({ anyOf })),
    scalars.map(one => ({ anyOf: [one, { type: 'null' }] })),
    tie('object'),
  ),
  object: fc
    .tuple(
      fc.dictionary(names, tie('one'), { maxKeys: 5 }),
      fc.boolean(),
      fc.array(names, { maxLength: 4 }),
    )
    .map(([properties, closed, wanted]) => ({
      type: 'object',
      properties,
      required: [...new Set(wanted)].filter(name => name in properties),
      ...(closed ? { additionalProperties: false } : {}),
    })),
})).object

const messages = fc.oneof(
  fc.constantFrom(
    'Weather in Paris, Rome and San Francisco, CA tomorrow at 3pm please',
    'Order 3 red shirts, size "XL", for ann@example.com before 2025-03-14; the budget is $1,250.50 or 12%',
    "Send 'hello' from Oslo to Bergen with tags a, b and c, count 4, not open, order #12345",
    'open https://example.com/a?b=1 and /var/log/app.log, id 550e8400-e29b-41d4-a716-446655440000',
    'Set it to on. [1, 2, 3] {"a": 1} `x = 1` five hundred twenty, March 3rd, 10.0.0.1',
    '',
    '北京和上海的天气怎么样？',
  ),
  fc.lorem({ maxCount: 12 }),
  fc.string({ maxLength: 80, unit: 'grapheme' }),
)

function prompt(parameters: unknown, text: string, more: Partial<TwinPrompt> = {}): TwinPrompt {
  return {
    model: 'any',
    tools: [{ name: 'do_it', description: 'Does what is asked', parameters }],
    choice: { mode: 'required' },
    parallel: true,
    reasoning: false,
    stop: [],
    messages: [{ role: 'user', text, images: 0, documents: 0 }],
    ...more,
  }
}

async function blocks(asked: TwinPrompt): Promise<readonly TwinBlock[]> {
  return (await rehearsal().answer(asked, 1)).blocks
}

describe('whatever the schema and the words', () => {
  it('a demanded call comes with valid arguments', async () => {
    await fc.assert(
      fc.asyncProperty(schemas, messages, async (schema, text) => {
        const calls = (await blocks(prompt(schema, text))).filter(one => one.type === 'call')
        expect(calls.length).toBeGreaterThan(0)
        for (const call of calls) {
          const found = new Validator(schema, '2020-12').validate(JSON.parse(call.arguments))
          expect(found.errors, call.arguments).toEqual([])
        }
      }),
      { numRuns: 400, seed: 7 },
    )
  })

  it('structured output fits its schema', async () => {
    await fc.assert(
      fc.asyncProperty(schemas, messages, async (schema, text) => {
        const [block] = await blocks(
          prompt({}, text, { tools: [], choice: { mode: 'auto' }, output: { schema } }),
        )
        const value: unknown = JSON.parse(block?.type === 'text' ? block.text : '')
        expect(
          new Validator(schema, '2020-12').validate(value).errors,
          JSON.stringify(value),
        ).toEqual([])
      }),
      { numRuns: 200, seed: 8 },
    )
  })

  it('the same prompt gives the same answer', async () => {
    await fc.assert(
      fc.asyncProperty(schemas, messages, async (schema, text) => {
        const first = await rehearsal().answer(prompt(schema, text), 1)
        expect(await rehearsal().answer(prompt(schema, text), 2)).toEqual(first)
      }),
      { numRuns: 60, seed: 9 },
    )
  })
})

describe('accepts', () => {
  it('agrees with a full validator', () => {
    fc.assert(
      fc.property(schemas, fc.jsonValue({ maxDepth: 2 }), (schema, value) => {
        expect(accepts(schema, value)).toBe(new Validator(schema, '2020-12').validate(value).valid)
      }),
      { numRuns: 400, seed: 10 },
    )
  })

  it('follows references, also to itself', () => {
    const tree = {
      type: 'object',
      properties: { next: { $ref: '#' }, id: { $ref: '#/$defs/id' } },
      required: ['id'],
      $defs: { id: { type: 'integer' } },
    }
    expect(accepts(tree, { id: 1, next: { id: 2 } })).toBe(true)
    expect(accepts(tree, { id: 1, next: { id: 'two' } })).toBe(false)
  })
})

describe('leastValue', () => {
  it('is valid, also for a schema that refers to itself', () => {
    const schema = {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { id: { type: 'string' }, child: { $ref: '#/$defs/node' } },
          required: ['id'],
        },
      },
    }
    const value = leastValue(readSchema(schema))
    expect(accepts(schema, value)).toBe(true)
  })

  it('takes a default, a choice or an example before it makes something up', () => {
    expect(leastValue(readSchema({ type: 'integer', default: 5 }))).toBe(5)
    expect(leastValue(readSchema({ type: 'string', enum: ['x', 'y'] }))).toBe('x')
    expect(leastValue(readSchema({ type: 'string', examples: ['Oslo'] }))).toBe('Oslo')
  })
})

describe('sampleOf', () => {
  it.each([
    '^[A-Z]{2}\\d{3}$',
    '^(foo|bar)-[^a]+$',
    '^\\w+@\\w+\\.com$',
    '^(?:\\d{1,3}\\.){3}\\d{1,3}$',
    '^[\\d]{4}$',
    'colou?r',
    '^a{2,}b*$',
  ])('matches %s', pattern => {
    expect(sampleOf(pattern)).toMatch(new RegExp(pattern))
  })

  it('reaches a least length where the pattern can grow', () => {
    const sample = sampleOf('^[a-z]+$', 8)
    expect(sample).toMatch(/^[a-z]{8,}$/)
  })
})

describe('long and hostile messages', () => {
  it.each([
    [
      'a document',
      'The fox and the dog went to Paris, Rome and Berlin with 15 apples, 20 pears and $300. '.repeat(
        400,
      ),
    ],
    ['open brackets', '[1, '.repeat(4000)],
    ['open quotes', "'a ".repeat(4000)],
    ['list words', 'and '.repeat(4000)],
    ['figures', '1,'.repeat(4000)],
    ['one word', 'a'.repeat(50_000)],
  ])('come to an answer: %s', async (_, message) => {
    const started = performance.now()
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, count: { type: 'integer' } },
    }
    expect(await blocks(prompt(schema, message))).not.toHaveLength(0)
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
