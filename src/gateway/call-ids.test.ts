import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import { PROTOCOLS } from '../protocols/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { TextRule } from '../protocols/quirks.ts'
import { PROVIDERS } from '../providers/index.ts'
import { checkConversation } from './conversation.ts'
import { fitRequest } from './fit.ts'

interface IdRule {
  readonly name: string
  readonly back: Protocol
  readonly callId: TextRule
}

/** Every rule for ids that a wire or one of its vendors has. */
const RULES: IdRule[] = [
  ...Object.values(PROTOCOLS).map(back => ({ name: back.name, back, callId: back.callId })),
  ...PROVIDERS.flatMap(({ name, endpoints, models = [] }) =>
    endpoints.flatMap(({ protocol, quirks }) =>
      [quirks, ...models.map(model => model.quirks)].flatMap(one => {
        const back = PROTOCOLS[protocol]
        return back && one?.callId ? [{ name, back, callId: one.callId }] : []
      }),
    ),
  ),
]

/** Ids as vendors, gateways and careless clients make them; some come again and again. */
const anyId = fc.oneof(
  fc.constantFrom('call_0', 'call_1', 'functions.look:0', 'x', 'ID', 'look', 'abcdefghi'),
  fc.stringMatching(/^call_[A-Za-z0-9]{24}$/),
  fc.stringMatching(/^toolu_01[A-Za-z0-9]{22}$/),
  fc.stringMatching(/^[A-Za-z0-9]{9}$/),
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
  fc.string({ minLength: 60, maxLength: 1200 }),
)
/** Turns of calls; within a turn ids differ, as `checkConversation` demands. */
const anyTurns = fc.array(fc.uniqueArray(anyId, { minLength: 1, maxLength: 4 }), { maxLength: 6 })

function conversation(turns: readonly (readonly string[])[]): ModelRequest {
  const messages: Message[] = []
  for (const ids of turns) {
    const at = messages.length
    messages.push({
      role: 'assistant',
      at,
      content: ids.map(id => ({
        type: 'tool-call',
        id,
        name: 'look',
        arguments: '{}',
        kind: 'function',
      })),
    })
    // Answered in another order than they were made.
    const content = ids.toReversed().map(callId => ({
      type: 'tool-result' as const,
      callId,
      content: [{ type: 'text' as const, text: callId }],
      at: at + 1,
    }))
    messages.push({ role: 'tool', at: at + 1, content })
  }
  const tools = [{ kind: 'function' as const, name: 'look' }]
  return { protocol: 'openai-chat', model: 'm', messages, tools, stream: false, bound: [] }
}

function callsOf({ messages }: ModelRequest): string[] {
  return messages.flatMap(message =>
    message.role === 'assistant'
      ? message.content.flatMap(part => (part.type === 'tool-call' ? [part.id] : []))
      : [],
  )
}

describe.each(RULES)('ids of calls on their way to $name', ({ back, callId }) => {
  const send = (turns: readonly (readonly string[])[]) =>
    fitRequest(conversation(turns), back, { callId }).request

  it('keep the rule, each only once, and results stay with their calls', () => {
    fc.assert(
      fc.property(anyTurns, turns => {
        const fitted = send(turns)
        const ids = callsOf(fitted)
        for (const id of ids) {
          expect(id.length).toBeLessThanOrEqual(callId.max)
          expect(id).toMatch(callId.pattern)
        }
        expect(new Set(ids).size).toBe(ids.length)
        checkConversation(fitted, back)
        for (const [index, message] of fitted.messages.entries()) {
          if (message.role !== 'tool') continue
          const before = conversation(turns).messages[index - 1]
          const calls = fitted.messages[index - 1]
          for (const result of message.content) {
            // The result's text is the client's own id of its call.
            const [said] = result.content
            const place = before?.content.findIndex(
              part => part.type === 'tool-call' && said?.type === 'text' && part.id === said.text,
            )
            expect(calls?.content[place ?? -1]).toMatchObject({ id: result.callId })
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are the same in every request of a conversation, so that caches of prompts hold', () => {
    fc.assert(
      fc.property(anyTurns, turns => {
        const whole = callsOf(send(turns))
        for (let some = 0; some <= turns.length; some++) {
          const part = callsOf(send(turns.slice(0, some)))
          expect(part).toEqual(whole.slice(0, part.length))
        }
      }),
      { numRuns: 30 },
    )
  })

  it('are left alone where they are legal and differ', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { maxLength: 8 }), ids => {
        const legal = ids.filter(id => id.length <= callId.max && callId.pattern.test(id))
        expect(callsOf(send(legal.map(id => [id])))).toEqual(legal)
      }),
      { numRuns: 60 },
    )
  })
})
