import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type InputOf, type ToolContext, type ToolInput, tool } from './index.ts'
import { sayProblems } from './schema-source.ts'

const weather = {
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 2 },
    units: { enum: ['celsius', 'fahrenheit'] },
    days: { type: 'array', items: { type: 'integer', minimum: 1 } },
  },
  required: ['city'],
  additionalProperties: false,
} as const

async function problemsOf(made: { check(text: string): unknown }, text: string) {
  return JSON.parse(JSON.stringify(await made.check(text)))
}

describe('the types of a tool', () => {
  it('come from zod', () => {
    const made = tool({
      name: 'add',
      input: z.object({
        a: z.number(),
        b: z.string().transform(Number),
        c: z.string().default('x'),
      }),
      run: input => {
        expectTypeOf(input).toEqualTypeOf<{ a: number; b: number; c: string }>()
        return input.a + input.b
      },
    })
    expectTypeOf(made.name).toEqualTypeOf<'add'>()
  })

  it('are none for a tool that takes nothing', () => {
    const made = tool({
      name: 'now',
      run: input => {
        expectTypeOf(input).toEqualTypeOf<Record<string, never>>()
        return 1
      },
    })
    expectTypeOf<ToolInput<typeof made>>().toEqualTypeOf<Record<string, never>>()
  })

  it('come from a plain JSON Schema', () => {
    tool({
      name: 'get_weather',
      input: {
        type: 'object',
        properties: {
          city: { type: 'string' },
          units: { enum: ['celsius', 'fahrenheit'] },
          days: { type: 'array', items: { type: ['integer', 'null'] } },
          place: { type: 'object', properties: { lat: { type: 'number' } }, required: ['lat'] },
        },
        required: ['city', 'place'],
      },
      run: input => {
        expectTypeOf(input).toEqualTypeOf<{
          city: string
          place: { lat: number }
          units?: 'celsius' | 'fahrenheit'
          days?: (number | null)[]
        }>()
        return input.city
      },
    })
    expectTypeOf<InputOf<typeof weather>>().toEqualTypeOf<{
      city: string
      units?: 'celsius' | 'fahrenheit'
      days?: number[]
    }>()
  })

  it('come from any Standard Schema', () => {
    const types = (): { input: { n: string }; output: { n: number } } | undefined => undefined
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'home-made',
        validate: (value: unknown) => ({ value: { n: Number(Object(value).n) } }),
        jsonSchema: { input: () => ({ type: 'object', properties: { n: { type: 'string' } } }) },
        types: types(),
      },
    }
    tool({
      name: 'count',
      input: schema,
      run: input => {
        expectTypeOf(input).toEqualTypeOf<{ n: number }>()
        return input.n
      },
    })
  })

  it('carry the context that the function wants', () => {
    const made = tool({
      name: 'lookup',
      input: z.object({ id: z.string() }),
      run: (input, { context }: ToolContext<{ db: Map<string, string> }>) => {
        expectTypeOf(input).toEqualTypeOf<{ id: string }>()
        return context.db.get(input.id)
      },
    })
    expectTypeOf(made.types).toEqualTypeOf<
      { readonly input: { id: string }; readonly context: { db: Map<string, string> } } | undefined
    >()
  })
})

describe('arguments', () => {
  const run = () => 'ok'

  it('of a plain JSON Schema are held to it', async () => {
    const made = tool({ name: 'get_weather', input: weather, run })
    expect(await problemsOf(made, '{"city":"Oslo","days":[1]}')).toMatchObject({ ok: true })
    const wrong = await made.check('{"city":7,"units":"kelvin","days":[0],"extra":1}')
    expect(wrong.ok).toBe(false)
    const told = wrong.ok ? '' : sayProblems('get_weather', wrong.problems)
    expect(told).toContain('/city: expected string, found number 7 (type)')
    expect(told).toContain(
      '/units: expected one of ["celsius","fahrenheit"], found string "kelvin"',
    )
    expect(told).toContain('/days/0: expected 1 or more, found number 0 (minimum)')
    expect(told).toContain('/extra')
  })

  it('of zod are held to the same rules, then to its own', async () => {
    const input = z.object({ from: z.number(), to: z.number() })
    const made = tool({
      name: 'span',
      input: input.refine(({ from, to }) => from < to, {
        path: ['to'],
        message: 'to is after from',
      }),
      run,
    })
    expect(await problemsOf(made, '{"from":"1","to":2}')).toMatchObject({
      problems: [{ path: '/from', rule: 'type', expected: 'number', found: 'string "1"' }],
    })
    expect(await problemsOf(made, '{"from":3,"to":2}')).toMatchObject({
      problems: [{ path: '/to', rule: 'check', found: 'number 2' }],
    })
    expect(await problemsOf(made, '{"from":1,"to":2}')).toMatchObject({ ok: true })
  })

  it('that are no JSON object are problems too', async () => {
    const made = tool({ name: 'get_weather', input: weather, run })
    for (const text of ['{"city":', '[1]', 'null', '"x"'])
      expect((await made.check(text)).ok).toBe(false)
  })

  it('with very many problems are told within a size', async () => {
    const made = tool({
      name: 'numbers',
      input: { type: 'object', properties: { n: { type: 'array', items: { type: 'number' } } } },
      run,
    })
    const wrong = await made.check(JSON.stringify({ n: Array(500).fill('x'.repeat(500)) }))
    const told = wrong.ok ? '' : sayProblems('numbers', wrong.problems)
    expect(told.length).toBeGreaterThan(200)
    expect(told.length).toBeLessThan(2500)
  })
})

describe('a tool that could not be offered', () => {
  const run = () => 'ok'

  it('is refused when it is made', () => {
    expect(() => tool({ name: 'get weather', run })).toThrow(/no name for a tool/)
    expect(() => tool({ name: '3d_print', run })).toThrow(/first a letter or _/)
    expect(() => tool({ name: 'x' })).toThrow(/needs either/)
    expect(() => tool({ name: 'x', maxResultBytes: Number.NaN, run })).toThrow(/maxResultBytes/)
    const path = './beside.mjs'
    expect(() => tool({ name: 'x', code: { kind: 'module', path } })).toThrow(/must be absolute/)
    expect(() => tool({ name: 'x', input: { type: 'string' }, run })).toThrow(/must be "object"\.$/)
    expect(() => tool({ name: 'x', input: z.date(), run })).toThrow(/Tool 'x'/)
    const by = (pattern: string) => ({ type: 'object', properties: { x: { pattern } } }) as const
    expect(() => tool({ name: 'x', input: by('(?i)^a'), run })).toThrow(
      "Tool 'x': the pattern at #/properties/x/pattern of its schema is no regular expression of ECMA-262: /(?i)^a/ (invalid group).",
    )
    expect(() => tool({ name: 'x', input: by('^[\\w-.]+$'), run })).not.toThrow()
    const named = { type: 'object', patternProperties: { '^a(': { type: 'string' } } } as const
    expect(() => tool({ name: 'x', input: named, run })).toThrow(/ #\/patternProperties\/\^a\( /)
    const letters = '^[\\p{L}--[a-z]]$'
    const sets = z.object({ x: z.string().regex(new RegExp(letters, 'v')) })
    expect(() => tool({ name: 'x', input: sets, run })).toThrow(/ #\/properties\/x\/pattern /)
    expect(() => tool({ name: 'x', input: sets, parameters: by('^.$'), run })).not.toThrow()
    const mute = { '~standard': { version: 1 as const, vendor: 'mute' } }
    expect(() => tool({ name: 'x', input: mute, run })).toThrow(/mute cannot be told/)
  })
})
