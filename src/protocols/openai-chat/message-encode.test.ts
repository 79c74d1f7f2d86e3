import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type {
  AssistantPart,
  Message,
  ReasoningState,
  ResultPart,
  ToolCallPart,
} from '../../core/message.ts'
import type { Quirks } from '../quirks.ts'
import { encodeMessages } from './message-encode.ts'

function encode(messages: Message[], quirks: Quirks = {}): { wire: JsonObject[]; losses: Loss[] } {
  const losses: Loss[] = []
  return { wire: encodeMessages(messages, { quirks, losses, own: false }), losses }
}

const call = (id: string, more: Partial<ToolCallPart> = {}): ToolCallPart => ({
  type: 'tool-call',
  id,
  name: `name_${id}`,
  arguments: '{}',
  kind: 'function',
  ...more,
})
const wireCall = (id: string): JsonObject => ({
  id,
  type: 'function',
  function: { name: `name_${id}`, arguments: '{}' },
})
const assistant = (...content: AssistantPart[]): Message => ({ role: 'assistant', content, at: 1 })
const user = (text: string, at = 3): Message => ({
  role: 'user',
  content: [{ type: 'text', text }],
  at,
})
const system = (...texts: string[]): Message => ({
  role: 'system',
  voice: 'system',
  content: texts.map(text => ({ type: 'text', text })),
  at: -1,
})
function results(...contents: readonly (readonly [string, ...ResultPart[]])[]): Message {
  return {
    role: 'tool',
    at: 2,
    content: contents.map(([callId, ...content], atPart) => ({
      type: 'tool-result',
      callId,
      content,
      at: 2,
      atPart,
    })),
  }
}
const text = (value: string): ResultPart => ({ type: 'text', text: value })
const PICTURE: ResultPart = {
  type: 'image',
  source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' },
}
const WIRE_PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }

describe('instructions', () => {
  it('keep their place and voice, or take the vendor’s word', () => {
    const late: Message = {
      role: 'system',
      voice: 'developer',
      content: [{ type: 'text', text: 'b' }],
      at: 4,
    }
    expect(encode([system('a'), user('x'), late]).wire.map(message => message['role'])).toEqual([
      'system',
      'user',
      'developer',
    ])
    expect(encode([system('a'), late], { systemRole: 'system' })).toMatchObject({
      wire: [{ role: 'system' }, { role: 'system' }],
      losses: [],
    })
    expect(encode([system('a')], { systemRole: 'user' })).toEqual({
      wire: [{ role: 'user', content: 'a' }],
      losses: [expect.objectContaining({ path: 'system', action: 'approximated', meaning: true })],
    })
  })

  it('are one string where lists are not known', () => {
    expect(encode([system('a', 'b')]).wire[0]?.['content']).toHaveLength(2)
    expect(encode([system('a', 'b')], { contentParts: false }).wire[0]?.['content']).toBe('a\n\nb')
  })
})

describe('an assistant’s turn', () => {
  it('has null beside calls, or an empty text where null is refused', () => {
    const turn = [assistant(call('a'))]
    expect(encode(turn).wire).toEqual([
      { role: 'assistant', content: null, tool_calls: [wireCall('a')] },
    ])
    expect(encode(turn, { nullContent: false }).wire[0]?.['content']).toBe('')
  })

  it('writes no arguments as {}', () => {
    const { wire, losses } = encode([
      assistant(call('a', { arguments: '' }), call('b', { arguments: ' \n' })),
    ])
    expect(wire[0]?.['tool_calls']).toEqual([wireCall('a'), wireCall('b')])
    expect(losses).toEqual([])
  })

  it('keeps free text of custom calls, and broken arguments', () => {
    const { wire } = encode([
      assistant(call('a', { kind: 'custom', arguments: ' ' }), call('b', { arguments: '{"x' })),
    ])
    expect(wire[0]?.['tool_calls']).toEqual([
      { id: 'a', type: 'custom', custom: { name: 'name_a', input: ' ' } },
      { id: 'b', type: 'function', function: { name: 'name_b', arguments: '{"x' } },
    ])
  })

  it('moves text before the calls, and says so', () => {
    const { wire, losses } = encode(
      [assistant({ type: 'text', text: 'a' }, call('a'), { type: 'text', text: 'b' })],
      { contentParts: false },
    )
    expect(wire[0]).toMatchObject({ content: 'a\n\nb', tool_calls: [{ id: 'a' }] })
    expect(losses).toEqual([
      expect.objectContaining({ path: 'messages[1]', action: 'approximated', meaning: false }),
    ])
  })

  it('joins text that only stands in pieces without anything between', () => {
    const turn = assistant({ type: 'text', text: 'Par' }, { type: 'text', text: 'is' })
    expect(encode([turn], { contentParts: false }).wire[0]?.['content']).toBe('Paris')
  })

  it('drops what the model cannot be shown again', () => {
    expect(
      encode([
        assistant(
          { type: 'text', text: 'a' },
          { type: 'image', source: { kind: 'url', url: 'x' } },
          { type: 'opaque', protocol: 'anthropic', kind: 'server_tool_use', value: {} },
        ),
      ]),
    ).toMatchObject({
      wire: [{ content: 'a' }],
      losses: [
        { path: 'messages[1].content[1]', action: 'dropped', meaning: true },
        { path: 'messages[1].content[2]', action: 'dropped', meaning: true },
      ],
    })
  })
})

describe('reasoning on its way back', () => {
  const signed: ReasoningState = { family: 'anthropic', kind: 'signature', data: 'S' }
  const turn = assistant({ type: 'reasoning', text: 'hm', state: signed }, call('a'))

  it('is left out by default, with a loss that changes nothing', () => {
    expect(encode([turn])).toEqual({
      wire: [{ role: 'assistant', content: null, tool_calls: [wireCall('a')] }],
      losses: [
        {
          path: 'messages[1].content[0]',
          what: 'reasoning of an earlier turn',
          action: 'dropped',
          meaning: false,
        },
      ],
    })
  })

  it('takes a turn with it that holds nothing else', () => {
    const { wire } = encode([user('x', 0), assistant({ type: 'reasoning', text: 'hm' }), user('y')])
    expect(wire.map(message => message['role'])).toEqual(['user', 'user'])
  })

  it.each(['reasoning_content', 'reasoning'] as const)('quirk reasoningField %s', field => {
    expect(encode([turn], { reasoningField: field })).toMatchObject({
      wire: [{ [field]: 'hm' }],
      losses: [],
    })
  })

  it('quirk reasoningEcho: every turn with calls carries the field, even empty', () => {
    const { wire } = encode([assistant(call('a')), assistant({ type: 'text', text: 'x' }), turn], {
      reasoningEcho: true,
    })
    expect(wire.map(message => message['reasoning_content'])).toEqual(['', undefined, 'hm'])
    expect(
      encode([assistant(call('a'))], { reasoningEcho: true, reasoningField: 'reasoning' }).wire[0],
    ).toMatchObject({ reasoning: '' })
  })

  it('quirk reasoningDetails: states go back as details, those of calls too', () => {
    const google: ReasoningState = { family: 'google', kind: 'signature', data: 'G' }
    const { wire, losses } = encode(
      [assistant({ type: 'reasoning', text: 'hm', state: signed }, call('a', { state: google }))],
      { reasoningDetails: true },
    )
    expect(wire[0]).toEqual({
      role: 'assistant',
      content: null,
      reasoning_details: [
        {
          type: 'reasoning.text',
          text: 'hm',
          signature: 'S',
          format: 'anthropic-claude-v1',
          index: 0,
        },
        { type: 'reasoning.encrypted', data: 'G', format: 'google-gemini-v1', id: 'a', index: 0 },
      ],
      tool_calls: [wireCall('a')],
    })
    expect(losses).toEqual([])
  })

  it('writes the signature of a call in Google’s own place for a vendor that takes it', () => {
    const quirks = { thoughtSignatures: 'optional' } as const
    const state: ReasoningState = { family: 'google', kind: 'signature', data: 'G' }
    const extras = { 'openai-chat': { extra_content: { google: { x: 1 }, other: 2 } } }
    expect(
      encode([assistant(call('a', { state, extras }))], quirks).wire[0]?.['tool_calls'],
    ).toEqual([
      { ...wireCall('a'), extra_content: { google: { x: 1, thought_signature: 'G' }, other: 2 } },
    ])
    const other = encode([assistant(call('a', { state: signed }))], quirks)
    expect(other.wire[0]?.['tool_calls']).toEqual([wireCall('a')])
  })

  it('sends no other vendor a signature of a call, and says so', () => {
    const state: ReasoningState = { family: 'google', kind: 'signature', data: 'G' }
    const google = { x: 1, thought_signature: 'G' }
    const extras = { 'openai-chat': { extra_content: { google, other: 2 } } }
    const { wire, losses } = encode([assistant(call('a', { state, extras }), call('b', { state }))])
    expect(wire[0]?.['tool_calls']).toEqual([
      { ...wireCall('a'), extra_content: { google: { x: 1 }, other: 2 } },
      wireCall('b'),
    ])
    const what = 'the thought signature of a call, which this vendor does not take'
    expect(losses).toEqual([
      { path: 'messages[1].content[0]', what, action: 'dropped', meaning: false },
      { path: 'messages[1].content[1]', what, action: 'dropped', meaning: false },
    ])
  })

  it('gives the first call of a step a stand-in where signatures are required', () => {
    const history = [assistant(call('a'), call('b'))]
    const { wire, losses } = encode(history, { thoughtSignatures: 'required' })
    const dummy = { google: { thought_signature: 'skip_thought_signature_validator' } }
    expect(wire[0]?.['tool_calls']).toEqual([
      { ...wireCall('a'), extra_content: dummy },
      wireCall('b'),
    ])
    expect(losses).toMatchObject([{ action: 'approximated', meaning: false }])
    const over = encode([...history, user('And now?')], { thoughtSignatures: 'required' })
    expect(over.wire[0]?.['tool_calls']).toEqual([wireCall('a'), wireCall('b')])
    expect(over.losses).toEqual([])
  })
})

describe('results', () => {
  it('are one message each, with text as a string or in parts', () => {
    expect(encode([results(['a', text('A')], ['b', text('1'), text('2')], ['c'])]).wire).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'tool', tool_call_id: 'b', content: [text('1'), text('2')] },
      { role: 'tool', tool_call_id: 'c', content: '' },
    ])
    expect(encode([results(['b', text('1'), text('2')])], { contentParts: false }).wire).toEqual([
      { role: 'tool', tool_call_id: 'b', content: '1\n\n2' },
    ])
  })

  it.each<[ResultPart[], unknown]>([
    [[text('boom')], 'Error: boom'],
    [[text('Error: boom')], 'Error: boom'],
    [[text('{"error":"boom"}')], '{"error":"boom"}'],
    [[], 'Error'],
    [
      [text('a'), text('b')],
      [text('Error: a'), text('b')],
    ],
  ])('say in words that %j is an error', (content, expected) => {
    const message: Message = {
      role: 'tool',
      at: 2,
      content: [{ type: 'tool-result', callId: 'a', content, isError: true, at: 2 }],
    }
    const { wire, losses } = encode([message])
    expect(wire[0]?.['content']).toEqual(expected)
    expect(losses).toEqual([
      expect.objectContaining({ path: 'messages[2].is_error', action: 'emulated', meaning: false }),
    ])
  })

  it('put pictures into one user message after all results of the turn', () => {
    const { wire, losses } = encode([
      assistant(call('a'), call('b')),
      results(['a', text('see'), PICTURE], ['b', PICTURE]),
      user('thanks'),
    ])
    expect(wire.slice(1)).toEqual([
      {
        role: 'tool',
        tool_call_id: 'a',
        content: [text('see'), text('[The rest of this result follows in the next user message.]')],
      },
      {
        role: 'tool',
        tool_call_id: 'b',
        content: '[The rest of this result follows in the next user message.]',
      },
      {
        role: 'user',
        content: [
          text('[From the result of tool call a]'),
          WIRE_PICTURE,
          text('[From the result of tool call b]'),
          WIRE_PICTURE,
        ],
      },
      { role: 'user', content: 'thanks' },
    ])
    expect(losses).toMatchObject([
      { path: 'messages[2].content[0].content[1]', action: 'approximated', meaning: false },
      { path: 'messages[2].content[1].content[0]', action: 'approximated', meaning: false },
    ])
  })

  it('keep pictures where the vendor takes them, but not documents', () => {
    const document: ResultPart = {
      type: 'document',
      name: 'a.pdf',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' },
    }
    const { wire, losses } = encode([results(['a', text('see'), PICTURE, document])], {
      imagesInResults: true,
    })
    expect(wire[0]?.['content']).toMatchObject([text('see'), WIRE_PICTURE, { type: 'text' }])
    expect(wire[1]?.['content']).toMatchObject([{ type: 'text' }, { type: 'file' }])
    expect(losses).toHaveLength(1)
  })

  it('quirk toolMessageName: carry the name, from the result or its call', () => {
    const turn = [assistant(call('a')), results(['a', text('A')])]
    expect(encode(turn).wire[1]).not.toHaveProperty('name')
    expect(encode(turn, { toolMessageName: true }).wire[1]).toMatchObject({ name: 'name_a' })
  })

  it('quirk noUserAfterTool: an answer stands between, and is reported', () => {
    const { wire, losses } = encode([assistant(call('a')), results(['a', text('A')]), user('x')], {
      noUserAfterTool: true,
    })
    expect(wire.map(message => message['role'])).toEqual(['assistant', 'tool', 'assistant', 'user'])
    expect(wire[2]?.['content']).not.toBe('')
    expect(losses).toEqual([
      expect.objectContaining({ path: 'messages[3]', action: 'emulated', meaning: false }),
    ])
    expect(encode([user('x')], { noUserAfterTool: true }).losses).toEqual([])
  })

  it('leave out parts of another protocol', () => {
    const foreign: ResultPart = {
      type: 'opaque',
      protocol: 'anthropic',
      kind: 'tool_reference',
      value: {},
    }
    expect(encode([results(['a', text('A'), foreign])])).toMatchObject({
      wire: [{ content: [text('A')] }],
      losses: [{ path: 'messages[2].content[0].content[1]', action: 'dropped', meaning: true }],
    })
  })
})

describe('quirk cacheControl', () => {
  const cache = { ttl: '5m' }
  const marked = { type: 'ephemeral', ttl: '5m' }
  const messages: Message[] = [
    { role: 'system', voice: 'system', content: [{ type: 'text', text: 'a', cache }], at: 0 },
    assistant(call('a', { cache })),
    {
      role: 'tool',
      at: 2,
      content: [{ type: 'tool-result', callId: 'a', content: [], cache, at: 2 }],
    },
  ]

  it('writes the marks where they stood', () => {
    expect(encode(messages, { cacheControl: true }).wire).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'a', cache_control: marked }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ ...wireCall('a'), cache_control: marked }],
      },
      { role: 'tool', tool_call_id: 'a', content: '', cache_control: marked },
    ])
  })

  it('leaves them out by default without a word', () => {
    const { wire, losses } = encode(messages)
    expect(JSON.stringify(wire)).not.toContain('cache_control')
    expect(losses).toEqual([])
  })
})
