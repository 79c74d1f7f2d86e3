import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../model.ts'
import { isList, isObject, type JsonObject } from './json.ts'
import {
  assistant,
  PLAIN_BODY,
  tool,
  toolResult,
  toolUse,
  trial,
  user,
  withHeaders,
} from './trial.ts'

const call = (text = '{"city":"Paris"}', name = 'get_weather') =>
  ({ type: 'call', name, arguments: text }) as const
const words = (text: string) => ({ type: 'text', text }) as const
const thought = (text: string, redacted = false) => ({ type: 'reasoning', text, redacted }) as const

async function answerOf(turn: TwinTurn, fields: object = {}, head = {}): Promise<JsonObject> {
  const { send } = trial([turn])
  const answer = await send({ ...PLAIN_BODY, tools: [tool()], ...fields }, head)
  expect(answer.message).toBeUndefined()
  return answer.json
}

function contentOf(json: JsonObject): readonly JsonObject[] {
  const content = json['content']
  return isList(content) ? content.filter(isObject) : []
}

const MANUAL = { thinking: { type: 'enabled', budget_tokens: 1_024 } }

describe('a whole answer', () => {
  it('has the members of the vendor in their order', async () => {
    const { send } = trial([{ blocks: [words('Let me see.'), call()] }])
    const { status, headers, text, json } = await send({ ...PLAIN_BODY, tools: [tool()] })
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'request-id': expect.stringMatching(/^req_/),
      'anthropic-organization-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'anthropic-ratelimit-requests-limit': '4000',
      'anthropic-ratelimit-requests-remaining': '3999',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-21T00:00:00Z',
    })
    expect(Object.keys(json)).toEqual([
      'model',
      'id',
      'type',
      'role',
      'content',
      'stop_reason',
      'stop_sequence',
      'stop_details',
      'usage',
    ])
    expect(json).toMatchObject({
      model: 'claude-sonnet-4-5-20250929',
      id: expect.stringMatching(/^msg_01[1-9A-HJ-NP-Za-km-z]{22}$/),
      stop_reason: 'tool_use',
      stop_sequence: null,
      stop_details: null,
      content: [
        { type: 'text', text: 'Let me see.' },
        {
          type: 'tool_use',
          id: expect.stringMatching(/^toolu_01[1-9A-HJ-NP-Za-km-z]{22}$/),
          name: 'get_weather',
          input: { city: 'Paris' },
          caller: { type: 'direct' },
        },
      ],
      usage: {
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        service_tier: 'standard',
      },
    })
    expect(text).not.toContain('output_tokens_details')
  })

  it('keeps the order of blocks and the ids of a script', async () => {
    const fixed = { ...call('{}'), id: 'call_7' }
    const json = await answerOf({ blocks: [call(), words('and'), fixed, words('done')] })
    expect(contentOf(json).map(({ type }) => type)).toEqual([
      'tool_use',
      'text',
      'tool_use',
      'text',
    ])
    expect(contentOf(json)[2]).toMatchObject({ id: 'call_7', input: {} })
  })

  it('keeps the spelling of arguments', async () => {
    const source = '{"n": 1.0, "e": 1e3, "big": 12345678901234567890, "u": "\\u00e9"}'
    const { send } = trial([{ blocks: [call(source)] }])
    const { text } = await send({ ...PLAIN_BODY, tools: [tool()] })
    expect(text).toContain(`"input":${source},"caller"`)
  })

  it.each(['', '  ', '{"city": "Par', '[1]', '"x"', 'null', '{"a":1} and'])(
    'has an empty input for the arguments %j',
    async text => {
      expect(contentOf(await answerOf({ blocks: [call(text)] }))[0]).toMatchObject({ input: {} })
    },
  )

  it.each([
    [{ blocks: [words('Hi.')] }, 'end_turn'],
    [{ blocks: [call()] }, 'tool_use'],
    [{ blocks: [words('Hi')], end: 'length' }, 'max_tokens'],
    [{ blocks: [call('{"city": "Pa')], end: 'length' }, 'max_tokens'],
    [{ blocks: [call()], end: 'stop' }, 'end_turn'],
    [{ blocks: [], end: 'content-filter' }, 'refusal'],
  ] satisfies [TwinTurn, string][])('ends %j with %s', async (turn, reason) => {
    const json = await answerOf(turn)
    expect(json['stop_reason']).toBe(reason)
    expect(contentOf(json)).toHaveLength(turn.blocks.length)
  })

  it('says why it declined', async () => {
    const json = await answerOf({ blocks: [], end: 'refusal', refusal: 'Not that.' }, MANUAL)
    expect(json).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: 'Not that.' },
    })
    const silent = await answerOf({ blocks: [], end: 'refusal' })
    expect(silent).toMatchObject({ stop_details: { explanation: null } })
  })

  it('stops at the first stop sequence in its text', async () => {
    const turn = { blocks: [words('One, two, three.'), call()] }
    const json = await answerOf(turn, { stop_sequences: ['three', 'two'] })
    expect(json).toMatchObject({
      content: [{ type: 'text', text: 'One, ' }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'two',
    })
    const fixed = await answerOf({
      blocks: [words('One')],
      end: 'stop-sequence',
      stopSequence: 'X',
    })
    expect(fixed).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'X' })
  })

  it('has no empty texts, and may have no content at all', async () => {
    expect(contentOf(await answerOf({ blocks: [words(''), call()] }))).toHaveLength(1)
    expect(await answerOf({ blocks: [] })).toMatchObject({ content: [], stop_reason: 'end_turn' })
  })

  it('only warms the cache when no tokens may come back', async () => {
    const { send, prompts } = trial([{ blocks: [words('Hi.')] }])
    const { json } = await send({ ...PLAIN_BODY, max_tokens: 0 })
    expect(json).toMatchObject({
      content: [],
      stop_reason: 'max_tokens',
      usage: { output_tokens: 0 },
    })
    expect(prompts).toHaveLength(0)
  })

  it('repeats itself with the same seed', async () => {
    const run = async (seed: number) => {
      const { send } = trial([{ blocks: [thought('Hm.'), call()] }], seed)
      return (await send({ ...PLAIN_BODY, ...MANUAL, tools: [tool()] })).text
    }
    expect(await run(5)).toBe(await run(5))
    expect(await run(5)).not.toBe(await run(6))
  })
})

describe('thinking in an answer', () => {
  it('can be sent back, next to the calls', async () => {
    const { send } = trial([{ blocks: [thought('Hm.'), thought('Ah.', true), call()] }])
    const body = { ...PLAIN_BODY, ...MANUAL, tools: [tool()] }
    const { json } = await send(body)
    const content = contentOf(json)
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'Hm.', signature: expect.stringMatching(/^[\w+/]{100,}=*$/) },
      { type: 'redacted_thinking', data: expect.stringMatching(/^[\w+/]{100,}=*$/) },
      { type: 'tool_use' },
    ])
    const messages = [
      ...PLAIN_BODY.messages,
      { role: 'assistant', content },
      user(toolResult(String(content[2]?.['id']))),
    ]
    expect((await send({ ...body, messages })).status).toBe(200)
    const other = await send({ ...body, messages, model: 'claude-haiku-4-5' })
    expect(other.message).toBe('messages.1.content.0: Invalid `signature` in `thinking` block')
  })

  it('is added where it was asked for', async () => {
    const [first, second] = contentOf(await answerOf({ blocks: [words('Hi.')] }, MANUAL))
    expect(first).toMatchObject({ type: 'thinking', thinking: expect.stringMatching(/\w/) })
    expect(second).toMatchObject({ type: 'text' })
    const adaptive = { model: 'claude-opus-4-6', thinking: { type: 'adaptive' } }
    expect(contentOf(await answerOf({ blocks: [] }, adaptive))).toHaveLength(1)
  })

  it('is not there where it is off', async () => {
    const turn = { blocks: [thought('Hm.'), words('Hi.')] }
    expect(contentOf(await answerOf(turn))).toHaveLength(1)
    const off = { model: 'claude-opus-5', thinking: { type: 'disabled' } }
    expect(contentOf(await answerOf(turn, off))).toHaveLength(1)
    expect(contentOf(await answerOf(turn, { model: 'claude-opus-5' }))).toHaveLength(2)
  })

  it('may be omitted from view', async () => {
    const turn = { blocks: [thought('Hm.'), words('Hi.')] }
    const shown = (thinking: object, model = 'claude-opus-4-6') =>
      answerOf(turn, { model, thinking })
    const hidden = await shown({ type: 'adaptive', display: 'omitted' })
    expect(contentOf(hidden)[0]).toMatchObject({
      thinking: '',
      signature: expect.stringMatching(/.{100}/),
    })
    expect(contentOf(await shown({ type: 'adaptive' }))[0]).toMatchObject({ thinking: 'Hm.' })
    expect(contentOf(await shown({ type: 'adaptive' }, 'claude-opus-4-8'))[0]).toMatchObject({
      thinking: '',
    })
    const { send } = trial()
    const messages = [
      ...PLAIN_BODY.messages,
      { role: 'assistant', content: [...contentOf(hidden)] },
      user('Go on.'),
    ]
    const back = await send({ ...PLAIN_BODY, model: 'claude-opus-4-6', messages })
    expect(back.status).toBe(200)
  })

  it('comes between calls only if it is interleaved', async () => {
    const signed = contentOf(await answerOf({ blocks: [thought('Hm.')] }, MANUAL))
    const messages = [user('hi'), assistant(...signed, toolUse('a')), user(toolResult('a'))]
    const fields = { ...MANUAL, messages }
    expect(contentOf(await answerOf({ blocks: [call()] }, fields))).toHaveLength(1)
    const head = withHeaders({ 'anthropic-beta': 'interleaved-thinking-2025-05-14' })
    expect(contentOf(await answerOf({ blocks: [call()] }, fields, head))).toHaveLength(2)
    const mixed = { blocks: [thought('One.'), call(), thought('Two.'), call()] }
    const adaptive = { model: 'claude-opus-4-6', thinking: { type: 'adaptive' } }
    expect(contentOf(await answerOf(mixed, adaptive)).map(({ type }) => type)).toEqual([
      'thinking',
      'tool_use',
      'thinking',
      'tool_use',
    ])
  })
})

describe('usage', () => {
  it('counts what a script fixes, cached parts apart', async () => {
    const usage = { input: 100, cached: 60, cacheWrite: 30, output: 20, reasoning: 5 }
    const json = await answerOf({ blocks: [words('Hi.')], usage }, { model: 'claude-opus-4-8' })
    expect(json['usage']).toEqual({
      input_tokens: 10,
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 60,
      cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 0 },
      output_tokens: 20,
      output_tokens_details: { thinking_tokens: 5 },
      service_tier: 'standard',
      inference_geo: 'global',
    })
  })

  it('estimates the rest', async () => {
    const short = await answerOf({ blocks: [words('Hi.')] })
    const long = await answerOf(
      { blocks: [words('Hi. '.repeat(100))] },
      { messages: [user('word '.repeat(100))] },
    )
    expect(short['usage']).toMatchObject({ output_tokens: 3 })
    expect(long['usage']).toMatchObject({ output_tokens: 102 })
    expect(JSON.stringify(long['usage'])).not.toBe(JSON.stringify(short['usage']))
  })
})
