import { describe, expect, it } from 'vitest'
import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ModelRequest } from '../../core/request.ts'
import type { ModelResponse } from '../../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../../core/stream.ts'
import { SseParser } from '../../wire/sse.ts'
import type { EncodeContext } from '../protocol.ts'
import { decodeRequest } from './request-decode.ts'
import { ChatStreamDecoder } from './stream-decoder.ts'
import { ChatStreamEncoder } from './stream-encoder.ts'

const START: StreamPart = { type: 'message-start', id: 'chatcmpl-1', model: 'm', created: 5 }
const STOP: StreamPart = { type: 'message-end', finish: { kind: 'stop', raw: 'stop' } }

function request(more: JsonObject = {}): ModelRequest {
  return decodeRequest({ model: 'asked', messages: [{ role: 'user', content: 'x' }], ...more })
}

function write(parts: readonly StreamPart[], asked: ModelRequest = request()): string {
  const context: EncodeContext = {
    requestId: 'req_1',
    now: 9,
    request: asked,
    newId: (prefix, length) => prefix + 'x'.repeat(length - prefix.length),
  }
  let text = ''
  const encoder = new ChatStreamEncoder(context)
  const emit = (more: string) => {
    text += more
  }
  for (const part of parts) encoder.push(part, emit)
  encoder.end(emit)
  return text
}

/** The chunks of a stream, parsed; `[DONE]` as it is. */
function chunks(parts: readonly StreamPart[], asked?: ModelRequest): Json[] {
  return write(parts, asked)
    .split('\n\n')
    .filter(event => event !== '')
    .map(event => {
      expect(event).toMatch(/^data: /)
      const data = event.slice(6)
      return data === '[DONE]' ? data : JSON.parse(data)
    })
}

/** The deltas of the first choice, with the finish of the last chunk. */
function deltas(parts: readonly StreamPart[], asked?: ModelRequest): Json[] {
  return chunks(parts, asked).flatMap(chunk => {
    const choices = isObject(chunk) ? chunk['choices'] : undefined
    const choice = Array.isArray(choices) ? choices[0] : undefined
    if (!isObject(choice)) return []
    return choice['finish_reason'] === null
      ? [choice['delta'] ?? null]
      : [choice['finish_reason'] ?? null]
  })
}

const text = (index: number, ...pieces: string[]): StreamPart[] => [
  { type: 'text-start', index },
  ...pieces.map(piece => ({ type: 'text-delta', index, text: piece }) as const),
  { type: 'text-end', index },
]
const call = (index: number, id: string, ...pieces: string[]): StreamPart[] => [
  { type: 'tool-call-start', index, id, name: 'f', kind: 'function' },
  ...pieces.map(piece => ({ type: 'tool-call-delta', index, text: piece }) as const),
  { type: 'tool-call-end', index },
]
const NULL_ROLE = { role: 'assistant', content: null, refusal: null }

describe('a stream', () => {
  it('of text is what OpenAI sends', () => {
    const common = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 5, model: 'm' }
    const one = (delta: JsonObject, finish: string | null = null) => ({
      ...common,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    })
    expect(chunks([START, ...text(0, 'Hé', '"\n'), STOP])).toEqual([
      one({ role: 'assistant', content: '', refusal: null }),
      one({ content: 'Hé' }),
      one({ content: '"\n' }),
      one({}, 'stop'),
      '[DONE]',
    ])
  })

  it('of calls counts calls alone, from 0', () => {
    const parts: StreamPart[] = [
      START,
      ...text(0, 'hi'),
      ...call(1, 'a', '{"x"', ':1}'),
      ...call(2, 'b'),
    ]
    expect(
      deltas([...parts, { type: 'message-end', finish: { kind: 'tool-calls', raw: '' } }]),
    ).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'hi' },
      {
        tool_calls: [
          { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      {
        tool_calls: [
          { index: 1, id: 'b', type: 'function', function: { name: 'f', arguments: '' } },
        ],
      },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      'tool_calls',
    ])
  })

  it('begins with null content where no text comes first', () => {
    expect(deltas([START, ...call(0, 'a', '{}'), STOP])[0]).toEqual(NULL_ROLE)
    expect(
      deltas([
        START,
        { type: 'text-start', index: 0, refusal: true },
        { type: 'text-delta', index: 0, text: 'no' },
        { type: 'text-end', index: 0 },
        { type: 'message-end', finish: { kind: 'refusal', raw: '' } },
      ]),
    ).toEqual([NULL_ROLE, { refusal: 'no' }, 'stop'])
    expect(deltas([START, STOP])).toEqual([
      { role: 'assistant', content: '', refusal: null },
      'stop',
    ])
  })

  it('keeps interleaved calls apart by their index', () => {
    expect(
      deltas([
        START,
        { type: 'tool-call-start', index: 0, id: 'a', name: 'f', kind: 'function' },
        { type: 'tool-call-start', index: 1, id: 'b', name: 'g', kind: 'custom' },
        { type: 'tool-call-delta', index: 0, text: '{' },
        { type: 'tool-call-delta', index: 1, text: 'free' },
        { type: 'tool-call-delta', index: 0, text: '}' },
        { type: 'tool-call-end', index: 0 },
        { type: 'tool-call-end', index: 1 },
        STOP,
      ]).slice(1, -1),
    ).toEqual([
      {
        tool_calls: [
          { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
        ],
      },
      { tool_calls: [{ index: 1, id: 'b', type: 'custom', custom: { name: 'g', input: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{' } }] },
      { tool_calls: [{ index: 1, custom: { input: 'free' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '}' } }] },
    ])
  })

  it('gives reasoning in deltas, and each block whole with its signature', () => {
    const state = { family: 'anthropic', kind: 'signature', data: 'S' } as const
    expect(
      deltas([
        START,
        { type: 'reasoning-start', index: 0 },
        { type: 'reasoning-delta', index: 0, text: 'h' },
        { type: 'reasoning-delta', index: 0, text: 'm' },
        { type: 'reasoning-end', index: 0, state },
        { type: 'reasoning-start', index: 1 },
        { type: 'reasoning-delta', index: 1, text: 'and' },
        { type: 'reasoning-end', index: 1 },
        { type: 'reasoning-start', index: 2 },
        {
          type: 'reasoning-end',
          index: 2,
          state: { family: 'anthropic', kind: 'redacted', data: 'R' },
        },
        ...text(3, 'hi'),
        STOP,
      ]),
    ).toEqual([
      NULL_ROLE,
      { reasoning_content: 'h' },
      { reasoning_content: 'm' },
      {
        reasoning_details: [
          {
            type: 'reasoning.text',
            text: 'hm',
            signature: 'S',
            format: 'anthropic-claude-v1',
            index: 0,
          },
        ],
      },
      { reasoning_content: '\n\nand' },
      {
        reasoning_details: [
          { type: 'reasoning.encrypted', data: 'R', format: 'anthropic-claude-v1', index: 1 },
        ],
      },
      { content: 'hi' },
      'stop',
    ])
  })

  it('signs calls on the head, or as soon as the signature is there', () => {
    const state = { family: 'google', kind: 'signature', data: 'S' } as const
    const signed = { extra_content: { google: { thought_signature: 'S' } }, thought_signature: 'S' }
    const early: StreamPart[] = [
      { type: 'tool-call-start', index: 0, id: 'a', name: 'f', kind: 'function', state },
      { type: 'tool-call-delta', index: 0, text: '{}' },
      { type: 'tool-call-end', index: 0, state },
    ]
    expect(deltas([START, ...early, STOP]).slice(1)).toEqual([
      {
        tool_calls: [
          {
            index: 0,
            id: 'a',
            type: 'function',
            function: { name: 'f', arguments: '' },
            ...signed,
          },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
      'stop',
    ])
    const late: StreamPart[] = [
      ...call(0, 'a', '{}').slice(0, 2),
      { type: 'tool-call-end', index: 0, state },
    ]
    expect(deltas([START, ...late, STOP]).at(-2)).toEqual({
      tool_calls: [{ index: 0, function: { arguments: '' }, ...signed }],
    })
  })

  it('puts a gap between texts that stood apart, and leaves parts of others out', () => {
    const opaque: StreamPart = {
      type: 'opaque',
      index: 1,
      part: { type: 'opaque', protocol: 'anthropic', kind: 'server_tool_use', value: {} },
    }
    expect(
      deltas([START, ...text(0, 'a'), opaque, ...text(2, 'b', 'c'), ...text(3, 'd'), STOP]),
    ).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'a' },
      { content: '\n\nb' },
      { content: 'c' },
      { content: 'd' },
      'stop',
    ])
  })

  it('fills in what the vendor did not say', () => {
    const [first] = chunks([{ type: 'message-start', id: '', model: '' }, STOP])
    expect(first).toMatchObject({ id: 'chatcmpl-xxxxxxxxxxxxxxxxxxxx', created: 9, model: 'asked' })
  })
})

describe('usage', () => {
  const asked = request({ stream: true, stream_options: { include_usage: true } })
  const usage: StreamPart = { type: 'usage', usage: { input: 3, output: 2, cached: 1 } }

  it('comes in a chunk of its own if it was asked for, and is null before', () => {
    const all = chunks([START, ...text(0, 'a'), usage, STOP], asked)
    expect(all.slice(0, -2).every(chunk => isObject(chunk) && chunk['usage'] === null)).toBe(true)
    expect(all.at(-2)).toMatchObject({
      id: 'chatcmpl-1',
      choices: [],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 2,
        total_tokens: 5,
        prompt_tokens_details: { cached_tokens: 1 },
      },
    })
    expect(all.at(-1)).toBe('[DONE]')
  })

  it('is left out where the vendor told none', () => {
    const all = chunks([START, STOP], asked)
    expect(all.at(-2)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: null })
    expect(all.at(-1)).toBe('[DONE]')
  })

  it('is swallowed if it was not asked for: strict clients refuse chunks without a choice', () => {
    const all = write([START, ...text(0, 'a'), usage, STOP])
    expect(all).not.toContain('usage')
    expect(all).not.toContain('"choices":[]')
  })
})

describe('the deprecated form', () => {
  it('streams one call', () => {
    const asked = request({ functions: [{ name: 'f' }] })
    const parts: StreamPart[] = [START, ...call(0, 'a', '{"x":1}'), ...call(1, 'b', '{}')]
    expect(
      deltas([...parts, { type: 'message-end', finish: { kind: 'tool-calls', raw: '' } }], asked),
    ).toEqual([
      NULL_ROLE,
      { function_call: { name: 'f', arguments: '' } },
      { function_call: { arguments: '{"x":1}' } },
      'function_call',
    ])
  })
})

describe('errors', () => {
  const error = new ToolgateError('overloaded', 'busy', { origin: 'vendor' })
  const frame = {
    error: { message: 'busy', type: 'server_error', param: null, code: 'overloaded' },
  }

  it('are the last thing in the stream: no finish, no [DONE]', () => {
    const parts: StreamPart[] = [START, ...text(0, 'a'), { type: 'error', error }, STOP]
    expect(chunks(parts).at(-1)).toEqual(frame)
    expect(write(parts)).not.toContain('[DONE]')
  })

  it('may be all there is', () => {
    expect(chunks([{ type: 'error', error }])).toEqual([frame])
  })

  it('end a stream that just stops', () => {
    expect(chunks([START, ...text(0, 'a')]).at(-1)).toMatchObject({ error: { code: 'stream_cut' } })
  })

  it('stand for a call that the model wrote too badly', () => {
    const parts: StreamPart[] = [
      START,
      { type: 'message-end', finish: { kind: 'malformed-call', raw: '' } },
    ]
    expect(chunks(parts)).toMatchObject([{ error: { code: 'malformed_call' } }])
  })
})

describe('law: what is written reads as it was', () => {
  const own = {
    'openai-chat': { $detail: { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0 } },
  }
  const state = { family: 'anthropic', kind: 'signature', data: 'S' } as const
  const response: ModelResponse = {
    id: 'chatcmpl-1',
    model: 'm',
    created: 5,
    content: [
      { type: 'reasoning', text: 'hm', state, extras: own },
      { type: 'text', text: 'hi' },
      {
        type: 'tool-call',
        id: 'a',
        name: 'f',
        arguments: '{"n": 1.0}',
        kind: 'function',
        state: { family: 'google', kind: 'signature', data: 'G' },
      },
      { type: 'tool-call', id: 'b', name: 'g', arguments: 'free', kind: 'custom' },
    ],
    finish: { kind: 'tool-calls', raw: 'tool_calls' },
    usage: { input: 5, output: 6, cached: 1, reasoning: 2 },
    extras: {
      'openai-chat': {
        system_fingerprint: 'fp',
        $choice: {
          logprobs: { content: [{ token: 'hi' }] },
          content_filter_results: { hate: { filtered: false } },
        },
        $message: { annotations: [{ type: 'url_citation' }] },
      },
    },
  }

  it('by the decoder of the same protocol', () => {
    const asked = request({ stream: true, stream_options: { include_usage: true } })
    const found: StreamPart[] = []
    const emit = (part: StreamPart) => found.push(part)
    const decoder = new ChatStreamDecoder({})
    const parser = new SseParser()
    parser.push(write(disassemble(response), asked), event => decoder.push(event, emit))
    decoder.end(emit)
    expect(assemble(found)).toEqual(response)
  })
})
