import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { assemble, type StreamPart } from '../../core/stream.ts'
import { anthropic } from './index.ts'

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 43, output_tokens: 1 },
}
const START = { type: 'message_start', message: MESSAGE }
const STOP = { type: 'message_stop' }
const opened = (index: number, block: JsonObject) => ({
  type: 'content_block_start',
  index,
  content_block: block,
})
const delta = (index: number, of: Json) => ({ type: 'content_block_delta', index, delta: of })
const closed = (index: number) => ({ type: 'content_block_stop', index })
const ended = (reason: string | null, more: JsonObject = {}) => ({
  type: 'message_delta',
  delta: { stop_reason: reason, stop_sequence: null },
  usage: { output_tokens: 9 },
  ...more,
})
const text = (words: string) => ({ type: 'text_delta', text: words })
const json = (piece: string) => ({ type: 'input_json_delta', partial_json: piece })
const callBlock = (id: string, more: JsonObject = {}) => ({
  type: 'tool_use',
  id,
  name: 'f',
  input: {},
  ...more,
})

/** The parts of a stream whose events are objects, or raw data. */
function parts(events: readonly (JsonObject | string)[], names = true): StreamPart[] {
  const decoder = anthropic.streamDecoder({})
  const out: StreamPart[] = []
  for (const event of events) {
    const data = typeof event === 'string' ? event : JSON.stringify(event)
    const name = typeof event === 'string' || !names ? '' : String(event['type'])
    decoder.push({ event: name, data }, part => out.push(part))
  }
  decoder.end(part => out.push(part))
  return out
}

/** The error that a stream ends with; nothing may come behind it. */
function failure(events: readonly (JsonObject | string)[]): string {
  const all = parts(events)
  const last = all.at(-1)
  if (last?.type !== 'error') throw new Error(`no error, but ${JSON.stringify(last)}`)
  expect(all.filter(part => part.type === 'error' || part.type === 'message-end')).toHaveLength(1)
  expect(isToolgateError(last.error)).toBe(true)
  return `${last.error.code}: ${last.error.message}`
}

/** Assembled, the stream must be the same as the answer that was given whole. */
function sameAs(events: readonly (JsonObject | string)[], whole: JsonObject): void {
  const decoded = anthropic.decodeResponse({ ...MESSAGE, ...whole }, {})
  expect(assemble(parts(events))).toEqual(decoded)
  expect(assemble(parts(events, false))).toEqual(decoded)
}

describe('what compatible vendors do', () => {
  const TEXT = { type: 'text', text: '' }
  const said = (events: readonly (JsonObject | string)[]) => {
    const { content, finish } = assemble(parts(events))
    return [content.map(part => ('text' in part ? part.text : part.type)), finish.kind]
  }

  it('is forgiven: padding, [DONE], no event names, unknown events, comments as data', () => {
    const end =
      '{"type":"message_delta","delta":{"stop_reason":"end_turn"  },"usage":{"output_tokens":9}  }'
    expect(
      said([
        START,
        { type: 'brand_new', index: 0 },
        opened(0, TEXT),
        '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}      }',
        '',
        delta(0, { type: 'brand_new_delta', x: 1 }),
        delta(0, null),
        closed(0),
        end,
        '{"type":"message_stop"      }',
        '[DONE]',
      ]),
    ).toEqual([['a'], 'stop'])
  })

  it('is forgiven: blocks that are never closed', () => {
    expect(
      said([
        START,
        opened(0, TEXT),
        delta(0, text('a')),
        opened(1, callBlock('c')),
        ended('tool_use'),
        STOP,
      ]),
    ).toEqual([['a', 'tool-call'], 'tool-calls'])
    expect(said([START, opened(0, TEXT), delta(0, text('a')), STOP])).toEqual([['a'], 'other'])
  })

  it('is forgiven: indices that repeat, skip or are missing', () => {
    const bare = ({ index: _, ...event }: JsonObject) => event
    expect(
      said([
        START,
        opened(7, TEXT),
        delta(7, text('a')),
        closed(7),
        opened(7, TEXT),
        delta(7, text('b')),
        closed(3),
        delta(7, text('c')),
        closed(7),
        bare(opened(0, TEXT)),
        bare(delta(0, text('d'))),
        bare(closed(0)),
        closed(0),
        ended('end_turn'),
        STOP,
      ]),
    ).toEqual([['a', 'bc', 'd'], 'stop'])
  })

  it('is forgiven: text with the start of a block, thinking and text in one', () => {
    expect(
      said([
        START,
        opened(0, { type: 'thinking', thinking: 'h' }),
        delta(0, { type: 'thinking_delta', thinking: 'm' }),
        delta(0, text('a')),
        delta(0, text('b')),
        delta(0, { type: 'thinking_delta', thinking: 'x' }),
        closed(0),
        opened(1, { type: 'text', text: 'c' }),
        closed(1),
        ended('end_turn'),
        STOP,
      ]),
    ).toEqual([['hm', 'ab', 'x', 'c'], 'stop'])
  })

  it('is forgiven: a start that is missing or said twice', () => {
    expect(said([opened(0, TEXT), delta(0, text('a')), ended('end_turn'), STOP])).toEqual([
      ['a'],
      'stop',
    ])
    expect(said([START, START, opened(0, TEXT), delta(0, text('a')), ended('end_turn')])).toEqual([
      ['a'],
      'stop',
    ])
    expect(said([STOP])).toEqual([[], 'other'])
    expect(said([{ type: 'message_start' }, ended('end_turn')])).toEqual([[], 'stop'])
  })

  it('is forgiven: an end without message_stop', () => {
    expect(
      said([START, opened(0, TEXT), delta(0, text('a')), closed(0), ended('max_tokens')]),
    ).toEqual([['a'], 'length'])
  })

  it('may begin with blocks that are whole, and end at once', () => {
    const block = callBlock('a', { input: { a: 1 }, caller: { type: 'direct' } })
    const message = { ...MESSAGE, content: [block], stop_reason: 'tool_use' }
    sameAs([{ ...START, message }, STOP], { content: [block], stop_reason: 'tool_use' })
    const all = parts([
      { ...START, message: { ...MESSAGE, content: [{ type: 'text', text: 'a' }, block] } },
      opened(0, TEXT),
      delta(0, text('b')),
      ended('end_turn'),
      STOP,
    ])
    expect(assemble(all)).toMatchObject({
      content: [{ text: 'a' }, { id: 'a' }, { text: 'b' }],
      finish: { kind: 'tool-calls' },
    })
  })
})

describe('failures', () => {
  it('in the stream end it', () => {
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    expect(failure([START, overloaded, STOP])).toBe('overloaded: Overloaded')
    expect(failure([START, { error: { message: 'slow down', code: 429 } }])).toBe(
      'rate_limit: slow down',
    )
    const decoder = anthropic.streamDecoder({})
    const out: StreamPart[] = []
    decoder.push({ event: 'error', data: 'upstream reset' }, part => out.push(part))
    expect(out).toMatchObject([{ type: 'error', error: { message: 'upstream reset' } }])
  })

  it.each<[(JsonObject | string)[], string]>([
    [[], "stream_cut: The vendor's stream was cut before message_start."],
    [[START], "stream_cut: The vendor's stream was cut before message_delta and message_stop."],
    [
      [START, opened(0, { type: 'text', text: '' }), delta(0, text('a'))],
      "stream_cut: The vendor's stream was cut in the middle of block 0, before message_delta and message_stop.",
    ],
    [
      [START, '{"type":"content_bl'],
      "stream_cut: The vendor's stream was cut before message_delta and message_stop.",
    ],
    [
      [START, ended(null)],
      "stream_cut: The vendor's stream was cut before message_delta and message_stop.",
    ],
  ])('by a cut are named: %j', (events, message) => {
    expect(failure(events)).toBe(message)
  })

  it.each<[JsonObject[], string]>([
    [[delta(0, text('a'))], 'a delta comes for block 0 that is not open'],
    [
      [opened(0, { type: 'text' }), closed(0), delta(0, text('a'))],
      'a delta comes for block 0 that is not open',
    ],
    [
      [opened(0, { type: 'text' }), delta(1, text('a'))],
      'a delta comes for block 1 that is not open',
    ],
    [[opened(0, callBlock('a')), delta(0, text('a'))], 'text comes for block 0, which is a call'],
    [
      [opened(0, callBlock('a')), delta(0, { type: 'thinking_delta', thinking: 'a' })],
      'thinking comes for block 0, which is a call',
    ],
    [
      [opened(0, { type: 'text' }), delta(0, json('{}'))],
      'arguments come for block 0, which is no call',
    ],
    [[{ type: 'content_block_start', index: 0 }], 'a block begins without saying what it is'],
    [
      [opened(0, { type: 'text', text: 'a' }), { ...START, message: { ...MESSAGE, id: 'msg_2' } }],
      'a second message begins inside the first',
    ],
  ])('by a contradiction are named: %j', (events, why) => {
    expect(failure([START, ...events, ended('end_turn'), STOP])).toBe(
      `vendor_contradiction: The vendor's answer cannot be read: ${why}.`,
    )
  })

  it('by an event that is no JSON are named', () => {
    expect(failure([START, 'nonsense', STOP])).toBe(
      "vendor_contradiction: The vendor's answer cannot be read: an event is no JSON: nonsense.",
    )
    expect(failure([START, '[1]', STOP])).toContain('an event is no JSON')
  })

  it('by nesting without end are no crash', () => {
    const deep = `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`
    const block = `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":${deep}}}`
    expect(failure([START, block, closed(0), ended('tool_use'), STOP])).toContain('too deeply')
    const message = `{"type":"message_start","message":{"content":[{"type":"tool_use","input":${deep}}]}}`
    expect(failure([message, STOP])).toContain('too deeply')
    const odd = opened(0, { type: 'odd' })
    const growth = `{"type":"content_block_delta","index":0,"delta":{"type":"x","a":${deep}}}`
    expect(failure([START, odd, growth])).toContain('too deeply')
    const citing = `{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":${deep}}}`
    expect(failure([START, opened(0, { type: 'text' }), citing])).toContain('too deeply')
    const served = opened(0, { type: 'server_tool_use', input: {} })
    const { content } = assemble(parts([START, served, delta(0, json(deep)), ended('end_turn')]))
    expect(content).toMatchObject([{ value: { input: deep } }])
    const cut = `{"a":"${'x'.repeat(5000)}`
    const half = assemble(parts([START, served, delta(0, json(cut)), ended('max_tokens')]))
    expect(half.content).toMatchObject([{ value: { input: cut } }])
  })
})

describe('the laws', () => {
  it('hold for events in any order', () => {
    const pool: (JsonObject | string)[] = [
      START,
      STOP,
      { type: 'ping' },
      opened(0, { type: 'text', text: 'x' }),
      opened(1, callBlock('a')),
      opened(2, { type: 'thinking', thinking: '' }),
      opened(3, { type: 'odd' }),
      ...[0, 1, 2, 3].flatMap(index => [
        delta(index, text('t')),
        delta(index, json('{')),
        closed(index),
      ]),
      ended('end_turn'),
      ended(null),
      '{broken',
      { type: 'message_delta' },
    ]
    let seed = 7
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    for (let run = 0; run < 2000; run++) {
      const events = Array.from({ length: next(9) }, () => pool[next(pool.length)] ?? 'x')
      const all = parts(events)
      const last = all.at(-1)
      if (last?.type === 'error') {
        expect(all.filter(part => part.type === 'message-end')).toEqual([])
      } else expect(() => assemble(all)).not.toThrow()
    }
  })

  it('hold for values of any type', () => {
    const odd: Json[] = [null, 1, 'x', [], {}, [null], { toString: null, constructor: 1 }]
    for (const value of odd) {
      for (const type of ['message_start', 'content_block_start', 'message_delta', 'error']) {
        const event: JsonObject = { type, message: value, content_block: value, delta: value }
        event['usage'] = value
        event['error'] = value
        expect(() => parts([event, { ...event, index: value }, STOP])).not.toThrow()
      }
      const inner = isObject(value) ? value : { type: value, text: value, input: value }
      expect(() => parts([START, opened(0, inner), delta(0, inner), closed(0), STOP])).not.toThrow()
      expect(() => parts([START, { ...delta(1, inner), index: value }, STOP])).not.toThrow()
    }
  })
})
