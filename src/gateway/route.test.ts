import { describe, expect, it } from 'vitest'
import type { BoundField } from '../core/loss.ts'
import type { ModelRequest, ReasoningSettings } from '../core/request.ts'
import { type Account, resolveModel } from '../providers/index.ts'
import { chooseEndpoint } from './route.ts'

const TOOL = { kind: 'function', name: 'f', parameters: { type: 'object' } } as const
const N: BoundField = { path: 'n', what: 'n', weight: 'required' }

interface Wish {
  readonly from?: ModelRequest['protocol']
  readonly tools?: boolean
  readonly reasoning?: ReasoningSettings
  readonly bound?: readonly BoundField[]
  readonly only?: 'openai-chat' | 'openai-responses'
}

function way(model: string, wish: Wish = {}) {
  const { from = 'openai-chat', tools = true, reasoning, bound = [], only } = wish
  const account: Account = { name: 'o', provider: 'openai', ...(only ? { protocol: only } : {}) }
  const request: ModelRequest = {
    protocol: from,
    model,
    messages: [],
    tools: tools ? [TOOL] : [],
    stream: false,
    bound: [...bound],
    ...(reasoning ? { reasoning } : {}),
  }
  return chooseEndpoint(request, resolveModel(model, [account])).endpoint.protocol
}

const CHAT = 'openai-chat'
const RESPONSES = 'openai-responses'

describe('the endpoint of an exchange', () => {
  it('is the one of the client, where that carries it', () => {
    expect(way('gpt-4o')).toBe(CHAT)
    expect(way('gpt-4o', { from: RESPONSES })).toBe(RESPONSES)
    expect(way('gpt-5.6', { from: RESPONSES })).toBe(RESPONSES)
  })
  it('is the first one for the clients of others', () => {
    expect(way('gpt-4o', { from: 'anthropic' })).toBe(CHAT)
    expect(way('gpt-4o', { from: 'gemini' })).toBe(CHAT)
  })
  it.each(['openai-chat', 'anthropic', 'gemini'] as const)(
    'is the other one for %s where tools would cost the reasoning',
    from => {
      expect(way('gpt-5.6', { from })).toBe(RESPONSES)
      expect(way('gpt-5.6', { from, tools: false })).toBe(CHAT)
      expect(way('gpt-5.6', { from, reasoning: { effort: 'none' } })).toBe(CHAT)
      expect(way('gpt-5.6', { from, reasoning: { mode: 'off' } })).toBe(CHAT)
      expect(way('gpt-5', { from })).toBe(CHAT)
    },
  )
  it('goes by what the model does when nobody says', () => {
    expect(way('gpt-5.4')).toBe(CHAT)
    expect(way('gpt-5.4', { reasoning: { effort: 'low' } })).toBe(RESPONSES)
    expect(way('gpt-5.4', { reasoning: { mode: 'adaptive' } })).toBe(RESPONSES)
    expect(way('gpt-5.4', { reasoning: { mode: 'budget', budget: 2000 } })).toBe(RESPONSES)
  })
  it('stays with the client for what only its protocol can say', () => {
    expect(way('gpt-5.6', { bound: [N] })).toBe(CHAT)
    expect(way('gpt-5-pro', { bound: [N] })).toBe(RESPONSES)
  })
  it('is the only one where there is one', () => {
    expect(way('gpt-5.6', { only: CHAT })).toBe(CHAT)
    expect(way('gpt-4o', { only: RESPONSES })).toBe(RESPONSES)
  })
})
