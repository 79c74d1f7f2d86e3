import { describe, expect, it } from 'vitest'
import type { Message } from '../core/message.ts'
import { emptyRequest, type ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../core/stream.ts'
import { protocolNamed } from '../protocols/index.ts'
import { fitRequest } from './fit.ts'
import { restoreResponse, StreamRestore } from './restore.ts'

const chat = protocolNamed('openai-chat')
const messages = protocolNamed('anthropic')

function ask(history: Message[], more: Partial<ModelRequest> = {}): ModelRequest {
  return { ...emptyRequest('openai-chat', 'm'), messages: history, ...more }
}
const turn = (at: number, id: string, name = 'f'): Message[] => [
  {
    role: 'assistant',
    at,
    content: [{ type: 'tool-call', id, name, arguments: '{}', kind: 'function' }],
  },
  {
    role: 'tool',
    at: at + 1,
    content: [{ type: 'tool-result', callId: id, content: [], at: at + 1 }],
  },
]
const idsOf = (request: ModelRequest) =>
  request.messages.flatMap(message =>
    message.role === 'system'
      ? []
      : message.content.flatMap(part =>
          part.type === 'tool-call' ? [part.id] : part.type === 'tool-result' ? [part.callId] : [],
        ),
  )

describe('fitRequest', () => {
  it('gives back the very request that needs nothing', () => {
    const request = ask([...turn(0, 'call_1'), ...turn(2, 'call_2')])
    expect(fitRequest(request, messages, {}).request).toBe(request)
  })
  it('re-mints illegal ids in pairs, always to the same, within the rule', () => {
    const rule = { callId: { pattern: /^[A-Za-z0-9]{9}$/, max: 9 } }
    const first = idsOf(fitRequest(ask(turn(0, 'call_abcdefghijklmnop')), chat, rule).request)
    const again = idsOf(fitRequest(ask(turn(0, 'call_abcdefghijklmnop')), chat, rule).request)
    expect(first[0]).toMatch(/^[A-Za-z0-9]{9}$/)
    expect(first[1]).toBe(first[0])
    expect(again).toEqual(first)
  })
  it('tells apart an id that comes in two turns', () => {
    const ids = idsOf(
      fitRequest(ask([...turn(0, 'get:0'), ...turn(2, 'get:0')]), messages, {}).request,
    )
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).toBe(ids[3])
    expect(ids[0]).not.toBe(ids[2])
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
  })
  it('renames tools everywhere, and back in the answer', () => {
    const quirks = { toolName: { pattern: /^[a-z_][a-zA-Z0-9_-]*$/, max: 12 } }
    const request = ask(turn(0, 'c', 'a.very.long.name'), {
      tools: [{ kind: 'function', name: 'a.very.long.name' }],
      toolChoice: { mode: 'tool', name: 'a.very.long.name' },
    })
    const fitted = fitRequest(request, chat, quirks)
    const name = fitted.request.tools[0]?.name ?? ''
    expect(name).toMatch(/^[a-z_][a-zA-Z0-9_-]{0,11}$/)
    expect(fitted.request.toolChoice).toEqual({ mode: 'tool', name })
    expect(fitted.request.messages[0]?.content[0]).toMatchObject({ name })
    const answer = answerOf([
      { type: 'tool-call', id: 'x', name, arguments: '{}', kind: 'function' },
    ])
    expect(restoreResponse(answer, fitted.undo, () => 'new').content[0]).toMatchObject({
      name: 'a.very.long.name',
    })
  })
  it('makes a free-text tool a function where there is none, and unwraps its calls', () => {
    const request = ask([], {
      tools: [
        { kind: 'custom', name: 'sql', grammar: { syntax: 'lark', definition: 'start: "x"' } },
      ],
    })
    const { request: fitted, losses, undo } = fitRequest(request, messages, {})
    expect(fitted.tools[0]).toMatchObject({ kind: 'function', parameters: { required: ['input'] } })
    expect(losses).toMatchObject([{ path: 'tools[0]', action: 'emulated', meaning: true }])
    const answer = answerOf([
      {
        type: 'tool-call',
        id: 'x',
        name: 'sql',
        arguments: '{"input":"select 1"}',
        kind: 'function',
      },
    ])
    expect(restoreResponse(answer, undo, () => 'new').content[0]).toMatchObject({
      kind: 'custom',
      arguments: 'select 1',
    })
    const restore = new StreamRestore(undo, () => 'new')
    const parts: StreamPart[] = []
    for (const part of disassemble(answer)) restore.push(part, out => parts.push(out))
    expect(assemble(parts).content[0]).toMatchObject({ kind: 'custom', arguments: 'select 1' })
    expect(fitRequest(request, chat, {}).request).toBe(request)
  })
  it('refuses a server tool of another protocol, and drops its traces from the history', () => {
    const tool = {
      kind: 'server',
      protocol: 'anthropic',
      type: 'web_search_20250305',
      name: 'web_search',
      value: {},
    } as const
    expect(() => fitRequest(ask([], { tools: [tool] }), chat, {})).toThrow(/web_search_20250305/)
    expect(fitRequest(ask([], { tools: [tool] }), messages, {}).request.tools).toEqual([tool])
    const history: Message[] = [
      {
        role: 'assistant',
        at: 0,
        content: [
          { type: 'opaque', protocol: 'anthropic', kind: 'server_tool_use', value: {} },
          { type: 'text', text: 'found' },
        ],
      },
    ]
    const fitted = fitRequest(ask(history), chat, {})
    expect(fitted.request.messages[0]?.content).toEqual([{ type: 'text', text: 'found' }])
    expect(fitted.losses).toMatchObject([{ path: 'messages[0]', action: 'dropped', meaning: true }])
  })
})

describe('restore', () => {
  it('gives every call an id of its own', () => {
    const call = { type: 'tool-call', name: 'f', arguments: '{}', kind: 'function' } as const
    const answer = answerOf([
      { ...call, id: 'same' },
      { ...call, id: 'same' },
      { ...call, id: '' },
    ])
    let count = 0
    const ids = restoreResponse(answer, undefined, () => `new${++count}`).content.map(part =>
      part.type === 'tool-call' ? part.id : '',
    )
    expect(ids).toEqual(['same', 'new1', 'new2'])
  })
  it('gives no call the id of one that is in the conversation, whole and streamed', () => {
    const call = { type: 'tool-call', name: 'f', arguments: '{}', kind: 'function' } as const
    const asked = ask([...turn(0, 'call_0'), ...turn(2, 'call_1')])
    const answer = answerOf([
      { ...call, id: 'call_0' },
      { ...call, id: 'call_2' },
    ])
    const whole = restoreResponse(answer, undefined, () => 'new', asked)
    const restore = new StreamRestore(undefined, () => 'new', asked)
    const parts: StreamPart[] = []
    for (const part of disassemble(answer)) restore.push(part, out => parts.push(out))
    for (const { content } of [whole, assemble(parts)])
      expect(content).toMatchObject([{ id: 'new' }, { id: 'call_2' }])
  })
})

function answerOf(content: ModelResponse['content']): ModelResponse {
  return { id: 'r', model: 'm', content, finish: { kind: 'tool-calls', raw: 'tool_calls' } }
}
