import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { seeded } from './random.ts'
import { acceptsGzip, checkTransport, type Delivery, deliver, streamPieces } from './transport.ts'
import type { TwinReply } from './vendor.ts'

const EVENTS = ['data: {"a":"Zürich 🌦️"}\r\n\r\n', 'data: {"b":"東京"}\n\n', 'data: [DONE]\n\n']
const STREAM: TwinReply = {
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  events: EVENTS,
}
const WHOLE: TwinReply = {
  status: 200,
  headers: { 'Content-Type': 'application/json', 'Content-Length': '3' },
  body: '{"city":"Zürich"}',
}

let server: Server | undefined
afterEach(async () => {
  const old = server
  server = undefined
  if (!old) return
  old.closeAllConnections()
  await new Promise(resolve => old.close(resolve))
})

/** Serves one reply to every request; tells when each delivery returned. */
async function serving(reply: TwinReply, delivery: Delivery = {}, seed = 1) {
  const returned: number[] = []
  const created = createServer((_, response) => {
    void deliver(response, reply, delivery, seeded(seed)).then(() => returned.push(Date.now()))
  })
  server = created
  created.listen(0, '127.0.0.1')
  await once(created, 'listening')
  const address = created.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { port, returned }
}

interface Got {
  readonly response: IncomingMessage
  readonly chunks: Buffer[]
  readonly body: string
  /** The code of the error that ended the body early. */
  readonly broken: string | undefined
  readonly headersAfter: number
  readonly firstByteAfter: number
}

async function get(port: number, headers: Record<string, string> = {}): Promise<Got> {
  const started = performance.now()
  const request = httpRequest({ port, host: '127.0.0.1', headers })
  request.end()
  const [response]: IncomingMessage[] = await once(request, 'response')
  if (!response) throw new Error('no response')
  const headersAfter = performance.now() - started
  let firstByteAfter = Number.NaN
  const chunks: Buffer[] = []
  response.on('data', (chunk: Buffer) => {
    if (chunks.length === 0) firstByteAfter = performance.now() - started
    chunks.push(chunk)
  })
  const broken = await new Promise<string | undefined>(resolve => {
    response.once('end', () => resolve(undefined))
    response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
  const body = Buffer.concat(chunks).toString()
  return { response, chunks, body, broken, headersAfter, firstByteAfter }
}

describe('a stream', () => {
  it('goes out one event a write by default', async () => {
    const { port } = await serving(STREAM)
    const got = await get(port)
    expect(got.chunks.map(String)).toEqual(EVENTS)
    expect(got.response.headers['content-type']).toBe('text/event-stream')
    expect(got.response.headers['transfer-encoding']).toBe('chunked')
    expect(got.broken).toBeUndefined()
  })

  it('merges events in bursts', async () => {
    const events = Array.from({ length: 40 }, (_, index) => `data: ${index}\n\n`)
    const { port } = await serving({ ...STREAM, events }, { chunk: 'burst' })
    const got = await get(port)
    expect(got.body).toBe(events.join(''))
    expect(got.chunks.length).toBeLessThanOrEqual(20)
    expect(got.chunks.length).toBeGreaterThanOrEqual(5)
    for (const chunk of got.chunks) expect(String(chunk)).toMatch(/^data: .*\n\n$/s)
  })

  it('goes out byte by byte', async () => {
    const { port } = await serving(STREAM, { chunk: 'byte' })
    const got = await get(port)
    expect(got.body).toBe(EVENTS.join(''))
    expect(got.chunks.every(chunk => chunk.length === 1)).toBe(true)
  })

  it('goes out in writes of a number of bytes', async () => {
    const { port } = await serving(STREAM, { chunk: 7 })
    const got = await get(port)
    expect(got.body).toBe(EVENTS.join(''))
    const lengths = got.chunks.map(chunk => chunk.length)
    expect(lengths.slice(0, -1).every(length => length === 7)).toBe(true)
    expect(lengths.at(-1)).toBeLessThanOrEqual(7)
  })

  it('is cut at random inside characters and line ends, the same way for a seed', async () => {
    const { port } = await serving(STREAM, { chunk: 'random' }, 5)
    const got = await get(port)
    expect(got.body).toBe(EVENTS.join(''))
    const again = streamPieces(EVENTS, { chunk: 'random' }, seeded(5))
    expect(got.chunks.map(chunk => chunk.toString('hex'))).toEqual(
      again.map(piece => Buffer.from(piece).toString('hex')),
    )
    let insideCharacter = 0
    let insideLineEnd = 0
    for (let seed = 0; seed < 20; seed++) {
      const pieces = streamPieces(EVENTS, { chunk: 'random' }, seeded(seed)).map(piece =>
        Buffer.from(piece),
      )
      expect(Buffer.concat(pieces).toString()).toBe(EVENTS.join(''))
      for (const [index, piece] of pieces.entries()) {
        if (((piece[0] ?? 0) & 0xc0) === 0x80) insideCharacter += 1
        if (piece[0] === 0x0a && pieces[index - 1]?.at(-1) === 0x0d) insideLineEnd += 1
      }
    }
    expect(insideCharacter).toBeGreaterThan(20)
    expect(insideLineEnd).toBeGreaterThan(5)
  })

  it('waits between writes and before the first byte', async () => {
    const { port } = await serving(STREAM, { firstByteMs: 250, delayMs: 40 })
    const started = performance.now()
    const got = await get(port)
    expect(got.firstByteAfter - got.headersAfter).toBeGreaterThan(100)
    expect(performance.now() - started).toBeGreaterThan(300)
    expect(got.body).toBe(EVENTS.join(''))
  })

  it('may hold back its headers', async () => {
    const { port } = await serving(STREAM, { headersMs: 80 })
    const got = await get(port)
    expect(got.headersAfter).toBeGreaterThan(70)
    expect(got.body).toBe(EVENTS.join(''))
  })

  it('waits for a slow reader instead of filling the memory', async () => {
    const events = Array.from({ length: 400 }, () => `data: ${'x'.repeat(50_000)}\n\n`)
    const { port, returned } = await serving({ ...STREAM, events })
    const request = httpRequest({ port, host: '127.0.0.1' })
    request.end()
    const [response]: IncomingMessage[] = await once(request, 'response')
    await new Promise(resolve => setTimeout(resolve, 150))
    // Twenty megabytes do not fit into the sockets' buffers.
    expect(returned).toEqual([])
    let length = 0
    for await (const chunk of response ?? []) length += chunk.length
    expect(length).toBe(events.join('').length)
    expect(returned).toHaveLength(1)
  })

  it('stops when the client leaves in the middle', async () => {
    const { port, returned } = await serving(STREAM, { delayMs: 60_000 })
    const request = httpRequest({ port, host: '127.0.0.1' })
    request.end()
    const [response]: IncomingMessage[] = await once(request, 'response')
    await once(response ?? request, 'data')
    const left = Date.now()
    request.destroy()
    await expect.poll(() => returned.length).toBe(1)
    expect((returned[0] ?? 0) - left).toBeLessThan(2000)
  })

  it('without events is an empty body', async () => {
    const { port } = await serving({ ...STREAM, events: [] })
    const got = await get(port)
    expect([got.response.statusCode, got.body, got.broken]).toEqual([200, '', undefined])
  })
})

describe('a whole body', () => {
  it('goes out in one write with its length, whatever the vendor said', async () => {
    const { port } = await serving(WHOLE)
    const got = await get(port)
    expect(got.body).toBe('{"city":"Zürich"}')
    expect(got.response.headers['content-length']).toBe('18')
    expect(got.chunks).toHaveLength(1)
  })

  it('can be cut into writes, too', async () => {
    const { port } = await serving(WHOLE, { chunk: 'byte' })
    const got = await get(port)
    expect(got.body).toBe('{"city":"Zürich"}')
    expect(got.chunks).toHaveLength(18)
  })

  it('may be empty', async () => {
    const { port } = await serving({ status: 202, headers: {}, body: '' })
    const got = await get(port)
    expect([got.response.statusCode, got.body]).toEqual([202, ''])
    expect(got.response.headers['content-length']).toBe('0')
  })

  it('is compressed only when asked for and accepted', async () => {
    const { port } = await serving(WHOLE, { gzip: true })
    const compressed = await get(port, { 'accept-encoding': 'br, gzip;q=0.8' })
    expect(compressed.response.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(Buffer.concat(compressed.chunks)).toString()).toBe('{"city":"Zürich"}')
    const plain = await get(port, { 'accept-encoding': 'gzip;q=0, br' })
    expect(plain.response.headers['content-encoding']).toBeUndefined()
    expect(plain.response.headers['vary']).toBe('accept-encoding')
    expect(plain.body).toBe('{"city":"Zürich"}')
  })

  it('keeps the connection for the next request', async () => {
    const { port } = await serving(WHOLE)
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.on('data', data => {
      received += String(data)
    })
    const ask = 'GET / HTTP/1.1\r\nhost: twin\r\n\r\n'
    socket.write(ask)
    await expect.poll(() => received.split('Zürich').length).toBe(2)
    socket.write(ask)
    await expect.poll(() => received.split('Zürich').length).toBe(3)
    socket.destroy()
  })
})

describe('an ending', () => {
  it.each<[string, TwinReply]>([
    ['stream', STREAM],
    ['body', WHOLE],
  ])('may cut a %s at any byte', async (_, reply) => {
    const all = Buffer.from('events' in reply ? reply.events.join('') : reply.body)
    for (const mostBytes of [0, 1, 12, all.length, all.length + 9]) {
      const { port } = await serving(reply, { ending: 'cut', mostBytes })
      const got = await get(port)
      expect(got.broken).toBe('ECONNRESET')
      expect(Buffer.concat(got.chunks)).toEqual(all.subarray(0, mostBytes))
      server?.close()
    }
  })

  it('may be silence until the client leaves', async () => {
    const { port, returned } = await serving(
      { ...STREAM, events: EVENTS.slice(0, 1) },
      { ending: 'stall' },
    )
    const request = httpRequest({ port, host: '127.0.0.1' })
    request.end()
    const [response]: IncomingMessage[] = await once(request, 'response')
    const [first]: Buffer[] = await once(response ?? request, 'data')
    expect(String(first)).toBe(EVENTS[0])
    await new Promise(resolve => setTimeout(resolve, 100))
    expect([response?.complete, response?.destroyed, returned.length]).toEqual([false, false, 0])
    request.destroy()
    await expect.poll(() => returned.length).toBe(1)
  })

  it('sends the headers also when silence comes before the first event', async () => {
    const { port } = await serving({ ...STREAM, events: [] }, { ending: 'stall' })
    const request = httpRequest({ port, host: '127.0.0.1' })
    request.end()
    const [response]: IncomingMessage[] = await once(request, 'response')
    expect(response?.statusCode).toBe(200)
    request.destroy()
  })
})

describe('acceptsGzip', () => {
  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['br, GZIP', true],
    ['*', true],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
    ['gzip;q=0.001', true],
    ['*, gzip;q=0', false],
    ['gzip, *;q=0', true],
    ['identity', false],
  ])('%j is %s', (header, expected) => {
    expect(acceptsGzip(header)).toBe(expected)
  })
})

describe('checkTransport', () => {
  it('refuses writes of no bytes', () => {
    expect(() => checkTransport({ chunk: 0 })).toThrow('transport.chunk: expected a number of at')
    expect(() => checkTransport({ chunk: 1.5 })).toThrow('transport.chunk: expected a whole number')
    expect(() => checkTransport({ chunk: 1 })).not.toThrow()
    expect(() => checkTransport()).not.toThrow()
  })
})
