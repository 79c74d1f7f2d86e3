import { EventStreamCodec } from '@smithy/eventstream-codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventStreamParser } from './event-stream.ts'
import type { SseEvent } from './sse.ts'

/** AWS's own codec writes; ours reads. */
const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString('utf8'),
  text => Buffer.from(text, 'utf8'),
)

function message(headers: { readonly [name: string]: string }, data: string): Buffer {
  const typed = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]),
  )
  return Buffer.from(codec.encode({ headers: typed, body: Buffer.from(data) }))
}

function event(type: string, data: string): Buffer {
  return message({ ':event-type': type, ':message-type': 'event' }, data)
}

function read(...chunks: Uint8Array[]): SseEvent[] {
  const parser = new EventStreamParser()
  const events: SseEvent[] = []
  for (const chunk of chunks) parser.push(Buffer.from(chunk), found => events.push(found))
  parser.end(found => events.push(found))
  return events
}

const STREAM = Buffer.concat([event('one', '{"a":"ä€😀"}'), event('two', ''), event('three', '{}')])
const EVENTS = [
  { event: 'one', data: '{"a":"ä€😀"}' },
  { event: 'two', data: '' },
  { event: 'three', data: '{}' },
]

describe('a binary event stream', () => {
  it('is read in one piece, byte by byte, and cut anywhere', () => {
    expect(read(STREAM)).toEqual(EVENTS)
    expect(read(...[...STREAM].map(byte => Uint8Array.of(byte)))).toEqual(EVENTS)
    for (let at = 0; at <= STREAM.length; at++)
      expect(read(STREAM.subarray(0, at), STREAM.subarray(at))).toEqual(EVENTS)
  })

  it("is what AWS's own codec writes, whatever it says", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }))),
        fc.integer({ min: 1, max: 40 }),
        (said, size) => {
          const bytes = Buffer.concat(said.map(([type, data]) => event(type, data)))
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.subarray(i * size, (i + 1) * size),
          )
          expect(read(...chunks)).toEqual(said.map(([type, data]) => ({ event: type, data })))
        },
      ),
      { numRuns: 100 },
    )
  })

  it('tells exceptions and errors from events', () => {
    const exception = message(
      { ':message-type': 'exception', ':exception-type': 'throttlingException' },
      '{"message":"slow"}',
    )
    const error = message(
      { ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'oh' },
      '',
    )
    expect(read(exception, error)).toEqual([
      { event: 'exception:throttlingException', data: '{"message":"slow"}' },
      { event: 'error:InternalFailure', data: '{"message":"oh"}' },
    ])
  })

  it('passes over headers of all other types', () => {
    const bytes = codec.encode({
      headers: {
        yes: { type: 'boolean', value: true },
        no: { type: 'boolean', value: false },
        byte: { type: 'byte', value: 1 },
        short: { type: 'short', value: 2 },
        integer: { type: 'integer', value: 3 },
        binary: { type: 'binary', value: Uint8Array.of(1, 2, 3) },
        time: { type: 'timestamp', value: new Date(0) },
        id: { type: 'uuid', value: '01234567-89ab-cdef-0123-456789abcdef' },
        ':event-type': { type: 'string', value: 'last' },
      },
      body: Buffer.from('{}'),
    })
    expect(read(bytes)).toEqual([{ event: 'last', data: '{}' }])
  })

  it('says of every flipped bit that the stream is broken, and reads no further', () => {
    const first = event('one', '{"a":1}')
    for (let bit = 0; bit < first.length * 8; bit++) {
      const broken = Buffer.from(first)
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(read(broken, event('two', '{}'))).toEqual([
        { event: 'framing:', data: expect.stringMatching(/check/) },
      ])
    }
  })

  it('gives out nothing of a message that was cut', () => {
    for (let at = 0; at < STREAM.length; at++) {
      const events = read(STREAM.subarray(0, at))
      expect(EVENTS.slice(0, events.length)).toEqual(events)
      expect(events.length).toBeLessThan(3)
    }
  })
})
