import { describe, expect, it } from 'vitest'
import { PLAIN_BODY, trial } from './trial.ts'

const get = (id: unknown, query = '') =>
  ({
    method: 'GET',
    path: `/v1/responses/${id}`,
    query: new URLSearchParams(query),
  }) as const
const remove = (id: unknown) => ({ method: 'DELETE', path: `/v1/responses/${id}` }) as const
const cancel = (id: unknown) => ({ method: 'POST', path: `/v1/responses/${id}/cancel` }) as const

describe('a stored response', () => {
  it('reads as it did', async () => {
    const { send } = trial()
    const made = await send(PLAIN_BODY)
    const found = await send('', get(made.json.id))
    expect([found.status, found.json]).toEqual([200, made.json])
    expect(
      (await send('', { ...get(made.json.id), path: `/responses/${made.json.id}` })).status,
    ).toBe(200)
  })

  it('is stored when it was streamed, too', async () => {
    const { send } = trial()
    const made = await send({ ...PLAIN_BODY, stream: true })
    const found = await send('', get(made.json.id))
    expect(found.json).toMatchObject({ ...made.json, billing: { payer: 'developer' } })
  })

  it('can be removed', async () => {
    const { send } = trial()
    const { json } = await send(PLAIN_BODY)
    const { id } = json
    expect((await send('', remove(id))).json).toEqual({ id, object: 'response', deleted: true })
    for (const head of [get(id), remove(id), cancel(id)]) {
      const { error } = await send('', head)
      expect(error).toEqual({
        status: 404,
        message: `Response with id '${id}' not found.`,
        type: 'invalid_request_error',
        param: null,
        code: null,
      })
    }
    expect((await send({ ...PLAIN_BODY, previous_response_id: id })).error.code).toBe(
      'previous_response_not_found',
    )
  })

  it('is not there if it was not to be stored', async () => {
    const { send } = trial()
    const { json } = await send({ ...PLAIN_BODY, store: false })
    expect((await send('', get(json.id))).status).toBe(404)
  })

  it('makes room for new ones', async () => {
    const { send } = trial()
    const { json } = await send(PLAIN_BODY)
    for (let count = 0; count < 1000; count++) await send(PLAIN_BODY)
    expect((await send('', get(json.id))).status).toBe(404)
  })
})

describe('a response in the background', () => {
  const BODY = { ...PLAIN_BODY, background: true }

  it('goes a step further with each look', async () => {
    const { send, prompts } = trial()
    const { json } = await send(BODY)
    expect(json).toMatchObject({ status: 'queued', background: true, output: [], usage: null })
    const statuses = []
    for (let count = 0; count < 3; count++) {
      const found = await send('', get(json.id))
      statuses.push(found.json.status)
      expect(found.output).toHaveLength(found.json.status === 'completed' ? 1 : 0)
    }
    expect(statuses).toEqual(['in_progress', 'completed', 'completed'])
    expect(prompts).toHaveLength(1)
  })

  it('is kept even if it was not to be stored', async () => {
    const { send } = trial()
    const { json } = await send({ ...BODY, store: false })
    expect((await send('', get(json.id))).json).toMatchObject({ id: json.id, store: false })
  })

  it('can be cancelled until it is done', async () => {
    const { send } = trial()
    const { json } = await send(BODY)
    const stopped = await send('', cancel(json.id))
    expect(stopped.json).toMatchObject({ id: json.id, status: 'cancelled', output: [] })
    expect((await send('', cancel(json.id))).json).toEqual(stopped.json)
    expect((await send('', get(json.id))).json).toEqual(stopped.json)
    const other = await send(BODY)
    for (let count = 0; count < 2; count++) await send('', get(other.json.id))
    expect((await send('', cancel(other.json.id))).error).toMatchObject({
      status: 400,
      message: 'Cannot cancel a completed response.',
    })
    const plain = await send(PLAIN_BODY)
    expect((await send('', cancel(plain.json.id))).error).toMatchObject({
      status: 400,
      message: 'Cannot cancel a synchronous response.',
    })
  })

  it('can be streamed, and the stream be taken up again', async () => {
    const { send } = trial()
    const { frames, events, json } = await send({ ...BODY, stream: true })
    expect(events.slice(0, 3).map(({ type }) => type)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
    ])
    expect(events[0]).toMatchObject({ response: { status: 'queued' } })
    const rest = await send('', get(json.id, 'stream=true&starting_after=4'))
    expect(rest.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(rest.frames).toEqual(frames.slice(5))
    expect((await send('', get(json.id, 'stream=true'))).frames).toEqual(frames)
    expect((await send('', get(json.id))).json.status).toBe('completed')
  })

  it('is the only kind whose stream is kept', async () => {
    const { send } = trial()
    const { json } = await send({ ...PLAIN_BODY, stream: true })
    expect((await send('', get(json.id, 'stream=true'))).status).toBe(400)
  })
})
