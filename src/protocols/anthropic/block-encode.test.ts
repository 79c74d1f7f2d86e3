import { describe, expect, it } from 'vitest'
import type { ProtocolName } from '../../core/extras.ts'
import type {
  AssistantPart,
  Message,
  ResultPart,
  ToolResultPart,
  UserPart,
} from '../../core/message.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { anthropic } from './index.ts'

let at = 0
const text = (words: string) => ({ type: 'text', text: words }) as const
const user = (...content: (string | UserPart)[]): Message => ({
  role: 'user',
  at: at++,
  content: content.map(part => (typeof part === 'string' ? text(part) : part)),
})
const assistant = (...content: (string | AssistantPart)[]): Message => ({
  role: 'assistant',
  at: at++,
  content: content.map(part => (typeof part === 'string' ? text(part) : part)),
})
const call = (id: string, args = '{}'): AssistantPart => ({
  type: 'tool-call',
  id,
  name: 'f',
  arguments: args,
  kind: 'function',
})
const results = (...ids: string[]): Message => ({
  role: 'tool',
  at,
  content: ids.map(callId => ({
    type: 'tool-result',
    callId,
    content: [text(`of ${callId}`)],
    at: at++,
  })),
})
const result = (part: Partial<ToolResultPart> & { content: readonly ResultPart[] }): Message => ({
  role: 'tool',
  at: at++,
  content: [{ type: 'tool-result', callId: 'a', at: 2, ...part }],
})

function encode(
  messages: readonly Message[],
  quirks: Quirks = {},
  protocol: ProtocolName = 'openai-chat',
) {
  at = 0
  const request = {
    protocol,
    model: 'm',
    messages,
    tools: [],
    maxTokens: 5,
    stream: false,
    bound: [],
  }
  const { body, losses } = anthropic.encodeRequest(request, quirks)
  const wire = JSON.parse(stringifyJson(body))
  return {
    system: wire.system,
    messages: wire.messages,
    losses: losses.map(loss => `${loss.path} ${loss.action} ${loss.meaning}`),
  }
}

const own = (messages: readonly Message[], quirks: Quirks = {}) =>
  encode(messages, quirks, 'anthropic')

describe('calls', () => {
  const input = (args: string) => {
    const { messages, losses } = encode([user('q'), assistant(call('a', args)), results('a')])
    return [messages[1].content[0].input, losses]
  }

  it.each<[string, unknown]>([
    ['{"a":1}', { a: 1 }],
    ['{}', {}],
    ['', {}],
    [' \n', {}],
  ])('carry %j', (args, wire) => {
    expect(input(args)).toEqual([wire, []])
  })

  it.each<[string, unknown]>([
    ['null', {}],
    ['""', {}],
    ['{"a":', { _raw: '{"a":' }],
    ['[1]', { _raw: '[1]' }],
    ['"text"', { _raw: '"text"' }],
    ['7', { _raw: '7' }],
  ])('carry what is no object, %j, and say so', (args, wire) => {
    expect(input(args)).toEqual([wire, ['messages[1].content[0].arguments repaired false']])
  })

  it('keep numbers and the order of keys to the letter', () => {
    const args = '{"z":12345678901234567890,"a":1.0,"1":-0}'
    const { body } = anthropic.encodeRequest(
      {
        protocol: 'openai-chat',
        model: 'm',
        messages: [user('q'), assistant(call('a', args)), results('a')],
        tools: [],
        stream: false,
        bound: [],
      },
      {},
    )
    expect(stringifyJson(body)).toContain(`"input":${args}`)
  })

  it('with free text carry it under one key', () => {
    const custom: AssistantPart = {
      type: 'tool-call',
      id: 'a',
      name: 'f',
      arguments: 'free "text"',
      kind: 'custom',
    }
    const { messages } = encode([user('q'), assistant(custom), results('a')])
    expect(messages[1].content[0].input).toEqual({ input: 'free "text"' })
  })

  it('keep their marks and fields', () => {
    const marked: AssistantPart = {
      ...{ type: 'tool-call', id: 'a', name: 'f', arguments: '', kind: 'function' },
      cache: { ttl: '30m' },
      extras: { anthropic: { caller: { type: 'direct' } } },
    }
    const { messages } = encode([user('q'), assistant(marked), results('a')])
    expect(messages[1].content[0]).toEqual({
      type: 'tool_use',
      id: 'a',
      name: 'f',
      input: {},
      caller: { type: 'direct' },
      cache_control: { type: 'ephemeral' },
    })
  })
})

describe('results', () => {
  const encodeResult = (part: Parameters<typeof result>[0]) => {
    at = 0
    const { messages, losses } = encode([user('q'), assistant(call('a')), result(part)])
    return [messages[2].content[0], losses]
  }
  const image = {
    type: 'image',
    source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' },
  } as const
  const block = { type: 'tool_result', tool_use_id: 'a' }
  const wireImage = {
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: 'AAAA' },
  }

  it('hold text, pictures, or nothing', () => {
    expect(encodeResult({ content: [text('x')] })).toEqual([{ ...block, content: 'x' }, []])
    expect(encodeResult({ content: [] })).toEqual([block, []])
    expect(encodeResult({ content: [text('')] })).toEqual([block, []])
    expect(encodeResult({ content: [text('x'), image] })).toEqual([
      { ...block, content: [text('x'), wireImage] },
      [],
    ])
  })

  it('say that they failed, in text alone', () => {
    expect(encodeResult({ content: [text('x')], isError: true })).toEqual([
      { ...block, content: 'x', is_error: true },
      [],
    ])
    expect(encodeResult({ content: [], isError: true })).toEqual([
      { ...block, content: 'The tool failed and said nothing.', is_error: true },
      ['messages[2] repaired false'],
    ])
    expect(encodeResult({ content: [image], isError: true, atPart: 4 })).toEqual([
      { ...block, content: [text('The tool failed.'), wireImage] },
      ['messages[2].content[4] approximated false'],
    ])
  })

  it('of a client of its own stay as they are', () => {
    const messages = [user('q'), assistant(call('a')), result({ content: [], isError: true })]
    expect(own(messages)).toMatchObject({
      messages: [{}, {}, { content: [{ ...block, is_error: true }] }],
      losses: [],
    })
  })
})

describe('reasoning', () => {
  const state = { family: 'anthropic', kind: 'signature', data: 'sig' } as const

  it('goes back with the signature of its family', () => {
    const thought: AssistantPart = { type: 'reasoning', text: 'hm', state }
    const omitted: AssistantPart = { type: 'reasoning', text: '', state }
    const hidden: AssistantPart = {
      type: 'reasoning',
      text: '',
      state: { ...state, kind: 'redacted' },
    }
    const { messages, losses } = encode([
      user('q'),
      assistant(thought, omitted, hidden, call('a')),
      results('a'),
    ])
    expect(messages[1].content.slice(0, 3)).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'thinking', thinking: '', signature: 'sig' },
      { type: 'redacted_thinking', data: 'sig' },
    ])
    expect(losses).toEqual([])
  })

  it('of others, or without a state, is left out', () => {
    const foreign: AssistantPart = {
      type: 'reasoning',
      text: 'hm',
      state: { ...state, family: 'google' },
    }
    const { messages, losses } = encode([
      user('q'),
      assistant(foreign, { type: 'reasoning', text: 'plain' }, 'a'),
      user('r'),
    ])
    expect(messages[1]).toEqual({ role: 'assistant', content: 'a' })
    expect(losses).toEqual([
      'messages[1].content[0] dropped false',
      'messages[1].content[1] dropped false',
    ])
  })
})

describe('other parts', () => {
  it('say a refusal as text', () => {
    const refusalPart: AssistantPart = { type: 'refusal', text: 'I will not.' }
    expect(encode([user('q'), assistant(refusalPart), user('r')]).messages[1]).toEqual({
      role: 'assistant',
      content: 'I will not.',
    })
  })

  it('that belong to another protocol are left out, and said', () => {
    const foreign: UserPart = { type: 'opaque', protocol: 'gemini', kind: 'video', value: {} }
    expect(encode([user('q', foreign)])).toEqual({
      system: undefined,
      messages: [{ role: 'user', content: 'q' }],
      losses: ['messages[0].content[1] dropped true'],
    })
  })
})
