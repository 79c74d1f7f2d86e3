import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type { Message } from '../../core/message.ts'
import { parseJson } from '../../wire/json.ts'
import { anthropic } from './index.ts'

const CALL = { headers: { 'anthropic-version': '2023-06-01' } }

function request(messages: Json[], system?: Json) {
  const body: JsonObject = { model: 'm', max_tokens: 10, messages }
  if (system !== undefined) body['system'] = system
  // Through text, so that arguments are cut from it as they are from a client's body.
  return anthropic.decodeRequest(parseJson(JSON.stringify(body)), CALL)
}

function decode(messages: Json[], system?: Json): readonly Message[] {
  return request(messages, system).messages
}

function bound(messages: Json[]): readonly BoundField[] {
  return request(messages).bound
}

/** The refusal of one user block, in the client's words. */
function refusal(role: string, content: Json): string {
  try {
    decode([{ role, content }])
  } catch (error) {
    if (!isToolgateError(error)) throw error
    return JSON.parse(JSON.stringify(anthropic.encodeError(error, 'req').body)).error.message
  }
  throw new Error('nothing was thrown')
}

const user = (...content: Json[]) => ({ role: 'user', content })
const assistant = (...content: Json[]) => ({ role: 'assistant', content })
const result = (id: string, more: JsonObject = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  ...more,
})
const call = (id: string, input: Json = {}) => ({ type: 'tool_use', id, name: 'f', input })

describe('instructions', () => {
  it('stand at the head, outside the list', () => {
    expect(decode([user()], 'be brief')[0]).toEqual({
      role: 'system',
      voice: 'system',
      at: -1,
      content: [{ type: 'text', text: 'be brief' }],
    })
  })

  it('keep their cache marks', () => {
    const blocks = [
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ]
    expect(decode([user()], blocks)[0]?.content).toEqual([
      { type: 'text', text: 'a', cache: {} },
      { type: 'text', text: 'b', cache: { ttl: '1h' } },
    ])
  })

  it('may stand in the middle, and keep blocks that are no text at their index', () => {
    const addition = { type: 'tool_addition', tool: { type: 'tool_reference', name: 'f' } }
    const wire = {
      role: 'system',
      content: [addition, { type: 'text', text: 'use it' }],
      clear_at: 'never',
    }
    const read = request([user({ type: 'text', text: 'hi' }), wire])
    expect(read.messages[1]).toEqual({
      role: 'system',
      voice: 'system',
      at: 1,
      content: [{ type: 'text', text: 'use it' }],
      extras: { anthropic: { clear_at: 'never', $content: [[0, addition]] } },
    })
    expect(read.bound).toEqual([
      { path: 'messages[1].clear_at', what: 'clear_at', weight: 'meaning' },
      { path: 'messages[1].content[0]', what: 'tool_addition', weight: 'meaning' },
    ])
  })
})

describe('user messages', () => {
  it('are cut where results and other content meet', () => {
    const messages = decode([
      assistant(call('a'), call('b')),
      user(result('a', { content: '1' }), result('b', { content: '2' }), {
        type: 'text',
        text: 'so?',
      }),
    ])
    expect(messages.slice(1)).toEqual([
      {
        role: 'tool',
        at: 1,
        content: [
          {
            type: 'tool-result',
            callId: 'a',
            content: [{ type: 'text', text: '1' }],
            at: 1,
            atPart: 0,
          },
          {
            type: 'tool-result',
            callId: 'b',
            content: [{ type: 'text', text: '2' }],
            at: 1,
            atPart: 1,
          },
        ],
      },
      { role: 'user', at: 1, content: [{ type: 'text', text: 'so?' }] },
    ])
  })

  it('keep the order of results behind text, for the check to refuse', () => {
    const messages = decode([assistant(call('a')), user({ type: 'text', text: 'x' }, result('a'))])
    expect(messages.map(message => message.role)).toEqual(['assistant', 'user', 'tool'])
  })

  it('stay apart where they follow one another, but their results stand together', () => {
    const messages = decode([
      assistant(call('a'), call('b')),
      user(result('a')),
      user(result('b'), { type: 'text', text: 'x' }),
      { role: 'user', content: 'y' },
    ])
    expect(messages.map(message => [message.role, message.at])).toEqual([
      ['assistant', 0],
      ['tool', 1],
      ['user', 2],
      ['user', 3],
    ])
    expect(messages[1]?.content).toMatchObject([
      { callId: 'a', at: 1, atPart: 0 },
      { callId: 'b', at: 2, atPart: 0 },
    ])
  })

  it('with fields of their own are not merged, and keep these on their first piece', () => {
    const messages = decode([
      assistant(call('a'), call('b')),
      user(result('a')),
      { ...user(result('b'), { type: 'text', text: 'x' }), mark: 1 },
    ])
    expect(messages.map(message => [message.role, message.extras])).toEqual([
      ['assistant', undefined],
      ['tool', undefined],
      ['tool', { anthropic: { mark: 1 } }],
      ['user', undefined],
    ])
  })

  it('may be empty', () => {
    expect(decode([user()])).toEqual([{ role: 'user', at: 0, content: [] }])
  })

  it('keep blocks that only this protocol knows', () => {
    const block = { type: 'container_upload', file_id: 'file_1' }
    expect(decode([user(block)])[0]?.content).toEqual([
      { type: 'opaque', protocol: 'anthropic', kind: 'container_upload', value: block },
    ])
  })
})

describe('results', () => {
  const content = (more: JsonObject) => decode([assistant(call('a')), user(result('a', more))])[1]

  it.each<[Json, unknown]>([
    [null, []],
    ['', []],
    [[], []],
    ['text', [{ type: 'text', text: 'text' }]],
    [
      [{ type: 'image', source: { type: 'url', url: 'https://x/y.png' } }],
      [{ type: 'image', source: { kind: 'url', url: 'https://x/y.png' } }],
    ],
    [
      [{ type: 'tool_reference', tool_name: 'g' }],
      [
        {
          type: 'opaque',
          protocol: 'anthropic',
          kind: 'tool_reference',
          value: { type: 'tool_reference', tool_name: 'g' },
        },
      ],
    ],
  ])('hold %j', (wire, parts) => {
    expect(content({ content: wire })?.content[0]).toMatchObject({ content: parts })
  })

  it('may have none', () => {
    expect(content({})?.content[0]).toMatchObject({ content: [] })
  })

  it('say that they are errors only if they are', () => {
    expect(content({ is_error: true })?.content[0]).toHaveProperty('isError', true)
    expect(content({ is_error: false })?.content[0]).not.toHaveProperty('isError')
  })

  it('keep marks and unknown fields', () => {
    const more = { cache_control: { type: 'ephemeral' }, toolset_name: 'browser' }
    expect(content(more)?.content[0]).toMatchObject({
      cache: {},
      extras: { anthropic: { toolset_name: 'browser' } },
    })
  })
})

describe('assistant messages', () => {
  it('keep calls with the exact text of their arguments', () => {
    const text =
      '{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"big": 12345678901234567890, "one": 1.0, "2": 0}}]}]}'
    const { messages } = anthropic.decodeRequest(parseJson(text), CALL)
    expect(messages[0]?.content).toEqual([
      {
        type: 'tool-call',
        id: 'a',
        name: 'f',
        arguments: '{"big": 12345678901234567890, "one": 1.0, "2": 0}',
        kind: 'function',
      },
    ])
  })

  it('keep thinking with its state', () => {
    const content = decode([
      assistant(
        { type: 'thinking', thinking: 'hm', signature: 'sig' },
        { type: 'thinking', thinking: '', signature: 'omitted' },
        { type: 'redacted_thinking', data: 'xyz' },
        { type: 'thinking', thinking: 'unsigned', signature: '' },
        { type: 'thinking', thinking: 'bare' },
      ),
    ])[0]?.content
    expect(content).toEqual([
      {
        type: 'reasoning',
        text: 'hm',
        state: { family: 'anthropic', kind: 'signature', data: 'sig' },
      },
      {
        type: 'reasoning',
        text: '',
        state: { family: 'anthropic', kind: 'signature', data: 'omitted' },
      },
      {
        type: 'reasoning',
        text: '',
        state: { family: 'anthropic', kind: 'redacted', data: 'xyz' },
      },
      { type: 'reasoning', text: 'unsigned' },
      { type: 'reasoning', text: 'bare' },
    ])
  })

  it('give a state of another family back to it', () => {
    const signature = 'tg1.google.signature..a.b/c='
    expect(
      decode([assistant({ type: 'thinking', thinking: 'hm', signature })])[0]?.content,
    ).toEqual([
      {
        type: 'reasoning',
        text: 'hm',
        state: { family: 'google', kind: 'signature', data: 'a.b/c=' },
      },
    ])
  })

  it('keep what the vendor did itself', () => {
    const blocks = [
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
    ]
    expect(decode([assistant(...blocks)])[0]?.content).toEqual(
      blocks.map(value => ({ type: 'opaque', protocol: 'anthropic', kind: value.type, value })),
    )
  })

  it('keep citations, which nobody else misses', () => {
    const citations = [{ type: 'char_location', cited_text: 'x' }]
    const messages = [assistant({ type: 'text', text: 'a', citations })]
    expect(decode(messages)[0]?.content).toEqual([
      { type: 'text', text: 'a', extras: { anthropic: { citations } } },
    ])
    expect(bound(messages)).toEqual([])
  })

  it('keep the caller of a call', () => {
    const messages = [assistant({ ...call('a'), caller: { type: 'direct' } })]
    expect(decode(messages)[0]?.content[0]).toMatchObject({
      extras: { anthropic: { caller: { type: 'direct' } } },
    })
    expect(bound(messages)).toEqual([
      { path: 'messages[0].content[0].caller', what: 'caller', weight: 'hint' },
    ])
  })

  it('keep a cache control that says more than a mark', () => {
    const cache = { type: 'ephemeral', ttl: '5m', scope: 'global' }
    expect(
      decode([assistant({ type: 'text', text: 'a', cache_control: cache })])[0]?.content,
    ).toEqual([
      {
        type: 'text',
        text: 'a',
        cache: { ttl: '5m' },
        extras: { anthropic: { cache_control: cache } },
      },
    ])
  })
})

describe('refusals', () => {
  it.each<[string, Json, string]>([
    ['tool', 'x', 'messages: Unexpected role "tool". Allowed roles are "user" or "assistant"'],
    ['user', 5, 'messages.0.content: Input should be a string or an array'],
    ['user', [5], 'messages.0.content.0: Input should be an object'],
    ['user', [{}], 'messages.0.content.0.type: Field required'],
    ['user', [{ type: 'text' }], 'messages.0.content.0.text.text: Field required'],
    ['user', [{ type: 'image' }], 'messages.0.content.0.image.source: Field required'],
    [
      'user',
      [{ type: 'image', source: { type: 'base64', media_type: 'image/png' } }],
      'messages.0.content.0.image.source.base64.data: Field required',
    ],
    [
      'user',
      [{ type: 'tool_result' }],
      'messages.0.content.0.tool_result.tool_use_id: Field required',
    ],
    [
      'user',
      [{ type: 'tool_result', tool_use_id: 'a', is_error: 'no' }],
      'messages.0.content.0.tool_result.is_error: Input should be a valid boolean',
    ],
    [
      'user',
      [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 1 }] }],
      'messages.0.content.0.tool_result.content.0.text.text: Input should be a valid string',
    ],
    [
      'user',
      [{ type: 'tool_use', id: 'a', name: 'f', input: {} }],
      'messages.0: `tool_use` blocks can only be in `assistant` messages',
    ],
    [
      'user',
      [{ type: 'thinking', thinking: '', signature: '' }],
      'messages.0: `thinking` blocks can only be in `assistant` messages',
    ],
    [
      'assistant',
      [{ type: 'tool_result', tool_use_id: 'a' }],
      'messages.0: `tool_result` blocks can only be in `user` messages',
    ],
    [
      'assistant',
      [{ type: 'tool_use', id: 'a', name: 'f', input: '{}' }],
      'messages.0.content.0.tool_use.input: Input should be a valid dictionary',
    ],
    [
      'assistant',
      [{ type: 'tool_use', id: 'a', name: 'f', input: [1] }],
      'messages.0.content.0.tool_use.input: Input should be a valid dictionary',
    ],
    [
      'assistant',
      [{ type: 'tool_use', name: 'f', input: {} }],
      'messages.0.content.0.tool_use.id: Field required',
    ],
    [
      'assistant',
      [{ type: 'thinking', signature: 's' }],
      'messages.0.content.0.thinking.thinking: Field required',
    ],
    [
      'assistant',
      [{ type: 'redacted_thinking' }],
      'messages.0.content.0.redacted_thinking.data: Field required',
    ],
    [
      'assistant',
      [{ type: 'text', text: 'a', $content: 1 }],
      'messages.0.content.0.$content: Extra inputs are not permitted',
    ],
    ['system', [{}], 'messages.0.content.0.type: Field required'],
  ])('%s %j', (role, content, message) => {
    expect(refusal(role, content)).toBe(message)
  })
})
