import { connect } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { startGateway } from '../../src/start.ts'
import { buildHouse, type House, until } from './house.ts'

let house: House
afterEach(() => house.close())

const CHAT = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }
const MESSAGES = { model: 'gpt-4o', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] }

function post(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return request(house.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
    body,
  })
}

describe('routes', () => {
  it.each(['/v1/chat/completions', '/chat/completions', '/openai/v1/chat/completions'])(
    'speaks Chat Completions at %s',
    async path => {
      house = await buildHouse()
      const answer = await post(path, JSON.stringify(CHAT))
      expect(await answer.body.json()).toMatchObject({ object: 'chat.completion' })
    },
  )
  it.each(['/v1/messages', '/anthropic/v1/messages', '/v1/messages?beta=true'])(
    'speaks Messages at %s',
    async path => {
      house = await buildHouse()
      const answer = await post(path, JSON.stringify(MESSAGES))
      expect(await answer.body.json()).toMatchObject({ type: 'message' })
    },
  )
  it('is healthy and ready', async () => {
    house = await buildHouse()
    for (const path of ['/healthz', '/readyz']) {
      const answer = await request(house.url + path)
      expect(answer.statusCode).toBe(200)
      await answer.body.dump()
    }
  })
  it('answers what it does not know in the words of the client', async () => {
    house = await buildHouse()
    const chat = await request(`${house.url}/v1/nothing`)
    expect(chat.statusCode).toBe(404)
    expect(await chat.body.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
    const messages = await request(`${house.url}/v1/messages`, { method: 'GET' })
    expect(messages.statusCode).toBe(405)
    expect(messages.headers.allow).toBe('POST')
    expect(await messages.body.json()).toMatchObject({ type: 'error' })
  })
  it('[G5.2] lists models with what they can do and cost, in each shape', async () => {
    house = await buildHouse()
    const chat = await request(`${house.url}/v1/models`)
    expect(await chat.body.json()).toMatchObject({
      object: 'list',
      data: expect.arrayContaining([
        expect.objectContaining({
          id: 'gpt-4o',
          object: 'model',
          capabilities: expect.objectContaining({ tools: true }),
          price: expect.objectContaining({ input: expect.any(Number) }),
        }),
      ]),
    })
    const messages = await request(`${house.url}/v1/models`, {
      headers: { 'anthropic-version': '2023-06-01' },
    })
    expect(await messages.body.json()).toMatchObject({
      has_more: false,
      first_id: expect.any(String),
    })
    const one = await request(`${house.url}/v1/models/openai/gpt-4o`)
    expect(await one.body.json()).toMatchObject({ id: 'openai/gpt-4o', object: 'model' })
    const none = await request(`${house.url}/v1/models/gpt-4q`)
    expect(none.statusCode).toBe(404)
    await none.body.dump()
  })
  it('[G5.1] says which names are near an unknown one', async () => {
    house = await buildHouse()
    const odd = await post('/v1/chat/completions', JSON.stringify({ ...CHAT, model: 'gtp-4o' }))
    expect(odd.statusCode).toBe(404)
    expect(await odd.body.text()).toContain('gpt-4o')
    const slip = await post(
      '/v1/messages',
      JSON.stringify({ ...MESSAGES, model: 'claude-sonet-4-5' }),
    )
    expect(slip.statusCode).toBe(404)
    expect(await slip.body.text()).toContain('claude-sonnet-4-5')
  })
})

describe('[G9.1] the door', () => {
  it('does not let a web page in that is not configured', async () => {
    house = await buildHouse()
    const answer = await post('/v1/chat/completions', JSON.stringify(CHAT), {
      origin: 'https://evil.example',
    })
    expect(answer.statusCode).toBe(403)
    await answer.body.dump()
    expect(house.openai.requests).toHaveLength(0)
    const preflight = await request(`${house.url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.statusCode).toBe(403)
    await preflight.body.dump()
  })
  it('lets a configured origin in', async () => {
    house = await buildHouse({ config: { cors: ['https://app.example'] } })
    const headers = { origin: 'https://app.example', 'access-control-request-headers': 'x-a' }
    const preflight = await request(`${house.url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers,
    })
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers['access-control-allow-headers']).toBe('x-a')
    await preflight.body.dump()
    const answer = await post('/v1/chat/completions', JSON.stringify(CHAT), headers)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example')
    await answer.body.dump()
  })
  it('does not answer for another host on loopback', async () => {
    house = await buildHouse()
    const status = await rawStatus(
      house.url,
      'GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    )
    expect(status).toBe(403)
  })
  it("asks for keys when there are some, in each protocol's words", async () => {
    house = await buildHouse({ config: { keys: { ci: 'key-of-ci' } } })
    const chat = await post('/v1/chat/completions', JSON.stringify(CHAT))
    expect(chat.statusCode).toBe(401)
    expect(await chat.body.json()).toMatchObject({ error: { code: 'invalid_api_key' } })
    const messages = await post('/v1/messages', JSON.stringify(MESSAGES), {
      'x-api-key': 'wrong-key',
    })
    expect(messages.statusCode).toBe(401)
    const body = await messages.body.text()
    expect(JSON.parse(body)).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error' },
    })
    expect(body).not.toContain('wrong-key')
    const good = await post('/v1/chat/completions', JSON.stringify(CHAT), {
      authorization: 'Bearer key-of-ci',
    })
    expect(good.statusCode).toBe(200)
    await good.body.dump()
    expect(house.log()).toMatchObject([{ client: 'ci' }])
    expect(house.logText()).not.toContain('key-of-ci')
  })
  it('refuses to be open to the world', async () => {
    house = await buildHouse()
    const config = { ...loadConfig({ port: '0', rehearsal: false }, {}), host: '0.0.0.0' }
    await expect(startGateway(config)).rejects.toThrow(/can be reached from outside/)
    const open = await startGateway({ ...config, open: true, log: 'silent' })
    await open.close()
  })
})

describe('bodies', () => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('reads %s', async (encoding, compress) => {
    house = await buildHouse()
    const body = compress(Buffer.from(JSON.stringify(CHAT)))
    const answer = await post('/v1/chat/completions', body, { 'content-encoding': encoding })
    expect(answer.statusCode).toBe(200)
    await answer.body.dump()
  })
  it.each(['chat/completions', 'messages'])(
    'refuses too large a body at /v1/%s with 413',
    async path => {
      house = await buildHouse({ config: { maxBodyBytes: 10_000 } })
      const large = JSON.stringify({ ...CHAT, pad: 'x'.repeat(20_000) })
      const answer = await post(`/v1/${path}`, large)
      expect(answer.statusCode).toBe(413)
      expect(await answer.body.json()).toMatchObject({ error: { message: expect.any(String) } })
      const bomb = gzipSync(Buffer.alloc(1_000_000, 32))
      const bombed = await post(`/v1/${path}`, bomb, { 'content-encoding': 'gzip' })
      expect(bombed.statusCode).toBe(413)
      await bombed.body.dump()
    },
  )
  it('refuses what is no JSON, no known encoding, and nested too deeply', async () => {
    house = await buildHouse()
    for (const [body, headers, status] of [
      ['{"model":', {}, 400],
      ['', {}, 400],
      ['[]', {}, 400],
      ['{}', { 'content-encoding': 'zstd' }, 415],
      ['not gzip', { 'content-encoding': 'gzip' }, 400],
      [`{"model":"gpt-4o","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, {}, 400],
    ] as const) {
      const answer = await post('/v1/chat/completions', body, headers)
      expect(answer.statusCode).toBe(status)
      expect(await answer.body.json()).toMatchObject({ error: { message: expect.any(String) } })
    }
  })
  it('keeps a connection for many requests', async () => {
    house = await buildHouse()
    const one = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${JSON.stringify(CHAT).length}\r\n\r\n${JSON.stringify(CHAT)}`
    const text = await rawText(
      house.url,
      one + one,
      received => received.split('HTTP/1.1 200').length === 3,
    )
    expect(text.split('HTTP/1.1 200')).toHaveLength(3)
  })
})

describe('[G9.4] shutdown', () => {
  it('lets a stream finish within the grace', async () => {
    house = await buildHouse({ transport: { delayMs: 20 } })
    const answer = await post('/v1/chat/completions', JSON.stringify({ ...CHAT, stream: true }))
    const text = reading(answer.body)
    await text.begun
    const closed = house.close()
    expect(await text.whole).toContain('[DONE]')
    await closed
    await expect(post('/v1/chat/completions', JSON.stringify(CHAT))).rejects.toThrow()
  })
  it('ends a stream that does not finish, with an in-band error', async () => {
    house = await buildHouse({ config: { graceMs: 100 } })
    house.openai.faults.add({ kind: 'stall', after: 3 })
    const answer = await post('/v1/messages', JSON.stringify({ ...MESSAGES, stream: true }))
    const text = reading(answer.body)
    await text.begun
    const closed = house.close()
    expect(await text.whole).toMatch(/event: error\ndata: .*shutting down/)
    await closed
    await until(() => house.openai.requests[0]?.left === true)
  })
})

/** Reads a stream: `begun` at its first byte, `whole` at its end. */
function reading(body: NodeJS.ReadableStream): { begun: Promise<void>; whole: Promise<string> } {
  let text = ''
  const begun = new Promise<void>(resolve => {
    body.on('data', chunk => {
      text += chunk
      resolve()
    })
  })
  const whole = new Promise<string>((resolve, reject) => {
    body.on('end', () => resolve(text))
    body.on('error', reject)
  })
  return { begun, whole }
}

function rawStatus(url: string, head: string): Promise<number> {
  return rawText(url, head, () => false).then(text => Number(text.split(' ')[1]))
}

/** Sends bytes over a plain socket; what comes back until it closes, or until it is enough. */
function rawText(url: string, bytes: string, enough: (text: string) => boolean): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    let text = ''
    socket.on('data', chunk => {
      text += chunk
      if (enough(text)) socket.end()
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')))
  })
}
