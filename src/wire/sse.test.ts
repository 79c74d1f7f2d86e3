import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../core/error.ts'
import { frame, type SseEvent, SseParser } from './sse.ts'

function parse(chunks: Iterable<Uint8Array | string>): SseEvent[] {
  const parser = new SseParser()
  const events: SseEvent[] = []
  for (const chunk of chunks) parser.push(chunk, event => events.push(event))
  parser.end(event => events.push(event))
  return events
}

/** The whole text at once, as the standard describes it: slow, plain, and written on its own. */
function reference(text: string): SseEvent[] {
  const events: SseEvent[] = []
  let event = ''
  let data: string[] = []
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)
  for (const line of [...lines, '']) {
    if (line === '') {
      if (data.length > 0) events.push({ event, data: data.join('\n') })
      event = ''
      data = []
      continue
    }
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') data.push(value)
    if (name === 'event') event = value
  }
  return events
}

/** Bytes cut at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(places.map(at => at % (bytes.length + 1)))].sort((a, b) => a - b)
  const chunks: Uint8Array[] = []
  let from = 0
  for (const at of [...sorted, bytes.length]) {
    chunks.push(bytes.subarray(from, at))
    from = at
  }
  return chunks
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe('SseParser', () => {
  it('tells the id of an event with it, and of no other', () => {
    const text =
      'id: 1\ndata: a\n\nid\ndata: b\n\nid: 2\n\ndata: c\n\n:id: 3\nid:4\r\ndata:d\r\n\r\nid: 5\ndata: e'
    for (const size of [1, 3, text.length]) {
      const parser = new SseParser()
      const ids: (string | undefined)[] = []
      for (let at = 0; at < text.length; at += size)
        parser.push(text.slice(at, at + size), () => ids.push(parser.id))
      expect(ids).toEqual(['1', undefined, undefined, '4'])
    }
  })

  it('reads data with and without an event name, with and without the space', () => {
    expect(parse(['data: a\n\nevent: b\ndata:c\n\ndata:  d\n\n'])).toEqual([
      { event: '', data: 'a' },
      { event: 'b', data: 'c' },
      { event: '', data: ' d' },
    ])
  })

  it('joins data lines with a line feed, and keeps empty data', () => {
    expect(parse(['data: a\ndata\ndata:\ndata: b\n\ndata\n\ndata:\n\n'])).toEqual([
      { event: '', data: 'a\n\n\nb' },
      { event: '', data: '' },
      { event: '', data: '' },
    ])
  })

  it('passes over comments, ids, retry, unknown fields and events without data', () => {
    const text = ': OPENROUTER PROCESSING\n\nevent: ping\n\nid: 7\nretry: 10\nfoo: bar\ndata: x\n\n'
    expect(parse([text])).toEqual([{ event: '', data: 'x' }])
  })

  it('forgets the event name at each blank line, and at a bare event line', () => {
    expect(parse(['event: a\n\ndata: x\n\nevent: b\nevent\ndata: y\n\n'])).toEqual([
      { event: '', data: 'x' },
      { event: '', data: 'y' },
    ])
  })

  it.each(['\n', '\r\n', '\r'])('takes %j as the end of a line', end => {
    const text = ['event: a', 'data: 1', '', 'data: 2', 'data: 3', '', ''].join(end)
    expect(parse([text])).toEqual([
      { event: 'a', data: '1' },
      { event: '', data: '2\n3' },
    ])
  })

  it('takes mixed line ends, and a line feed that comes a chunk after its carriage return', () => {
    expect(parse(['data: 1\r', '\ndata: 2\r', '\r\n', 'data: 3\n\r'])).toEqual([
      { event: '', data: '1\n2' },
      { event: '', data: '3' },
    ])
  })

  it('leaves out a byte order mark at the start only', () => {
    expect(parse(['\ufeffdata: a\n\n\ufeffdata: b\n\n'])).toEqual([{ event: '', data: 'a' }])
    expect(parse([bytesOf('\ufeff').subarray(0, 2), bytesOf('\ufeff').subarray(2)])).toEqual([])
    expect(parse(cut(bytesOf('\ufeffdata: a\n\n'), [1, 2, 3]))).toEqual([{ event: '', data: 'a' }])
  })

  it.each(['data: a', 'data: a\n', 'data: a\r', 'data: a\r\n'])(
    'gives out an event without its blank line at the end: %j',
    text => {
      expect(parse([text])).toEqual([{ event: '', data: 'a' }])
    },
  )

  it('gives nothing for nothing', () => {
    expect(parse([])).toEqual([])
    expect(parse(['', new Uint8Array()])).toEqual([])
    expect(parse(['\n\n\r\n: only a comment'])).toEqual([])
  })

  it('reads the same whatever byte it is cut at', () => {
    const text =
      '\ufeff: hello\r\nevent: message_start\r\ndata: {"a":"žluť 🙂 \u2028"}\r\n\r\n' +
      'data: 日本\ndata\rdata: x\n\n\revent: e\n\nevent:f\ndata: 🙂\n\r\ndata: last'
    const bytes = bytesOf(text)
    const whole = reference(text)
    expect(whole).toHaveLength(4)
    for (let at = 0; at <= bytes.length; at++) {
      for (const second of [at, at + 1, at + 2])
        expect(parse(cut(bytes, [at, second]))).toEqual(whole)
    }
    expect(parse(Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(whole)
  })

  it('property: any text in any cut reads as the standard says', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n', ':', ' ', '\ufeff'),
      fc.constantFrom('data', 'data:', 'data: ', 'event: ', 'event', 'id: 1', ': comment'),
      fc.constantFrom('{"a":1}', 'ž', '🙂', '日', '[DONE]', '\u2028', '\u0000'),
      fc.string({ maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat()), (pieces, places) => {
        const text = pieces.join('')
        const bytes = bytesOf(text)
        const clean = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
        expect(parse(cut(bytes, places))).toEqual(reference(clean))
      }),
      { numRuns: 3000 },
    )
  })

  it('turns broken UTF-8 into replacement characters and goes on', () => {
    const bytes = Uint8Array.of(...bytesOf('data: a'), 0xff, 0xe2, 0x82, ...bytesOf('b\n\n'))
    for (let at = 0; at <= bytes.length; at++)
      expect(parse(cut(bytes, [at]))).toEqual([{ event: '', data: 'a\ufffd\ufffdb' }])
  })

  it('reads a view into a larger buffer', () => {
    const buffer = bytesOf('XXXdata: a\n\nYYY')
    expect(parse([buffer.subarray(3, buffer.length - 3)])).toEqual([{ event: '', data: 'a' }])
  })

  it('reads a line of 20 MB in chunks of 1 KB in linear time', () => {
    const chunk = new Uint8Array(1024).fill(97)
    const parser = new SseParser()
    const events: SseEvent[] = []
    const started = performance.now()
    parser.push('data: ', event => events.push(event))
    for (let i = 0; i < 20 * 1024; i++) parser.push(chunk, event => events.push(event))
    parser.end(event => events.push(event))
    expect(events).toHaveLength(1)
    expect(events[0]?.data).toHaveLength(20 * 1024 * 1024)
    // About 0.2 s; reading the line again for each chunk takes minutes.
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it.each(['\n', '\r', '\r\n'])('reads many lines in one chunk in linear time: %j', end => {
    const started = performance.now()
    expect(parse([`data: {"a":1}${end}${end}`.repeat(200_000)])).toHaveLength(200_000)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('refuses an event that never ends', () => {
    const chunk = 'x'.repeat(1024 * 1024)
    const error = (start: string) => {
      try {
        parse([start, ...Array.from({ length: 66 }, () => chunk)])
      } catch (thrown) {
        return thrown
      }
      return undefined
    }
    const thrown = error('data: ')
    expect(isToolgateError(thrown) && [thrown.code, thrown.origin]).toEqual([
      'vendor_contradiction',
      'vendor',
    ])
    expect(error(`data: ${chunk}\ndata: `)).toMatchObject({ code: 'vendor_contradiction' })
  })
})

describe('frame', () => {
  it('writes what the parser reads', () => {
    expect(frame('[DONE]')).toBe('data: [DONE]\n\n')
    expect(frame('{}', 'ping')).toBe('event: ping\ndata: {}\n\n')
    const line = fc.string().filter(text => !/[\r\n]/.test(text))
    fc.assert(
      fc.property(line, fc.option(line, { nil: undefined }), (data, event) => {
        expect(parse([`${frame(data, event)}${frame('next')}`])).toEqual([
          { event: event ?? '', data },
          { event: '', data: 'next' },
        ])
      }),
    )
  })
})
