import { describe, expect, it } from 'vitest'
import { isToolgateError, type ToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { AssistantPart } from '../../core/message.ts'
import type { ModelRequest } from '../../core/request.ts'
import type { FinishKind, ModelResponse } from '../../core/response.ts'
import { parseJson } from '../../wire/json.ts'
import type { EncodeContext } from '../protocol.ts'
import { decodeRequest } from './request-decode.ts'
import { decodeResponse, encodeResponse } from './response.ts'

const REQUEST = decodeRequest({ model: 'asked', messages: [{ role: 'user', content: 'x' }] })

function context(request: ModelRequest = REQUEST): EncodeContext {
  return {
    requestId: 'req_1',
    now: 1_700_000_000,
    request,
    newId: (prefix, length) => prefix + 'x'.repeat(length - prefix.length),
  }
}

function answer(message: JsonObject, choice: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 5,
    model: 'm',
    choices: [
      { index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...choice },
    ],
    ...more,
  }
}

function decode(
  message: JsonObject,
  choice: JsonObject = {},
  more: JsonObject = {},
): ModelResponse {
  return decodeResponse(answer(message, choice, more), {})
}

function fault(wire: Json): ToolgateError {
  try {
    decodeResponse(wire, {})
  } catch (error) {
    if (isToolgateError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function encode(
  content: AssistantPart[],
  kind: FinishKind = 'stop',
  more: Partial<ModelResponse> = {},
  request = REQUEST,
): { body: JsonObject; message: JsonObject; finish: unknown } {
  const response: ModelResponse = {
    id: 'chatcmpl-1',
    model: 'm',
    content,
    finish: { kind, raw: '' },
    ...more,
  }
  const body = encodeResponse(response, context(request))
  const wire = JSON.parse(JSON.stringify(body))
  return { body, message: wire.choices[0].message, finish: wire.choices[0].finish_reason }
}

const call = (id: string, text: Json, more: JsonObject = {}): JsonObject => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: text },
  ...more,
})

describe('reading an answer', () => {
  it('reads text', () => {
    expect(decode({ content: 'hi', refusal: null, annotations: [] })).toEqual({
      id: 'chatcmpl-1',
      created: 5,
      model: 'm',
      content: [{ type: 'text', text: 'hi' }],
      finish: { kind: 'stop', raw: 'stop' },
    })
  })

  it.each<[Json | undefined]>([[null], [''], [undefined], [[]]])('content %j is none', content => {
    const message = content === undefined ? {} : { content }
    expect(decode(message).content).toEqual([])
  })

  it('reads calls, and calls them the finish', () => {
    const { content, finish } = decode(
      {
        content: null,
        tool_calls: [
          call('a', '{"x": 1.0}', { index: 0 }),
          { id: 'b', type: 'custom', custom: { name: 'c', input: 'free' } },
        ],
      },
      { finish_reason: 'stop' },
    )
    expect(content).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x": 1.0}', kind: 'function' },
      { type: 'tool-call', id: 'b', name: 'c', arguments: 'free', kind: 'custom' },
    ])
    expect(finish).toEqual({ kind: 'tool-calls', raw: 'stop' })
  })

  it('reads arguments that came as an object, digit by digit', () => {
    const text = JSON.stringify(answer({ tool_calls: [call('a', '@')] })).replace(
      '"@"',
      '{"n": 12345678901234567890, "m": 1.0}',
    )
    expect(decodeResponse(parseJson(text), {}).content).toMatchObject([
      { arguments: '{"n": 12345678901234567890, "m": 1.0}' },
    ])
    expect(decode({ tool_calls: [call('a', null)] }).content).toMatchObject([{ arguments: '' }])
  })

  it('makes ids where a vendor gives none, each its own', () => {
    const { content } = decode({ tool_calls: [call('', '{}'), call('', '{}')] })
    expect(content).toMatchObject([{ id: 'call_chatcmpl1_0' }, { id: 'call_chatcmpl1_1' }])
  })

  it('reads the deprecated call', () => {
    expect(
      decode(
        { content: null, function_call: { name: 'f', arguments: '{}' } },
        { finish_reason: 'function_call' },
      ),
    ).toMatchObject({
      content: [{ type: 'tool-call', id: 'call_fn_0', name: 'f', arguments: '{}' }],
      finish: { kind: 'tool-calls', raw: 'function_call' },
    })
  })

  it('reads a signature on a call', () => {
    expect(
      decode({
        tool_calls: [call('a', '{}', { extra_content: { google: { thought_signature: 'S' } } })],
      }).content,
    ).toMatchObject([{ state: { family: 'google', kind: 'signature', data: 'S' } }])
  })

  it('reads content in parts (Mistral)', () => {
    expect(
      decode({
        content: [
          {
            type: 'thinking',
            thinking: [
              { type: 'text', text: 'hm' },
              { type: 'text', text: '!' },
            ],
          },
          { type: 'thinking', thinking: 'and' },
          { type: 'text', text: 'hi' },
          { type: 'reference', reference_ids: [1] },
        ],
      }).content,
    ).toEqual([
      { type: 'reasoning', text: 'hm!' },
      { type: 'reasoning', text: 'and' },
      { type: 'text', text: 'hi' },
      {
        type: 'opaque',
        protocol: 'openai-chat',
        kind: 'reference',
        value: { type: 'reference', reference_ids: [1] },
      },
    ])
  })

  it('reads a refusal', () => {
    expect(decode({ content: null, refusal: 'I cannot' })).toMatchObject({
      content: [{ type: 'refusal', text: 'I cannot' }],
      finish: { kind: 'refusal', raw: 'stop' },
    })
  })

  it.each<[string | null, FinishKind]>([
    ['stop', 'stop'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['content_filter', 'content-filter'],
    ['tool_calls', 'stop'],
    ['eos', 'stop'],
    [null, 'stop'],
    ['insufficient_system_resource', 'other'],
    ['constructor', 'other'],
  ])('finish_reason %s is %s', (word, kind) => {
    expect(decode({ content: 'x' }, { finish_reason: word }).finish).toEqual({
      kind,
      raw: word ?? '',
    })
  })

  it('keeps a cut a cut, even with calls', () => {
    expect(
      decode({ tool_calls: [call('a', '{"x')] }, { finish_reason: 'length' }).finish.kind,
    ).toBe('length')
  })

  it('reads the stop sequence that vLLM names', () => {
    expect(decode({ content: 'x' }, { stop_reason: 'END' }).finish).toEqual({
      kind: 'stop-sequence',
      raw: 'stop',
      stopSequence: 'END',
    })
    expect(decode({ content: 'x' }, { stop_reason: 151645 }).finish.kind).toBe('stop')
  })

  it('is an error when it holds one, with the status it would have had', () => {
    expect(fault({ error: { code: 429, message: 'slow down' }, user_id: 'u' })).toMatchObject({
      code: 'rate_limit',
      status: 429,
      message: 'slow down',
      origin: 'vendor',
    })
    expect(
      fault({ choices: [{ error: { code: 502, message: 'gone' }, finish_reason: 'error' }] }),
    ).toMatchObject({ code: 'vendor_error', message: 'gone' })
    expect(fault(answer({ content: 'x' }, { finish_reason: 'error' })).code).toBe('vendor_error')
  })

  it('is a contradiction without a choice, and a bad call without a name', () => {
    expect(fault({}).code).toBe('vendor_contradiction')
    expect(fault({ choices: [] }).code).toBe('vendor_contradiction')
    expect(fault('text').code).toBe('vendor_contradiction')
    expect(fault(answer({ tool_calls: [{ id: 'a', function: { arguments: '{}' } }] })).code).toBe(
      'malformed_call',
    )
  })
})

describe('back to the same protocol', () => {
  it('nothing a vendor adds is lost', () => {
    const wire = answer(
      {
        content: 'hi',
        refusal: null,
        reasoning_content: 'hm',
        reasoning_details: [
          {
            type: 'reasoning.text',
            text: 'hm',
            signature: 'S',
            format: 'anthropic-claude-v1',
            index: 0,
          },
        ],
        annotations: [{ type: 'url_citation', url_citation: { url: 'https://x.test' } }],
        audio: { id: 'a', data: 'AAAA' },
        tool_calls: [
          call('a', '{}', {
            extra_content: { google: { thought_signature: 'S' } },
            thought_signature: 'S',
            odd: 1,
          }),
        ],
      },
      {
        finish_reason: 'tool_calls',
        logprobs: { content: [{ token: 'hi', logprob: -1 }] },
        content_filter_results: { hate: { filtered: false } },
      },
      {
        usage: {
          prompt_tokens: 1,
          completion_tokens: 2,
          total_tokens: 3,
          prompt_tokens_details: { cached_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 1 },
          cost: 0.5,
        },
        service_tier: 'default',
        system_fingerprint: 'fp',
        provider: 'P',
      },
    )
    expect(encodeResponse(decodeResponse(wire, {}), context())).toEqual(wire)
  })

  it('keeps the other choices', () => {
    const [first] = [answer({ content: 'one' })['choices']].flat()
    const second: Json = {
      index: 1,
      message: { role: 'assistant', content: 'two' },
      finish_reason: 'stop',
    }
    const body = encodeResponse(decodeResponse({ choices: [first ?? null, second] }, {}), context())
    expect(body['choices']).toMatchObject([{ message: { content: 'one' } }, second])
  })
})

describe('writing an answer', () => {
  it('fills in what a vendor did not say', () => {
    const { body } = encode([{ type: 'text', text: 'hi' }], 'stop', { id: '', model: '' })
    expect(body).toMatchObject({
      id: 'chatcmpl-xxxxxxxxxxxxxxxxxxxx',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'asked',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'hi', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    })
    expect(body).not.toHaveProperty('usage')
  })

  it.each<[FinishKind, string]>([
    ['stop', 'stop'],
    ['stop-sequence', 'stop'],
    ['length', 'length'],
    ['tool-calls', 'tool_calls'],
    ['content-filter', 'content_filter'],
    ['refusal', 'content_filter'],
    ['pause', 'stop'],
    ['other', 'stop'],
  ])('the finish %s is said as %s', (kind, word) => {
    expect(encode([{ type: 'text', text: 'x' }], kind).finish).toBe(word)
  })

  it('says null where there is no text beside calls, a refusal or a filter', () => {
    const toolCall = {
      type: 'tool-call',
      id: 'a',
      name: 'f',
      arguments: '',
      kind: 'function',
    } as const
    const { message } = encode([toolCall], 'tool-calls')
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    })
    expect(encode([{ type: 'refusal', text: 'no' }], 'refusal')).toMatchObject({
      message: { content: null, refusal: 'no' },
      finish: 'stop',
    })
    expect(encode([], 'content-filter').message).toMatchObject({ content: null })
    expect(encode([], 'length').message).toMatchObject({ content: '' })
    expect(encode([], 'stop').message).toMatchObject({ content: '' })
  })

  it('puts texts together, with a gap where something stood between', () => {
    const { message } = encode([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'opaque', protocol: 'anthropic', kind: 'server_tool_use', value: {} },
      { type: 'text', text: 'c' },
    ])
    expect(message['content']).toBe('ab\n\nc')
  })

  it('gives reasoning plain, and its state so that it can come back', () => {
    const { message } = encode([
      {
        type: 'reasoning',
        text: 'hm',
        state: { family: 'anthropic', kind: 'signature', data: 'S' },
      },
      { type: 'reasoning', text: '', state: { family: 'anthropic', kind: 'redacted', data: 'R' } },
      {
        type: 'tool-call',
        id: 'a',
        name: 'f',
        arguments: '{}',
        kind: 'function',
        state: { family: 'google', kind: 'signature', data: 'G' },
      },
    ])
    expect(message).toMatchObject({
      reasoning_content: 'hm',
      reasoning_details: [
        {
          type: 'reasoning.text',
          text: 'hm',
          signature: 'S',
          format: 'anthropic-claude-v1',
          index: 0,
        },
        { type: 'reasoning.encrypted', data: 'R', format: 'anthropic-claude-v1', index: 1 },
      ],
      tool_calls: [
        { extra_content: { google: { thought_signature: 'G' } }, thought_signature: 'G' },
      ],
    })
    expect(encode([{ type: 'reasoning', text: 'hm' }]).message).not.toHaveProperty(
      'reasoning_details',
    )
  })

  it('answers in the deprecated form where it was asked so', () => {
    const request = decodeRequest({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      functions: [{ name: 'f' }],
    })
    const toolCall = {
      type: 'tool-call',
      id: 'a',
      name: 'f',
      arguments: '{"x":1}',
      kind: 'function',
    } as const
    const { message, finish } = encode([toolCall], 'tool-calls', {}, request)
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      function_call: { name: 'f', arguments: '{"x":1}' },
    })
    expect(finish).toBe('function_call')
  })

  it('is an error where the call was too badly written', () => {
    expect(() => encode([], 'malformed-call')).toThrow('cannot be read')
  })
})
