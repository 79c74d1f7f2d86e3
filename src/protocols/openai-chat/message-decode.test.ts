import { describe, expect, it } from 'vitest'
import { isToolgateError, type ToolgateError } from '../../core/error.ts'
import type { Json } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type { Message } from '../../core/message.ts'
import { decodeMessages } from './message-decode.ts'

function decode(...messages: Json[]): Message[] {
  return decodeMessages(messages, { bound: [] })
}

function bound(...messages: Json[]): BoundField[] {
  const fields: BoundField[] = []
  decodeMessages(messages, { bound: fields })
  return fields
}

function fault(...messages: Json[]): ToolgateError {
  try {
    decode(...messages)
  } catch (error) {
    if (isToolgateError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const call = (id: string, text = '{}'): Json => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: text },
})

describe('roles', () => {
  it('reads instructions in either voice, anywhere', () => {
    expect(
      decode(
        { role: 'developer', content: 'a' },
        { role: 'user', content: 'b' },
        { role: 'system', content: [{ type: 'text', text: 'c' }] },
      ),
    ).toEqual([
      { role: 'system', voice: 'developer', content: [{ type: 'text', text: 'a' }], at: 0 },
      { role: 'user', content: [{ type: 'text', text: 'b' }], at: 1 },
      { role: 'system', voice: 'system', content: [{ type: 'text', text: 'c' }], at: 2 },
    ])
  })

  it('refuses an unknown role with the list of known ones', () => {
    const error = fault({ role: 'robot', content: 'x' })
    expect(error.code).toBe('invalid_value')
    expect(error.details.path).toEqual(['messages', 0, 'role'])
    expect(error.details['allowed']).toContain('developer')
  })

  it('takes only text in instructions', () => {
    const error = fault({
      role: 'system',
      content: [{ type: 'image_url', image_url: { url: 'x' } }],
    })
    expect(error.details).toMatchObject({
      path: ['messages', 0, 'content', 0, 'type'],
      allowed: ['text'],
    })
  })

  it.each([
    ['user', null],
    ['user', undefined],
    ['system', null],
    ['tool', null],
    ['assistant', null],
  ])('refuses %s content %s as the vendor does', (role, content) => {
    const message: Json = { role, tool_call_id: 'c' }
    if (content !== undefined) message['content'] = content
    const error = fault(message)
    expect(error.message).toBe("Invalid value for 'content': expected a string, got null.")
    expect(error.details.vendor?.param).toBe('messages.[0].content')
  })

  it('names the type of content that is neither text nor parts', () => {
    expect(fault({ role: 'user', content: 3 }).details).toMatchObject({
      path: ['messages', 0, 'content'],
      expected: 'one of a string or array of objects',
      found: 'an integer',
    })
  })
})

describe('assistant messages', () => {
  it('puts reasoning first, then content, refusal and calls', () => {
    const [message] = decode({
      role: 'assistant',
      content: 'text',
      refusal: 'no',
      reasoning_content: 'hm',
      tool_calls: [call('a', '{"x": 1.0}')],
    })
    expect(message?.content).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'text' },
      { type: 'refusal', text: 'no' },
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x": 1.0}', kind: 'function' },
    ])
  })

  it('keeps arguments as the exact text, even broken or empty', () => {
    const [message] = decode({
      role: 'assistant',
      tool_calls: [call('a', '{"x":'), call('b', ''), call('c', ' ')],
    })
    expect(message?.content.map(part => 'arguments' in part && part.arguments)).toEqual([
      '{"x":',
      '',
      ' ',
    ])
  })

  it('reads custom calls', () => {
    const [message] = decode({
      role: 'assistant',
      tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'sh', input: 'ls -l' } }],
    })
    expect(message?.content).toEqual([
      { type: 'tool-call', id: 'a', name: 'sh', arguments: 'ls -l', kind: 'custom' },
    ])
  })

  it('takes null and empty content beside calls for no content', () => {
    const [first, second] = decode(
      { role: 'assistant', content: null, tool_calls: [call('a')] },
      { role: 'assistant', content: '', tool_calls: [call('b')] },
    )
    expect(first?.content).toHaveLength(1)
    expect(second?.content).toHaveLength(1)
  })

  it('takes empty tool_calls for none', () => {
    const [message] = decode({ role: 'assistant', content: 'x', tool_calls: [] })
    expect(message?.content).toEqual([{ type: 'text', text: 'x' }])
  })

  it('reads refusal and thinking parts, and keeps parts that are not known', () => {
    const other = { type: 'reference', reference_ids: [1] }
    const [message] = decode({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'a' },
        { type: 'refusal', refusal: 'no' },
        other,
      ],
    })
    expect(message?.content).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'a' },
      { type: 'refusal', text: 'no' },
      { type: 'opaque', protocol: 'openai-chat', kind: 'reference', value: other },
    ])
  })

  it('names the place of arguments that are no text', () => {
    const error = fault(
      { role: 'user', content: 'x' },
      {
        role: 'assistant',
        tool_calls: [
          call('a'),
          { id: 'b', type: 'function', function: { name: 'f', arguments: {} } },
        ],
      },
    )
    expect(error.code).toBe('invalid_type')
    expect(error.details).toMatchObject({
      path: ['messages', 1, 'tool_calls', 1, 'function', 'arguments'],
      expected: 'a string',
      found: 'an object',
    })
  })

  it('misses ids and names where they belong', () => {
    expect(
      fault({ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '' } }] }).details
        .path,
    ).toEqual(['messages', 0, 'tool_calls', 0, 'id'])
    expect(
      fault({ role: 'assistant', tool_calls: [{ id: 'a', function: { arguments: '' } }] }).details
        .path,
    ).toEqual(['messages', 0, 'tool_calls', 0, 'function', 'name'])
  })
})

describe('thought signatures', () => {
  const signed = { family: 'google', kind: 'signature', data: 'SIG' }
  const base = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }

  it.each([
    ['extra_content', { ...base, extra_content: { google: { thought_signature: 'SIG' } } }],
    ['the call', { ...base, thought_signature: 'SIG' }],
    [
      'provider_specific_fields',
      { ...base, provider_specific_fields: { thought_signature: 'SIG' } },
    ],
    [
      'fields inside the function',
      {
        ...base,
        function: { ...base.function, provider_specific_fields: { thought_signature: 'SIG' } },
      },
    ],
  ])('are read from %s', (_, wire) => {
    const [message] = decode({ role: 'assistant', tool_calls: [wire] })
    expect(message?.content).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{}', kind: 'function', state: signed },
    ])
  })

  it.each([
    ['the map of LangChain', { __gemini_function_call_thought_signatures__: { a: 'SIG' } }],
    [
      'the same where a client dumps its own objects',
      { additional_kwargs: { __gemini_function_call_thought_signatures__: { a: 'SIG' } } },
    ],
    [
      'the list of LiteLLM, if it is of one',
      { provider_specific_fields: { thought_signatures: ['SIG'] } },
    ],
  ])('are read from the message: %s', (_, fields) => {
    const [message] = decode({ role: 'assistant', tool_calls: [base, call('b')], ...fields })
    expect(message?.content[0]).toMatchObject({ id: 'a', state: signed })
    expect(message?.content[1]).not.toHaveProperty('state')
    expect(message).not.toHaveProperty('extras')
  })

  it('of a longer list are nobody knows whose', () => {
    const [message] = decode({
      role: 'assistant',
      tool_calls: [base, call('b')],
      provider_specific_fields: { thought_signatures: ['ONE', 'TWO'] },
    })
    for (const part of message?.content ?? []) expect(part).not.toHaveProperty('state')
  })

  it('stay beside the thinking blocks that LiteLLM nests', () => {
    const [message] = decode({
      role: 'assistant',
      tool_calls: [base],
      provider_specific_fields: {
        thinking_blocks: [{ type: 'thinking', thinking: 'Hm.', signature: 'S' }],
      },
    })
    expect(message?.content[0]).toEqual({
      type: 'reasoning',
      text: 'Hm.',
      state: { family: 'anthropic', kind: 'signature', data: 'S' },
    })
  })

  it('leave other extra content in the extras', () => {
    const extra = { google: { thought_signature: 'SIG', more: 1 } }
    const [message] = decode({ role: 'assistant', tool_calls: [{ ...base, extra_content: extra }] })
    expect(message?.content[0]).toMatchObject({
      state: signed,
      extras: { 'openai-chat': { extra_content: extra } },
    })
  })
})

describe('tool results', () => {
  it('make one message of neighbours, with the index of each', () => {
    expect(
      decode(
        { role: 'assistant', tool_calls: [call('a'), call('b')] },
        { role: 'tool', tool_call_id: 'b', content: 'B' },
        { role: 'tool', tool_call_id: 'a', name: 'f', content: [{ type: 'text', text: 'A' }] },
        { role: 'user', content: 'x' },
        { role: 'tool', tool_call_id: 'a', content: '' },
      ).slice(1),
    ).toEqual([
      {
        role: 'tool',
        at: 1,
        content: [
          { type: 'tool-result', callId: 'b', content: [{ type: 'text', text: 'B' }], at: 1 },
          {
            type: 'tool-result',
            callId: 'a',
            name: 'f',
            content: [{ type: 'text', text: 'A' }],
            at: 2,
          },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'x' }], at: 3 },
      { role: 'tool', at: 4, content: [{ type: 'tool-result', callId: 'a', content: [], at: 4 }] },
    ])
  })

  it('may hold pictures, which some vendors take', () => {
    const [message] = decode({
      role: 'tool',
      tool_call_id: 'a',
      content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
    })
    expect(message?.content[0]).toMatchObject({
      content: [
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      ],
    })
  })

  it('miss their id', () => {
    const error = fault({ role: 'tool', content: 'x' })
    expect(error.code).toBe('missing_field')
    expect(error.details.path).toEqual(['messages', 0, 'tool_call_id'])
  })
})

describe('the deprecated form', () => {
  it('gets ids, by name and order', () => {
    const messages = decode(
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"n":1}' } },
      { role: 'function', name: 'f', content: 'one' },
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"n":2}' } },
      { role: 'function', name: 'f', content: null },
    )
    expect(messages.map(message => message.content[0])).toMatchObject([
      { id: 'call_fn_0', arguments: '{"n":1}' },
      { callId: 'call_fn_0', name: 'f', content: [{ type: 'text', text: 'one' }] },
      { id: 'call_fn_1', arguments: '{"n":2}' },
      { callId: 'call_fn_1', name: 'f', content: [] },
    ])
  })

  it('leaves a result without a call without one', () => {
    const [message] = decode({ role: 'function', name: 'g', content: 'x' })
    expect(message?.content[0]).toMatchObject({ callId: 'call_fn_0', name: 'g' })
  })
})

describe('what only this protocol knows', () => {
  it('is kept where it stood and listed', () => {
    const wire = { role: 'user', content: 'x', name: 'bob' }
    expect(decode(wire)[0]?.extras).toEqual({ 'openai-chat': { name: 'bob' } })
    expect(bound(wire)).toEqual([{ path: 'messages[0].name', what: 'name', weight: 'meaning' }])
  })

  it('counts less on an assistant message, which clients send back whole', () => {
    expect(
      bound({ role: 'assistant', content: 'x', annotations: [1], audio: { id: 'a' } }),
    ).toEqual([
      { path: 'messages[0].annotations', what: 'annotations', weight: 'hint' },
      { path: 'messages[0].audio', what: 'audio', weight: 'required' },
    ])
    expect(bound({ role: 'assistant', content: 'x', prefix: true })[0]?.weight).toBe('meaning')
  })

  it('does not count when it is null', () => {
    const message = { role: 'user', content: 'x', name: null, tool_calls: null }
    expect(decode(message)[0]).toEqual({
      role: 'user',
      content: [{ type: 'text', text: 'x' }],
      at: 0,
    })
    expect(bound(message)).toEqual([])
  })
})

describe('cache marks', () => {
  it('are read on parts, on messages as a whole, on calls and on results', () => {
    const mark = { type: 'ephemeral', ttl: '1h' }
    const messages = decode(
      { role: 'system', content: 'a', cache_control: { type: 'ephemeral' } },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a', cache_control: mark },
          { type: 'text', text: 'b', prompt_cache_breakpoint: { mode: 'explicit' } },
        ],
      },
      {
        role: 'assistant',
        tool_calls: [{ id: 'a', function: { name: 'f', arguments: '' }, cache_control: mark }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'x', cache_control: mark },
    )
    const marks = messages.flatMap(message =>
      message.content.map(part => ('cache' in part ? part.cache : undefined)),
    )
    expect(marks).toEqual([{}, { ttl: '1h' }, {}, { ttl: '1h' }, { ttl: '1h' }])
  })
})
