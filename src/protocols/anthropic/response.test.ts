import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { AssistantPart } from '../../core/message.ts'
import type { FinishReason, ModelResponse } from '../../core/response.ts'
import { parseJson, stringifyJson } from '../../wire/json.ts'
import type { EncodeContext } from '../protocol.ts'
import { anthropic } from './index.ts'

const CONTEXT: EncodeContext = {
  requestId: 'req_1',
  now: 1,
  request: {
    protocol: 'anthropic',
    model: 'asked',
    messages: [],
    tools: [],
    stream: false,
    bound: [],
  },
  newId: (prefix, length) => prefix.padEnd(length, 'x'),
}

const BASE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 2 },
}

const decode = (more: JsonObject) => anthropic.decodeResponse({ ...BASE, ...more }, {})
const RESPONSE: ModelResponse = {
  id: 'msg_1',
  model: 'claude',
  content: [],
  finish: { kind: 'stop', raw: 'end_turn' },
}
const encode = (more: Partial<ModelResponse>) =>
  JSON.parse(stringifyJson(anthropic.encodeResponse({ ...RESPONSE, ...more }, CONTEXT)))

function code(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isToolgateError(error)) return `${error.code} ${error.status} ${error.origin}`
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('reading an answer', () => {
  it('reads every kind of block in order', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: { q: null } }
    const { content } = decode({
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'sig' },
        { type: 'redacted_thinking', data: 'xyz' },
        { type: 'text', text: 'a', citations: null },
        search,
        { type: 'text', text: 'b', citations: [{ type: 'char_location' }] },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
      ],
    })
    expect(content).toEqual([
      {
        type: 'reasoning',
        text: 'hm',
        state: { family: 'anthropic', kind: 'signature', data: 'sig' },
      },
      {
        type: 'reasoning',
        text: '',
        state: { family: 'anthropic', kind: 'redacted', data: 'xyz' },
      },
      { type: 'text', text: 'a' },
      { type: 'opaque', protocol: 'anthropic', kind: 'server_tool_use', value: search },
      {
        type: 'text',
        text: 'b',
        extras: { anthropic: { citations: [{ type: 'char_location' }] } },
      },
      {
        type: 'tool-call',
        id: 'toolu_1',
        name: 'f',
        arguments: '{"a":1}',
        kind: 'function',
        extras: { anthropic: { caller: { type: 'direct' } } },
      },
    ])
  })

  it('keeps arguments to the letter', () => {
    const text = `{"content":[{"type":"tool_use","id":"a","name":"f","input":{"n": 12345678901234567890}}],"stop_reason":"tool_use"}`
    const { content } = anthropic.decodeResponse(parseJson(text), {})
    expect(content).toMatchObject([{ arguments: '{"n": 12345678901234567890}' }])
  })

  it.each<[Json | undefined, string]>([
    [undefined, '{}'],
    [null, '{}'],
    [{}, '{}'],
    ['', '{}'],
    ['{"a":1}', '{"a":1}'],
    ['{"a":', '{"a":'],
    [[1], '[1]'],
  ])('takes an input of %j from a compatible vendor', (input, args) => {
    const block: JsonObject = { type: 'tool_use', id: 'a', name: 'f' }
    if (input !== undefined) block['input'] = input
    expect(decode({ content: [block] }).content).toMatchObject([{ arguments: args }])
  })

  it('passes over what is no block, and missing content', () => {
    expect(decode({ content: [null, 'x', { type: 'text', text: 'a' }] }).content).toHaveLength(1)
    expect(decode({ content: null }).content).toEqual([])
    expect(anthropic.decodeResponse({}, {})).toEqual({
      id: '',
      model: '',
      content: [],
      finish: { kind: 'other', raw: '' },
    })
  })

  it('keeps fields that the model has no place for', () => {
    const container = { id: 'container_1', expires_at: '2026-01-01T00:00:00Z' }
    expect(decode({ container, context_management: null }).extras).toEqual({
      anthropic: { container },
    })
    expect(decode({ container: null })).not.toHaveProperty('extras')
  })

  it('throws an error that came with a good status', () => {
    const error = { type: 'overloaded_error', message: 'Overloaded' }
    expect(code(() => anthropic.decodeResponse({ type: 'error', error }, {}))).toBe(
      'overloaded 503 vendor',
    )
    expect(code(() => anthropic.decodeResponse({ error: { message: 'no', code: 429 } }, {}))).toBe(
      'rate_limit 429 vendor',
    )
  })

  it.each<Json>(['text', null, [], { content: 'text' }, { content: {} }])(
    'throws on what is no answer: %j',
    wire => {
      expect(code(() => anthropic.decodeResponse(wire, {}))).toBe('vendor_contradiction 502 vendor')
    },
  )
})

describe('why it stopped', () => {
  const CALL = { type: 'tool_use', id: 'a', name: 'f', input: {} }

  it.each<[string | null, JsonObject[], string]>([
    ['end_turn', [], 'stop'],
    ['max_tokens', [], 'length'],
    ['stop_sequence', [], 'stop-sequence'],
    ['tool_use', [CALL], 'tool-calls'],
    ['end_turn', [CALL], 'tool-calls'],
    ['tool_use', [], 'stop'],
    ['max_tokens', [CALL], 'length'],
    ['pause_turn', [], 'pause'],
    ['compaction', [], 'pause'],
    ['refusal', [CALL], 'refusal'],
    ['model_context_window_exceeded', [], 'length'],
    ['brand_new', [], 'other'],
    ['constructor', [], 'other'],
    [null, [], 'other'],
    [null, [CALL], 'tool-calls'],
  ])('%j with %j is %s', (reason, content, kind) => {
    expect(decode({ stop_reason: reason, content }).finish).toEqual({ kind, raw: reason ?? '' })
  })

  it('keeps the sequence and the details', () => {
    const details = { type: 'refusal', category: 'cyber', explanation: null }
    expect(decode({ stop_reason: 'stop_sequence', stop_sequence: 'END' }).finish).toEqual({
      kind: 'stop-sequence',
      raw: 'stop_sequence',
      stopSequence: 'END',
    })
    expect(decode({ stop_reason: 'refusal', stop_details: details }).finish).toEqual({
      kind: 'refusal',
      raw: 'refusal',
      details,
    })
  })

  it.each<[FinishReason, string]>([
    [{ kind: 'stop', raw: 'stop' }, 'end_turn'],
    [{ kind: 'stop-sequence', raw: 'stop' }, 'stop_sequence'],
    [{ kind: 'length', raw: 'length' }, 'max_tokens'],
    [{ kind: 'length', raw: 'model_context_window_exceeded' }, 'model_context_window_exceeded'],
    [{ kind: 'content-filter', raw: 'content_filter' }, 'refusal'],
    [{ kind: 'refusal', raw: 'refusal' }, 'refusal'],
    [{ kind: 'pause', raw: 'x' }, 'pause_turn'],
    [{ kind: 'pause', raw: 'compaction' }, 'compaction'],
    [{ kind: 'other', raw: 'eos' }, 'end_turn'],
    [{ kind: 'tool-calls', raw: 'tool_calls' }, 'end_turn'],
  ])('writes %j as %s', (finish, reason) => {
    expect(encode({ finish })).toMatchObject({
      stop_reason: reason,
      stop_sequence: null,
      stop_details: null,
    })
  })

  it('writes calls as tool_use, whatever was said', () => {
    const call: AssistantPart = {
      type: 'tool-call',
      id: 'a',
      name: 'f',
      arguments: '',
      kind: 'function',
    }
    expect(encode({ content: [call] }).stop_reason).toBe('tool_use')
    const finish: FinishReason = { kind: 'other', raw: '' }
    expect(encode({ content: [call], finish }).stop_reason).toBe('tool_use')
  })

  it('writes a refusal in words as one', () => {
    const content: AssistantPart[] = [{ type: 'refusal', text: 'I will not.' }]
    expect(encode({ content })).toMatchObject({
      content: [{ type: 'text', text: 'I will not.' }],
      stop_reason: 'refusal',
      stop_details: null,
    })
  })

  it('keeps the details of a refusal of its own', () => {
    const details = { type: 'refusal', category: 'cyber', explanation: null }
    expect(encode({ finish: { kind: 'refusal', raw: 'refusal', details } }).stop_details).toEqual(
      details,
    )
    expect(
      encode({ finish: { kind: 'content-filter', raw: 'x', details: [1] } }).stop_details,
    ).toBeNull()
  })

  it('never says that a call nobody can read was an end', () => {
    const finish: FinishReason = { kind: 'malformed-call', raw: 'MALFORMED_FUNCTION_CALL' }
    expect(code(() => encode({ finish }))).toBe('malformed_call 502 vendor')
  })
})

describe('usage', () => {
  it('counts the cache into the input, and out again', () => {
    const usage = {
      input_tokens: 10,
      cache_creation_input_tokens: 200,
      cache_read_input_tokens: 3000,
      cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 0 },
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 20 },
      service_tier: 'standard',
      server_tool_use: null,
    }
    const { usage: read } = decode({ usage })
    expect(read).toEqual({
      input: 3210,
      output: 50,
      cached: 3000,
      cacheWrite: 200,
      reasoning: 20,
      extras: {
        anthropic: { cache_creation: usage.cache_creation, service_tier: 'standard' },
      },
    })
    const { server_tool_use: _, ...rest } = usage
    expect(encode(read ? { usage: read } : {}).usage).toEqual(rest)
  })

  it('is never negative, and never absent', () => {
    expect(encode({ usage: { input: 5, output: 1, cached: 9 } }).usage).toEqual({
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 9,
      output_tokens: 1,
    })
    expect(encode({}).usage).toEqual({
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    })
    const { usage: _, ...bare } = BASE
    expect(anthropic.decodeResponse(bare, {})).not.toHaveProperty('usage')
    expect(decode({ usage: { output_tokens: 3 } }).usage).toEqual({ input: 0, output: 3 })
  })
})

describe('writing an answer', () => {
  it("keeps the vendor's id and model, or finds others", () => {
    expect(encode({})).toMatchObject({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude',
      content: [],
    })
    expect(encode({ id: 'chatcmpl-1', model: '' })).toMatchObject({
      id: `msg_${'x'.repeat(20)}`,
      model: 'asked',
    })
  })

  it('leaves out empty texts, which clients would send back', () => {
    const content: AssistantPart[] = [
      { type: 'text', text: '' },
      { type: 'reasoning', text: '' },
      { type: 'refusal', text: '' },
      { type: 'text', text: ' ' },
    ]
    expect(encode({ content }).content).toEqual([{ type: 'text', text: ' ' }])
  })

  it('shows reasoning of others, and carries its state', () => {
    const state = { family: 'openai', kind: 'encrypted', data: 'e.f', id: 'rs_1' } as const
    const content: AssistantPart[] = [
      { type: 'reasoning', text: 'plain' },
      { type: 'reasoning', text: '', state },
    ]
    const wire = encode({ content })
    expect(wire.content).toEqual([
      { type: 'thinking', thinking: 'plain', signature: '' },
      { type: 'thinking', thinking: '', signature: 'tg1.openai.encrypted.rs_1.e.f' },
    ])
    const messages = [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: wire.content },
    ]
    const back = anthropic.decodeRequest(
      { model: 'm', max_tokens: 1, messages },
      { headers: { 'anthropic-version': '2023-06-01' } },
    )
    expect(back.messages[1]?.content).toEqual(content)
  })

  it('says arguments as an object, whatever they are', () => {
    const input = (args: string, kind: 'function' | 'custom' = 'function') =>
      encode({ content: [{ type: 'tool-call', id: 'a', name: 'f', arguments: args, kind }] })
        .content[0].input
    expect(input('{"a": 1}')).toEqual({ a: 1 })
    expect(input('')).toEqual({})
    expect(input('null')).toEqual({})
    expect(input('{"a":')).toEqual({ _raw: '{"a":' })
    expect(input('[1]')).toEqual({ _raw: '[1]' })
    expect(input('free', 'custom')).toEqual({ input: 'free' })
  })

  it('leaves out a call that was cut off, and no other', () => {
    const content: AssistantPart[] = [
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{"a":1}', kind: 'function' },
      { type: 'tool-call', id: 'b', name: 'f', arguments: '{"a":', kind: 'function' },
    ]
    const wire = encode({ content, finish: { kind: 'length', raw: 'length' } })
    expect(wire.content).toEqual([{ type: 'tool_use', id: 'a', name: 'f', input: { a: 1 } }])
    expect(wire.stop_reason).toBe('max_tokens')
  })

  it('says of a picture that there was one', () => {
    const image: AssistantPart = { type: 'image', source: { kind: 'url', url: 'https://x' } }
    const foreign: AssistantPart = { type: 'opaque', protocol: 'gemini', kind: 'x', value: {} }
    expect(encode({ content: [image, foreign] }).content).toEqual([
      { type: 'text', text: '[image left out: the protocol cannot carry it]' },
    ])
  })

  it('gives back what it read', () => {
    const wire = {
      ...BASE,
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'sig' },
        { type: 'redacted_thinking', data: 'xyz' },
        { type: 'text', text: 'a', citations: [{ type: 'char_location' }] },
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        {
          type: 'tool_use',
          id: 't',
          name: 'f',
          input: { a: [1, null] },
          caller: { type: 'direct' },
        },
      ],
      stop_reason: 'tool_use',
      stop_details: null,
      container: { id: 'c' },
      usage: {
        input_tokens: 1,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 2,
        service_tier: 'standard',
      },
    }
    const response = anthropic.decodeResponse(wire, {})
    expect(JSON.parse(stringifyJson(anthropic.encodeResponse(response, CONTEXT)))).toEqual(wire)
  })
})
