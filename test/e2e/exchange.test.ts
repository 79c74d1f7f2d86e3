import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { buildHouse, type House, type HouseOptions, until, VENDOR_KEYS } from './house.ts'

let house: House
afterEach(() => house.close())
const build = async (options?: HouseOptions) => {
  house = await buildHouse(options)
}

const FRONTS = {
  chat: { path: '/v1/chat/completions', headers: { authorization: 'Bearer any' } },
  messages: {
    path: '/v1/messages',
    headers: { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' },
  },
} as const
type Kind = keyof typeof FRONTS

function post(kind: Kind, body: object | string, headers: Record<string, string> = {}) {
  const { path, headers: own } = FRONTS[kind]
  return request(house.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...own, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}
const ask = (model: string, more: object = {}) => ({
  model,
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello there' }],
  ...more,
})

/** The same for each pair: who answers, and which twin that is. */
const PAIRS = [
  ['chat', 'gpt-4o', 'openai'],
  ['chat', 'claude-sonnet-4-5', 'anthropic'],
  ['messages', 'gpt-4o', 'openai'],
  ['messages', 'claude-sonnet-4-5', 'anthropic'],
] as const

describe.each(PAIRS)('%s to %s', (kind, model, vendor) => {
  it.each([429, 500, 503])('tries again after %s', async status => {
    await build()
    house[vendor].faults.add({ kind: 'status', status, times: 2 })
    const answer = await post(kind, ask(model))
    expect(answer.statusCode).toBe(200)
    await answer.body.dump()
    expect(house[vendor].requests.map(each => each.status)).toEqual([status, status, 200])
    expect(house.log()).toMatchObject([{ tries: 3, status: 200 }])
  })

  it('gives up after the last try, in the words of the client', async () => {
    await build()
    house[vendor].faults.add({ kind: 'status', status: 429, times: 0, retryAfter: 0 })
    const answer = await post(kind, ask(model))
    expect(answer.statusCode).toBe(429)
    expect(answer.headers['retry-after']).toBeDefined()
    const body = await answer.body.json()
    if (kind === 'chat') expect(body).toMatchObject({ error: { message: expect.any(String) } })
    else expect(body).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
    expect(house[vendor].requests).toHaveLength(3)
  })

  it('does not wait for a retry-after that is too long', async () => {
    await build()
    house[vendor].faults.add({ kind: 'status', status: 429, times: 0, retryAfter: 120 })
    const answer = await post(kind, ask(model))
    expect(answer.statusCode).toBe(429)
    expect(answer.headers['retry-after']).toBe('120')
    await answer.body.dump()
    expect(house[vendor].requests).toHaveLength(1)
  })

  it.each([false, true])('tries again after a reset, streamed: %s', async stream => {
    await build()
    house[vendor].faults.add({ kind: 'reset', times: 1 })
    const answer = await post(kind, ask(model, { stream }))
    expect(answer.statusCode).toBe(200)
    expect((await answer.body.text()).length).toBeGreaterThan(10)
  })

  it.each(['cut', 'cut-events', 'in-band-error'] as const)(
    '[G7.2] ends a stream with an in-band error after %s',
    async fault => {
      await build()
      if (fault === 'cut') house[vendor].faults.add({ kind: 'cut', atByte: 1500 })
      else house[vendor].faults.add({ kind: fault, after: 6 })
      const answer = await post(kind, ask(model, { stream: true }))
      expect(answer.statusCode).toBe(200)
      const text = await answer.body.text()
      const last = text.trimEnd().split('\n\n').at(-1) ?? ''
      if (kind === 'chat') {
        expect(JSON.parse(last.replace('data: ', ''))).toMatchObject({
          error: { message: expect.any(String) },
        })
        expect(text).not.toContain('[DONE]')
      } else {
        expect(last).toMatch(/^event: error\ndata: \{"type":"error"/)
        expect(text).not.toContain('message_stop')
      }
      expect(house[vendor].requests).toHaveLength(1)
      await until(() => house.log().length === 1)
      if (fault !== 'in-band-error' || house.log()[0]?.mode === 'translated')
        expect(house.log()[0]?.error).toBeDefined()
    },
  )

  it('[G7.1] ends the call at the vendor at once when the client goes away', async () => {
    await build()
    house[vendor].faults.add({ kind: 'stall', after: 6 })
    const answer = await post(kind, ask(model, { stream: true }))
    answer.body.on('error', () => {})
    await new Promise(resolve => answer.body.once('data', resolve))
    answer.body.destroy()
    await until(() => house[vendor].requests[0]?.left === true)
    await until(() => house.log().length === 1)
    expect(house.log()[0]).toMatchObject({ error: 'client_closed' })
  })

  it('ends a whole call too when the client goes away', async () => {
    await build()
    house[vendor].faults.add({ kind: 'slow-headers', ms: 4000 })
    const leaving = new AbortController()
    const { path, headers } = FRONTS[kind]
    const answer = request(house.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(ask(model)),
      signal: leaving.signal,
    })
    await until(() => house[vendor].requests.length === 1)
    leaving.abort()
    await expect(answer).rejects.toThrow()
    await until(() => house[vendor].requests[0]?.left === true)
  })

  it('[G7.3] gives up on a silent stream', async () => {
    await build({ config: { limits: { idleMs: 300 } } })
    house[vendor].faults.add({ kind: 'stall', after: 6 })
    const answer = await post(kind, ask(model, { stream: true }))
    const text = await answer.body.text()
    expect(text).toMatch(/"error"/)
    expect(house.log()[0]).toMatchObject({ error: 'timeout' })
  })

  it('gives up on a vendor that does not begin', async () => {
    await build({ config: { limits: { firstByteMs: 300, retries: 0 } } })
    house[vendor].faults.add({ kind: 'slow-headers', ms: 3000, times: 0 })
    const answer = await post(kind, ask(model))
    expect(answer.statusCode).toBe(504)
    await answer.body.dump()
  })

  it("holds to the client's own time limit", async () => {
    await build()
    house[vendor].faults.add({ kind: 'slow-headers', ms: 5000, times: 0 })
    const started = Date.now()
    const answer = await post(kind, ask(model), { 'x-stainless-timeout': '1' })
    expect(answer.statusCode).toBe(504)
    expect(Date.now() - started).toBeLessThan(3000)
    await answer.body.dump()
  })

  it('[G9.2] says whose the ids are, and logs one line without content or key', async () => {
    await build()
    const answer = await post(
      kind,
      ask(model, { messages: [{ role: 'user', content: 'a-private-word' }] }),
    )
    const header = kind === 'chat' ? 'x-request-id' : 'request-id'
    expect(answer.headers['toolgate-request-id']).toMatch(/^req_[0-9A-Za-z]{24}$/)
    expect(answer.headers[header]).toMatch(/^req_/)
    await answer.body.dump()
    expect(house.log()).toHaveLength(1)
    expect(house.log()[0]).toMatchObject({
      front: kind === 'chat' ? 'openai-chat' : 'anthropic',
      vendor,
      model,
      status: 200,
      tries: 1,
      mode: (kind === 'chat') === (vendor === 'openai') ? 'direct' : 'translated',
      usage: { input: expect.any(Number), output: expect.any(Number) },
    })
    for (const secret of [...VENDOR_KEYS, 'a-private-word', 'Bearer'])
      expect(house.logText()).not.toContain(secret)
  })
})

describe('what is wrong on the way', () => {
  it("does not show the gateway's own rejected key as the client's", async () => {
    await build()
    house.openai.faults.add({ kind: 'status', status: 401, times: 0 })
    for (const kind of ['chat', 'messages'] as const) {
      const answer = await post(kind, ask('gpt-4o'))
      expect(answer.statusCode).toBe(502)
      expect(await answer.body.text()).toContain('openai-main')
    }
  })

  it('refuses a broken conversation before the vendor is asked', async () => {
    await build()
    const answer = await post('chat', {
      model: 'gpt-4o',
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          tool_calls: [
            { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{}' } },
          ],
        },
      ],
    })
    expect(answer.statusCode).toBe(400)
    expect(await answer.body.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining('call_a') },
    })
    expect(house.openai.requests).toHaveLength(0)
  })

  it('mends it when asked to, and says so', async () => {
    await build()
    const answer = await post(
      'chat',
      {
        model: 'gpt-4o',
        messages: [
          { role: 'user', content: 'x' },
          {
            role: 'assistant',
            tool_calls: [
              { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{}' } },
            ],
          },
          { role: 'user', content: 'well?' },
        ],
      },
      { 'toolgate-repair': 'true' },
    )
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['toolgate-losses']).toMatch(/^\d; messages\[1\] repaired/)
    await answer.body.dump()
  })

  it('[G8.1] refuses a loss of meaning in strict mode, and reports it otherwise', async () => {
    await build()
    const body = ask('claude-sonnet-4-5', { logit_bias: { 5: 1 } })
    const lenient = await post('chat', body)
    expect(lenient.statusCode).toBe(200)
    expect(lenient.headers['toolgate-losses']).toMatch(/logit_bias dropped/)
    await lenient.body.dump()
    const strict = await post('chat', body, { 'toolgate-strict': 'true' })
    expect(strict.statusCode).toBe(400)
    expect(await strict.body.text()).toContain('logit_bias')
    const several = await post('chat', ask('claude-sonnet-4-5', { n: 2 }))
    expect(several.statusCode).toBe(400)
    expect(await several.body.text()).toContain("'n'")
    const odd = await post('chat', body, { 'toolgate-strict': 'perhaps' })
    expect(odd.statusCode).toBe(400)
    await odd.body.dump()
  })

  it('passes the bytes of the same protocol, but for the name of the model', async () => {
    await build()
    const body =
      '{ "messages" : [ {"role":"user","content":"Hi"} ],\n "model":"openai-main/gpt-4o" , "seed": 1.0 }'
    const answer = await post('chat', body)
    expect(answer.statusCode).toBe(200)
    await answer.body.dump()
    expect(house.openai.requests[0]?.body).toEqual({ ...JSON.parse(body), model: 'gpt-4o' })
  })

  it('counts tokens where the vendor does', async () => {
    await build()
    const count = (model: string) =>
      request(`${house.url}/v1/messages/count_tokens`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }] }),
      })
    const counted = await count('claude-sonnet-4-5')
    expect(await counted.body.json()).toMatchObject({ input_tokens: expect.any(Number) })
    const not = await count('gpt-4o')
    expect(not.statusCode).toBe(404)
    expect(await not.body.json()).toMatchObject({ type: 'error' })
  })
})
