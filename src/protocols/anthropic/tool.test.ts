import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelRequest, Tool } from '../../core/request.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { anthropic } from './index.ts'

const CALL = { headers: { 'anthropic-version': '2023-06-01' } }
const BASE = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }

const decode = (tools: Json): ModelRequest => anthropic.decodeRequest({ ...BASE, tools }, CALL)

function refusal(tools: Json): string {
  try {
    decode(tools)
  } catch (error) {
    if (!isToolgateError(error)) throw error
    return JSON.parse(JSON.stringify(anthropic.encodeError(error, 'req').body)).error.message
  }
  throw new Error('nothing was thrown')
}

/** A request of another protocol, written. */
function encode(tools: readonly Tool[], quirks: Quirks = {}) {
  const request: ModelRequest = {
    protocol: 'openai-chat',
    model: 'm',
    messages: [{ role: 'user', at: 0, content: [{ type: 'text', text: 'hi' }] }],
    tools,
    maxTokens: 5,
    stream: false,
    bound: [],
  }
  const { body, losses } = anthropic.encodeRequest(request, quirks)
  return { tools: JSON.parse(stringifyJson(body)).tools, losses }
}

const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } }

describe('reading tools', () => {
  it('reads all that a tool can say', () => {
    const wire = {
      type: 'custom',
      name: 'f',
      description: 'does',
      input_schema: SCHEMA,
      strict: true,
      cache_control: { type: 'ephemeral' },
      input_examples: [{ a: 'x' }],
      defer_loading: true,
      eager_input_streaming: true,
      allowed_callers: ['code_execution_20260120'],
    }
    const request = decode([wire])
    expect(request.tools).toEqual([
      {
        kind: 'function',
        name: 'f',
        description: 'does',
        parameters: SCHEMA,
        strict: true,
        cache: {},
        extras: {
          anthropic: {
            input_examples: [{ a: 'x' }],
            defer_loading: true,
            eager_input_streaming: true,
            allowed_callers: ['code_execution_20260120'],
          },
        },
      },
    ])
    expect(request.bound).toEqual([
      { path: 'tools[0].input_examples', what: 'input_examples', weight: 'hint' },
      { path: 'tools[0].defer_loading', what: 'defer_loading', weight: 'hint' },
      { path: 'tools[0].eager_input_streaming', what: 'eager_input_streaming', weight: 'hint' },
      { path: 'tools[0].allowed_callers', what: 'allowed_callers', weight: 'meaning' },
    ])
    const { type: _, ...rest } = wire
    const again = JSON.parse(stringifyJson(anthropic.encodeRequest(request, {}).body))
    expect(again.tools).toEqual([rest])
  })

  it('takes a tool without a type, or with none, for a function', () => {
    const [first, second] = decode([
      { name: 'f', input_schema: SCHEMA },
      { type: null, name: 'g', input_schema: {}, allowed_callers: ['direct', 'x'] },
    ]).tools
    expect(first).toEqual({ kind: 'function', name: 'f', parameters: SCHEMA })
    expect(second).toMatchObject({ kind: 'function', name: 'g', parameters: {} })
  })

  it('leaves tools with a type of their own to the vendor', () => {
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 }
    const toolset = { type: 'mcp_toolset', mcp_server_name: 's' }
    const request = decode([search, toolset])
    expect(request.tools).toEqual([
      {
        kind: 'server',
        protocol: 'anthropic',
        type: search.type,
        name: 'web_search',
        value: search,
      },
      {
        kind: 'server',
        protocol: 'anthropic',
        type: 'mcp_toolset',
        name: 'mcp_toolset',
        value: toolset,
      },
    ])
    const { body, losses } = anthropic.encodeRequest(request, {})
    expect(body).toMatchObject({ tools: [search, toolset] })
    expect(losses).toEqual([])
  })

  it.each<[Json, string]>([
    [{}, 'tools: Input should be a valid array'],
    [[1], 'tools.0: Input should be an object'],
    [[{}], 'tools.0.custom.name: Field required'],
    [[{ name: 'f' }], 'tools.0.custom.input_schema: Field required'],
    [[{ name: 'f', input_schema: [] }], 'tools.0.custom.input_schema: Input should be an object'],
    [
      [{ name: 'f', input_schema: {}, strict: 1 }],
      'tools.0.custom.strict: Input should be a valid boolean',
    ],
    [
      [{ name: 'a.b', input_schema: {} }],
      "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ],
    [
      [{ name: '', input_schema: {} }],
      "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ],
    [
      [{ name: 'a'.repeat(129), input_schema: {} }],
      'tools.0.custom.name: String should have at most 128 characters',
    ],
    [
      [{ name: 'f', description: 7, input_schema: {} }],
      'tools.0.custom.description: Input should be a valid string',
    ],
    [[{ type: 7 }], 'tools.0.type: Input should be a valid string'],
  ])('refuses %j', (tools, message) => {
    expect(refusal(tools)).toBe(message)
  })

  it('takes names of 128 characters, as the vendor does', () => {
    expect(decode([{ name: 'a'.repeat(128), input_schema: {} }]).tools).toHaveLength(1)
  })
})

describe('writing tools', () => {
  it('gives a tool without parameters the schema that the wire needs', () => {
    expect(encode([{ kind: 'function', name: 'f' }])).toEqual({
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      losses: [],
    })
  })

  it('leaves a schema as it is', () => {
    const parameters: JsonObject = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { b: { $ref: '#/$defs/B' }, a: {} },
      $defs: { B: { oneOf: [{ type: 'string' }, { type: 'null' }] } },
      additionalProperties: false,
    }
    const { tools } = encode([{ kind: 'function', name: 'f', parameters }])
    expect(JSON.stringify(tools[0].input_schema)).toBe(JSON.stringify(parameters))
  })

  it('says that the root is an object where the schema did not', () => {
    const parameters = { properties: { a: {} } }
    expect(encode([{ kind: 'function', name: 'f', parameters }])).toEqual({
      tools: [{ name: 'f', input_schema: { type: 'object', properties: { a: {} } } }],
      losses: [
        {
          path: 'tools[0].parameters',
          what: 'the schema did not say that its root is an object',
          action: 'repaired',
          meaning: false,
        },
      ],
    })
    expect(encode([{ kind: 'function', name: 'f', parameters: {} }])).toEqual({
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      losses: [],
    })
  })

  it('holds the model to a schema only where it can', () => {
    const tool: Tool = { kind: 'function', name: 'f', parameters: SCHEMA, strict: true }
    expect(encode([tool]).tools[0]).toHaveProperty('strict', true)
    const { tools, losses } = encode([tool], { strictTools: false })
    expect(tools[0]).not.toHaveProperty('strict')
    expect(losses).toMatchObject([{ path: 'tools[0].strict', action: 'dropped', meaning: true }])
    expect(encode([{ ...tool, strict: false }], { strictTools: false }).losses).toEqual([])
  })

  it('leaves out what is no tool of this wire, and says so', () => {
    const { tools, losses } = encode([
      { kind: 'custom', name: 'c' },
      { kind: 'server', protocol: 'gemini', type: 'google_search', name: 'g', value: {} },
      { kind: 'function', name: 'f' },
    ])
    expect(tools).toHaveLength(1)
    expect(losses).toMatchObject([
      { path: 'tools[0]', action: 'dropped', meaning: true },
      { path: 'tools[1]', action: 'dropped', meaning: true },
    ])
  })

  it('leaves an empty list out', () => {
    expect(encode([])).toEqual({ tools: undefined, losses: [] })
  })
})
