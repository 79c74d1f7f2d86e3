import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../core/error.ts'
import type { AssistantMessage, Message, ToolMessage } from '../core/message.ts'
import type { ModelRequest, Tool } from '../core/request.ts'
import { checkConversation, repairConversation } from './conversation.ts'

const RULE = { pattern: /^[a-zA-Z0-9_-]+$/, max: 64 }
const tool = (name: string): Tool => ({ kind: 'function', name })
const user: Message = { role: 'user', at: 0, content: [{ type: 'text', text: 'hi' }] }

function calls(at: number, ...ids: string[]): AssistantMessage {
  return {
    role: 'assistant',
    at,
    content: ids.map(id => ({
      type: 'tool-call',
      id,
      name: 'f',
      arguments: '{"a":1}',
      kind: 'function',
    })),
  }
}
function results(at: number, ...ids: string[]): ToolMessage {
  return {
    role: 'tool',
    at,
    content: ids.map((callId, i) => ({ type: 'tool-result', callId, content: [], at: at + i })),
  }
}
function ask(messages: Message[], more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    protocol: 'openai-chat',
    model: 'm',
    messages,
    tools: [tool('f')],
    stream: false,
    bound: [],
    ...more,
  }
}
function faultOf(request: ModelRequest) {
  try {
    checkConversation(request, { toolName: RULE })
  } catch (error) {
    if (isToolgateError(error)) return { code: error.code, details: error.details }
    throw error
  }
  return undefined
}

describe('[G2.1] checkConversation', () => {
  it('passes what is in order, results in any order', () => {
    expect(faultOf(ask([user, calls(1, 'a', 'b'), results(2, 'b', 'a'), user]))).toBeUndefined()
    expect(faultOf(ask([user]))).toBeUndefined()
  })
  it('names the message and the calls that were not answered', () => {
    expect(faultOf(ask([user, calls(1, 'a', 'b'), results(2, 'a')]))).toEqual({
      code: 'unanswered_tool_calls',
      details: { path: ['messages', 1], callIds: ['b'] },
    })
    expect(faultOf(ask([user, calls(1, 'a')]))?.code).toBe('unanswered_tool_calls')
    expect(faultOf(ask([user, calls(1, 'a'), user, results(3, 'a')]))?.code).toBe(
      'unanswered_tool_calls',
    )
  })
  it('refuses a result without its call, and names its place', () => {
    expect(faultOf(ask([user, results(1, 'a')]))).toEqual({
      code: 'orphan_tool_result',
      details: { path: ['messages', 1], callIds: ['a'] },
    })
    expect(faultOf(ask([user, calls(1, 'a'), results(2, 'a', 'x')]))).toEqual({
      code: 'orphan_tool_result',
      details: { path: ['messages', 3], callIds: ['x'] },
    })
  })
  it('leaves the first results to the vendor that holds the conversation', () => {
    expect(faultOf(ask([results(0, 'a')], { continues: true }))).toBeUndefined()
    const later = [user, results(1, 'a')]
    expect(faultOf(ask(later, { continues: true }))?.code).toBe('orphan_tool_result')
  })
  it('refuses an id twice in one turn, but not in two turns', () => {
    expect(faultOf(ask([user, calls(1, 'a', 'a'), results(2, 'a')]))?.code).toBe(
      'duplicate_tool_call',
    )
    expect(faultOf(ask([user, calls(1, 'a'), results(2, 'a', 'a')]))?.code).toBe(
      'duplicate_tool_result',
    )
    const twice = [user, calls(1, 'a'), results(2, 'a'), calls(3, 'a'), results(4, 'a')]
    expect(faultOf(ask(twice))).toBeUndefined()
  })
  it.each([
    ['{', true],
    ['[1]', true],
    ['"text"', true],
    ['null', true],
    ['', false],
    ['  ', false],
    ['{}', false],
    ['{"a":{"b":[1]}}', false],
  ])('arguments %j are refused: %s', (text, refused) => {
    const call = calls(1, 'a')
    const message = { ...call, content: call.content.map(part => ({ ...part, arguments: text })) }
    const found = faultOf(ask([user, message, results(2, 'a')]))
    expect(found?.code).toBe(refused ? 'invalid_tool_arguments' : undefined)
  })
  it('checks names and choice', () => {
    expect(faultOf(ask([user], { tools: [tool('f'), tool('f')] }))?.code).toBe('duplicate_tool')
    expect(faultOf(ask([user], { tools: [tool('a b')] }))?.code).toBe('invalid_tool_name')
    expect(faultOf(ask([user], { tools: [tool('f'.repeat(65))] }))?.code).toBe('invalid_tool_name')
    const named = ask([user], { toolChoice: { mode: 'tool', name: 'g' } })
    expect(faultOf(named)).toMatchObject({ code: 'unknown_tool', details: { names: ['g'] } })
    const subset = ask([user], { toolChoice: { mode: 'auto', allowed: ['f', 'g'] } })
    expect(faultOf(subset)?.code).toBe('unknown_tool')
    const forced = ask([user], { tools: [], toolChoice: { mode: 'required' } })
    expect(faultOf(forced)?.code).toBe('invalid_value')
  })
})

describe('[G2.2] repairConversation', () => {
  it('leaves a sound conversation as it is', () => {
    const request = ask([user, calls(1, 'a'), results(2, 'a')])
    expect(repairConversation(request)).toEqual({ request, losses: [] })
    expect(repairConversation(request).request).toBe(request)
  })
  it.each([
    ['no result at all', [user, calls(1, 'a')]],
    ['one of two results', [user, calls(1, 'a', 'b'), results(2, 'b'), user]],
    ['an orphan', [user, results(1, 'x'), user]],
    ['an orphan among results', [user, calls(1, 'a'), results(2, 'x', 'a')]],
    ['a second result', [user, calls(1, 'a'), results(2, 'a', 'a')]],
    ['results too late', [user, calls(1, 'a'), user, results(3, 'a')]],
  ])('mends %s, and says so', (_, messages) => {
    const broken = ask(messages)
    expect(faultOf(broken)).toBeDefined()
    const { request, losses } = repairConversation(broken)
    expect(faultOf(request)).toBeUndefined()
    expect(losses.length).toBeGreaterThan(0)
    expect(losses.every(loss => loss.action === 'repaired')).toBe(true)
  })
  it('keeps broken arguments as text', () => {
    const call = calls(1, 'a')
    const message = { ...call, content: call.content.map(part => ({ ...part, arguments: '{"x' })) }
    const { request } = repairConversation(ask([message, results(2, 'a')]))
    expect(request.messages[0]?.content[0]).toMatchObject({ arguments: '{"_raw":"{\\"x"}' })
  })
})
