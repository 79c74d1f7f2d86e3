import { afterEach, describe, expect, it } from 'vitest'
import { NO_VALIDATION } from '../../../src/gateway/validate-calls.ts'
import { call, GEMINI, lastAsked, stateHouse } from '../state-house.ts'
import {
  CHAT_TOOLS,
  eventsOf,
  LOOK,
  MESSAGES_TOOLS,
  openaiChat,
  post,
  QUESTION,
} from './clients.ts'
import { listener, MODEL_OF } from './prompts.ts'

/** What other gateways lose of results, caches and the life of an answer. */
const house = stateHouse()
afterEach(() => house.close())

const DOT =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const chatCall = (id: string, city: string) => ({
  id,
  type: 'function' as const,
  function: { name: 'look', arguments: JSON.stringify({ city }) },
})
const result = (id: string, content: string) => ({
  role: 'tool' as const,
  tool_call_id: id,
  content,
})
/** Two calls at once, their results, and a word of the user's. */
const PARALLEL = [
  QUESTION,
  {
    role: 'assistant' as const,
    content: null,
    tool_calls: [chatCall('call_a', 'Bonn'), chatCall('call_b', 'Kiel')],
  },
  result('call_a', 'rain'),
  result('call_b', 'sun'),
  { role: 'user' as const, content: 'Go on.' },
]

async function gatewayTo(vendor: keyof typeof MODEL_OF) {
  const heard = listener()
  const twin = await house.twin(vendor, heard.model)
  const { url } = await house.gateway({ [vendor]: twin })
  return { url, twin, ...heard }
}

/** The list of a request's body under one name. */
function listIn(body: unknown, name: string): unknown[] {
  const list = typeof body === 'object' && body !== null ? Object.entries(body) : []
  const found = list.find(([key]) => key === name)?.[1]
  if (!Array.isArray(found)) throw new Error(`no ${name}`)
  return found
}

describe('results that other gateways spoil [G12]', () => {
  it('bifrost#1164, #2976, litellm#16525, #33520, Helicone: results of one turn are one message, first in it', async () => {
    const { url, twin } = await gatewayTo('anthropic')
    await openaiChat(url, MODEL_OF.anthropic, { messages: PARALLEL })
    const messages = listIn(twin.requests[0]?.body, 'messages')
    expect(messages).toHaveLength(3)
    expect(messages[2]).toMatchObject({
      role: 'user',
      content: [{ type: 'tool_result' }, { type: 'tool_result' }, { type: 'text', text: 'Go on.' }],
    })
  })

  it('bifrost#1164, Portkey (google/chatComplete.ts): for Gemini too, each with the name of its function', async () => {
    const { url, twin } = await gatewayTo('google')
    await openaiChat(url, GEMINI, { messages: PARALLEL })
    const contents = listIn(twin.requests[0]?.body, 'contents')
    const parts = contents.flatMap(content => [listIn(content, 'parts')])
    expect(parts[2]).toMatchObject([
      { functionResponse: { name: 'look' } },
      { functionResponse: { name: 'look' } },
    ])
    expect(parts[2]).toHaveLength(2)
    expect(parts.slice(3)).toEqual([[{ text: 'Go on.' }]])
  })

  it.each(['google', 'openai', 'anthropic'] as const)(
    'litellm#23712: a picture in a result reaches %s',
    async vendor => {
      const { url, prompts } = await gatewayTo(vendor)
      const source = { type: 'base64', media_type: 'image/png', data: DOT }
      const content = [
        { type: 'text', text: 'A map:' },
        { type: 'image', source },
      ]
      await post(url, '/v1/messages', {
        model: MODEL_OF[vendor],
        max_tokens: 500,
        tools: MESSAGES_TOOLS,
        messages: [
          QUESTION,
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: { city: 'Bonn' } }],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content }] },
        ],
      })
      const pictures = (prompts[0]?.messages ?? []).map(each =>
        each.role === 'tool' || each.role === 'user' ? each.images : 0,
      )
      expect(pictures.reduce((sum, count) => sum + count)).toBe(1)
    },
  )

  it('litellm#12695, #19916: marks for the cache are neither lost nor null', async () => {
    const cache_control = { type: 'ephemeral' }
    const { url, twin } = await gatewayTo('anthropic')
    const [look, now] = MESSAGES_TOOLS
    // The name of the account keeps the body from going through as bytes.
    const model = `anthropic-test/${MODEL_OF.anthropic}`
    const system = [{ type: 'text', text: 'Be brief.', cache_control }]
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control }] }]
    const tools = [look, { ...now, cache_control }]
    await post(url, '/v1/messages', { model, max_tokens: 500, system, messages, tools })
    expect(lastAsked(twin).split('"cache_control":{"type":"ephemeral"}')).toHaveLength(4)
    await openaiChat(url, MODEL_OF.anthropic)
    expect(lastAsked(twin)).not.toContain('cache_control')
  })

  it.each(['anthropic', 'google', 'openai'] as const)(
    'bifrost#2347: tools keep their order and their bytes, so that the cache of %s holds',
    async vendor => {
      const { url, twin, prompts } = await gatewayTo(vendor)
      const names = ['zeta', 'alpha', 'mid', 'beta', 'omega', 'a1', 'b2', 'c3']
      const tools = names.map(name => ({ type: 'function', function: { ...LOOK, name } }))
      for (const stream of [false, false])
        await openaiChat(url, MODEL_OF[vendor], { tools, stream })
      expect(prompts[0]?.tools.map(({ name }) => name)).toEqual(names)
      const [first, second] = twin.requests.map(({ body }) => JSON.stringify(body))
      expect(first).toBe(second)
    },
  )

  it('litellm#31910, #40118: an answer that took two requests has one life', async () => {
    const wrong = { calls: [{ name: 'look', arguments: { street: 'Am Hof' } }] }
    const turns = [wrong, { calls: [call('look', 'Bonn')] }]
    const anthropic = await house.twin('anthropic', [...turns, ...turns])
    const { url } = await house.gateway(
      { anthropic },
      { validate: { ...NO_VALIDATION, mode: 'retry' } },
    )
    const tools = [{ type: 'function', ...LOOK, strict: false }]
    const base = { model: MODEL_OF.anthropic, stream: true }
    const text = await post(url, '/v1/responses', {
      ...base,
      input: 'And Bonn?',
      tools,
      store: false,
    })
    const types = eventsOf(text).map(event => event.type)
    for (const once of ['created', 'in_progress', 'output_item.added', 'completed'])
      expect(types.filter(type => type === `response.${once}`)).toHaveLength(1)
    const numbers = [...text.matchAll(/"sequence_number":(\d+)/g)].map(([, number]) =>
      Number(number),
    )
    expect(numbers).toEqual([...numbers.keys()])
    expect(text).toContain('"output_index":0')
    expect(text).not.toContain('street')
    const body = { ...base, messages: [QUESTION], tools: CHAT_TOOLS }
    const chat = await post(url, '/v1/chat/completions', body)
    expect(chat.split('"role":"assistant"')).toHaveLength(2)
    expect(anthropic.requests).toHaveLength(4)
  })
})
