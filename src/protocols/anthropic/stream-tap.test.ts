import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import { anthropic } from './index.ts'

function tap(events: readonly JsonObject[], names = true) {
  const watching = anthropic.streamTap()
  for (const event of events) {
    watching.push({ event: names ? String(event['type']) : '', data: JSON.stringify(event) })
  }
  return { complete: watching.complete, usage: watching.usage, finish: watching.finish }
}

const START = {
  type: 'message_start',
  message: { content: [], usage: { input_tokens: 10, cache_read_input_tokens: 5 } },
}
const CALL = { type: 'content_block_start', index: 0, content_block: { type: 'tool_use' } }
const TEXT = { type: 'content_block_start', index: 0, content_block: { type: 'text' } }
const DELTA = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } }
const END = {
  type: 'message_delta',
  delta: { stop_reason: 'end_turn' },
  usage: { output_tokens: 7 },
}
const STOP = { type: 'message_stop' }

describe('the tap', () => {
  it('learns usage and finish, with names of events and without', () => {
    const learned = {
      complete: true,
      usage: { input: 15, output: 7, cached: 5 },
      finish: 'tool-calls',
    }
    expect(tap([START, CALL, DELTA, END, STOP])).toEqual(learned)
    expect(tap([START, CALL, DELTA, END, STOP], false)).toEqual(learned)
    expect(tap([START, TEXT, DELTA, END, STOP]).finish).toBe('stop')
  })

  it('knows a stream that was cut', () => {
    expect(tap([START, DELTA])).toEqual({
      complete: false,
      usage: { input: 15, output: 0, cached: 5 },
      finish: undefined,
    })
    expect(tap([])).toEqual({ complete: false, usage: undefined, finish: undefined })
  })

  it('takes a stop reason for an end, as the decoder does', () => {
    expect(tap([START, END]).complete).toBe(true)
    expect(tap([START, { ...END, delta: { stop_reason: null } }]).complete).toBe(false)
  })

  it('takes an error for an end', () => {
    expect(tap([START, { type: 'error', error: {} }])).toMatchObject({
      complete: true,
      finish: undefined,
    })
  })

  it('knows an answer that is whole from its start', () => {
    const message = { content: [{ type: 'tool_use' }], stop_reason: 'tool_use' }
    expect(tap([{ type: 'message_start', message }, STOP])).toMatchObject({
      complete: true,
      finish: 'tool-calls',
    })
  })

  it('is not confused by what it cannot read, nor by a second stream', () => {
    const watching = anthropic.streamTap()
    watching.push({ event: '', data: '{broken' })
    watching.push({ event: '', data: '[DONE]' })
    watching.push({ event: 'message_start', data: '{"type":"message_start","message":5}' })
    watching.push({ event: 'message_delta', data: '{"delta":5,"usage":5}' })
    expect(watching.complete).toBe(false)
    expect(tap([START, END, STOP, START, { ...END, usage: { output_tokens: 99 } }]).usage).toEqual({
      input: 15,
      output: 7,
      cached: 5,
    })
  })
})
