import { ToolgateError } from '../core/error.ts'
import type { Loss } from '../core/loss.ts'
import type { EncodeContext, Front, StreamTap } from '../protocols/protocol.ts'
import { tryParseJson } from '../wire/json.ts'
import { frame, type SseEvent, SseParser } from '../wire/sse.ts'
import { inBand } from './in-band.ts'
import type { Pump, StreamFacts } from './pump.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** An event of more bytes than this is taken for a broken stream. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024
/** Bytes of a blank line that may stand before a chunk which has the last of them. */
const TAIL = 3
const NOTHING = Buffer.alloc(0)

const MENDED: Loss = {
  path: 'answer',
  what: "the order of the vendor's stream was mended",
  action: 'repaired',
  meaning: false,
}

/**
 * Passes whole events on as they are. Bytes of an event that is not complete are held back: no
 * client can use them, and should the vendor break off, the client gets a clean error in their place.
 * Once the answer is complete, however the stream ends, the client gets only what it still waits for.
 * A chunk with events that break the protocol's order is written anew, event by event.
 */
export class DirectPump implements Pump {
  readonly facts: StreamFacts = { usage: undefined, finish: undefined, calls: 0 }
  error: ToolgateError | undefined
  losses: readonly Loss[] = []
  readonly #tap: StreamTap
  readonly #front: Front
  readonly #context: EncodeContext
  readonly #parser = new SseParser()
  /** The beginning of an event that is not complete: joined once, when it is. */
  #held: Buffer[] = []
  #heldBytes = 0
  /** The last of it. */
  #tail: Buffer = NOTHING
  #isOver = false
  /** Events of the chunk so far, and what takes the place of some of them. */
  #events = 0
  #mended: Map<number, string> | undefined

  constructor(tap: StreamTap, front: Front, context: EncodeContext) {
    this.#tap = tap
    this.#front = front
    this.#context = context
  }

  readonly #look = (event: SseEvent) => {
    this.#tap.push(event)
    const { instead } = this.#tap
    if (instead !== undefined) {
      this.#mended ??= new Map()
      this.#mended.set(this.#events, instead)
    }
    this.#events++
  }

  push(chunk: Buffer): Buffer | string {
    if (this.#isOver) return ''
    const end = this.#held.length === 0 ? lastEventEnd(chunk) : this.#eventEndIn(chunk)
    if (end === 0) {
      this.#hold(chunk)
      return ''
    }
    const passed = end === chunk.length ? chunk : chunk.subarray(0, end)
    const whole = this.#held.length === 0 ? passed : Buffer.concat([...this.#held, passed])
    if (this.#held.length > 0) this.#letGo()
    if (end < chunk.length) this.#hold(chunk.subarray(end))
    this.#events = 0
    this.#parser.push(whole, this.#look)
    return this.#mended ? this.#rewritten(whole, this.#mended) : whole
  }

  /** Where the last event ends in a chunk; the blank line may begin in what is held. */
  #eventEndIn(chunk: Buffer): number {
    const end = lastEventEnd(Buffer.concat([this.#tail, chunk]))
    return end === 0 ? 0 : end - this.#tail.length
  }

  #letGo(): void {
    this.#held = []
    this.#heldBytes = 0
    this.#tail = NOTHING
  }

  /** @throws ToolgateError `vendor_contradiction` if an event grows beyond all measure. */
  #hold(bytes: Buffer): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    this.#tail = (bytes.length < TAIL ? Buffer.concat([this.#tail, bytes]) : bytes).subarray(-TAIL)
    if (this.#heldBytes <= MAX_EVENT_BYTES) return
    throw new ToolgateError(
      'vendor_contradiction',
      `The vendor sent an event of more than ${MAX_EVENT_BYTES} bytes.`,
      { origin: 'vendor' },
    )
  }

  end(): Buffer | string {
    if (this.#isOver) return ''
    const rest = this.#held.length === 0 ? undefined : Buffer.concat(this.#held)
    this.#letGo()
    let last = ''
    const look = (event: SseEvent) => {
      if (isTorn(event.data)) return
      this.#events = 0
      this.#look(event)
      // The blank line that the vendor left out: without it no client takes the event.
      last = this.#mended?.get(0) ?? `${rest?.toString() ?? ''}\n\n`
    }
    if (rest) this.#parser.push(rest, look)
    this.#parser.end(look)
    if (this.#mended) this.losses = [MENDED]
    return last + this.fail(this.#tap.fault ?? cut())
  }

  fail(error: ToolgateError): string {
    if (this.#isOver) return ''
    this.#isOver = true
    const tap = this.#tap
    this.facts.usage = tap.usage
    if (tap.complete) {
      this.facts.finish = tap.finish
      // The client has the vendor's own words for it; this is for the record.
      if (tap.failed) this.error = failed()
      return tap.owed ?? ''
    }
    this.error = error
    return tap.fail?.(error, this.#context) ?? inBand(error, this.#front, this.#context)
  }

  /** A chunk of whole events, with what takes the place of some; nothing passes behind a fault. */
  #rewritten(whole: Buffer, mended: Map<number, string>): string {
    this.#mended = undefined
    this.losses = [MENDED]
    const { fault } = this.#tap
    const last = fault ? Math.max(...mended.keys()) : Number.POSITIVE_INFINITY
    let out = ''
    let at = 0
    new SseParser().push(whole, ({ event, data }) => {
      if (at < last) out += mended.get(at) ?? frame(data.replaceAll('\n', ' '), event || undefined)
      at++
    })
    return fault ? out + this.fail(fault) : out
  }
}

/** Whether an event that its vendor did not end is only the beginning of one. */
function isTorn(data: string): boolean {
  return data.startsWith('{') && tryParseJson(data) === undefined
}

/** The place after the last blank line, or 0. */
function lastEventEnd(bytes: Buffer): number {
  for (let at = bytes.lastIndexOf(LINE_FEED); at > 0; at = bytes.lastIndexOf(LINE_FEED, at - 1)) {
    const before = bytes[at - 1]
    if (before === LINE_FEED) return at + 1
    if (before === CARRIAGE_RETURN && bytes[at - 2] === LINE_FEED) return at + 1
  }
  return 0
}

function failed(): ToolgateError {
  return new ToolgateError('vendor_error', "The vendor's stream ended with an error.", {
    origin: 'vendor',
  })
}

function cut(): ToolgateError {
  return new ToolgateError('stream_cut', "The vendor's stream ended before its last event.", {
    origin: 'vendor',
  })
}
