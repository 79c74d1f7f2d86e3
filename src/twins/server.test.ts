import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { TwinModel, TwinPrompt } from './model.ts'
import { describeTwin } from './options.ts'
import { scripted } from './script.ts'
import { type StartTwinOptions, startTwin, type Twin } from './server.ts'
import type { TwinReply, TwinVendor } from './vendor.ts'

const PROMPT: TwinPrompt = {
  model: 'm',
  tools: [],
  choice: { mode: 'auto' },
  parallel: true,
  reasoning: false,
  stop: [],
  messages: [{ role: 'user', text: 'hi', images: 0, documents: 0 }],
}
const JSON_TYPE = { 'content-type': 'application/json' }

/** A vendor with the least manners that a server's tests need. */
const vendor: TwinVendor = {
  name: 'fake',
  async handle(request, context) {
    if (request.method !== 'POST') return vendor.failure(405, context)
    const body: { stream?: boolean } = JSON.parse(request.body)
    const turn = await context.model.answer(PROMPT, context.random.below(1000))
    const id = context.random.text(6)
    if (!body.stream) {
      return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ id, blocks: turn.blocks }) }
    }
    const events = [...turn.blocks.map(block => JSON.stringify(block)), '[DONE]']
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      events: events.map(data => `data: ${data}\n\n`),
    }
  },
  failure(status, _, options = {}): TwinReply {
    const { retryAfter, message = `fake ${status}` } = options
    const headers = {
      ...JSON_TYPE,
      ...(retryAfter !== undefined && { 'retry-after': `${retryAfter}` }),
    }
    return { status, headers, body: JSON.stringify({ error: { message } }) }
  },
  streamFailure: () => 'event: error\ndata: overloaded\n\n',
}

const echo: TwinModel = {
  name: 'echo',
  answer: (_, seed) => ({ blocks: [{ type: 'text', text: `seed ${seed}` }] }),
}

const twins: Twin[] = []
afterEach(async () => {
  await Promise.all(twins.splice(0).map(twin => twin.close()))
})

async function start(options: Partial<StartTwinOptions> = {}): Promise<Twin> {
  const twin = await startTwin({ vendor, model: echo, ...options })
  twins.push(twin)
  return twin
}

async function post(twin: Twin, body: unknown = {}, init: RequestInit = {}) {
  const response = await fetch(`${twin.url}/v1/chat`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...init,
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe('a twin', () => {
  it('answers whole and streamed with what its model says', async () => {
    const model = scripted([{ text: 'Grüezi' }, { text: 'Adieu' }])
    const twin = await start({ model })
    const whole = await post(twin)
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(JSON.parse(whole.text).blocks).toEqual([{ type: 'text', text: 'Grüezi' }])
    const streamed = await post(twin, { stream: true })
    expect(streamed.text).toBe('data: {"type":"text","text":"Adieu"}\n\ndata: [DONE]\n\n')
    expect(() => twin.finish()).not.toThrow()
  })

  it('repeats itself for a seed, whatever the control surface was asked in between', async () => {
    const first = await start({ seed: 9 })
    const second = await start({ seed: 9 })
    const other = await start({ seed: 10 })
    const texts = []
    for (const twin of [first, second, other]) {
      const one = await post(twin)
      if (twin === second) await fetch(`${twin.url}/__twin/health`)
      texts.push(one.text + (await post(twin)).text)
    }
    expect(texts[1]).toBe(texts[0])
    expect(texts[2]).not.toBe(texts[0])
  })

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ])('reads a body in %s', async (coding, encode) => {
    const twin = await start()
    const body = encode(JSON.stringify({ say: 'Zürich' }))
    const { status } = await post(twin, undefined, {
      body,
      headers: { 'content-encoding': coding },
    })
    expect(status).toBe(200)
    expect(twin.requests[0]?.body).toEqual({ say: 'Zürich' })
  })

  it('reads a body that was encoded twice', async () => {
    const twin = await start()
    const body = brotliCompressSync(gzipSync('{"twice":true}'))
    await post(twin, undefined, { body, headers: { 'content-encoding': 'gzip, br' } })
    expect(twin.requests[0]?.body).toEqual({ twice: true })
  })

  it('refuses bodies that it cannot read, in the words of its vendor', async () => {
    const twin = await start()
    const send = async (coding: string, body: string | Uint8Array<ArrayBuffer>) =>
      await post(twin, undefined, { body, headers: { 'content-encoding': coding } })
    const unknown = await send('zstd', 'x')
    expect([unknown.status, JSON.parse(unknown.text).error.message]).toEqual([
      415,
      'content-encoding "zstd" is not supported',
    ])
    const broken = await send('gzip', 'not gzip')
    expect([broken.status, JSON.parse(broken.text).error.message]).toEqual([
      400,
      'the body is not valid gzip data',
    ])
    const bomb = await send('gzip', gzipSync(Buffer.alloc(65 * 1024 * 1024)))
    expect([bomb.status, JSON.parse(bomb.text).error.message]).toEqual([
      413,
      'the body is longer than 67108864 bytes',
    ])
    expect(twin.requests.map(record => record.status)).toEqual([415, 400, 413])
    expect(() => twin.finish()).not.toThrow()
  })

  it('refuses a body that is too long as it stands', async () => {
    const twin = await start()
    const { status } = await post(twin, undefined, { body: Buffer.alloc(64 * 1024 * 1024 + 1) })
    expect(status).toBe(413)
    expect((await post(twin)).status).toBe(200)
  })

  it('compresses whole answers when told to', async () => {
    const twin = await start({ transport: { gzip: true } })
    const { headers, text } = await post(twin)
    expect(headers.get('content-encoding')).toBe('gzip')
    expect(JSON.parse(text).blocks).toHaveLength(1)
  })

  it('refuses a transport that would never end, and a port that is taken', async () => {
    await expect(start({ transport: { chunk: 0 } })).rejects.toThrow('transport.chunk')
    const { port } = await start()
    await expect(start({ port })).rejects.toThrow(
      expect.objectContaining({
        name: 'TwinNotStarted',
        message: `cannot listen on 127.0.0.1:${port}: is taken`,
      }),
    )
  })

  it('closes with requests under way, and may be closed again', async () => {
    const twin = await start({ faults: [{ kind: 'stall', after: 0 }] })
    const response = await fetch(`${twin.url}/v1/chat`, { method: 'POST', body: '{"stream":true}' })
    await Promise.all([twin.close(), twin.close()])
    await twin.close()
    await expect(response.text()).rejects.toThrow()
    await expect(fetch(twin.url)).rejects.toThrow()
    expect(twin.requests[0]?.left).toBe(false)
  })
})

describe('a failure of the model', () => {
  it("is the vendor's 500 that says so, not to be tried again, and is remembered", async () => {
    const twin = await start({ model: scripted([{ text: 'only' }], { name: 'turns.json' }) })
    await post(twin)
    for (let i = 0; i < 2; i++) {
      const { status, headers, text } = await post(twin, { stream: true })
      expect(status).toBe(500)
      expect(headers.get('x-should-retry')).toBe('false')
      expect(JSON.parse(text).error.message).toBe(
        'The twin could not answer. ScriptExhausted: turns.json has 1 turn, and one more ' +
          'request came; its last message (user) is "hi"',
      )
    }
    expect(() => twin.finish()).toThrow(
      expect.objectContaining({
        name: 'TwinUnfinished',
        message: expect.stringMatching(/^ScriptExhausted: turns\.json .* \(2 times\)$/),
      }),
    )
  })

  it('adds to what was left over', async () => {
    const turn = { text: 'a', expect: { last: { text: 'other' } } }
    const twin = await start({ model: scripted([turn]) })
    expect((await post(twin)).status).toBe(500)
    expect(() => twin.finish()).toThrow(/^ScriptMismatch: .*found "hi"\n.*1 of 1 turn left over/s)
  })

  it('is answered even if the vendor has no words for it', async () => {
    const speechless: TwinVendor = {
      ...vendor,
      failure() {
        throw new Error('no words')
      },
    }
    const model = { name: 'broken', answer: () => Promise.reject(new Error('boom')) }
    const twin = await start({ vendor: speechless, model })
    const { status, text } = await post(twin)
    expect([status, JSON.parse(text).error.message]).toEqual([
      500,
      'The twin could not answer. Error: boom',
    ])
  })

  it('of a reply that cannot be written ends the connection and is remembered', async () => {
    const twin = await start({
      vendor: {
        ...vendor,
        handle: () => ({ status: 200, headers: { 'x-bad': 'a\nb' }, body: '' }),
      },
    })
    await expect(post(twin)).rejects.toThrow()
    expect(() => twin.finish()).toThrow('x-bad')
  })
})

describe('the record of requests', () => {
  it('holds what was asked and answered, without secrets', async () => {
    const twin = await start()
    await fetch(`${twin.url}/v1/chat?key=sk-1&alt=sse`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer sk-2',
        'x-api-key': 'sk-3',
        'x-goog-api-key': 'sk-4',
        cookie: 'session=sk-5',
        'x-other': 'kept',
      },
      body: '{"a":[1]}',
    })
    const [record] = twin.requests
    expect(record).toMatchObject({
      method: 'POST',
      path: '/v1/chat',
      query: { key: '<hidden>', alt: 'sse' },
      headers: {
        authorization: 'Bearer <hidden>',
        'x-api-key': '<hidden>',
        'x-goog-api-key': '<hidden>',
        cookie: '<hidden>',
        'x-other': 'kept',
      },
      body: { a: [1] },
      status: 200,
      left: false,
      faults: [],
    })
    expect(JSON.stringify(twin.requests)).not.toContain('sk-')
  })

  it('hides a secret without a known scheme whole', async () => {
    const twin = await start()
    await post(twin, {}, { headers: { authorization: 'my secret words' } })
    expect(twin.requests[0]?.headers['authorization']).toBe('<hidden>')
  })

  it('keeps a body that is not JSON as text, and none as undefined', async () => {
    const twin = await start()
    expect((await post(twin, undefined, { body: 'hello' })).status).toBe(500)
    await fetch(twin.url)
    expect(twin.requests.map(record => record.body)).toEqual(['hello', undefined])
    expect(twin.requests[1]?.status).toBe(405)
  })

  it('tells a client that left in the middle of a stream', async () => {
    const turn = {
      blocks: Array.from({ length: 50 }, () => ({ type: 'text', text: 'x' }) as const),
    }
    const twin = await start({
      model: { name: 'long', answer: () => turn },
      transport: { delayMs: 30 },
    })
    const request = httpRequest(`${twin.url}/v1/chat`, { method: 'POST' })
    request.end('{"stream":true}')
    const [response]: IncomingMessage[] = await once(request, 'response')
    await once(response ?? request, 'data')
    expect(twin.requests[0]?.left).toBe(false)
    request.destroy()
    await expect.poll(() => twin.requests[0]?.left).toBe(true)
    expect(twin.requests[0]?.status).toBe(200)
  })

  it('tells a client that left before it had said everything, or been answered', async () => {
    const twin = await start({ faults: [{ kind: 'slow-headers', ms: 60_000 }] })
    const half = httpRequest(`${twin.url}/v1/chat`, {
      method: 'POST',
      headers: { 'content-length': 100 },
    })
    half.on('error', () => {})
    half.write('{"half":')
    await expect.poll(() => twin.requests.length).toBe(1)
    half.destroy()
    await expect.poll(() => twin.requests[0]?.left).toBe(true)
    const signal = AbortSignal.timeout(100)
    await expect(post(twin, {}, { signal })).rejects.toThrow()
    await expect.poll(() => twin.requests[1]?.left).toBe(true)
    expect(twin.requests.map(record => record.status)).toEqual([undefined, undefined])
  })
})

describe('the control surface', () => {
  type Answer = { readonly error?: string; readonly [index: number]: { readonly times?: number } }
  const control = async (twin: Twin, method: string, name: string, body?: string) => {
    const response = await fetch(`${twin.url}/__twin/${name}`, { method, body: body ?? null })
    const json: Answer = JSON.parse(await response.text())
    return { status: response.status, json, headers: response.headers }
  }

  it('shows health and requests, and is not among them', async () => {
    const twin = await start({ seed: 4 })
    await post(twin, { a: 1 })
    expect((await control(twin, 'GET', 'health')).json).toEqual({
      ok: true,
      vendor: 'fake',
      model: 'echo',
      seed: 4,
      requests: 1,
      faults: 0,
    })
    const { json } = await control(twin, 'GET', 'requests')
    expect(json).toEqual([
      expect.objectContaining({ method: 'POST', path: '/v1/chat', body: { a: 1 }, status: 200 }),
    ])
    expect(twin.requests).toHaveLength(1)
  })

  it('adds, lists and clears faults', async () => {
    const twin = await start()
    const added = await control(twin, 'POST', 'faults', '["429:times=2", {"kind":"reset"}]')
    const list = [
      { kind: 'status', status: 429, times: 2 },
      { kind: 'reset', times: 1 },
    ]
    expect([added.status, added.json]).toEqual([200, list])
    expect((await post(twin)).status).toBe(429)
    expect((await control(twin, 'GET', 'faults')).json[0]?.times).toBe(1)
    expect((await control(twin, 'DELETE', 'faults')).json).toEqual([])
    expect((await post(twin)).status).toBe(200)
  })

  it('refuses faults that make no sense, and adds none of them', async () => {
    const twin = await start()
    const unknown = await control(twin, 'POST', 'faults', '["429", {"kind":"cutt"}]')
    expect([unknown.status, unknown.json.error]).toEqual([
      400,
      'faults[1].kind: unknown "cutt"; did you mean "cut"?',
    ])
    const broken = await control(twin, 'POST', 'faults', '[')
    expect([broken.status, broken.json.error]).toEqual([400, 'faults: the body is not JSON'])
    expect(twin.faults.list()).toEqual([])
  })

  it('finishes with 200 or 409', async () => {
    const twin = await start({ model: scripted([{ text: 'a' }]) })
    const early = await control(twin, 'POST', 'finish')
    expect(early.status).toBe(409)
    expect(early.json.error).toContain('1 of 1 turn left over')
    await post(twin)
    expect((await control(twin, 'POST', 'finish')).json).toEqual({ ok: true })
  })

  it('knows its paths and methods', async () => {
    const twin = await start()
    const unknown = await control(twin, 'GET', 'nothing')
    expect([unknown.status, unknown.json.error]).toEqual([
      404,
      'no such path; there are: health, requests, faults, finish',
    ])
    const wrong = await control(twin, 'PUT', 'faults')
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST, DELETE'])
    expect((await control(twin, 'GET', 'constructor')).status).toBe(404)
  })
})

describe('describeTwin', () => {
  it('says what runs where', async () => {
    const twin = await start({
      model: scripted([{ text: 'a' }], { name: 'turns.json' }),
      seed: 3,
      faults: [
        { kind: 'status', status: 429, retryAfter: 2 },
        { kind: 'stall', after: 1, times: 0 },
      ],
    })
    expect(describeTwin(twin)).toEqual([
      'fake twin',
      '  answers  turns.json (1 turn)',
      '  seed     3',
      '  faults   429:times=1,retryAfter=2; stall:1,times=0',
      `  control  http://127.0.0.1:${twin.port}/__twin/health, requests, faults, finish`,
      `listening on http://127.0.0.1:${twin.port}`,
    ])
    const plain = await start()
    expect(describeTwin(plain)).toContain('  faults   none')
  })
})
