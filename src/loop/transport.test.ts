import { getEventListeners, once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { type Incoming, readWhole, send } from './transport.ts'

const open: Server[] = []
const sockets = new Set<Socket>()

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of open.splice(0)) server.close()
})

/** Listens, and tells each request that has come whole, with how many came on its connection. */
async function listen(answer: (socket: Socket, nth: number, text: string) => void) {
  const server = createServer(socket => {
    sockets.add(socket)
    let nth = 0
    let text = ''
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('data', chunk => {
      text += chunk
      const head = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1])
      if (head < 0 || text.length < head + 4 + length) return
      const whole = text
      text = ''
      answer(socket, ++nth, whole)
    })
  })
  open.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1`
}

const { signal } = new AbortController()

function ask(url: string, more: { signal?: AbortSignal; silenceMs?: number } = {}) {
  return send({
    url,
    headers: { 'x-mine': 'yes' },
    body: '{"é":1}',
    signal,
    silenceMs: 2000,
    ...more,
  })
}

const read = (incoming: Incoming) => readWhole(incoming, signal)

const whole = (body: string) =>
  `HTTP/1.1 200 OK\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: ${body.length}\r\n\r\n${body}`

describe('a request', () => {
  it('goes out with its length, and comes back with its headers', async () => {
    let seen = ''
    const url = await listen((socket, _, text) => {
      seen = text
      socket.write(whole('fine'))
    })
    const incoming = await ask(url)
    expect(incoming).toMatchObject({ status: 200, headers: { 'x-two': 'a, b' } })
    expect(await read(incoming)).toBe('fine')
    expect(seen).toMatch(/^POST \/v1 HTTP\/1\.1\r\n/)
    expect(seen).toMatch(/\r\nx-mine: yes\r\n/)
    expect(seen).toMatch(/\r\ncontent-length: 8\r\n/i)
    expect(seen).toMatch(/\r\nuser-agent: toolgate\r\n/)
  })

  it('goes again where a kept connection was closed under it, and only there', async () => {
    let requests = 0
    const url = await listen((socket, nth) => {
      requests++
      if (nth === 1) socket.write(whole('fine'))
      else socket.resetAndDestroy()
    })
    expect(await read(await ask(url))).toBe('fine')
    expect(await read(await ask(url))).toBe('fine')
    expect(requests).toBe(3)
    const gone = await listen(socket => {
      requests++
      socket.resetAndDestroy()
    })
    await expect(ask(gone)).rejects.toMatchObject({
      code: 'vendor_unreachable',
      message: 'The model could not be reached: the connection was reset.',
    })
    expect(requests).toBe(4)
  })

  it('is given up when the server is silent, before its headers and after', async () => {
    const mute = await listen(() => {})
    const late = { code: 'timeout', message: 'Timed out: the model fell silent.' }
    await expect(ask(mute, { silenceMs: 60 })).rejects.toMatchObject({ ...late, retryable: true })
    const half = await listen(socket => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
    })
    const incoming = await ask(half, { silenceMs: 60 })
    await expect(read(incoming)).rejects.toMatchObject({ ...late, retryable: false })
  })

  it('is not given up because nobody reads what has come', async () => {
    const url = await listen(socket => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n')
      socket.write('x'.repeat(200_000))
    })
    const incoming = await ask(url, { silenceMs: 60 })
    await sleep(250)
    expect(await read(incoming)).toHaveLength(200_000)
  })

  it('waits for ever where it may, and connects all the same', async () => {
    const url = await listen(socket => setTimeout(() => socket.write(whole('fine')), 100))
    for (const silenceMs of [Number.POSITIVE_INFINITY, 2 ** 40])
      expect(await read(await ask(url, { silenceMs }))).toBe('fine')
  })

  it('ends with its signal, before the headers and after', async () => {
    const url = await listen(socket => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
    })
    const mute = await listen(() => {})
    for (const at of [mute, url]) {
      const controller = new AbortController()
      const asked = ask(at, { signal: controller.signal }).then(incoming =>
        readWhole(incoming, controller.signal),
      )
      setTimeout(() => controller.abort(), 40)
      await expect(asked).rejects.toMatchObject({ code: 'client_closed' })
    }
    await expect(ask(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'client_closed',
    })
  })

  it('that was given up before its answer is read says so, and does not hang', async () => {
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'
    const slow = await listen(socket => socket.write(half))
    const controller = new AbortController()
    const incoming = await ask(slow, { signal: controller.signal })
    controller.abort()
    for (const wait of [0, 30]) {
      await sleep(wait)
      await expect(readWhole(incoming, controller.signal)).rejects.toMatchObject({
        code: 'client_closed',
      })
    }
    const cut = await listen(socket => socket.end(half))
    const answer = await ask(cut)
    await sleep(30)
    await expect(read(answer)).rejects.toMatchObject({ code: 'stream_cut' })
  })

  it('leaves nothing at its signal', async () => {
    const url = await listen(socket => socket.write(whole('fine')))
    const controller = new AbortController()
    expect(await read(await ask(url, { signal: controller.signal }))).toBe('fine')
    await sleep(0)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('that is answered by half or by nonsense says so', async () => {
    const cut = await listen(socket => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
    })
    await expect(ask(cut).then(read)).rejects.toMatchObject({
      code: 'stream_cut',
      message: "The model's answer broke off in the middle: the connection was reset.",
    })
    const chunked = await listen(socket => {
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n')
    })
    await expect(ask(chunked).then(read)).rejects.toMatchObject({ code: 'stream_cut' })
    const odd = await listen(socket => {
      socket.end('220 mail.test ESMTP\r\n')
    })
    await expect(ask(odd)).rejects.toMatchObject({
      code: 'vendor_unreachable',
      message: 'The model could not be reached: it does not speak HTTP.',
    })
  })

  it('that is answered with another protocol says so, and does not hang', async () => {
    const reset = { message: 'The model could not be reached: the connection was reset.' }
    const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'
    for (const isEnd of [false, true]) {
      const url = await listen(socket => (isEnd ? socket.end(head) : socket.write(head)))
      await expect(ask(url)).rejects.toMatchObject(reset)
    }
  })

  const packed = (encoding: string, body: Buffer, length = body.length) =>
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${length}\r\n\r\n`,
      ),
      body,
    ])

  it('that is answered in a pack is unpacked, though none was asked for', async () => {
    const text = 'é'.repeat(100_000)
    for (const [encoding, body] of [
      ['gzip', gzipSync(text)],
      ['X-GZIP', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['br', brotliCompressSync(text)],
      ['identity', Buffer.from(text)],
    ] as const) {
      const url = await listen(socket => socket.write(packed(encoding, body)))
      // Twice: the connection is whole, and kept.
      for (const _ of [1, 2]) expect(await read(await ask(url))).toBe(text)
    }
  })

  it('that is answered in a bad pack says so', async () => {
    const whole = gzipSync('x'.repeat(9999))
    const cases: [Buffer, RegExp][] = [
      [packed('gzip', Buffer.from('no gzip at all')), /it is packed badly\.$/],
      [packed('br', Buffer.from('no brotli at all')), /it is packed badly\.$/],
      [packed('gzip', whole.subarray(0, 20)), /it is packed badly\.$/],
      [packed('zstd', whole), /encoding that was not asked for: zstd\.$/],
      [packed('gzip', gzipSync(Buffer.alloc(65 * 1024 * 1024))), /more than 67108864 b/],
    ]
    for (const [answer, message] of cases) {
      const url = await listen(socket => socket.write(answer))
      await expect(ask(url).then(read)).rejects.toThrow(message)
    }
    const cut = await listen(socket => socket.end(packed('gzip', whole, whole.length + 5)))
    await expect(ask(cut).then(read)).rejects.toMatchObject({ code: 'stream_cut' })
    const silent = await listen(socket => socket.write(packed('gzip', whole.subarray(0, 9), 99)))
    await expect(ask(silent, { silenceMs: 60 }).then(read)).rejects.toMatchObject({
      code: 'timeout',
    })
    const controller = new AbortController()
    const aborted = ask(silent, controller).then(one => readWhole(one, controller.signal))
    setTimeout(() => controller.abort(), 40)
    await expect(aborted).rejects.toMatchObject({ code: 'client_closed' })
  })

  it('to an address where nobody listens, or that is no address, says so', async () => {
    const url = await listen(() => {})
    const [server] = open.splice(0)
    server?.close()
    await expect(ask(url)).rejects.toMatchObject({
      code: 'vendor_unreachable',
      message: 'The model could not be reached: the connection was refused.',
    })
    await expect(ask(url.replace('http', 'https'))).rejects.toMatchObject({
      code: 'vendor_unreachable',
    })
  })

  it('over TLS to a server without it says so', async () => {
    const url = await listen(socket => socket.write(whole('fine')))
    await expect(ask(url.replace('http', 'https'), { silenceMs: 500 })).rejects.toMatchObject({
      origin: 'gateway',
    })
  })
})
