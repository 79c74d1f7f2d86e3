import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import { BlockOrder } from './block-order.ts'

/** What becomes of a stream: its events, mended, until a fault. */
function carried(events: readonly JsonObject[]) {
  const order = new BlockOrder()
  const out: JsonObject[] = []
  for (const event of events) {
    const data = JSON.stringify(event)
    const text = order.mend({ event: String(event['type']), data })
    if (order.fault) break
    if (text === undefined) out.push(event)
    else
      for (const one of text.split('\n\n').filter(Boolean))
        out.push(JSON.parse(one.slice(one.indexOf('data: ') + 6)))
  }
  return { out, fault: order.fault?.message }
}

const START = { type: 'message_start', message: { content: [] } }
const open = (index: number, type = 'text') => ({
  type: 'content_block_start',
  index,
  content_block: { type },
})
const delta = (index: number, text = 'x') => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'text_delta', text },
})
const close = (index: number) => ({ type: 'content_block_stop', index })
const END = { type: 'message_delta', delta: { stop_reason: 'end_turn' } }
const STOP = { type: 'message_stop' }
const RIGHT = [START, open(0), delta(0), close(0), open(1), delta(1), close(1), END, STOP]

describe('blocks of a stream that passes', () => {
  it('pass as they are where they are in order', () => {
    expect(carried(RIGHT)).toEqual({ out: RIGHT, fault: undefined })
    const order = new BlockOrder()
    for (const event of RIGHT)
      expect(order.mend({ event: '', data: JSON.stringify(event, null, 1) })).toBeUndefined()
  })

  it('are closed where the vendor forgot it', () => {
    const { out } = carried([START, open(0), delta(0), open(1), delta(1), END, STOP])
    expect(out).toEqual(RIGHT)
    expect(carried([START, open(0), delta(0), STOP]).out.at(-2)).toEqual(close(0))
  })

  it('count from 0, whatever the vendor calls them', () => {
    const odd = [open(3), delta(3), close(3), open(3), delta(3), close(3)]
    expect(carried([START, ...odd, END, STOP])).toEqual({ out: RIGHT, fault: undefined })
  })

  it('get an index where there is none, and keep exact numbers', () => {
    const bare = ({ index: _, ...event }: { index: number; type: string }) => event
    const { out } = carried([START, bare(open(0)), bare(delta(0)), bare(close(0)), END, STOP])
    expect(out).toEqual([START, open(0), delta(0), close(0), END, STOP])
    const order = new BlockOrder()
    const data = '{"type":"content_block_start","index":9,"content_block":{"type":"x","n":1.0}}'
    expect(order.mend({ event: '', data })).toContain('"n":1.0')
  })

  it('are closed once', () => {
    const { out } = carried([
      START,
      open(0),
      delta(0),
      close(0),
      close(0),
      close(7),
      ...RIGHT.slice(4),
    ])
    expect(out).toEqual(RIGHT)
  })

  it('cannot be mended where a delta has no block, or a second message begins', () => {
    expect(carried([START, open(0), delta(1)]).fault).toMatch(
      /a delta comes for block 1 that is not/,
    )
    expect(carried([START, open(0), close(0), delta(0)]).fault).toMatch(/block 0 that is not open/)
    expect(carried([START, open(0), START]).fault).toMatch(/a second message/)
    expect(carried([START, START, ...RIGHT.slice(1)]).fault).toBeUndefined()
  })

  it('count on behind those that an answer begins with, and end with it', () => {
    const start = { type: 'message_start', message: { content: [{ type: 'text' }] } }
    const rest = [start, open(1), delta(1), close(1), END, STOP]
    expect(carried(rest).out).toEqual(rest)
    expect(carried([...RIGHT, delta(9)]).fault).toBeUndefined()
  })
})
