import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { type Ask, DIALECTS, type Dialect, ENDS } from '../../src/conformance/ask.ts'
import { CLIENTS } from '../../src/conformance/clients/index.ts'
import { MAX_PAUSES } from '../../src/gateway/pause.ts'
import { NO_VALIDATION } from '../../src/gateway/validate-calls.ts'
import { type ScriptTurn, scripted } from '../../src/twins/script.ts'
import { buildHouse, type House, until } from './house.ts'

const MODEL = 'claude-opus-4-8'
const FOUND = [
  {
    type: 'web_search_result',
    url: 'https://example.com/',
    title: 'News',
    encrypted_content: 'RXhhbXBsZQ==',
    page_age: null,
  },
]
const search = (query: string, result?: unknown) => ({
  name: 'web_search',
  input: { query, page: 1 },
  ...(result === undefined ? {} : { result }),
})

/** Two pauses, in the middle of a tool's work and behind it, and the end. */
const TURNS: readonly ScriptTurn[] = [
  {
    reasoning: 'I must look.',
    text: 'Let me look.',
    serverCalls: [search('news')],
    end: 'pause',
    usage: { input: 100, output: 10 },
  },
  {
    reasoning: 'Not enough.',
    text: ' Still looking.',
    serverCalls: [search('more', FOUND), search('most')],
    end: 'pause',
    usage: { input: 200, output: 20 },
  },
  { text: ' It rains.', usage: { input: 300, output: 30 } },
]
const ASK: Ask = { messages: [{ role: 'user', text: 'What is new?' }], thinking: true }

let house: House | undefined
afterEach(() => house?.close())

async function play(turns: readonly ScriptTurn[], validate?: 'retry') {
  const script = scripted(turns)
  house = await buildHouse({
    model: script,
    transport: { chunk: 'random' },
    ...(validate ? { config: { validate: { ...NO_VALIDATION, mode: validate } } } : {}),
  })
  return { house, finish: () => script.finish?.() }
}

async function recordOf(at: House) {
  await until(() => at.log().length > 0)
  return at.log()[0]
}

const textOf = (blocks: readonly { readonly type: string; readonly text?: string }[]) =>
  blocks.flatMap(({ type, text }) => (type === 'text' ? [text] : [])).join('')

const CELLS = DIALECTS.filter(front => front !== 'anthropic').flatMap(front =>
  [false, true].map(stream => ({ front, stream })),
)
const asks = (at: House, front: Dialect, stream: boolean, ask = ASK) =>
  CLIENTS[front].ask({ base: at.url, key: 'any' }, MODEL, ask, stream)

describe.each(CELLS)('[G1.3] a turn that is paused, for $front, streamed $stream', cell => {
  const { front, stream } = cell

  it('is gone on with as it was, and is one answer with all its tokens', async () => {
    const { house, finish } = await play(TURNS)
    const answer = await asks(house, front, stream)
    expect(textOf(answer.blocks).replace(/\s+/g, ' ')).toBe('Let me look. Still looking. It rains.')
    expect(answer.end).toBe(ENDS[front].stop)
    expect(answer.usage).toMatchObject({ input: 600, output: 60 })
    finish()
    // The twin refuses a paused turn that comes back changed; that all of it came back is seen here.
    const asked = house.anthropic.requests.map(({ body }) => body)
    expect(asked).toHaveLength(3)
    const types = contentTypes(asked[2])
    expect(types).toEqual([
      ...['thinking', 'text', 'server_tool_use'],
      ...['thinking', 'text', 'server_tool_use', 'web_search_tool_result', 'server_tool_use'],
    ])
    expect(await recordOf(house)).toMatchObject({ status: 200, tries: 3 })
  })

  it('is not gone on with for ever', async () => {
    const pause: ScriptTurn = { text: 'x', serverCalls: [search('x')], end: 'pause' }
    const { house, finish } = await play(Array.from({ length: MAX_PAUSES + 1 }, () => pause))
    const answer = await asks(house, front, stream)
    expect(answer.end).toBe(ENDS[front].length)
    finish()
    expect((await recordOf(house))?.losses).toBeGreaterThan(0)
  })

  it('fails in the words of the client if going on fails', async () => {
    const { house } = await play(TURNS.slice(0, 1))
    await expect(asks(house, front, stream)).rejects.toThrow()
    expect((await recordOf(house))?.error).toBeDefined()
  })

  it('may end in calls, which are checked', async () => {
    const tool = {
      name: 'book',
      parameters: {
        type: 'object',
        properties: { seats: { type: 'integer' } },
        required: ['seats'],
      },
    }
    const book = (seats: unknown) => ({ name: 'book', arguments: { seats } })
    const turns: ScriptTurn[] = [
      { text: 'Hm.', serverCalls: [search('x')], end: 'pause' },
      { calls: [book('many')] },
      { text: 'Hm.', serverCalls: [search('y')], end: 'pause' },
      { calls: [book(4)] },
    ]
    const { house, finish } = await play(turns, 'retry')
    const answer = await asks(house, front, stream, { messages: ASK.messages, tools: [tool] })
    expect(answer.blocks.filter(({ type }) => type === 'call')).toMatchObject([
      { name: 'book', arguments: '{"seats":4}' },
    ])
    expect(answer.end).toBe(ENDS[front].calls)
    finish()
  })
})

function contentTypes(body: unknown): unknown[] {
  if (typeof body !== 'object' || body === null || !('messages' in body)) return []
  const last = Array.isArray(body.messages) ? body.messages.at(-1) : undefined
  return Array.isArray(last?.content)
    ? last.content.map((block: { type: string }) => block.type)
    : []
}

it('[G1.3] a client of Messages gets a paused turn as it is, and goes on itself', async () => {
  const { house, finish } = await play(TURNS)
  const client = new Anthropic({ apiKey: 'any', baseURL: house.url, maxRetries: 0 })
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'What is new?' }]
  const ends: unknown[] = []
  for (const stream of [false, true, false]) {
    const body = { model: MODEL, max_tokens: 4000, messages }
    const answer = stream
      ? await client.messages.stream(body).finalMessage()
      : await client.messages.create(body)
    ends.push(answer.stop_reason)
    messages.push({ role: 'assistant', content: answer.content })
  }
  expect(ends).toEqual(['pause_turn', 'pause_turn', 'end_turn'])
  finish()
})
