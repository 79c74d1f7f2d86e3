import { describe, expect, it } from 'vitest'
import type { AssistantPart, Message, ReasoningState, ToolCallPart } from '../core/message.ts'
import { emptyRequest, type ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../core/stream.ts'
import { protocolNamed } from '../protocols/index.ts'
import { liftState, lowerState, StreamLower } from './call-state.ts'

const messages = protocolNamed('anthropic')
const SIGNED: ReasoningState = { family: 'google', kind: 'signature', data: 'SIG' }
const carried = (id: string): AssistantPart => ({
  type: 'reasoning',
  text: '',
  state: { family: 'google', kind: 'encrypted', data: 'SIG', id },
})
const call = (id: string, state?: ReasoningState): ToolCallPart => ({
  type: 'tool-call',
  id,
  name: 'f',
  arguments: '{}',
  kind: 'function',
  ...(state && { state }),
})
const text = (words: string, state?: ReasoningState): AssistantPart => ({
  type: 'text',
  text: words,
  ...(state && { state }),
})
const answer = (...content: AssistantPart[]): ModelResponse => ({
  id: 'r',
  model: 'm',
  content,
  finish: { kind: 'tool-calls', raw: 'STOP' },
})
const asked = (...history: Message[]): ModelRequest => ({
  ...emptyRequest('openai-chat', 'm'),
  messages: history,
})

/** An answer's stream, with the state of calls at their start, where vendors say it. */
function early(response: ModelResponse): StreamPart[] {
  return disassemble(response).map(part => {
    const said = part.type === 'tool-call-start' ? response.content[part.index] : undefined
    return part.type === 'tool-call-start' && said?.type === 'tool-call' && said.state
      ? { ...part, state: said.state }
      : part
  })
}

/** What a stream of an answer becomes. */
function streamed(response: ModelResponse, parts = early(response)): AssistantPart[] {
  const lower = new StreamLower(messages)
  const out: StreamPart[] = []
  for (const part of parts) lower.push(part, one => out.push(one))
  return [...assemble(out).content]
}

describe('the state of calls on its way out', () => {
  it.each<[string, AssistantPart[], AssistantPart[]]>([
    [
      'stands before its call',
      [call('a', SIGNED), call('b')],
      [carried('a'), call('a', SIGNED), call('b')],
    ],
    [
      'stands before each call that has one',
      [text('x'), call('a', SIGNED), text('y'), call('b', SIGNED)],
      [text('x'), carried('a'), call('a', SIGNED), text('y'), carried('b'), call('b', SIGNED)],
    ],
    [
      'in an empty part behind the calls',
      [call('a'), text('', SIGNED)],
      [call('a'), carried('$text')],
    ],
    ['in an empty part without a call is of no use', [text('x'), text('', SIGNED)], [text('x')]],
    ['leaves the rest alone', [text('x'), call('a'), text('')], [text('x'), call('a'), text('')]],
  ])('%s, whole and streamed', (_, before, after) => {
    expect(lowerState(answer(...before), messages).content).toEqual(after)
    expect(streamed(answer(...before))).toEqual(after)
  })

  it('follows a call whose state came late', () => {
    const parts = disassemble(answer(call('a'), call('b'))).map(
      (part): StreamPart =>
        part.type === 'tool-call-end' && part.index === 0 ? { ...part, state: SIGNED } : part,
    )
    expect(streamed(answer(), parts)).toEqual([call('a', SIGNED), carried('a'), call('b')])
  })

  it('keeps the order of two calls that are open at once', () => {
    const start = { type: 'tool-call-start', name: 'f', kind: 'function' } as const
    const content = streamed(answer(), [
      { type: 'message-start', id: 'r', model: 'm' },
      { ...start, index: 0, id: 'a' },
      { ...start, index: 1, id: 'b', state: SIGNED },
      { type: 'tool-call-delta', index: 0, text: '[0]' },
      { type: 'tool-call-delta', index: 1, text: '[1]' },
      { type: 'tool-call-end', index: 1 },
      { type: 'tool-call-end', index: 0 },
      { type: 'message-end', finish: { kind: 'tool-calls', raw: 'STOP' } },
    ])
    expect(content).toMatchObject([
      { id: 'a', arguments: '[0]' },
      carried('b'),
      { id: 'b', arguments: '[1]' },
    ])
  })

  it('has its own place with its own family', () => {
    const response = answer(call('a', SIGNED))
    expect(lowerState(response, protocolNamed('gemini'))).toBe(response)
  })
})

describe('the state of calls on its way in', () => {
  const turn = (...content: AssistantPart[]): Message => ({ role: 'assistant', content, at: 0 })
  const contentOf = (request: ModelRequest) => liftState(request).messages[0]?.content

  it('comes from reasoning that names the call, and the same request back if there is none', () => {
    expect(contentOf(asked(turn(carried('a'), call('a'), call('b'))))).toEqual([
      call('a', SIGNED),
      call('b'),
    ])
    const plain = asked(turn(text('x'), { type: 'reasoning', text: 'Hm.' }, call('a')))
    expect(liftState(plain)).toBe(plain)
    const foreign = asked(turn(carried('other'), call('a')))
    expect(liftState(foreign)).toBe(foreign)
  })

  it('stays where it is for a vendor that wants its reasoning back untouched', () => {
    const request = asked(turn(carried('a'), call('a')))
    expect(liftState(request, true)).toBe(request)
  })

  it('leaves the words of reasoning, and what the call says itself', () => {
    const own: ReasoningState = { ...SIGNED, data: 'OWN' }
    const named: AssistantPart = { type: 'reasoning', text: 'Hm.', state: { ...SIGNED, id: 'a' } }
    expect(contentOf(asked(turn(named, call('a', own))))).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      call('a', own),
    ])
  })

  it('is that of an empty text again', () => {
    expect(contentOf(asked(turn(call('a'), carried('$text'))))).toEqual([
      call('a'),
      text('', SIGNED),
    ])
  })

  it('leaves ids as short as they were, in results too, and apart', () => {
    const long = `a_ts_${'A'.repeat(40)}`
    const other = `a_ts_${'B'.repeat(40)}`
    const ids = ['a', long, other]
    const results: Message = {
      role: 'tool',
      at: 1,
      content: ids.map(callId => ({ type: 'tool-result', callId, content: [], at: 1 })),
    }
    const lifted = liftState(asked(turn(...ids.map(id => call(id))), results))
    expect(lifted.messages).toMatchObject([
      { content: [{ id: 'a' }, { id: 'a_2' }, { id: 'a_3' }] },
      { content: [{ callId: 'a' }, { callId: 'a_2' }, { callId: 'a_3' }] },
    ])
    expect(lifted.messages[0]?.content[1]).toMatchObject({ state: { data: 'A'.repeat(40) } })
  })
})
