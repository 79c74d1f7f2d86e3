import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../src/core/stream.ts'
import { protocolNamed } from '../../src/protocols/index.ts'
import { parseJson, stringifyJson } from '../../src/wire/json.ts'
import type { SseEvent } from '../../src/wire/sse.ts'
import { meaningFor } from '../answers.ts'
import {
  brokenLaw,
  contextFor,
  decodeStream,
  encodeStream,
  eventsOf,
  partsOf,
} from '../codec-runs.ts'
import { response, SPOKEN } from './arbitraries.ts'

describe.each(SPOKEN)('an answer in the words of %s', front => {
  const protocol = protocolNamed(front)

  it('means the same when it is read again', () => {
    fc.assert(
      fc.property(response, answer => {
        const text = stringifyJson(protocol.encodeResponse(answer, contextFor(protocol)))
        const again = protocol.decodeResponse(parseJson(text), {})
        expect(meaningFor(front, again, '')).toEqual(meaningFor(front, answer))
      }),
      { numRuns: 1500 },
    )
  })

  it('means the same streamed, in pieces of any size, and keeps the laws', () => {
    fc.assert(
      fc.property(response, fc.integer({ min: 1, max: 20 }), (answer, size) => {
        const parts = decodeStream(protocol, [encodeStream(protocol, partsOf(answer, size))])
        expect(brokenLaw(parts)).toBeUndefined()
        expect(meaningFor(front, assemble(parts), '')).toEqual(meaningFor(front, answer))
      }),
      { numRuns: 1500 },
    )
  })

  it('is the same answer whole and streamed', () => {
    fc.assert(
      fc.property(response, answer => {
        const text = stringifyJson(protocol.encodeResponse(answer, contextFor(protocol)))
        const whole = protocol.decodeResponse(parseJson(text), {})
        const streamed = assemble(decodeStream(protocol, [encodeStream(protocol, partsOf(answer))]))
        const { id, model, finish } = whole
        expect(streamed).toMatchObject({ id, model, finish: { kind: finish.kind } })
        expect(meaningFor(front, streamed, '')).toEqual(meaningFor(front, whole, ''))
      }),
      { numRuns: 1500 },
    )
  })

  it('is never ended by an error as if it were whole', () => {
    fc.assert(
      fc.property(response, fc.nat(), (answer, at) => {
        const parts = partsOf(answer)
        const cut = parts.slice(0, at % parts.length)
        // What follows a cut: the encoder is told that no more will come.
        const text = encodeStream(protocol, cut)
        expect(eventsOf([text]).filter(isEnd)).toEqual([])
        const again = decodeStream(protocol, [text])
        expect(brokenLaw(again)).toBeUndefined()
        expect(again.at(-1)?.type).toBe('error')
      }),
      { numRuns: 1000 },
    )
  })
})

/** Whether an event tells a client that the answer is whole. */
function isEnd({ event, data }: SseEvent): boolean {
  return (
    data === '[DONE]' ||
    event === 'message_stop' ||
    event === 'message_delta' ||
    /"finish_reason":"\w+"\}\]/.test(data)
  )
}
