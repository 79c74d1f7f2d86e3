import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { ModelRequest } from '../../core/request.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { anthropic } from './index.ts'

const BASE = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }

/** The request of a client of another protocol, written. */
function encode(more: Partial<ModelRequest>, quirks: Quirks = {}) {
  const encoded = anthropic.encodeRequest(
    {
      protocol: 'openai-chat',
      model: 'm',
      messages: [{ role: 'user', at: 0, content: [{ type: 'text', text: 'hi' }] }],
      tools: [],
      maxTokens: 10,
      stream: false,
      bound: [],
      ...more,
    },
    quirks,
  )
  return {
    wire: JSON.parse(stringifyJson(encoded.body)),
    headers: encoded.headers,
    losses: encoded.losses.map(loss => `${loss.path} ${loss.action} ${loss.meaning}`),
  }
}

/** A body of this protocol, read and written. */
function through(more: JsonObject, headers: { [name: string]: string } = {}, quirks: Quirks = {}) {
  const body = { ...BASE, ...more }
  const request = anthropic.decodeRequest(body, {
    headers: { 'anthropic-version': '2023-06-01', ...headers },
  })
  const { body: written, headers: sent, losses } = anthropic.encodeRequest(request, quirks)
  return { body, wire: JSON.parse(stringifyJson(written)), headers: sent, losses }
}

describe('headers', () => {
  it('name the older version for clients of other protocols', () => {
    expect(encode({ temperature: 0.5 }).headers).toEqual({ 'anthropic-version': '2023-06-01' })
  })

  it("pass on the client's own", () => {
    const headers = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'a,b' }
    expect(through({}, headers).headers).toEqual(headers)
    expect(through({}).headers).toEqual({ 'anthropic-version': '2023-06-01' })
  })

  it('name the older version if sampling settings came in on the way', () => {
    const request = anthropic.decodeRequest(BASE, {
      headers: { 'anthropic-version': '2026-10-21' },
    })
    expect(anthropic.encodeRequest({ ...request, temperature: 0 }, {}).headers).toEqual({
      'anthropic-version': '2023-06-01',
    })
  })

  it('do not pass on what another protocol kept', () => {
    const extras = { anthropic: { $version: '2026-10-21', $beta: 'x', foo: 1 } }
    const { wire, headers } = encode({ extras })
    expect(headers).toEqual({ 'anthropic-version': '2023-06-01' })
    expect(wire).not.toHaveProperty('foo')
  })
})

describe('back to back', () => {
  it.each<JsonObject>([
    { system: 'be brief', stop_sequences: ['END'], temperature: 0.5, top_k: 5, stream: true },
    { system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    {
      metadata: { user_id: 'u' },
      service_tier: 'standard_only',
      cache_control: { type: 'ephemeral' },
    },
    { cache_control: { type: 'ephemeral', ttl: '5m', scope: 'global' } },
    { thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted', odd: 1 } },
    {
      output_config: {
        effort: 'high',
        format: { type: 'json_schema', schema: { type: 'object' } },
      },
    },
    { output_config: { format: { type: 'json_schema', schema: {}, name: 'n' }, task_budget: 9 } },
    { output_config: { task_budget: 9 } },
    { output_format: { type: 'json_schema', schema: { type: 'object' } } },
    { metadata: { trace: 't' } },
    { mcp_servers: [{ type: 'url', url: 'https://x', name: 's' }], container: { skills: [] } },
    { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] }, speed: 'fast' },
    {
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      tool_choice: { type: 'tool', name: 'f', odd: true },
    },
  ])('gives the same request, and no losses: %j', more => {
    const { body, wire, losses } = through(more)
    expect(wire).toEqual(body)
    expect(losses).toEqual([])
  })

  it('leaves out what is left of a setting that went', () => {
    const thinking = { type: 'adaptive', odd: 1 }
    expect(through({ thinking }, {}, { thinking: 'none' }).wire).not.toHaveProperty('thinking')
  })
})

describe('sampling', () => {
  it('is written', () => {
    expect(encode({ temperature: 0, topP: 0.5, topK: 3 })).toMatchObject({
      wire: { temperature: 0, top_p: 0.5, top_k: 3 },
      losses: [],
    })
  })

  it('is clamped, and says so', () => {
    expect(encode({ temperature: 1.7 })).toMatchObject({
      wire: { temperature: 1 },
      losses: ['temperature approximated false'],
    })
  })

  it('is left out where the model takes none; a default was no wish', () => {
    const quirks = { sampling: 'none' } as const
    const { wire, losses } = encode({ temperature: 0.5, topP: 0.5, topK: 3 }, quirks)
    expect(Object.keys(wire)).toEqual(['model', 'max_tokens', 'messages'])
    expect(losses).toEqual([
      'temperature dropped false',
      'top_p dropped false',
      'top_k dropped false',
    ])
    expect(encode({ temperature: 1, topP: 1 }, quirks).losses).toEqual([])
  })

  it('is one setting where the model takes one', () => {
    const quirks = { sampling: 'one' } as const
    const both = encode({ temperature: 0.5, topP: 0.5 }, quirks)
    expect(both.wire).toHaveProperty('temperature', 0.5)
    expect(both.wire).not.toHaveProperty('top_p')
    expect(both.losses).toEqual(['top_p dropped false'])
    expect(encode({ temperature: 0.5, topP: 1 }, quirks).losses).toEqual([])
    expect(encode({ topP: 0.5 }, quirks)).toMatchObject({ wire: { top_p: 0.5 }, losses: [] })
  })

  it('gives way to thinking, for clients of other protocols', () => {
    const reasoning = { effort: 'high' } as const
    const { wire, losses } = encode({ reasoning, temperature: 0, topP: 0.5, topK: 3 })
    expect(Object.keys(wire)).toEqual(['model', 'max_tokens', 'messages', 'thinking'])
    expect(losses).toEqual([
      'temperature dropped false',
      'top_p dropped false',
      'top_k dropped false',
    ])
    const mild = encode({ reasoning, temperature: 1, topP: 0.97 })
    expect(mild.wire).toHaveProperty('top_p', 0.97)
    expect(mild.losses).toEqual([])
    const off = encode({ reasoning: { effort: 'none' }, temperature: 0 })
    expect(off.wire).toHaveProperty('temperature', 0)
  })
})

describe('the form of the answer', () => {
  const output = {
    type: 'json-schema',
    name: 'n',
    description: 'A person.',
    schema: { type: 'object' },
    strict: true,
  } as const

  it('is demanded where it can be', () => {
    expect(encode({ output })).toMatchObject({
      wire: { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      losses: ['response_format dropped false'],
    })
  })

  it('is asked for in words elsewhere', () => {
    const { wire, losses } = encode({ output }, { structuredOutput: false })
    expect(wire).not.toHaveProperty('output_config')
    expect(wire.system).toContain('A person.')
    expect(wire.system).toContain('{"type":"object"}')
    expect(losses).toEqual(['response_format emulated true'])
  })

  it('of any JSON is always asked for in words, after the instructions', () => {
    const messages = [
      { role: 'system', voice: 'developer', at: 0, content: [{ type: 'text', text: 'be brief' }] },
      { role: 'user', at: 1, content: [{ type: 'text', text: 'hi' }] },
    ] as const
    const { wire, losses } = encode({ output: { type: 'json' }, messages })
    expect(wire.system).toEqual([
      { type: 'text', text: 'be brief' },
      { type: 'text', text: expect.stringContaining('JSON object') },
    ])
    expect(losses).toEqual(['response_format emulated true'])
  })

  it('of a client of its own is asked for in words too, and not twice', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } }
    const { wire, losses } = through({ output_format: format }, {}, { structuredOutput: false })
    expect(wire).not.toHaveProperty('output_format')
    expect(losses).toMatchObject([{ path: 'output_config.format', action: 'emulated' }])
  })
})

describe('the rest', () => {
  it('is said in the words of the wire', () => {
    expect(
      encode({ user: 'u', stop: ['END'], stream: true, serviceTier: 'default' }),
    ).toMatchObject({
      wire: {
        metadata: { user_id: 'u' },
        stop_sequences: ['END'],
        stream: true,
        service_tier: 'standard_only',
      },
      losses: [],
    })
  })

  it('is reported where there is no word', () => {
    expect(encode({ seed: 1, verbosity: 'low', serviceTier: 'flex', stop: ['\n', 'END'] })).toEqual(
      {
        wire: { ...BASE, stop_sequences: ['END'] },
        headers: { 'anthropic-version': '2023-06-01' },
        losses: [
          'stop dropped true',
          'seed dropped false',
          'verbosity dropped false',
          'service_tier dropped false',
        ],
      },
    )
  })

  it('drops a map of metadata, which changes nothing', () => {
    expect(encode({ metadata: { a: 'b' } })).toMatchObject({
      wire: BASE,
      losses: ['metadata dropped false'],
    })
  })
})
