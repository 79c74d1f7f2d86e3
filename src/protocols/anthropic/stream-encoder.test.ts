import { describe, expect, it } from 'vitest'
import { ToolgateError } from '../../core/error.ts'
import type { ModelResponse } from '../../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../../core/stream.ts'
import { SseParser } from '../../wire/sse.ts'
import type { EncodeContext } from '../protocol.ts'
import { anthropic } from './index.ts'

const CONTEXT: EncodeContext = {
  requestId: 'req_1',
  now: 1,
  request: {
    protocol: 'anthropic',
    model: 'asked',
    messages: [],
    tools: [],
    stream: true,
    bound: [],
  },
  newId: (prefix, length) => prefix.padEnd(length, 'x'),
}

const START: StreamPart = { type: 'message-start', id: 'msg_1', model: 'claude' }
const END: StreamPart = { type: 'message-end', finish: { kind: 'stop', raw: 'stop' } }

function encode(parts: readonly StreamPart[]): string {
  let out = ''
  const encoder = anthropic.streamEncoder(CONTEXT)
  const emit = (text: string) => {
    out += text
  }
  for (const part of parts) encoder.push(part, emit)
  encoder.end(emit)
  return out
}

interface WireEvent {
  readonly type: string
  readonly index?: number
  readonly content_block?: { readonly type: string }
  readonly delta?: {
    readonly type?: string
    readonly text?: string
    readonly thinking?: string
    readonly partial_json?: string
  }
}

/** The events of a stream, as name and parsed data; the two must agree. */
function events(parts: readonly StreamPart[]): WireEvent[] {
  const found: WireEvent[] = []
  const parser = new SseParser()
  const read = (event: { event: string; data: string }) => {
    const data = JSON.parse(event.data)
    expect(data.type).toBe(event.event)
    found.push(data)
  }
  parser.push(encode(parts), read)
  parser.end(read)
  return found
}

/** A stream as short words: which block opened, got what, closed. */
function outline(parts: readonly StreamPart[]): string[] {
  return events(parts).map(event => {
    const { type, index, content_block: block, delta } = event
    if (block) return `${index} ${block.type}`
    if (type === 'content_block_stop') return `${index} stop`
    if (type !== 'content_block_delta') return type
    return `${index} ${delta?.text ?? delta?.partial_json ?? delta?.thinking ?? delta?.type}`
  })
}

const call = (index: number, id: string): StreamPart => ({
  type: 'tool-call-start',
  index,
  id,
  name: 'f',
  kind: 'function',
})
const args = (index: number, text: string): StreamPart => ({ type: 'tool-call-delta', index, text })
const callEnd = (index: number): StreamPart => ({ type: 'tool-call-end', index })

describe('a stream', () => {
  it('is written in the vendor’s events', () => {
    expect(
      events([
        START,
        { type: 'text-start', index: 0 },
        { type: 'text-delta', index: 0, text: 'a "b"\n' },
        { type: 'text-end', index: 0 },
        call(1, 'toolu_1'),
        args(1, '{"a"'),
        args(1, ':1.0}'),
        callEnd(1),
        { type: 'usage', usage: { input: 12, output: 7, cached: 2, reasoning: 3 } },
        { type: 'message-end', finish: { kind: 'tool-calls', raw: 'tool_calls' } },
      ]),
    ).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'claude',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          stop_details: null,
          usage: {
            input_tokens: 0,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 0,
            output_tokens: 0,
          },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a "b"\n' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: '' },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: '{"a"' },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: ':1.0}' },
      },
      { type: 'content_block_stop', index: 1 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null },
        usage: {
          input_tokens: 10,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 2,
          output_tokens: 7,
          output_tokens_details: { thinking_tokens: 3 },
        },
      },
      { type: 'message_stop' },
    ])
  })

  it('is framed with names, one event a block of lines', () => {
    expect(encode([START, END])).toMatch(
      /^event: message_start\ndata: \{.*\}\n\nevent: message_delta\ndata: \{.*\}\n\nevent: message_stop\ndata: \{"type":"message_stop"\}\n\n$/,
    )
  })

  it('tells at its start the usage that is known by then', () => {
    const usage: StreamPart = { type: 'usage', usage: { input: 9, output: 1 } }
    const [start] = events([START, usage, END])
    expect(start).toMatchObject({ message: { usage: { input_tokens: 9, output_tokens: 1 } } })
  })

  it('has an id and a model of its own where the vendor’s have another form', () => {
    const [start] = events([{ ...START, id: 'chatcmpl-1', model: '' }, END])
    expect(start).toMatchObject({ message: { id: `msg_${'x'.repeat(20)}`, model: 'asked' } })
  })

  it('may hold nothing', () => {
    expect(outline([START, END])).toEqual(['message_start', 'message_delta', 'message_stop'])
  })

  it('writes no piece of arguments that is white space before them', () => {
    const blank = [START, call(0, 'a'), args(0, ' '), callEnd(0), END]
    expect(outline(blank).filter(word => word.startsWith('0'))).toEqual([
      '0 tool_use',
      '0 ',
      '0 stop',
    ])
    const late = [START, call(0, 'a'), args(0, '\n'), args(0, '{"a": '), args(0, ' 1}'), callEnd(0)]
    expect(outline(late).slice(2, 5)).toEqual(['0 ', '0 {"a": ', '0  1}'])
  })

  it('opens no block for nothing', () => {
    expect(
      outline([
        START,
        { type: 'reasoning-start', index: 0 },
        { type: 'reasoning-delta', index: 0, text: '' },
        { type: 'reasoning-end', index: 0 },
        { type: 'text-start', index: 1 },
        { type: 'text-end', index: 1 },
        { type: 'text-start', index: 2 },
        { type: 'text-delta', index: 2, text: 'a' },
        { type: 'text-end', index: 2 },
        END,
      ]),
    ).toEqual(['message_start', '0 text', '0 a', '0 stop', 'message_delta', 'message_stop'])
  })

  it('writes thinking with its signature, and what nobody may read', () => {
    const state = { family: 'anthropic', kind: 'signature', data: 'sig' } as const
    const foreign = { family: 'google', kind: 'signature', data: 'g' } as const
    const found = events([
      START,
      { type: 'reasoning-start', index: 0 },
      { type: 'reasoning-delta', index: 0, text: 'hm' },
      { type: 'reasoning-end', index: 0, state },
      { type: 'reasoning-start', index: 1 },
      { type: 'reasoning-end', index: 1, state: { ...state, kind: 'redacted' } },
      { type: 'reasoning-start', index: 2 },
      { type: 'reasoning-end', index: 2, state: foreign },
      { type: 'reasoning-start', index: 3 },
      { type: 'reasoning-delta', index: 3, text: 'plain' },
      { type: 'reasoning-end', index: 3 },
      END,
    ]).filter(event => event.type.startsWith('content_block_') && !event.type.endsWith('stop'))
    expect(found.map(event => event.content_block ?? event.delta)).toEqual([
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking: 'hm' },
      { type: 'signature_delta', signature: 'sig' },
      { type: 'redacted_thinking', data: 'sig' },
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'signature_delta', signature: 'tg1.google.signature..g' },
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking: 'plain' },
    ])
  })

  it('writes what it knows of its own', () => {
    const value = { type: 'web_search_tool_result', tool_use_id: 's', content: [] }
    const extras = { anthropic: { caller: { type: 'direct' } } }
    const citation = { type: 'char_location' }
    const found = events([
      { ...START, extras: { anthropic: { diagnostics: 1 } } },
      {
        type: 'opaque',
        index: 0,
        part: { type: 'opaque', protocol: 'anthropic', kind: value.type, value },
      },
      { ...{ type: 'tool-call-start', index: 1, id: 'a', name: 'f', kind: 'function' }, extras },
      callEnd(1),
      { type: 'text-start', index: 2 },
      { type: 'text-end', index: 2, extras: { anthropic: { citations: [citation] } } },
      { ...END, extras: { anthropic: { container: { id: 'c' }, context_management: {} } } },
    ])
    expect(found).toMatchObject([
      { message: { diagnostics: 1 } },
      { content_block: value },
      { type: 'content_block_stop', index: 0 },
      { content_block: { type: 'tool_use', caller: { type: 'direct' } } },
      { delta: { partial_json: '' } },
      { type: 'content_block_stop', index: 1 },
      { content_block: { type: 'text' } },
      { delta: { type: 'citations_delta', citation } },
      { type: 'content_block_stop', index: 2 },
      { delta: { container: { id: 'c' } }, context_management: {} },
      {},
    ])
  })

  it('leaves out what belongs to others, and says of a picture that there was one', () => {
    const foreign = { type: 'opaque', protocol: 'gemini', kind: 'x', value: {} } as const
    const image = { type: 'image', source: { kind: 'url', url: 'https://x' } } as const
    expect(
      outline([
        START,
        { type: 'opaque', index: 0, part: foreign },
        { type: 'opaque', index: 1, part: image },
        END,
      ]),
    ).toEqual(['message_start', '0 text', '0 stop', 'message_delta', 'message_stop'])
  })

  it('says that the model declined, if it did in words', () => {
    const refusal: StreamPart = { type: 'text-start', index: 0, refusal: true }
    const words: StreamPart = { type: 'text-delta', index: 0, text: 'no' }
    const all = events([START, refusal, words, { type: 'text-end', index: 0 }, END])
    expect(all.at(-2)).toMatchObject({ delta: { stop_reason: 'refusal' } })
  })

  it('gives a free text to a client that knows only objects', () => {
    const found = events([
      START,
      { type: 'tool-call-start', index: 0, id: 'a', name: 'f', kind: 'custom' },
      args(0, 'say "hi"'),
      args(0, '\n'),
      callEnd(0),
      END,
    ])
    const text = found.map(event => event.delta?.partial_json ?? '').join('')
    expect(JSON.parse(text)).toEqual({ input: 'say "hi"\n' })
  })
})

describe('calls side by side', () => {
  it('are written one behind the other', () => {
    expect(
      outline([
        START,
        call(0, 'a'),
        call(1, 'b'),
        args(1, 'b1'),
        args(0, 'a1'),
        args(1, 'b2'),
        callEnd(1),
        args(0, 'a2'),
        callEnd(0),
        END,
      ]),
    ).toEqual([
      'message_start',
      '0 tool_use',
      '0 ',
      '0 a1',
      '0 a2',
      '0 stop',
      '1 tool_use',
      '1 ',
      '1 b1',
      '1 b2',
      '1 stop',
      'message_delta',
      'message_stop',
    ])
  })

  it('go on live once the first has closed', () => {
    expect(
      outline([
        START,
        call(0, 'a'),
        call(1, 'b'),
        call(2, 'c'),
        args(1, 'b1'),
        callEnd(0),
        args(2, 'c1'),
        args(1, 'b2'),
        callEnd(2),
        callEnd(1),
        { type: 'text-start', index: 3 },
        { type: 'text-delta', index: 3, text: 't' },
        { type: 'text-end', index: 3 },
        END,
      ]).slice(1, -2),
    ).toEqual([
      ...['0 tool_use', '0 ', '0 stop', '1 tool_use', '1 ', '1 b1', '1 b2', '1 stop'],
      ...['2 tool_use', '2 ', '2 c1', '2 stop', '3 text', '3 t', '3 stop'],
    ])
  })
})

describe('failures', () => {
  const error = new ToolgateError('overloaded', 'Overloaded', { origin: 'vendor' })
  const wire = {
    type: 'error',
    error: { type: 'overloaded_error', message: 'Overloaded' },
    request_id: 'req_1',
  }

  it('end the stream in the vendor’s form', () => {
    const found = events([
      START,
      { type: 'text-start', index: 0 },
      { type: 'text-delta', index: 0, text: 'a' },
      { type: 'error', error },
      END,
    ])
    expect(found.at(-1)).toEqual(wire)
    expect(found.map(event => event.type)).not.toContain('message_stop')
  })

  it('before the answer are all there is', () => {
    expect(events([{ type: 'error', error }])).toEqual([wire])
    expect(events([START, { type: 'error', error }])).toEqual([wire])
  })

  it('include an end without an end, and a call that nobody can read', () => {
    expect(events([START, call(0, 'a')]).at(-1)).toMatchObject({
      type: 'error',
      error: { type: 'api_error', message: 'The stream ended before its answer was complete.' },
    })
    const finish = { kind: 'malformed-call', raw: 'x' } as const
    expect(events([START, { type: 'message-end', finish }]).at(-1)).toMatchObject({
      type: 'error',
      error: { type: 'api_error' },
    })
  })
})

const ANSWER: ModelResponse = {
  id: 'msg_1',
  model: 'claude',
  content: [
    {
      type: 'reasoning',
      text: 'hm',
      state: { family: 'anthropic', kind: 'signature', data: 'sig' },
    },
    { type: 'reasoning', text: '', state: { family: 'anthropic', kind: 'redacted', data: 'x' } },
    { type: 'text', text: 'Ünïcödé \u2028 🙂', extras: { anthropic: { citations: [{ a: 1 }] } } },
    { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '{"a":1}', kind: 'function' },
    { type: 'tool-call', id: 'toolu_2', name: 'g', arguments: '{}', kind: 'function' },
  ],
  finish: { kind: 'tool-calls', raw: 'tool_use' },
  usage: { input: 12, output: 7, cached: 2, cacheWrite: 0, reasoning: 3 },
}

describe('both ways', () => {
  it('give the same answer', () => {
    const parts: StreamPart[] = []
    const decoder = anthropic.streamDecoder({})
    const parser = new SseParser()
    const emit = (part: StreamPart) => parts.push(part)
    const push = (event: { event: string; data: string }) => decoder.push(event, emit)
    parser.push(encode(disassemble(ANSWER)), push)
    parser.end(push)
    decoder.end(emit)
    expect(assemble(parts)).toEqual(ANSWER)
    expect(anthropic.decodeResponse(anthropic.encodeResponse(ANSWER, CONTEXT), {})).toEqual(ANSWER)
  })
})
