import { describe, expect, it } from 'vitest'
import { isToolgateError, type ToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelRequest } from '../../core/request.ts'
import { anthropic } from './index.ts'

const OLD = { 'anthropic-version': '2023-06-01' }
const NEW = { 'anthropic-version': '2026-10-21' }
const BASE = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }

function decode(more: JsonObject, headers: { [name: string]: string } = OLD): ModelRequest {
  return anthropic.decodeRequest({ ...BASE, ...more }, { headers })
}

/** The refusal of a body, in the words that the client gets. */
function refusal(wire: Json, headers: { [name: string]: string } = OLD): string {
  const error = thrown(() => anthropic.decodeRequest(wire, { headers }))
  const { body, status } = anthropic.encodeError(error, 'req_1')
  expect(status).toBe(400)
  expect(body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  return JSON.parse(JSON.stringify(body)).error.message
}

function thrown(run: () => unknown): ToolgateError {
  try {
    run()
  } catch (error) {
    if (isToolgateError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the version header', () => {
  it('is required', () => {
    expect(refusal(BASE, {})).toBe('anthropic-version: header is required')
    expect(refusal(BASE, { 'anthropic-version': '' })).toBe('anthropic-version: header is required')
  })

  it('must be one that exists', () => {
    expect(refusal(BASE, { 'anthropic-version': '2024-10-22' })).toBe(
      'anthropic-version: "2024-10-22" is not a valid version',
    )
  })

  it('is kept, and so is the beta header', () => {
    const request = decode({}, { ...NEW, 'anthropic-beta': 'a-2026-01-01,b-2026-01-01' })
    expect(request.extras).toEqual({
      anthropic: { $version: '2026-10-21', $beta: 'a-2026-01-01,b-2026-01-01' },
    })
  })
})

describe('the body', () => {
  it('needs model, messages and max_tokens, in this order', () => {
    expect(refusal({})).toBe('model: Field required')
    expect(refusal({ model: 'm' })).toBe('messages: Field required')
    expect(refusal({ model: 'm', messages: [] })).toBe('messages: at least one message is required')
    expect(refusal({ model: 'm', messages: BASE.messages })).toBe('max_tokens: Field required')
  })

  it('must be an object', () => {
    expect(refusal([])).toBe('Input should be an object')
    expect(refusal('x')).toBe('Input should be an object')
  })

  it.each<[JsonObject, string]>([
    [{ model: 7 }, 'model: Input should be a valid string'],
    [{ messages: {} }, 'messages: Input should be a valid array'],
    [{ max_tokens: 1.5 }, 'max_tokens: Input should be a valid integer'],
    [{ max_tokens: null }, 'max_tokens: Input should be a valid integer'],
    [{ max_tokens: -1 }, 'max_tokens: must be greater than or equal to 0'],
    [{ stream: 'yes' }, 'stream: Input should be a valid boolean'],
    [{ stop_sequences: 'END' }, 'stop_sequences: Input should be a valid array'],
    [{ stop_sequences: [1] }, 'stop_sequences.0: Input should be a valid string'],
    [{ temperature: 'hot' }, 'temperature: Input should be a valid number'],
    [{ temperature: 1.5 }, 'temperature: range: 0..1'],
    [{ top_p: -0.1 }, 'top_p: range: 0..1'],
    [{ top_k: 1.5 }, 'top_k: Input should be a valid integer'],
    [{ metadata: [] }, 'metadata: Input should be an object'],
    [{ metadata: { user_id: 5 } }, 'metadata.user_id: Input should be a valid string'],
    [{ system: 5 }, 'system: Input should be a string or an array'],
    [{ system: [{ type: 'image' }] }, 'system.0: Input does not match the expected shape.'],
    [{ system: [{ type: 'text' }] }, 'system.0.text: Field required'],
    [{ service_tier: 1 }, 'service_tier: Input should be a valid string'],
    [
      { cache_control: { type: 'forever' } },
      expect.stringContaining("cache_control: Input tag 'forever'"),
    ],
    [{ $version: 'x' }, '$version: Extra inputs are not permitted'],
    [{ metadata: { $a: 1 } }, 'metadata.$a: Extra inputs are not permitted'],
  ])('refuses %j', (more, message) => {
    expect(refusal({ ...BASE, ...more })).toEqual(message)
  })

  it('keeps the settings', () => {
    const request = decode({
      max_tokens: 0,
      stop_sequences: ['END'],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      metadata: { user_id: 'u1' },
      service_tier: 'auto',
      cache_control: { type: 'ephemeral', ttl: '1h' },
      stream: true,
    })
    expect(request).toMatchObject({
      protocol: 'anthropic',
      model: 'm',
      maxTokens: 0,
      stop: ['END'],
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      user: 'u1',
      serviceTier: 'auto',
      cache: { ttl: '1h' },
      stream: true,
      bound: [],
    })
  })

  it('takes null and emptiness for absence', () => {
    const request = decode({
      system: null,
      tools: [],
      tool_choice: null,
      stop_sequences: [],
      thinking: null,
      metadata: null,
      temperature: null,
      cache_control: null,
    })
    expect(request).toEqual({
      protocol: 'anthropic',
      model: 'm',
      maxTokens: 10,
      messages: [{ role: 'user', at: 0, content: [{ type: 'text', text: 'hi' }] }],
      tools: [],
      stream: false,
      extras: { anthropic: { $version: '2023-06-01' } },
      bound: [],
    })
  })
})

describe('the newer version', () => {
  it.each(['temperature', 'top_p', 'top_k'])('knows no %s, not even its default', name => {
    expect(refusal({ ...BASE, [name]: 1 }, NEW)).toBe(`${name}: Extra inputs are not permitted`)
  })

  it('takes documents from users only', () => {
    const document = {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'd' },
    }
    const body = {
      ...BASE,
      messages: [...BASE.messages, { role: 'assistant', content: [document] }],
    }
    expect(refusal(body, NEW)).toBe('messages.1: `document` blocks can only be in `user` messages')
    expect(decode(body).messages[1]).toMatchObject({
      content: [{ type: 'opaque', kind: 'document', value: document }],
    })
  })

  it('takes citations from assistants only', () => {
    const text = { type: 'text', text: 'a', citations: [{ type: 'char_location' }] }
    const body = { ...BASE, messages: [{ role: 'user', content: [text] }] }
    expect(refusal(body, NEW)).toBe(
      'messages.0.content.0.text.citations: Extra inputs are not permitted',
    )
    expect(() => decode(body)).not.toThrow()
    const empty = { role: 'user', content: [{ ...text, citations: [] }] }
    expect(() => decode({ messages: [empty] }, NEW)).not.toThrow()
  })
})

describe('thinking and effort', () => {
  it.each<[JsonObject, unknown]>([
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
    [{ thinking: { type: 'between_tools' } }, { mode: 'between-tools' }],
    [
      { thinking: { type: 'enabled', budget_tokens: 2048, display: 'omitted' } },
      { mode: 'budget', budget: 2048, display: 'omitted' },
    ],
    [
      { thinking: { type: 'adaptive', display: null }, output_config: { effort: 'xhigh' } },
      { mode: 'adaptive', effort: 'xhigh' },
    ],
    [{ output_config: { effort: 'low' } }, { effort: 'low' }],
    [{ output_config: { effort: null } }, undefined],
  ])('reads %j', (more, reasoning) => {
    expect(decode(more).reasoning).toEqual(reasoning)
  })

  it.each<[JsonObject, string]>([
    [{ thinking: { type: 'enabled' } }, 'thinking.enabled.budget_tokens: Field required'],
    [
      { thinking: { type: 'enabled', budget_tokens: 1000 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [{ thinking: {} }, 'thinking.type: Field required'],
    [
      { thinking: { type: 'maybe' } },
      "thinking: Input tag 'maybe' found using 'type' does not match any of the expected tags: 'adaptive', 'between_tools', 'disabled', 'enabled'",
    ],
    [{ thinking: 'on' }, 'thinking: Input should be an object'],
    [
      { thinking: { type: 'adaptive', display: 'all' } },
      "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
    ],
    [
      { output_config: { effort: 'none' } },
      "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ],
  ])('refuses %j', (more, message) => {
    expect(refusal({ ...BASE, ...more })).toBe(message)
  })
})

describe('the output format', () => {
  const schema = { type: 'object' }

  it('is read from both its places', () => {
    const format = { type: 'json_schema', schema }
    const output = { type: 'json-schema', schema }
    expect(decode({ output_config: { format } }).output).toEqual(output)
    expect(decode({ output_format: format }).output).toEqual(output)
    expect(decode({ output_format: format }).bound).toEqual([
      { path: 'output_format', what: 'output_format', weight: 'hint' },
    ])
  })

  it('must be a schema', () => {
    expect(refusal({ ...BASE, output_config: { format: { type: 'json_schema' } } })).toBe(
      'output_config.format.json_schema.schema: Field required',
    )
    expect(refusal({ ...BASE, output_config: { format: { type: 'xml' } } })).toBe(
      "output_config.format: Input tag 'xml' found using 'type' does not match any of the expected tags: 'json_schema'",
    )
  })
})

describe('fields that only this protocol has', () => {
  it.each<[JsonObject, string, string]>([
    [{ mcp_servers: [{ type: 'url' }] }, 'mcp_servers', 'required'],
    [{ inference_geo: 'us' }, 'inference_geo', 'required'],
    [{ container: { skills: [{ type: 'custom' }] } }, 'container', 'required'],
    [{ container: 'container_1' }, 'container', 'meaning'],
    [{ context_management: { edits: [] } }, 'context_management', 'meaning'],
    [{ brand_new: 1 }, 'brand_new', 'meaning'],
    [{ inference_geo: 'global' }, 'inference_geo', 'hint'],
    [{ speed: 'fast' }, 'speed', 'hint'],
    [{ output_config: { task_budget: 5 } }, 'output_config.task_budget', 'meaning'],
    [{ metadata: { trace: 'x' } }, 'metadata.trace', 'hint'],
  ])('lists %j', (more, path, weight) => {
    expect(decode(more).bound).toEqual([{ path, what: path, weight }])
  })

  it('lists none that says nothing', () => {
    expect(decode({ mcp_servers: [], container: null, speed: null, x: false }).bound).toEqual([])
  })

  it('keeps them apart from the headers', () => {
    const request = decode({ version: 'v', beta: 'b', container: 'c', metadata: { trace: 'x' } })
    expect(request.extras).toEqual({
      anthropic: {
        $version: '2023-06-01',
        version: 'v',
        beta: 'b',
        container: 'c',
        $metadata: { trace: 'x' },
      },
    })
  })

  it('refuses a key that would change what an object is', () => {
    const wire = JSON.parse(
      '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"__proto__":{"stream":true}}',
    )
    expect(refusal(wire)).toBe('__proto__: Extra inputs are not permitted')
  })
})
