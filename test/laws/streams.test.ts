import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { protocolNamed } from '../../src/protocols/index.ts'
import { frame } from '../../src/wire/sse.ts'
import { brokenLaw, decodeStream, encodeStream, eventsOf, partsOf, recut } from '../codec-runs.ts'
import { response, SPOKEN, type Spoken } from './arbitraries.ts'
import { mutateJson } from './mutations.ts'

/** Events of the protocol that a real stream is made of, and some that none would be. */
const STRAY: { readonly [P in Spoken]: readonly string[] } = {
  'openai-chat': [
    '{"choices":[]}',
    '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":3,"function":{"arguments":"x"}}]}}]}',
    '{"choices":[{"index":0,"delta":{"tool_calls":[{"id":"","function":{"name":"f"}}]}}]}',
    '{"choices":[{"index":1,"delta":{"content":"other choice"}}]}',
    '{"choices":[{"index":0,"delta":null,"finish_reason":"stop"}]}',
    '{"error":{"message":"late"}}',
    '[DONE]',
    'null',
    '[]',
    '"text"',
    '{',
  ],
  anthropic: [
    '{"type":"ping"}',
    '{"type":"message_start","message":{}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text"}}',
    '{"type":"content_block_delta","index":9,"delta":{"type":"text_delta","text":"x"}}',
    '{"type":"content_block_stop","index":0}',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":null}',
    '{"type":"message_stop"}',
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    '{"type":"something_new","index":0}',
    'null',
    '{',
  ],
}

describe.each(SPOKEN)('a stream of %s', front => {
  const protocol = protocolNamed(front)
  const stream = response.map(answer => encodeStream(protocol, partsOf(answer, 5)))

  it('reads the same however it is cut', () => {
    fc.assert(
      fc.property(stream, fc.infiniteStream(fc.nat(40)), (text, sizes) => {
        const bytes = new TextEncoder().encode(text)
        const whole = decodeStream(protocol, [text])
        const cut = decodeStream(
          protocol,
          recut(bytes, () => sizes.next().value),
        )
        expect(cut).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the laws when it ends too early, and says so', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (text, at) => {
        const events = eventsOf([text])
        const kept = events.slice(0, at % events.length)
        const parts = decodeStream(
          protocol,
          kept.map(event => frame(event.data, event.event || undefined)),
        )
        expect(brokenLaw(parts)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the laws whatever a vendor makes of it', () => {
    const twist = fc.record({
      kind: fc.constantFrom('drop', 'repeat', 'swap', 'stray', 'mutate', 'garbage'),
      at: fc.nat(1000),
      other: fc.nat(1000),
      text: fc.string({ maxLength: 20 }).filter(text => !/[\r\n]/.test(text)),
    })
    fc.assert(
      fc.property(stream, fc.array(twist, { minLength: 1, maxLength: 6 }), (text, twists) => {
        const events = eventsOf([text]).map(event => ({ ...event }))
        for (const { kind, at, other, text: garbage } of twists) {
          const index = at % (events.length + 1)
          const event = events[index] ?? { event: '', data: '' }
          const stray = STRAY[front][other % STRAY[front].length] ?? ''
          if (kind === 'drop') events.splice(index, 1)
          else if (kind === 'repeat') events.splice(index, 0, { ...event })
          else if (kind === 'swap') events.push(...events.splice(index, 1))
          else if (kind === 'stray') events.splice(index, 0, { event: '', data: stray })
          else if (kind === 'mutate') event.data = mutateJson(event.data, other, garbage)
          else events.splice(index, 0, { event: garbage, data: garbage })
        }
        const parts = decodeStream(
          protocol,
          events.map(event => frame(event.data, event.event || undefined)),
        )
        expect(brokenLaw(parts)).toBeUndefined()
        expect(Object.keys(Object.prototype)).toEqual([])
        // What can be read can be said again, on either side.
        for (const name of SPOKEN) {
          const again = decodeStream(protocolNamed(name), [
            encodeStream(protocolNamed(name), parts),
          ])
          expect(brokenLaw(again)).toBeUndefined()
        }
      }),
      { numRuns: 3000, endOnFailure: true },
    )
  })

  it('keeps the laws on any bytes at all', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), chunks => {
        const parts = decodeStream(protocol, chunks)
        expect(brokenLaw(parts)).toBeUndefined()
        expect(parts.at(-1)?.type).toBe('error')
      }),
      { numRuns: 500 },
    )
  })
})
