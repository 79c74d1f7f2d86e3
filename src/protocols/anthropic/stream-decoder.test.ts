import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../core/json.ts'
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

/** Assembled, the stream must be the same as the answer that was given whole. */
function sameAs(events: readonly (JsonObject | string)[], whole: JsonObject): void {
  const decoded = anthropic.decodeResponse({ ...MESSAGE, ...whole }, {})
  expect(assemble(parts(events))).toEqual(decoded)
  expect(assemble(parts(events, false))).toEqual(decoded)
}

describe('a stream', () => {
  it('is taken apart in order', () => {
    expect(
      parts([
        START,
        opened(0, { type: 'text', text: '' }),
        { type: 'ping' },
        delta(0, text('Hel')),
        delta(0, text('')),
        delta(0, text('lo')),
        closed(0),
        opened(1, callBlock('a')),
        delta(1, json('')),
        delta(1, json('{"a"')),
        delta(1, json(':1}')),
        closed(1),
        ended('tool_use'),
        STOP,
      ]),
    ).toEqual([
      { type: 'message-start', id: 'msg_1', model: 'claude' },
      { type: 'usage', usage: { input: 43, output: 1 } },
      { type: 'text-start', index: 0 },
      { type: 'text-delta', index: 0, text: 'Hel' },
      { type: 'text-delta', index: 0, text: 'lo' },
      { type: 'text-end', index: 0 },
      { type: 'tool-call-start', index: 1, id: 'a', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 1, text: '{"a"' },
      { type: 'tool-call-delta', index: 1, text: ':1}' },
      { type: 'tool-call-end', index: 1 },
      { type: 'usage', usage: { input: 43, output: 9 } },
      { type: 'message-end', finish: { kind: 'tool-calls', raw: 'tool_use' } },
    ])
  })

  it('equals the whole answer: text, thinking, calls, citations', () => {
    const citation = { type: 'char_location', cited_text: 'x' }
    sameAs(
      [
        START,
        opened(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'h' }),
        delta(0, { type: 'thinking_delta', thinking: 'm' }),
        delta(0, { type: 'signature_delta', signature: 'sig' }),
        closed(0),
        opened(1, { type: 'redacted_thinking', data: 'xyz' }),
        closed(1),
        opened(2, { type: 'text', text: '', citations: [] }),
        delta(2, text('a')),
        delta(2, { type: 'citations_delta', citation }),
        delta(2, { type: 'citations_delta', citation }),
        closed(2),
        opened(3, callBlock('t', { caller: { type: 'direct' } })),
        delta(3, json('{"n":12345678901234567890}')),
        closed(3),
        ended('tool_use', { usage: { input_tokens: 61, output_tokens: 9 } }),
        STOP,
      ],
      {
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'sig' },
          { type: 'redacted_thinking', data: 'xyz' },
          { type: 'text', text: 'a', citations: [citation, citation] },
          // Whole answers go through text to keep such a number; here the text is given.
          callBlock('t', { input: '{"n":12345678901234567890}', caller: { type: 'direct' } }),
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 61, output_tokens: 9 },
      },
    )
  })

  it('equals the whole answer: tools of the vendor and blocks yet unknown', () => {
    const result = { type: 'web_search_tool_result', tool_use_id: 's', content: [{ url: 'x' }] }
    sameAs(
      [
        START,
        opened(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
        delta(0, json('')),
        delta(0, json('{"query":')),
        delta(0, json('"x"}')),
        closed(0),
        opened(1, result),
        closed(1),
        opened(2, { type: 'compaction', content: '' }),
        delta(2, { type: 'compaction_delta', content: 'so ' }),
        delta(2, { type: 'compaction_delta', content: 'far', odd: 1 }),
        closed(2),
        ended('pause_turn'),
        STOP,
      ],
      {
        content: [
          { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } },
          result,
          { type: 'compaction', content: 'so far', odd: 1 },
        ],
        stop_reason: 'pause_turn',
        usage: { input_tokens: 43, output_tokens: 9 },
      },
    )
  })

  it('equals the whole answer: fields around the message', () => {
    const container = { id: 'c', expires_at: 'later' }
    sameAs(
      [
        { ...START, message: { ...MESSAGE, container: null, diagnostics: { a: 1 } } },
        {
          ...ended('stop_sequence'),
          delta: { stop_reason: 'stop_sequence', stop_sequence: 'END', container },
          context_management: { applied_edits: [] },
        },
        STOP,
      ],
      {
        container,
        diagnostics: { a: 1 },
        context_management: { applied_edits: [] },
        stop_reason: 'stop_sequence',
        stop_sequence: 'END',
        usage: { input_tokens: 43, output_tokens: 9 },
      },
    )
  })

  it('may be refused without a block', () => {
    const details = { type: 'refusal', category: 'cyber', explanation: null }
    sameAs(
      [
        START,
        { type: 'ping' },
        { ...ended('refusal'), delta: { stop_reason: 'refusal', stop_details: details } },
        STOP,
      ],
      {
        stop_reason: 'refusal',
        stop_details: details,
        usage: { input_tokens: 43, output_tokens: 9 },
      },
    )
  })

  it('restates its usage, the last value of each field counting', () => {
    const usage = (of: JsonObject) => ended('end_turn', { usage: of })
    const all = parts([
      { ...START, message: { ...MESSAGE, usage: { input_tokens: 43, service_tier: 'x' } } },
      usage({ output_tokens: 5, input_tokens: 61, cache_read_input_tokens: 8 }),
      usage({ output_tokens: 7, input_tokens: null, server_tool_use: null }),
      STOP,
    ])
    const usages = all.flatMap(part => (part.type === 'usage' ? [part.usage] : []))
    const extras = { anthropic: { service_tier: 'x' } }
    expect(usages).toEqual([
      { input: 43, output: 0, extras },
      { input: 69, output: 5, cached: 8, extras },
      { input: 69, output: 7, cached: 8, extras },
    ])
  })

  it('takes the last of several signatures, as the official client does', () => {
    const all = parts([
      START,
      opened(0, { type: 'thinking', thinking: '' }),
      delta(0, { type: 'signature_delta', signature: 'one' }),
      delta(0, { type: 'signature_delta', signature: 'two' }),
      closed(0),
      ended('end_turn'),
      STOP,
    ])
    expect(all).toContainEqual({
      type: 'reasoning-end',
      index: 0,
      state: { family: 'anthropic', kind: 'signature', data: 'two' },
    })
  })
})

describe('calls', () => {
  const args = (...events: JsonObject[]) =>
    parts([START, ...events, ended('tool_use'), STOP])
      .map(part => (part.type === 'tool-call-delta' ? part.text : ''))
      .join('')

  it('without arguments have an empty object', () => {
    expect(args(opened(0, callBlock('a')), delta(0, json('')), closed(0))).toBe('{}')
    expect(args(opened(0, callBlock('a')), closed(0))).toBe('{}')
    expect(args(opened(0, { type: 'tool_use', id: 'a', name: 'f' }), closed(0))).toBe('{}')
  })

  it('may bring their arguments along when they begin', () => {
    const block = callBlock('a', { input: { a: [1] } })
    expect(args(opened(0, block), closed(0))).toBe('{"a":[1]}')
    expect(args(opened(0, block), delta(0, json('')), closed(0))).toBe('{"a":[1]}')
    expect(args(opened(0, block), delta(0, json('{"b":2}')), closed(0))).toBe('{"b":2}')
    expect(args(opened(0, callBlock('a', { input: '{"a":1}' })), closed(0))).toBe('{"a":1}')
  })

  it('keep the numbers of such arguments', () => {
    const event =
      '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{"n":1.0,"m":12345678901234567890}}}'
    const all = parts([START, event, ended('tool_use'), STOP])
    expect(all).toContainEqual({
      type: 'tool-call-delta',
      index: 0,
      text: '{"n":1.0,"m":12345678901234567890}',
    })
  })

  it('are given out even if they are broken', () => {
    expect(args(opened(0, callBlock('a')), delta(0, json('{"a":')))).toBe('{"a":')
  })
})
