import { Pool } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Random, seeded } from '../../src/twins/random.ts'
import { buildHouse, type House } from './house.ts'

/** A body that uses most of what a protocol has. */
const BODIES = {
  '/v1/chat/completions': {
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hello' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_a',
            type: 'function',
            function: { name: 'f', arguments: '{"a":[1,{"b":null}]}' },
          },
          { id: 'call_b', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_a', content: 'one' },
      { role: 'tool', tool_call_id: 'call_b', content: [{ type: 'text', text: 'two' }] },
      { role: 'user', content: 'And?', name: 'ann' },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'f',
          description: 'd',
          parameters: { type: 'object', properties: { a: { type: 'array', items: {} } } },
        },
      },
      { type: 'function', function: { name: 'g', strict: false } },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'x',
        schema: { type: 'object', properties: {}, additionalProperties: false },
      },
    },
    max_completion_tokens: 100,
    temperature: 0.5,
    top_p: 1,
    stop: ['a', 'b'],
    seed: 1,
    user: 'u',
    metadata: { k: 'v' },
    stream: false,
  },
  '/v1/messages': {
    model: 'claude-sonnet-4-5',
    max_tokens: 2000,
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hello' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Looking.' },
          { type: 'tool_use', id: 'toolu_a', name: 'f', input: { a: [1, { b: null }] } },
          { type: 'tool_use', id: 'toolu_b', name: 'g', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_a', content: 'one' },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_b',
            is_error: true,
            content: [{ type: 'text', text: 'two' }],
          },
          { type: 'text', text: 'And?' },
        ],
      },
    ],
    tools: [
      {
        name: 'f',
        description: 'd',
        input_schema: { type: 'object', properties: { a: { type: 'array', items: {} } } },
      },
      { name: 'g', input_schema: { type: 'object' } },
    ],
    tool_choice: { type: 'auto', disable_parallel_tool_use: false },
    thinking: { type: 'disabled' },
    stop_sequences: ['a'],
    temperature: 0.5,
    metadata: { user_id: 'u' },
    stream: false,
  },
}
const MODELS = ['gpt-4o', 'claude-sonnet-4-5', 'deepseek-chat', 'o3-mini', 'nothing-like-it']
const ODD: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  0.5,
  '',
  ' ',
  'x',
  '\u0000\ud800',
  'x'.repeat(3000),
  [],
  {},
  [[]],
  [null],
  { type: 'text' },
  { '': 1 },
  'tool',
  'user',
  { __proto__: null, constructor: 1 },
]

/** Changes one to three places of a body: another value, a key gone or doubled, two places swapped. */
function mutate(body: unknown, random: Random): unknown {
  const copy: unknown = structuredClone(body)
  for (let n = 1 + random.below(3); n > 0; n--) {
    const places = placesOf(copy)
    if (places.length === 0) break
    const { holder, key } = random.pick(places)
    const kind = random.below(5)
    if (kind === 0) Reflect.deleteProperty(holder, key)
    else if (kind === 1) Reflect.set(holder, `${String(key)}x`, Reflect.get(holder, key))
    else if (kind === 2) {
      const other = random.pick(places)
      Reflect.set(holder, key, structuredClone(Reflect.get(other.holder, other.key)))
    } else if (kind === 3 && key === 'model') Reflect.set(holder, key, random.pick(MODELS))
    else Reflect.set(holder, key, structuredClone(random.pick(ODD)))
  }
  return copy
}

function placesOf(value: unknown): { holder: object; key: string }[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap(key => [
    { holder: value, key },
    ...placesOf(Reflect.get(value, key)),
  ])
}

/** An error in the protocol's own envelope. */
function inEnvelope(path: string, body: unknown): boolean {
  const text = JSON.stringify(body)
  return path === '/v1/messages'
    ? /^\{"type":"error","error":\{"type":"\w+","message":".+/s.test(text)
    : /^\{"error":\{/.test(text) && text.includes('"message":"')
}

describe.each(Object.entries(BODIES))('[G9.3] 20,000 mutated bodies at %s', (path, body) => {
  let house: House
  beforeAll(async () => {
    house = await buildHouse({
      config: { log: 'silent' },
      model: { name: 'quick', answer: () => ({ blocks: [{ type: 'text', text: 'ok' }] }) },
    })
  })
  afterAll(() => house.close())

  it('get an answer or an error in the right envelope, and never a 5xx of ours', async () => {
    const pool = new Pool(house.url, { connections: 16 })
    const random = seeded(20_261_121)
    const statuses = new Map<number, number>()
    const faults: string[] = []
    const one = async () => {
      const sent = JSON.stringify(mutate(body, random))
      const answer = await pool.request({
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
        body: sent,
      })
      const text = await answer.body.text()
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
      const bad =
        answer.statusCode >= 500 ||
        (answer.statusCode !== 200 &&
          !text.startsWith('data:') &&
          !inEnvelope(path, JSON.parse(text)))
      if (bad)
        faults.push(`${answer.statusCode} ${text.slice(0, 300)}\n  for ${sent.slice(0, 1500)}`)
    }
    for (let done = 0; done < 20_000; done += 50) await Promise.all(Array.from({ length: 50 }, one))
    await pool.close()
    expect(faults.slice(0, 3)).toEqual([])
    // Both kinds of outcome must really have been tried.
    expect(statuses.get(200)).toBeGreaterThan(1000)
    expect(statuses.get(400)).toBeGreaterThan(1000)
  }, 240_000)
})
