import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { anthropic } from '../../src/conformance/clients/anthropic.ts'
import { openaiChat } from '../../src/conformance/clients/openai-chat.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel, TwinPrompt, TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'
import { sayInDialect } from '../schema-speech.ts'

/** A model that calls each tool with what it is meant to say, in the words that it was told. */
class Speaker implements TwinModel {
  readonly name = 'speaker'
  meant: readonly Json[] = []
  seen: TwinPrompt | undefined
  answer(prompt: TwinPrompt): TwinTurn {
    this.seen = prompt
    return {
      blocks: prompt.tools.map((tool, i) => ({
        type: 'call',
        name: tool.name,
        arguments: JSON.stringify(
          sayInDialect(this.meant[i] ?? {}, JSON.parse(JSON.stringify(tool.parameters ?? null))),
        ),
      })),
    }
  }
}

const speaker = new Speaker()
const twins: Twin[] = []
let gateway: RunningGateway | undefined

beforeAll(async () => {
  for (const name of ['openai', 'anthropic', 'google']) {
    const vendor = TWIN_VENDORS[name]
    if (!vendor) throw new Error(`no twin of ${name}`)
    twins.push(await startTwin({ vendor, model: speaker, transport: { chunk: 'random' }, seed: 5 }))
  }
  const [openai, claude, google] = twins.map(twin => twin.url)
  const config = loadConfig(
    { port: '0', log: 'silent', rehearsal: false },
    {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: `${openai}/v1`,
      ANTHROPIC_API_KEY: 'sk-test',
      ANTHROPIC_BASE_URL: claude,
      GEMINI_API_KEY: 'sk-test',
      GOOGLE_GEMINI_BASE_URL: `${google}/v1beta`,
    },
  )
  const old = {
    name: 'old-google',
    provider: 'google',
    baseUrl: `${google}/v1beta`,
    key: 'sk-test',
    source: 'test',
    quirks: { toolSchema: 'gemini-schema' as const },
  }
  gateway = await startGateway({ ...config, accounts: [...config.accounts, old] })
})
afterAll(async () => {
  await gateway?.close()
  await Promise.all(twins.map(twin => twin.close()))
})

const NODE: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' }, next: { $ref: '#/$defs/node' } },
  required: ['name'],
  additionalProperties: false,
}

/** What users write, each with arguments that fit it. */
const NASTY: readonly [string, JsonObject, Json][] = [
  ['says nothing at all', {}, {}],
  ['has no properties', { type: 'object', properties: {} }, {}],
  [
    'is a reference',
    { $ref: '#/$defs/a', $defs: { a: { type: 'object', properties: { x: { type: 'integer' } } } } },
    { x: 1 },
  ],
  [
    'is a union',
    {
      oneOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'number' } }, required: ['b'] },
      ],
    },
    { b: 2.5 },
  ],
  [
    'is put together',
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'string' } } },
        { properties: { b: { type: 'integer' } }, required: ['b'] },
      ],
    },
    { b: 2 },
  ],
  [
    'has conditions',
    {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    { a: 'x' },
  ],
  [
    'refers to itself',
    {
      type: 'object',
      properties: { list: { $ref: '#/$defs/node' } },
      required: ['list'],
      $defs: { node: NODE },
    },
    { list: { name: 'a', next: { name: 'b' } } },
  ],
  [
    'describes a reference',
    {
      type: 'object',
      properties: { a: { $ref: '#/definitions/c d', description: 'An A.' } },
      definitions: { 'c d': { type: 'string', enum: ['x', 'y'] } },
    },
    { a: 'y' },
  ],
  [
    'refers to a property',
    {
      type: 'object',
      properties: { a: { type: 'number', minimum: 0 }, b: { $ref: '#/properties/a' } },
    },
    { a: 1, b: 2 },
  ],
  [
    'is of draft 4',
    {
      $schema: 'http://json-schema.org/draft-04/schema#',
      id: 'x',
      type: 'object',
      properties: {
        a: { type: 'number', minimum: 0, exclusiveMinimum: true },
        b: {
          type: 'array',
          items: [{ type: 'string' }, { type: 'number' }],
          additionalItems: false,
        },
      },
    },
    { a: 0.5, b: ['x', 1] },
  ],
  [
    'is of draft 3',
    { type: 'object', properties: { a: { type: 'string', required: true } } },
    { a: 'x' },
  ],
  [
    'is of OpenAPI',
    {
      type: 'object',
      properties: { a: { type: 'string', nullable: true, example: 'x', format: 'uri' } },
      required: ['a'],
    },
    { a: 'https://x.example' },
  ],
  [
    'fixes values of all kinds',
    {
      type: 'object',
      properties: {
        a: { enum: [1, 'one', true, null, ''] },
        b: { const: 4 },
        c: { type: 'boolean', enum: [true] },
      },
      required: ['a', 'b', 'c'],
    },
    { a: 1, b: 4, c: true },
  ],
  [
    'holds a map',
    {
      type: 'object',
      properties: { headers: { type: 'object', additionalProperties: { type: 'string' } } },
    },
    { headers: { accept: '*/*' } },
  ],
  [
    'holds anything',
    { type: 'object', properties: { a: {}, b: true, c: { type: 'array' }, d: { type: 'object' } } },
    { a: 'x', b: 1, c: ['x'], d: { e: 1 } },
  ],
  [
    'lists types',
    {
      type: 'object',
      properties: {
        a: { type: ['string', 'integer', 'null'] },
        b: { type: ['array', 'object'], items: { type: 'string' } },
      },
    },
    { a: 3, b: ['x'] },
  ],
  [
    'names properties oddly',
    {
      type: 'object',
      properties: {
        'größe (cm)': { type: 'number' },
        $ref: { type: 'string' },
        'a b': { enum: [1, 2] },
      },
      required: ['größe (cm)'],
    },
    { 'größe (cm)': 1, 'a b': 2 },
  ],
  [
    'has patterns and bounds',
    {
      type: 'object',
      properties: {
        a: { type: 'string', pattern: '^(?!x)', minLength: 2 },
        b: { type: 'array', items: { type: 'integer' }, minItems: 2, uniqueItems: true },
        c: { type: 'number', multipleOf: 0.5 },
      },
      patternProperties: { '^x-': { type: 'string' } },
    },
    { a: 'ab', b: [1, 2], c: 1.5 },
  ],
  [
    'says nulls',
    {
      type: 'object',
      properties: { a: { type: 'string', description: null, enum: null } },
      required: null,
    },
    { a: 'x' },
  ],
  [
    'names prototypes',
    {
      type: 'object',
      properties: { constructor: { type: 'string' }, toString: { type: 'integer' } },
      required: ['constructor'],
    },
    { constructor: 'x' },
  ],
]

const MODELS = [
  'gpt-4o',
  'gpt-4.1',
  'claude-sonnet-4-5',
  'gemini-2.5-flash',
  'old-google/gemini-2.5-flash',
]

describe.each(MODELS)('[G8.1] [G8.2] %s takes a schema that', model => {
  const client = model.startsWith('gpt') ? anthropic : openaiChat
  describe.each([
    ['plain', false],
    ['strict', true],
  ])('(%s)', (_, strict) => {
    it.each(NASTY)('%s', async (_title, parameters, meant) => {
      for (const stream of [false, true]) {
        speaker.meant = [meant]
        const answer = await client.ask(
          { base: gateway?.url ?? '', key: 'any' },
          model,
          {
            messages: [{ role: 'user', text: 'Call it.' }],
            tools: [
              { name: 'act', description: 'Acts.', parameters, ...(strict ? { strict } : {}) },
            ],
          },
          stream,
        )
        const [block] = answer.blocks
        expect(block).toMatchObject({ type: 'call', name: 'act' })
        if (block?.type === 'call') expect(JSON.parse(block.arguments)).toEqual(meant)
      }
    })
  })
})

describe('names of tools', () => {
  const ask = async (model: string, names: readonly string[]) => {
    speaker.meant = []
    const response = await fetch(`${gateway?.url}/v1beta/models/${model}:generateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        contents: [{ role: 'user', parts: [{ text: 'Call all.' }] }],
        tools: [{ functionDeclarations: names.map(name => ({ name, description: 'Acts.' })) }],
      }),
    })
    const body = await response.json()
    const calls = JSON.stringify(body).match(/"name":"[^"]*"/g) ?? []
    return calls.map(text => text.slice(8, -1))
  }

  it("are told in the vendor's letters, and come back as they were", async () => {
    const names = ['math.sum', 'math_sum', 'a:b-c.d', `x.${'y'.repeat(60)}`, `x.${'y'.repeat(59)}z`]
    for (const model of ['gpt-4o', 'claude-sonnet-4-5']) {
      expect(await ask(model, names)).toEqual(names)
      const told = speaker.seen?.tools.map(tool => tool.name) ?? []
      expect(new Set(told).size).toBe(names.length)
      const rule = model === 'gpt-4o' ? /^[a-zA-Z0-9_-]{1,64}$/ : /^[a-zA-Z0-9_-]{1,128}$/
      for (const name of told) expect(name).toMatch(rule)
      expect(told[1]).toBe('math_sum')
    }
  })

  it('that begin with a digit get a letter where the vendor wants one', async () => {
    speaker.meant = []
    const tools = [{ name: '3d-view' }, { name: 'z'.repeat(100) }]
    const answer = await anthropic.ask(
      { base: gateway?.url ?? '', key: 'any' },
      'gemini-2.5-flash',
      { messages: [{ role: 'user', text: 'Call all.' }], tools },
      false,
    )
    expect(answer.blocks.flatMap(one => (one.type === 'call' ? [one.name] : []))).toEqual(
      tools.map(tool => tool.name),
    )
  })
})

it('[G9.3] a malformed schema is refused with its place, and nothing is sent', async () => {
  speaker.seen = undefined
  const parameters = { type: 'object', properties: { a: { type: 'dict' } } }
  await expect(
    openaiChat.ask(
      { base: gateway?.url ?? '', key: 'any' },
      'claude-sonnet-4-5',
      { messages: [{ role: 'user', text: 'x' }], tools: [{ name: 'act', parameters }] },
      false,
    ),
  ).rejects.toThrow(/schema of tool 'act' is malformed at \/properties\/a\/type/)
  expect(speaker.seen).toBeUndefined()
})
