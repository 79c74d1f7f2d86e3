import type { SseEvent } from './sse.ts'

/** Bytes of the prelude: the length of all, the length of the headers, and a check of the two. */
const PRELUDE = 12
const CHECK = 4
/** A longer message is taken for a broken stream. */
const MAX_MESSAGE = 64 * 1024 * 1024

/** Bytes of a header's value by its type; `undefined` where a length of two bytes stands before it. */
const VALUE_SIZES: { readonly [type: number]: number | undefined } = {
  0: 0,
  1: 0,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: undefined,
  7: undefined,
  8: 8,
  9: 16,
}
const STRING = 7

/**
 * Cuts bytes into the messages of a binary event stream, wherever the network cut them. An event has
 * its `:event-type` for a name. An exception has `exception:` before its type, and an error that is
 * none has `error:` before its code; what is no such framing becomes one `framing:` event that says
 * why, and nothing is read after it. Source: Smithy documentation, "Amazon event stream", 2.0.
 */
export class EventStreamParser {
  #held: Buffer[] = []
  #heldBytes = 0
  /** Bytes without which there is nothing to read: a prelude, or the whole of a message. */
  #needed = PRELUDE
  #isBroken = false

  /** Reads a chunk; each message it completes goes to `emit`. */
  push(chunk: Buffer, emit: (event: SseEvent) => void): void {
    if (this.#isBroken) return
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    if (this.#heldBytes < this.#needed) return
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held, this.#heldBytes)
    const read = this.#read(bytes, emit)
    const rest = read === bytes.length ? undefined : bytes.subarray(read)
    this.#held = rest ? [rest] : []
    this.#heldBytes = rest?.length ?? 0
  }

  /** Ends the stream. Bytes of a message that did not come whole are passed over: it is cut. */
  end(_emit: (event: SseEvent) => void): void {
    this.#held = []
  }

  /** Reads the whole messages of `bytes`; gives the place behind them. */
  #read(bytes: Buffer, emit: (event: SseEvent) => void): number {
    let at = 0
    while (bytes.length - at >= PRELUDE) {
      // Where the whole is needed, the prelude has been checked already.
      const why = this.#needed > PRELUDE ? undefined : faultIn(bytes, at)
      const end = at + bytes.readUInt32BE(at)
      this.#needed = end - at
      if (why === undefined && bytes.length < end) return at
      const event = why ?? readMessage(bytes.subarray(at, end))
      if (typeof event === 'string') {
        this.#isBroken = true
        emit({ event: 'framing:', data: event })
        return bytes.length
      }
      emit(event)
      this.#needed = PRELUDE
      at = end
    }
    return at
  }
}

function faultIn(bytes: Buffer, at: number): string | undefined {
  const length = bytes.readUInt32BE(at)
  const headers = bytes.readUInt32BE(at + 4)
  if (crc32(bytes, at, at + 8) !== bytes.readUInt32BE(at + 8)) return 'the check of a prelude fails'
  if (length > MAX_MESSAGE) return `a message of ${length} bytes is too long`
  return headers + PRELUDE + CHECK > length
    ? 'the headers are longer than their message'
    : undefined
}

/** The event in a whole message, or what is wrong with it. */
function readMessage(message: Buffer): SseEvent | string {
  const end = message.length - CHECK
  if (crc32(message, 0, end) !== message.readUInt32BE(end)) return 'the check of a message fails'
  const body = PRELUDE + message.readUInt32BE(4)
  const headers = readHeaders(message.subarray(PRELUDE, body))
  if (typeof headers === 'string') return headers
  const data = message.toString('utf8', body, end)
  switch (headers.get(':message-type')) {
    case 'exception':
      return { event: `exception:${headers.get(':exception-type') ?? ''}`, data }
    case 'error': {
      const text = JSON.stringify({ message: headers.get(':error-message') ?? data })
      return { event: `error:${headers.get(':error-code') ?? ''}`, data: text }
    }
    default:
      return { event: headers.get(':event-type') ?? '', data }
  }
}

/** The headers whose values are strings; the others are passed over. */
function readHeaders(bytes: Buffer): Map<string, string> | string {
  const headers = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + (bytes[at] ?? 0)
    const name = bytes.toString('utf8', at + 1, nameEnd)
    const type = bytes[nameEnd]
    if (type === undefined || !(type in VALUE_SIZES)) return 'a header has no type that is known'
    let from = nameEnd + 1
    let size = VALUE_SIZES[type]
    if (size === undefined) {
      if (from + 2 > bytes.length) return 'a header is cut off'
      size = bytes.readUInt16BE(from)
      from += 2
    }
    at = from + size
    if (at > bytes.length) return 'a header is cut off'
    if (type === STRING) headers.set(name, bytes.toString('utf8', from, at))
  }
  return headers
}

let table: Uint32Array | undefined

/** Made when the first binary stream comes: nobody else pays for it. */
function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    return value
  })
}

/** CRC-32 as in IEEE 802.3, of the bytes between two places. */
function crc32(bytes: Buffer, from: number, to: number): number {
  table ??= crcTable()
  let value = 0xffffffff
  for (let at = from; at < to; at++)
    value = (table[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}
