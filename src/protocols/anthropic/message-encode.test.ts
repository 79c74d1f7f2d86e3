import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { Extras, ProtocolName } from '../../core/extras.ts'
import type { AssistantPart, Message, UserPart } from '../../core/message.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { anthropic } from './index.ts'

let at = 0
const text = (words: string) => ({ type: 'text', text: words }) as const
const system = (...words: string[]): Message => ({
  role: 'system',
  voice: 'developer',
  at: at++,
  content: words.map(text),
})
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

function refusal(messages: readonly Message[], quirks: Quirks = {}, protocol?: ProtocolName) {
  try {
    encode(messages, quirks, protocol)
  } catch (error) {
    if (isToolgateError(error)) return { code: error.code, path: error.details.path }
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('instructions at the head', () => {
  it('are one text, or blocks', () => {
    expect(encode([system('a'), user('q')])).toEqual({
      system: 'a',
      messages: [{ role: 'user', content: 'q' }],
      losses: [],
    })
    expect(encode([system('a', 'b'), system('c'), user('q')]).system).toEqual([
      text('a'),
      text('b'),
      text('c'),
    ])
  })

  it('are nothing if they are blank', () => {
    expect(encode([system(''), user('q')])).toEqual({
      system: undefined,
      messages: [{ role: 'user', content: 'q' }],
      losses: [],
    })
    expect(encode([system(' \n'), user('q')]).losses).toEqual([
      'messages[0].content[0] dropped false',
    ])
  })

  it('alone become the question', () => {
    expect(encode([system('a'), system('b')])).toEqual({
      system: 'a',
      messages: [{ role: 'user', content: 'b' }],
      losses: ['messages approximated true'],
    })
  })
})

describe('instructions in the middle', () => {
  const inline = (words: string) => text(`<system>\n${words}\n</system>`)

  it("are said in the user's turn behind them", () => {
    expect(encode([user('q'), assistant('a'), system('s'), user('r')])).toEqual({
      system: undefined,
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'a' },
        { role: 'user', content: [inline('s'), text('r')] },
      ],
      losses: ['messages[2] approximated true'],
    })
  })

  it("or in the user's turn before them", () => {
    expect(encode([user('q'), system('s', ' '), assistant('a'), user('r')]).messages).toEqual([
      { role: 'user', content: [text('q'), inline('s')] },
      { role: 'assistant', content: 'a' },
      { role: 'user', content: 'r' },
    ])
  })

  it('never stand between calls and their results', () => {
    const { messages, losses } = encode([
      user('q'),
      assistant(call('a')),
      system('s'),
      results('a'),
      user('r'),
    ])
    expect(messages[2].content.map((block: { type: string }) => block.type)).toEqual([
      'tool_result',
      'text',
      'text',
    ])
    expect(losses).toEqual(['messages[2] approximated true'])
  })

  it('at the end make a turn of their own', () => {
    expect(encode([user('q'), assistant('a'), system('s')]).messages[2]).toEqual({
      role: 'user',
      content: '<system>\ns\n</system>',
    })
  })

  it('stay where the model takes them: behind a user and before an assistant or the end', () => {
    const quirks = { systemInMessages: true }
    expect(
      encode([user('q'), system('s'), assistant('a'), user('r'), system('t')], quirks),
    ).toEqual({
      system: undefined,
      messages: [
        { role: 'user', content: 'q' },
        { role: 'system', content: 's' },
        { role: 'assistant', content: 'a' },
        { role: 'user', content: 'r' },
        { role: 'system', content: 't' },
      ],
      losses: [],
    })
    const behindResults = [user('q'), assistant(call('a')), results('a'), system('s'), system('t')]
    expect(encode(behindResults, quirks).messages[3]).toEqual({
      role: 'system',
      content: [text('s'), text('t')],
    })
    expect(encode([user('q'), system('s'), user('r')], quirks).losses).toEqual([
      'messages[1] approximated true',
    ])
    expect(encode([user('q'), assistant('a'), system('s'), user('r')], quirks).losses).toEqual([
      'messages[2] approximated true',
    ])
    // An assistant message of which nothing is left is none.
    expect(encode([user('q'), system('s'), assistant(' '), user('r')], quirks).messages).toEqual([
      { role: 'user', content: [text('q'), inline('s'), text('r')] },
    ])
  })

  it('of a client of its own stay unless a flag says otherwise', () => {
    const messages = [user('q'), system('s'), user('r')]
    expect(own(messages)).toMatchObject({
      messages: [{ role: 'user' }, { role: 'system', content: 's' }, { role: 'user' }],
      losses: [],
    })
    expect(own(messages, { systemInMessages: false }).losses).toEqual([
      'messages[1] approximated true',
    ])
  })

  it('keep their blocks that are no text, and settings without any block', () => {
    const addition = { type: 'tool_addition', tool: { name: 'f' } }
    const extras: Extras = { anthropic: { clear_at: 'never', $content: [[0, addition]] } }
    const directive: Extras = { anthropic: { output_config: { effort: 'low' } } }
    const messages = [{ ...system(), extras: directive }, user('q'), { ...system('s'), extras }]
    expect(own(messages)).toEqual({
      system: undefined,
      messages: [
        { role: 'system', content: [], output_config: { effort: 'low' } },
        { role: 'user', content: 'q' },
        { role: 'system', content: [addition, text('s')], clear_at: 'never' },
      ],
      losses: [],
    })
    expect(own(messages, { systemInMessages: false })).toMatchObject({
      messages: [{ role: 'user', content: [text('q'), inline('s')] }],
      losses: [
        'messages[0] approximated true',
        'messages[0] dropped true',
        'messages[2] approximated true',
        'messages[2] dropped true',
      ],
    })
  })
})

describe('turns', () => {
  it('join neighbours, results first', () => {
    expect(
      encode([
        user('q'),
        user('r'),
        assistant('x', call('a')),
        assistant(call('b'), 'y'),
        results('a'),
        results('b'),
        user('s'),
      ]),
    ).toEqual({
      system: undefined,
      messages: [
        { role: 'user', content: [text('q'), text('r')] },
        {
          role: 'assistant',
          content: [
            text('x'),
            { type: 'tool_use', id: 'a', name: 'f', input: {} },
            { type: 'tool_use', id: 'b', name: 'f', input: {} },
            text('y'),
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'of a' },
            { type: 'tool_result', tool_use_id: 'b', content: 'of b' },
            text('s'),
          ],
        },
      ],
      losses: [],
    })
  })

  it('put results before what stood before them, and say so', () => {
    const { messages, losses } = encode([user('q'), assistant(call('a')), user('r'), results('a')])
    expect(messages[2].content.map((block: { type: string }) => block.type)).toEqual([
      'tool_result',
      'text',
    ])
    expect(losses).toEqual(['messages[3] repaired false'])
  })

  it('of which nothing is left vanish', () => {
    const reasoning: AssistantPart = { type: 'reasoning', text: 'hm' }
    expect(encode([user('q'), assistant(''), user('r', '')])).toEqual({
      system: undefined,
      messages: [{ role: 'user', content: [text('q'), text('r')] }],
      losses: [],
    })
    expect(encode([user('q'), assistant(reasoning), user('r')]).losses).toEqual([
      'messages[1].content[0] dropped false',
    ])
  })

  it('with fields of their own stay apart', () => {
    const extras: Extras = { anthropic: { odd: 1 } }
    expect(own([user('q'), { ...user('r', 's'), extras }, user('t')]).messages).toEqual([
      { role: 'user', content: 'q' },
      { role: 'user', content: [text('r'), text('s'), text('t')], odd: 1 },
    ])
  })

  it('begin with the user, who is made to speak first', () => {
    expect(encode([assistant('hello'), user('q')])).toEqual({
      system: undefined,
      messages: [
        { role: 'user', content: '[The assistant begins the conversation.]' },
        { role: 'assistant', content: 'hello' },
        { role: 'user', content: 'q' },
      ],
      losses: ['messages repaired false'],
    })
    expect(own([assistant('hello'), user('q')]).losses).toEqual([])
  })

  it('must be left', () => {
    expect(refusal([])).toEqual({ code: 'invalid_value', path: ['messages'] })
    expect(refusal([user('')])).toEqual({ code: 'invalid_value', path: ['messages'] })
  })
})

describe('a begun answer', () => {
  it('is refused by models that take none', () => {
    const messages = [user('q'), assistant('a')]
    expect(refusal(messages)).toEqual({ code: 'unsupported', path: ['messages', 1] })
    at = 0
    expect(refusal([user('q'), assistant('a')], { prefill: false }, 'anthropic').code).toBe(
      'unsupported',
    )
  })

  it('is taken by those that do, without white space at its end', () => {
    expect(encode([user('q'), assistant('a \n')], { prefill: true })).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant', content: 'a' }],
      losses: ['messages repaired false'],
    })
  })

  it('of a client of its own is for the vendor to judge', () => {
    expect(own([user('q'), assistant('a ')])).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant', content: 'a ' }],
      losses: [],
    })
  })

  it('is none if the turn was paused', () => {
    const paused: AssistantPart = {
      type: 'opaque',
      protocol: 'anthropic',
      kind: 'server_tool_use',
      value: { type: 'server_tool_use' },
    }
    expect(own([user('q'), assistant('a', paused)], { prefill: false }).losses).toEqual([])
  })
})
