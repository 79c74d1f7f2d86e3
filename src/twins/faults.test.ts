import { Agent, request as undiciRequest } from 'undici'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { Fault } from './faults.ts'
import type { TwinModel, TwinPrompt } from './model.ts'
import { type StartTwinOptions, startTwin, type Twin } from './server.ts'
import type { TwinReply, TwinVendor } from './vendor.ts'

const PROMPT: TwinPrompt = {
  model: 'm',
  tools: [{ name: 'f', description: '' }],
  choice: { mode: 'auto' },
  parallel: true,
  reasoning: false,
  stop: [],
  messages: [],
}

/** Streams a turn's blocks as events when the path says so; refuses an empty body. */
const vendor: TwinVendor = {
  name: 'fake',
  async handle(request, context) {
    if (request.body === '') return vendor.failure(400, context)
    const { blocks } = await context.model.answer(PROMPT, context.random.below(1000))
    if (!request.path.endsWith('/stream')) {
      return { status: 200, headers: {}, body: JSON.stringify(blocks) }
    }
    const events = [...blocks.map(block => JSON.stringify(block)), '[DONE]']
    return { status: 200, headers: {}, events: events.map(data => `data: ${data}\n\n`) }
  },
  failure(status, _, options = {}): TwinReply {
    const { retryAfter, message = `fake ${status}` } = options
    const headers = retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` }
    return { status, headers: { ...headers }, body: message }
  },
  streamFailure: () => 'event: error\ndata: overloaded\n\n',
}

const BLOCKS = [
  { type: 'text', text: 'a' },
  { type: 'call', name: 'f', arguments: '{"x":1}' },
  { type: 'call', name: 'f', arguments: '{"x":2}' },
] as const
const EVENTS = [...BLOCKS.map(block => `data: ${JSON.stringify(block)}\n\n`), 'data: [DONE]\n\n']

const agent = new Agent()
const twins: Twin[] = []
afterEach(async () => {
  await Promise.all(twins.splice(0).map(twin => twin.close()))
})
afterAll(() => agent.close())

async function start(faults: Fault[], options: Partial<StartTwinOptions> = {}) {
  let asked = 0
  const model: TwinModel = {
    name: 'calls',
    answer() {
      asked += 1
      return { blocks: BLOCKS }
    },
  }
  const twin = await startTwin({ vendor, model, faults, ...options })
  twins.push(twin)
  return { twin, asked: () => asked }
}

/** Asks once; `broken` is the error's code if the answer did not end well. */
async function ask(
  twin: Twin,
  path: '/stream' | '/whole' = '/stream',
  body = '{}',
  patienceMs = 20_000,
) {
  const got = { status: 0, text: '', broken: '', headersMs: 0, firstByteMs: 0, retryAfter: '' }
  const started = performance.now()
  try {
    const response = await undiciRequest(twin.url + path, {
      method: 'POST',
      body,
      dispatcher: agent,
      signal: AbortSignal.timeout(patienceMs),
    })
    got.headersMs = performance.now() - started
    got.status = response.statusCode
    got.retryAfter = response.headers['retry-after']?.toString() ?? ''
    for await (const chunk of response.body) {
      got.firstByteMs ||= performance.now() - started
      got.text += String(chunk)
    }
  } catch (error) {
    got.broken = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
  return got
}

describe('status', () => {
  it("is the vendor's own failure, in turn, and spares the model", async () => {
    const { twin, asked } = await start([
      { kind: 'status', status: 429, retryAfter: 3, times: 2 },
      { kind: 'status', status: 529, message: 'Overloaded' },
    ])
    expect(await ask(twin)).toMatchObject({ status: 429, retryAfter: '3', text: 'fake 429' })
    expect(await ask(twin)).toMatchObject({ status: 429, retryAfter: '3' })
    expect(await ask(twin)).toMatchObject({ status: 529, retryAfter: '', text: 'Overloaded' })
    expect(asked()).toBe(0)
    expect(await ask(twin)).toMatchObject({ status: 200, text: EVENTS.join('') })
    expect(twin.requests.map(record => record.faults)).toEqual([
      ['status'],
      ['status'],
      ['status'],
      [],
    ])
  })
})

describe('reset', () => {
  it('gives no byte and spares the model', async () => {
    const { twin, asked } = await start([{ kind: 'reset' }])
    expect(await ask(twin)).toMatchObject({ status: 0, broken: 'ECONNRESET' })
    expect(asked()).toBe(0)
    expect(twin.requests[0]).toMatchObject({ status: undefined, left: false, faults: ['reset'] })
    expect((await ask(twin)).status).toBe(200)
  })
})

describe('slowness', () => {
  it('holds back the headers, or only the first byte', async () => {
    const { twin } = await start([
      { kind: 'slow-headers', ms: 150 },
      { kind: 'slow-first-byte', ms: 300 },
    ])
    const headers = await ask(twin)
    expect(headers.headersMs).toBeGreaterThan(140)
    const firstByte = await ask(twin, '/whole')
    expect(firstByte.firstByteMs - firstByte.headersMs).toBeGreaterThan(100)
    expect([headers.text, firstByte.text]).toEqual([EVENTS.join(''), JSON.stringify(BLOCKS)])
  })
})

describe('cuts', () => {
  it('end the connection after bytes, of streams and of whole bodies', async () => {
    const { twin } = await start([{ kind: 'cut', atByte: 20, times: 2 }])
    const stream = await ask(twin)
    expect(stream).toMatchObject({ status: 200, text: EVENTS.join('').slice(0, 20) })
    expect(stream.broken).toBe('UND_ERR_SOCKET')
    const whole = await ask(twin, '/whole')
    expect(whole).toMatchObject({ status: 200, text: JSON.stringify(BLOCKS).slice(0, 20) })
    expect(whole.broken).toBe('UND_ERR_SOCKET')
    // The twin cut it: nobody left.
    expect(twin.requests.map(record => record.left)).toEqual([false, false])
  })

  it('fall at the same byte however the body is cut into writes', async () => {
    for (const chunk of ['burst', 'random', 'byte', 3] as const) {
      const { twin } = await start([{ kind: 'cut', atByte: 25 }], { transport: { chunk } })
      const got = await ask(twin)
      expect([got.text, got.broken]).toEqual([EVENTS.join('').slice(0, 25), 'UND_ERR_SOCKET'])
    }
  })

  it('end the connection after events', async () => {
    const { twin } = await start([{ kind: 'cut-events', after: 2 }])
    const got = await ask(twin)
    expect([got.text, got.broken]).toEqual([EVENTS.slice(0, 2).join(''), 'UND_ERR_SOCKET'])
  })
})

describe('streams that end badly', () => {
  it("carry the vendor's own error and end", async () => {
    const { twin } = await start([
      { kind: 'in-band-error', after: 1 },
      { kind: 'in-band-error', after: 99 },
    ])
    const error = 'event: error\ndata: overloaded\n\n'
    expect(await ask(twin)).toMatchObject({ status: 200, text: EVENTS[0] + error, broken: '' })
    // At the latest it takes the place of the last event.
    expect((await ask(twin)).text).toBe(EVENTS.slice(0, 3).join('') + error)
  })

  it('lack their last event', async () => {
    const { twin } = await start([{ kind: 'no-terminal-event' }])
    expect(await ask(twin)).toMatchObject({ text: EVENTS.slice(0, 3).join(''), broken: '' })
  })

  it('fall silent until the client loses patience', async () => {
    const { twin } = await start([{ kind: 'stall', after: 2 }])
    const got = await ask(twin, '/stream', '{}', 800)
    expect(got.text).toBe(EVENTS.slice(0, 2).join(''))
    expect(got.broken).not.toBe('')
    await expect.poll(() => twin.requests[0]?.left).toBe(true)
  })

  it('wait for a stream, and do not strike whole answers or refusals', async () => {
    const { twin } = await start([{ kind: 'no-terminal-event' }, { kind: 'status', status: 503 }])
    expect((await ask(twin, '/whole')).text).toBe(JSON.stringify(BLOCKS))
    expect((await ask(twin, '/stream', '')).status).toBe(400)
    expect(twin.faults.list()).toHaveLength(2)
    expect((await ask(twin)).text).toBe(EVENTS.slice(0, 3).join(''))
    expect((await ask(twin)).status).toBe(503)
    expect(twin.faults.list()).toEqual([])
  })

  it('are given back when the model fails', async () => {
    const failing: TwinModel = {
      name: 'failing',
      answer() {
        throw new Error('boom')
      },
    }
    const { twin } = await start([{ kind: 'cut', atByte: 1 }], { model: failing })
    expect(await ask(twin)).toMatchObject({
      status: 500,
      text: 'The twin could not answer. Error: boom',
    })
    expect(twin.faults.list()).toHaveLength(1)
    expect(twin.requests[0]?.faults).toEqual([])
  })
})

describe('model faults', () => {
  it('strike one turn together, beside one wire fault', async () => {
    const { twin } = await start([
      { kind: 'malformed-arguments' },
      { kind: 'unknown-tool' },
      { kind: 'duplicate-id', id: 'same' },
      { kind: 'no-terminal-event' },
    ])
    const { text } = await ask(twin)
    const events: { name?: string; id?: string; arguments?: string }[] = text
      .split('\n\n')
      .filter(Boolean)
      .map(event => JSON.parse(event.slice(6)))
    expect(events.map(event => event.id)).toEqual([undefined, 'same', 'same'])
    expect(events.filter(event => event.name !== undefined && event.name !== 'f')).toHaveLength(1)
    const sound = events.map(event => event.arguments).filter(a => a && /^\{"x":\d\}$/.test(a))
    expect(sound).toHaveLength(1)
    expect(twin.requests[0]?.faults).toEqual([
      'malformed-arguments',
      'unknown-tool',
      'duplicate-id',
      'no-terminal-event',
    ])
    expect((await ask(twin)).text).toBe(EVENTS.join(''))
  })

  it('spoil in the same way for the same seed', async () => {
    const runs = []
    for (const seed of [5, 5, 6]) {
      const faults: Fault[] = [{ kind: 'malformed-arguments', times: 0, rate: 0.5 }]
      const { twin } = await start(faults, { seed })
      const texts = []
      for (let i = 0; i < 8; i++) texts.push((await ask(twin, '/whole')).text)
      runs.push(texts)
    }
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).not.toEqual(runs[0])
  })

  it('heed their path and can be added to a running twin', async () => {
    const { twin } = await start([])
    twin.faults.add({ kind: 'unknown-tool', path: '/whole', times: 0 })
    expect((await ask(twin)).text).toBe(EVENTS.join(''))
    expect((await ask(twin, '/whole')).text).not.toBe(JSON.stringify(BLOCKS))
    twin.faults.clear()
    expect((await ask(twin, '/whole')).text).toBe(JSON.stringify(BLOCKS))
  })
})

describe('a fault that is none', () => {
  it('is refused where the twin is started, and not passed over', async () => {
    const faults: Fault[] = JSON.parse('[{ "kind": "stall", "after": 1 }, { "kind": "stal" }]')
    await expect(start(faults)).rejects.toThrow(/faults\[1\].kind/)
  })
})
