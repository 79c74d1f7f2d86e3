import { describe, expect, it } from 'vitest'
import type { Json } from '../core/json.ts'
import type { OpaquePart } from '../core/message.ts'
import type { StreamPart } from '../core/stream.ts'
import { provenance } from '../guardrails/index.ts'
import { protocolNamed } from '../protocols/index.ts'
import { ExchangeGuard } from './exchange-guard.ts'
import { GuardRules } from './guard-rules.ts'
import { GuardStage } from './guard-stage.ts'
import { RequestOrigins } from './request-origins.ts'

type Name = 'openai-chat' | 'openai-responses' | 'anthropic' | 'gemini'

const HEADERS = { 'anthropic-version': '2023-06-01' }

function originsOf(name: Name, wire: Json): RequestOrigins {
  const protocol = protocolNamed(name)
  const request = protocol.decodeRequest(wire, { headers: HEADERS, model: 'm' })
  return new RequestOrigins(request, protocol)
}

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
const RESPONSES = { model: 'm', input: 'Hi' }
const MESSAGES = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }
const GEMINI = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }
const SEARCH = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: {} }

describe('what of a request cannot be read', () => {
  it.each<[string, Name, Json, string]>([
    [
      'contents that are kept as a cache',
      'gemini',
      { ...GEMINI, cachedContent: 'cachedContents/1' },
      "'cachedContent' adds what does not stand in the request",
    ],
    [
      'a search that shows nothing of what it finds',
      'gemini',
      { ...GEMINI, tools: [{ googleSearch: {} }] },
      "the vendor does not tell what 'googleSearch' finds",
    ],
    [
      'a search beside an answer',
      'openai-chat',
      { ...CHAT, web_search_options: {} },
      "'web_search_options' adds what does not stand in the request",
    ],
    [
      'a conversation by its name',
      'openai-responses',
      { ...RESPONSES, conversation: 'conv_1' },
      'the vendor alone holds what came before',
    ],
    [
      'a search in an earlier answer',
      'openai-responses',
      { ...RESPONSES, input: [SEARCH, { role: 'user', content: 'Hi' }] },
      "'web_search_call' cannot be read here",
    ],
    [
      'a summary that is sealed',
      'openai-responses',
      { ...RESPONSES, input: [{ type: 'compaction', id: 'c', encrypted_content: 'x' }] },
      "'compaction' cannot be read here",
    ],
  ])('%s', (_name, protocol, wire, why) => {
    expect(originsOf(protocol, wire).unseen.map(one => one.why)).toEqual([why])
  })

  it.each<[string, Name, Json]>([
    ['a tool of the vendor that was not used', 'anthropic', { ...MESSAGES, tools: [WEB] }],
    ['the same', 'openai-responses', { ...RESPONSES, tools: [{ type: 'web_search' }] }],
    ['a search that is switched off', 'openai-chat', { ...CHAT, enable_search: false }],
    ['plain words', 'gemini', GEMINI],
  ])('is nothing for %s', (_name, protocol, wire) => {
    expect(originsOf(protocol, wire).unseen).toEqual([])
  })

  it('is everything that was before, where what is held cannot be read any more', () => {
    const protocol = protocolNamed('openai-responses')
    const call = { headers: {} }
    const request = protocol.decodeRequest({ ...RESPONSES, previous_response_id: 'r' }, call)
    const origins = new RequestOrigins(request, protocol, () => {
      throw new Error('it is broken')
    })
    expect(origins.unseen).toHaveLength(1)
  })
})

const WEB = { type: 'web_search_20250305', name: 'web_search' }

describe('whose words a request holds', () => {
  it('are the instructions and what users say, not their files and not the model', () => {
    const origins = originsOf('anthropic', {
      ...MESSAGES,
      system: 'Be kind.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'A file' },
            },
          ],
        },
        { role: 'assistant', content: 'I see.' },
        { role: 'user', content: 'And?' },
      ],
    })
    expect(origins.said).toEqual(['Be kind.', 'Look', 'And?'])
    expect(origins.results).toEqual([])
  })

  it('are results by the tools whose calls they answer, also where ids come again', () => {
    const turn = (name: string, content: Json) => [
      {
        role: 'assistant',
        tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content },
    ]
    const parts = ['DE89 3704', ' 0044'].map(text => ({ type: 'text', text }))
    const origins = originsOf('openai-chat', {
      ...CHAT,
      messages: [...CHAT.messages, ...turn('clock', 'noon'), ...turn('mail', parts)],
    })
    expect(origins.results).toEqual([
      { tool: 'clock', text: 'noon' },
      { tool: 'mail', text: 'DE89 3704\n 0044\nDE89 3704 0044' },
    ])
  })
})

describe('an answer that holds what cannot be read', () => {
  const server: OpaquePart = {
    type: 'opaque',
    protocol: 'anthropic',
    kind: 'web_search_tool_result',
    value: { type: 'web_search_tool_result', content: [] },
  }
  const call = (index: number): StreamPart[] => [
    { type: 'tool-call-start', index, id: 'c', name: 'pay', kind: 'function' },
    { type: 'tool-call-delta', index, text: '{"to":"Mallory"}' },
    { type: 'tool-call-end', index },
  ]
  const end: StreamPart = { type: 'message-end', finish: { kind: 'tool-calls', raw: '' } }

  function run(parts: readonly StreamPart[], trusted: readonly string[] = []) {
    const rule = provenance({ irreversible: ['pay'], trusted, action: 'refuse' })
    const rules = new GuardRules({ rules: [{ guardrail: rule }] }).for(undefined, ['m'])
    if (!rules) throw new Error('no rules')
    const guard = new ExchangeGuard(rules, 'test')
    guard.origins = originsOf('anthropic', MESSAGES)
    const stage = new GuardStage(guard)
    const out: StreamPart[] = []
    for (const part of parts) stage.push(part, one => out.push(one))
    return { refused: stage.refused !== undefined, said: JSON.stringify(out) }
  }
  const found: StreamPart = { type: 'opaque', index: 0, part: server }

  it('gives no call that was made of it', () => {
    expect(run([found, ...call(1), end])).toMatchObject({ refused: true })
    expect(run([found, ...call(1), end]).said).not.toContain('Mallory')
  })
  it('gives one that was made before it, and one where its tool is trusted', () => {
    expect(run([...call(1), found, end])).toMatchObject({ refused: false })
    expect(run([found, ...call(1), end], ['web_search'])).toMatchObject({ refused: false })
  })
})
