import { describe, expect, it } from 'vitest'
import { isToolgateError, ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { AssistantPart } from '../../core/message.ts'
import type { ModelResponse } from '../../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../../core/stream.ts'
import { SseParser } from '../../wire/sse.ts'
import type { EncodeContext } from '../protocol.ts'
import { openaiResponses } from './index.ts'

const request = openaiResponses.decodeRequest({ model: 'm', input: 'x' }, { headers: {} })

function context(): EncodeContext {
  let count = 0
  return { requestId: 'r', now: 7, request, newId: prefix => `${prefix}${++count}` }
}

function decodeText(text: string): StreamPart[] {
  const parts: StreamPart[] = []
  const decoder = openaiResponses.streamDecoder({})
  const emit = (part: StreamPart) => parts.push(part)
  const parser = new SseParser()
  const feed = (event: { event: string; data: string }) => decoder.push(event, emit)
  parser.push(text, feed)
  parser.end(feed)
  decoder.end(emit)
  return parts
}

function decode(events: readonly JsonObject[]): StreamPart[] {
  return decodeText(events.map(event => `data: ${JSON.stringify(event)}\n\n`).join(''))
}

function encode(parts: readonly StreamPart[]): string {
  let text = ''
  const encoder = openaiResponses.streamEncoder(context())
  const emit = (more: string) => {
    text += more
  }
  for (const part of parts) encoder.push(part, emit)
  encoder.end(emit)
  return text
}

function eventsOf(text: string): JsonObject[] {
  const events: JsonObject[] = []
  const parser = new SseParser()
  parser.push(text, ({ event, data }) => {
    const wire: Json = JSON.parse(data)
    if (!isObject(wire)) throw new Error('no object')
    expect(wire['type']).toBe(event)
    events.push(wire)
  })
  return events
}

function failure(parts: readonly StreamPart[]): ToolgateError {
  const last = parts.at(-1)
  if (last?.type !== 'error' || !isToolgateError(last.error)) throw new Error('no error')
  return last.error
}

const CREATED = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'm', created_at: 5, status: 'in_progress' },
}
const CALL = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f' }
const ADDED = {
  type: 'response.output_item.added',
  output_index: 0,
  item: { ...CALL, arguments: '', status: 'in_progress' },
}

function delta(text: string, index = 0): JsonObject {
  return {
    type: 'response.function_call_arguments.delta',
    item_id: `fc_${index + 1}`,
    output_index: index,
    delta: text,
  }
}

function completed(output: Json[], more: JsonObject = {}): JsonObject {
  const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 }
  const response = { id: 'resp_1', model: 'm', created_at: 5, status: 'completed', output, usage }
  return { type: 'response.completed', response: { ...response, ...more } }
}

const DONE_CALL = { ...CALL, arguments: '{"a":1}', status: 'completed' }

describe('stream decoder', () => {
  it.each([
    ['deltas', [ADDED, delta('{"a"'), delta(':1}')]],
    [
      'the done event alone',
      [
        ADDED,
        { ...delta(''), type: 'response.function_call_arguments.done', arguments: '{"a":1}' },
      ],
    ],
    [
      'the item at its end',
      [ADDED, { type: 'response.output_item.done', output_index: 0, item: DONE_CALL }],
    ],
    ['the answer at its end', [ADDED]],
    ['an item that never began', []],
    ['ids that change on the way', [ADDED, { ...delta('{"a":1}'), item_id: 'other' }]],
  ])('reads a call from %s', (_name, events) => {
    const last = completed([DONE_CALL])
    const folded = assemble(decode([CREATED, ...events, last]))
    expect(folded).toEqual(openaiResponses.decodeResponse(last['response'] ?? null, {}))
    expect(folded.content).toMatchObject([{ id: 'call_1', arguments: '{"a":1}' }])
    expect(folded.finish).toEqual({ kind: 'tool-calls', raw: 'completed' })
  })

  it('keeps interleaved calls apart', () => {
    const second = { ...ADDED, output_index: 1, item: { ...CALL, id: 'fc_2', call_id: 'call_2' } }
    const folded = assemble(
      decode([
        CREATED,
        ADDED,
        second,
        delta('{"a"'),
        delta('{"b"', 1),
        delta(':1}'),
        delta(':2}', 1),
        completed([]),
      ]),
    )
    expect(folded.content).toMatchObject([{ arguments: '{"a":1}' }, { arguments: '{"b":2}' }])
  })

  it('refuses arguments that change at the end', () => {
    const done = { type: 'response.output_item.done', output_index: 0, item: DONE_CALL }
    expect(failure(decode([CREATED, ADDED, delta('{"z"'), done])).code).toBe('vendor_contradiction')
  })

  it('reads what has a summary, words and a refusal as the whole answer does', () => {
    const reasoning = {
      type: 'reasoning',
      id: 'rs_1',
      summary: [
        { type: 'summary_text', text: 'one' },
        { type: 'summary_text', text: 'two' },
      ],
      encrypted_content: 'gAAA',
    }
    const message = {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [
        { type: 'output_text', text: 'hi', annotations: [{ type: 'url_citation' }] },
        { type: 'refusal', refusal: 'no' },
      ],
    }
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed' }
    const place = { item_id: 'rs_1', output_index: 0 }
    const words = { item_id: 'msg_1', output_index: 2 }
    const last = completed([reasoning, search, message], { service_tier: 'default' })
    const folded = assemble(
      decode([
        CREATED,
        {
          type: 'response.output_item.added',
          output_index: 0,
          item: { ...reasoning, summary: [] },
        },
        { type: 'response.reasoning_summary_text.delta', ...place, summary_index: 0, delta: 'one' },
        { type: 'response.reasoning_summary_text.delta', ...place, summary_index: 1, delta: 'two' },
        { type: 'response.output_item.done', output_index: 0, item: reasoning },
        { type: 'response.output_item.added', output_index: 1, item: search },
        { type: 'response.web_search_call.completed', item_id: 'ws_1', output_index: 1 },
        { type: 'response.output_item.done', output_index: 1, item: search },
        {
          type: 'response.output_item.added',
          output_index: 2,
          item: { ...message, content: [], status: 'in_progress' },
        },
        {
          type: 'response.content_part.added',
          ...words,
          content_index: 0,
          part: { type: 'output_text', text: '' },
        },
        { type: 'response.output_text.delta', ...words, content_index: 0, delta: 'hi' },
        {
          type: 'response.content_part.done',
          ...words,
          content_index: 0,
          part: message.content[0] ?? null,
        },
        { type: 'response.refusal.delta', ...words, content_index: 1, delta: 'no' },
        { type: 'response.output_item.done', output_index: 2, item: message },
        last,
      ]),
    )
    expect(folded).toEqual(openaiResponses.decodeResponse(last['response'] ?? null, {}))
    expect(folded.content.map(({ type }) => type)).toEqual([
      'reasoning',
      'opaque',
      'text',
      'refusal',
    ])
    expect(folded.finish.kind).toBe('refusal')
  })

  it.each([
    ['flat', { type: 'error', code: 'rate_limit_exceeded', message: 'slow', param: null }],
    [
      'nested',
      { type: 'error', error: { type: 'tokens', code: 'rate_limit_exceeded', message: 'slow' } },
    ],
    [
      'failed',
      {
        type: 'response.failed',
        response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'slow' } },
      },
    ],
  ])('reads a %s error', (_name, event) => {
    const error = failure(decode([CREATED, event, completed([])]))
    expect(error).toMatchObject({ code: 'rate_limit', message: 'slow', origin: 'vendor' })
  })

  it('tells that a stream was cut', () => {
    expect(failure(decode([CREATED, ADDED])).code).toBe('stream_cut')
    expect(failure(decodeText(`data: ${JSON.stringify(CREATED)}\n\ndata: {"ty`)).code).toBe(
      'stream_cut',
    )
    expect(failure(decodeText('')).code).toBe('stream_cut')
  })

  it('passes over [DONE] and what it does not know', () => {
    const text = [CREATED, { type: 'response.new_thing' }, completed([])]
      .map(event => `data: ${JSON.stringify(event)}\n\n`)
      .join('')
    expect(assemble(decodeText(`${text}data: [DONE]\n\n`)).finish.kind).toBe('stop')
  })

  it('reads an answer that was cut off', () => {
    const event = completed([], {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
    const { finish } = assemble(decode([CREATED, { ...event, type: 'response.incomplete' }]))
    expect(finish).toEqual({ kind: 'length', raw: 'max_output_tokens' })
  })
})

const ANSWER: ModelResponse = {
  id: 'resp_1',
  model: 'm',
  created: 5,
  content: [
    {
      type: 'reasoning',
      text: 'hm',
      state: { family: 'anthropic', kind: 'signature', data: 'a:b' },
    },
    { type: 'text', text: 'let me see' },
    { type: 'tool-call', id: 'a', name: 'f', arguments: '', kind: 'function' },
    { type: 'tool-call', id: 'b', name: 'g', arguments: 'select 1', kind: 'custom' },
  ],
  finish: { kind: 'tool-calls', raw: 'tool_use' },
  usage: { input: 3, output: 4 },
}

/** A part without what the codec notes for itself. */
function bare(part: AssistantPart): object {
  const { extras: _extras, ...rest }: { extras?: unknown; type: string } = part
  return rest
}

describe('stream encoder', () => {
  it('writes the events of the vendor in their order, numbered from 0', () => {
    const events = eventsOf(encode(disassemble(ANSWER)))
    expect(events.map(event => event['sequence_number'])).toEqual(events.map((_, i) => i))
    expect(events.map(({ type }) => String(type).replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
      'completed',
    ])
  })

  it('ends with the whole answer, which is the one that is written whole', () => {
    const last = eventsOf(encode(disassemble(ANSWER))).at(-1)?.['response']
    const whole = openaiResponses.encodeResponse(ANSWER, context())
    expect(last).toEqual(whole)
    expect(whole).toMatchObject({ status: 'completed', store: false, object: 'response' })
  })

  it('is read again as what it was, with the state of another family', () => {
    const { content } = assemble(decodeText(encode(disassemble(ANSWER))))
    expect(content.map(bare)).toEqual([
      ANSWER.content[0],
      ANSWER.content[1],
      { ...ANSWER.content[2], arguments: '{}' },
      ANSWER.content[3],
    ])
  })

  it('puts interleaved blocks one after the other', () => {
    const start = { type: 'tool-call-start', name: 'f', kind: 'function' } as const
    const text = encode([
      { type: 'message-start', id: '', model: '' },
      { ...start, index: 0, id: 'a' },
      { ...start, index: 1, id: 'b' },
      { type: 'tool-call-delta', index: 1, text: '{"b":2}' },
      { type: 'tool-call-delta', index: 0, text: '{"a":1}' },
      { type: 'tool-call-end', index: 1 },
      { type: 'tool-call-end', index: 0 },
      { type: 'message-end', finish: { kind: 'tool-calls', raw: 'x' } },
    ])
    const places = eventsOf(text).flatMap(event => event['output_index'] ?? [])
    expect(places).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
  })

  it('tells an error in an event of its own, then fails', () => {
    const error = new ToolgateError('overloaded', 'busy')
    const events = eventsOf(
      encode([
        { type: 'message-start', id: '', model: '' },
        { type: 'text-start', index: 0 },
        { type: 'error', error },
      ]),
    )
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', message: 'busy', error: { message: 'busy' } },
      { type: 'response.failed', response: { status: 'failed', error: { message: 'busy' } } },
    ])
    const read = failure(decodeText(encode([{ type: 'error', error }])))
    expect(read.message).toBe('busy')
  })

  it('says that an answer was cut off', () => {
    const cut = {
      ...ANSWER,
      content: ANSWER.content.slice(0, 2),
      finish: { kind: 'length', raw: 'x' } as const,
    }
    const last = eventsOf(encode(disassemble(cut))).at(-1)
    expect(last).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{}, { status: 'incomplete' }],
      },
    })
    expect(last?.['response']).toEqual(openaiResponses.encodeResponse(cut, context()))
  })
})

describe('stream tap', () => {
  it.each([true, false])('knows how it ended, named events or not (%s)', named => {
    const tap = openaiResponses.streamTap()
    for (const event of [CREATED, ADDED, delta('"response.completed"'), completed([DONE_CALL])]) {
      expect(tap.complete).toBe(false)
      tap.push({ event: named ? String(event.type) : '', data: JSON.stringify(event) })
    }
    expect(tap).toMatchObject({
      complete: true,
      usage: { input: 3, output: 4 },
      finish: 'tool-calls',
    })
  })

  it('takes an error for an end', () => {
    const tap = openaiResponses.streamTap()
    tap.push({ event: 'error', data: '{"type":"error"}' })
    expect(tap).toMatchObject({ complete: true, finish: undefined })
  })

  it('goes on from the last number, and fails the response that was begun', () => {
    const tap = openaiResponses.streamTap()
    const events = [
      { ...CREATED, response: { id: 'resp_1', status: 'in_progress', output: [] } },
      { type: 'response.output_item.done', item: DONE_CALL },
      delta('x'),
    ]
    for (const [index, event] of events.entries())
      tap.push({ event: '', data: JSON.stringify({ ...event, sequence_number: index + 40 }) })
    const error = new ToolgateError('stream_cut', 'cut')
    expect(eventsOf(tap.fail?.(error, context()) ?? '')).toMatchObject([
      { type: 'error', message: 'cut', sequence_number: 43 },
      {
        type: 'response.failed',
        response: {
          id: 'resp_1',
          status: 'failed',
          error: { message: 'cut' },
          output: [DONE_CALL],
        },
        sequence_number: 44,
      },
    ])
  })
})

describe('whole answers', () => {
  it('refuses what failed or holds no output', () => {
    const failed = { status: 'failed', error: { code: 'server_error', message: 'oh' }, output: [] }
    expect(() => openaiResponses.decodeResponse(failed, {})).toThrow('oh')
    expect(() => openaiResponses.decodeResponse({}, {})).toThrow('no output')
    expect(() => openaiResponses.decodeResponse({ output: [{ ...CALL, name: '' }] }, {})).toThrow(
      'without a name',
    )
  })

  it('keeps both ids of an item', () => {
    const last = completed([DONE_CALL])['response'] ?? null
    const response = openaiResponses.decodeResponse(last, {})
    const { output } = Object(openaiResponses.encodeResponse(response, context()))
    expect(output).toEqual([DONE_CALL])
  })
})
