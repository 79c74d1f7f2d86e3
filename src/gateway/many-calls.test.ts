import { describe, expect, it } from 'vitest'
import type { AssistantMessage, Message, ToolMessage } from '../core/message.ts'
import { emptyRequest, type ModelRequest } from '../core/request.ts'
import { protocolNamed } from '../protocols/index.ts'
import { liftState } from './call-state.ts'
import { checkConversation, repairConversation } from './conversation.ts'
import { fitRequest } from './fit.ts'

const chat = protocolNamed('openai-chat')
const messages = protocolNamed('anthropic')

function turn(ids: readonly string[]): [AssistantMessage, ToolMessage] {
  const call = { type: 'tool-call', name: 'f', arguments: '{}', kind: 'function' } as const
  return [
    { role: 'assistant', at: 0, content: ids.map(id => ({ ...call, id })) },
    {
      role: 'tool',
      at: 1,
      content: ids.map(callId => ({ type: 'tool-result', callId, content: [], at: 1 })),
    },
  ]
}

function ask(history: readonly Message[], more: Partial<ModelRequest> = {}): ModelRequest {
  return { ...emptyRequest('openai-chat', 'm'), messages: history, ...more }
}

const numbered = (count: number, end = '') => Array.from({ length: count }, (_, i) => `c${i}${end}`)

/** Fails if something takes the square of the time that it should. */
function quickly<T>(work: () => T): T {
  const started = performance.now()
  const result = work()
  expect(performance.now() - started).toBeLessThan(3000)
  return result
}

// All other exchanges stand still while one is read: 40,000 calls are a body of 5 MB.
describe('[G2.1] a conversation with very many calls', () => {
  it('is checked in little time', () => {
    const request = ask(turn(numbered(40_000)))
    quickly(() => checkConversation(request, chat))
  })

  it('is mended in little time', () => {
    const [said] = turn(numbered(40_000))
    const { losses } = quickly(() => repairConversation(ask([said])))
    expect(losses).toHaveLength(40_000)
  })

  it('is checked in little time where the vendor holds its beginning', () => {
    const turns = numbered(40_000).flatMap(id => turn([id]))
    quickly(() => checkConversation(ask(turns, { continues: true }), chat))
  })

  it('gets ids of its own in little time where all its calls have the same', () => {
    const request = ask(numbered(10_000).flatMap(() => turn(['call_0'])))
    const fitted = quickly(() => fitRequest(request, messages, {}))
    const ids = fitted.request.messages.flatMap(message =>
      message.role === 'assistant'
        ? message.content.map(part => (part.type === 'tool-call' ? part.id : ''))
        : [],
    )
    expect(new Set(ids).size).toBe(10_000)
  })

  it('gets signatures out of its ids in little time', () => {
    const ids = [...numbered(15_000, '__thought__c2ln'), ...numbered(15_000).map(signed)]
    const lifted = quickly(() => liftState(ask(turn(ids))))
    const [said] = lifted.messages
    const short = said?.role === 'assistant' ? said.content : []
    expect(new Set(short.map(part => part.type === 'tool-call' && part.id)).size).toBe(30_000)
  })
})

/** One id for all calls but for what is hung on it. */
function signed(one: string): string {
  return `f__thought__${Buffer.from(one).toString('base64')}`
}
