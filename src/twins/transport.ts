import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Random } from './random.ts'
import { readWhole } from './shape.ts'
import type { TwinReply } from './vendor.ts'

const compress = promisify(gzip)

/**
 * How a body is cut into writes. `event`: one write an event. `burst`: two to eight events a write.
 * `random`: at seeded bytes, also inside UTF-8 characters and line ends. `byte`: one byte a write.
 * A number: that many bytes a write. A whole (unstreamed) body goes out in one write with `event`
 * and `burst`. Each write is one HTTP chunk, so the client sees the cuts even without a delay.
 */
export type Chunking = 'event' | 'burst' | 'random' | 'byte' | number

/** How a twin's bytes go out. The default is fast: one write an event, and no timers. */
export interface Transport {
  /** Default `event`. */
  readonly chunk?: Chunking
  /** Milliseconds between writes; default none. */
  readonly delayMs?: number
  /** Milliseconds between the headers and the body's first byte; default none. */
  readonly firstByteMs?: number
  /** Whether whole bodies are compressed for clients that accept it; default no. */
  readonly gzip?: boolean
}

/** A transport with what a fault adds to it. */
export interface Delivery extends Transport {
  /** Milliseconds before the headers. */
  readonly headersMs?: number
  /** Bytes of the body after which nothing more is written. */
  readonly mostBytes?: number
  /** `end` is a clean end (default), `cut` ends the connection, `stall` leaves it open. */
  readonly ending?: 'end' | 'cut' | 'stall'
}

/**
 * Checks the one setting that types leave open.
 *
 * @throws InvalidInput if the bytes of a write are not a whole number of at least 1.
 */
export function checkTransport(transport: Transport = {}): void {
  if (typeof transport.chunk === 'number') readWhole(transport.chunk, 'transport.chunk', 1)
}

/**
 * Writes a reply and returns when all of it is handed over, or as soon as the client is gone.
 * Waits for the client to read. With the ending `stall` it returns when the connection closes.
 */
export async function deliver(
  response: ServerResponse,
  reply: TwinReply,
  delivery: Delivery,
  random: Random,
): Promise<void> {
  if (delivery.headersMs) await pause(response, delivery.headersMs)
  const whole = 'body' in reply ? await wholeBody(response, reply.body, delivery) : undefined
  if (response.destroyed) return
  response.statusCode = reply.status
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value)
  if (whole !== undefined && hasLength(whole, delivery)) {
    response.setHeader('content-length', Buffer.byteLength(whole))
  } else {
    // The framing is this function's business; a length given by the vendor would be wrong here.
    response.removeHeader('content-length')
  }
  if (delivery.firstByteMs) {
    response.flushHeaders()
    await pause(response, delivery.firstByteMs)
  }
  const pieces =
    'events' in reply
      ? streamPieces(reply.events, delivery, random, reply.binary)
      : wholePieces(whole ?? '', delivery, random)
  await write(response, limited(pieces, delivery.mostBytes), delivery)
}

/** Whether an `accept-encoding` header allows gzip; a word about gzip outweighs one about all. */
export function acceptsGzip(header: string | undefined): boolean {
  const allowed = new Map<string, boolean>()
  for (const item of (header ?? '').toLowerCase().split(',')) {
    const [coding = '', ...parameters] = item.split(';').map(part => part.trim())
    allowed.set(coding, !parameters.some(parameter => /^q=0(\.0*)?$/.test(parameter)))
  }
  return allowed.get('gzip') ?? allowed.get('x-gzip') ?? allowed.get('*') ?? false
}

/** The writes in which the events of a stream go out; `binary` ones are bytes, each a character. */
export function streamPieces(
  events: readonly string[],
  transport: Transport,
  random: Random,
  binary = false,
): readonly (string | Buffer)[] {
  const { chunk = 'event' } = transport
  const encoding = binary ? 'latin1' : 'utf8'
  if (chunk === 'event') return binary ? events.map(latin1) : events
  if (chunk !== 'burst') return bytePieces(Buffer.from(events.join(''), encoding), chunk, random)
  const pieces: string[] = []
  for (let at = 0; at < events.length; ) {
    const next = at + 2 + random.below(7)
    pieces.push(events.slice(at, next).join(''))
    at = next
  }
  return binary ? pieces.map(latin1) : pieces
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function wholePieces(
  body: string | Buffer,
  transport: Transport,
  random: Random,
): readonly (string | Buffer)[] {
  const { chunk = 'event' } = transport
  if (body.length === 0) return []
  if (chunk === 'event' || chunk === 'burst') return [body]
  return bytePieces(typeof body === 'string' ? Buffer.from(body) : body, chunk, random)
}

function bytePieces(bytes: Buffer, chunk: 'random' | 'byte' | number, random: Random): Buffer[] {
  const pieces: Buffer[] = []
  if (chunk !== 'random') {
    const size = chunk === 'byte' ? 1 : chunk
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
    return pieces
  }
  let start = 0
  for (let at = 1; at < bytes.length; at++) {
    if (random.next() >= cutChance(bytes[at - 1] ?? 0, bytes[at] ?? 0)) continue
    pieces.push(bytes.subarray(start, at))
    start = at
  }
  if (start < bytes.length) pieces.push(bytes.subarray(start))
  return pieces
}

/** Cuts fall most often where a careless reader breaks: inside a character and inside a line end. */
function cutChance(before: number, after: number): number {
  const insideCharacter = (after & 0xc0) === 0x80
  const insideLineEnd = (before === 0x0d || before === 0x0a) && after === 0x0a
  return insideCharacter || insideLineEnd ? 0.4 : 0.04
}

async function wholeBody(
  response: ServerResponse,
  body: string,
  delivery: Delivery,
): Promise<string | Buffer> {
  if (!delivery.gzip || body === '') return body
  response.setHeader('vary', 'accept-encoding')
  if (!acceptsGzip(response.req.headers['accept-encoding']?.toString())) return body
  response.setHeader('content-encoding', 'gzip')
  return compress(body)
}

/** A length is announced for a body in one write, unless a cut at its very end is to be seen. */
function hasLength(body: string | Buffer, { chunk = 'event', mostBytes }: Delivery): boolean {
  if (chunk !== 'event' && chunk !== 'burst') return false
  return mostBytes === undefined || mostBytes < Buffer.byteLength(body)
}

function limited(
  pieces: readonly (string | Buffer)[],
  most: number | undefined,
): readonly (string | Buffer)[] {
  if (most === undefined) return pieces
  const kept: Buffer[] = []
  let left = most
  for (const piece of pieces) {
    if (left === 0) break
    const bytes = (typeof piece === 'string' ? Buffer.from(piece) : piece).subarray(0, left)
    kept.push(bytes)
    left -= bytes.length
  }
  return kept
}

async function write(
  response: ServerResponse,
  pieces: readonly (string | Buffer)[],
  { delayMs, ending = 'end' }: Delivery,
): Promise<void> {
  const last = pieces.length - 1
  for (const [index, piece] of pieces.entries()) {
    if (index > 0 && delayMs) await pause(response, delayMs)
    if (response.destroyed) return
    // A body in one write goes out together with its headers.
    if (last === 0 && ending === 'end') break
    if (!response.write(piece)) await happens(response, 'drain')
  }
  if (response.destroyed) return
  if (ending === 'end') {
    response.end(last === 0 ? pieces[0] : undefined)
    return
  }
  if (!response.headersSent) response.flushHeaders()
  if (ending === 'cut') response.req.socket.destroySoon()
  else await happens(response, 'close')
}

/** Waits for an event of the response, or for the connection's end. */
function happens(response: ServerResponse, event: 'drain' | 'close'): Promise<void> {
  if (response.destroyed) return Promise.resolve()
  return new Promise(resolve => {
    const done = () => {
      response.off(event, done)
      response.off('close', done)
      resolve()
    }
    response.once(event, done)
    response.once('close', done)
  })
}

/** Waits, but not for a client that has left. */
function pause(response: ServerResponse, ms: number): Promise<void> {
  if (response.destroyed) return Promise.resolve()
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      response.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    response.once('close', done)
  })
}
