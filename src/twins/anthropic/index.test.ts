import { describe, expect, it } from 'vitest'
import { isList, isObject, type JsonObject } from './json.ts'
import { PLAIN_BODY, PLAIN_HEADERS, sendOnce, tool, trial } from './trial.ts'

const get = (path: string, query = '') =>
  sendOnce('', { method: 'GET', path, query: new URLSearchParams(query) })
const { max_tokens: _, ...COUNTABLE } = PLAIN_BODY
const count = (fields: object, path = '/v1/messages/count_tokens') =>
  sendOnce({ ...COUNTABLE, ...fields }, { path })

function namesIn({ data }: JsonObject): unknown[] {
  return isList(data) ? data.filter(isObject).map(({ id }) => id) : []
}

describe('counting tokens', () => {
  it('counts as an answer does', async () => {
    const { status, json } = await count({ tools: [tool()] })
    expect(status).toBe(200)
    expect(Object.keys(json)).toEqual(['input_tokens'])
    const whole = await sendOnce({ ...PLAIN_BODY, tools: [tool()] })
    expect(whole.json['usage']).toMatchObject({ input_tokens: json['input_tokens'] })
    expect((await count({}, '/anthropic/v1/messages/count_tokens')).status).toBe(200)
  })

  it('asks no model', async () => {
    const { send, prompts } = trial()
    await send(COUNTABLE, { path: '/v1/messages/count_tokens' })
    expect(prompts).toEqual([])
  })

  it('has the rules of a request, but none of the fields that are about answers', async () => {
    expect((await count({ max_tokens: 5 })).message).toBe(
      'max_tokens: Extra inputs are not permitted',
    )
    expect((await count({ stream: true })).message).toBe('stream: Extra inputs are not permitted')
    expect((await count({ messages: [] })).message).toBe(
      'messages: at least one message is required',
    )
    expect((await count({ model: 'gpt-5' })).status).toBe(404)
    const thinking = { type: 'enabled', budget_tokens: 9_000 }
    expect((await count({ thinking })).status).toBe(200)
  })
})

describe('the models', () => {
  it('are listed, newest first', async () => {
    const { status, json, headers } = await get('/v1/models', 'limit=1000')
    expect(status).toBe(200)
    expect(headers['request-id']).toMatch(/^req_/)
    expect(namesIn(json)).toContain('claude-sonnet-4-5-20250929')
    expect(json).toMatchObject({
      has_more: false,
      first_id: namesIn(json)[0],
      last_id: namesIn(json).at(-1),
    })
  })

  it('come in pages', async () => {
    const all = namesIn((await get('/v1/models', 'limit=1000')).json)
    const first = await get('/anthropic/v1/models', 'limit=3')
    expect(namesIn(first.json)).toEqual(all.slice(0, 3))
    expect(first.json).toMatchObject({ has_more: true, last_id: all[2] })
    const next = await get('/v1/models', `limit=3&after_id=${all[2]}`)
    expect(namesIn(next.json)).toEqual(all.slice(3, 6))
    const back = await get('/v1/models', `limit=2&before_id=${all[3]}`)
    expect(namesIn(back.json)).toEqual(all.slice(1, 3))
    expect(back.json).toMatchObject({ has_more: true })
    const end = await get('/v1/models', `after_id=${all.at(-1)}`)
    expect(end.json).toMatchObject({ data: [], has_more: false, first_id: null, last_id: null })
    expect((await get('/v1/models', 'limit=0')).message).toBe(
      'limit: Input should be greater than or equal to 1',
    )
  })

  it('are described one by one, aliases resolved', async () => {
    const { json } = await get('/v1/models/claude-sonnet-4-5')
    expect(json).toMatchObject({
      type: 'model',
      id: 'claude-sonnet-4-5-20250929',
      display_name: 'Claude Sonnet 4.5',
      created_at: '2025-09-29T00:00:00Z',
      line: 'sonnet',
      max_tokens: 64_000,
      max_input_tokens: 200_000,
      capabilities: {
        thinking: { types: { enabled: { supported: true }, adaptive: { supported: false } } },
      },
    })
    expect((await get('/v1/models/claude-mythos-preview')).json).toMatchObject({
      display_name: 'Claude Mythos Preview',
      created_at: '1970-01-01T00:00:00Z',
    })
    expect(await get('/v1/models/claude-nope')).toMatchObject({
      status: 404,
      message: 'model: claude-nope',
    })
  })

  it('want a key and a version, too', async () => {
    const head = { method: 'GET', path: '/v1/models' }
    expect((await sendOnce('', { ...head, headers: {} })).status).toBe(401)
    const { 'x-api-key': key } = PLAIN_HEADERS
    expect((await sendOnce('', { ...head, headers: { 'x-api-key': key } })).message).toBe(
      'anthropic-version: header is required',
    )
  })
})
