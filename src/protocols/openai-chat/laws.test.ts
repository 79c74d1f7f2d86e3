import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { AssistantPart } from '../../core/message.ts'
import type { ModelResponse } from '../../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../../core/stream.ts'
import { SseParser } from '../../wire/sse.ts'
import type { EncodeContext } from '../protocol.ts'
import { openaiChat } from './index.ts'

const request = openaiChat.decodeRequest(
  {
    model: 'm',
    messages: [{ role: 'user', content: 'x' }],
    stream_options: { include_usage: true },
  },
  { headers: {} },
)
const context: EncodeContext = {
  requestId: 'req_1',
  now: 1,
  request,
  newId: prefix => `${prefix}1`,
}

function decodeText(text: string): StreamPart[] {
  const parts: StreamPart[] = []
  const decoder = openaiChat.streamDecoder({})
  const emit = (part: StreamPart) => parts.push(part)
  const parser = new SseParser()
  const feed = (event: { event: string; data: string }) => decoder.push(event, emit)
  parser.push(text, feed)
  parser.end(feed)
  decoder.end(emit)
  return parts
}

function encodeText(response: ModelResponse): string {
  let text = ''
  const encoder = openaiChat.streamEncoder(context)
  const emit = (more: string) => {
    text += more
  }
  for (const part of disassemble(response)) encoder.push(part, emit)
  encoder.end(emit)
  return text
}

const words = fc.string({ minLength: 1, unit: 'grapheme' })

/** What this wire can say: reasoning, then text or a refusal, then calls. */
const answers: fc.Arbitrary<ModelResponse> = fc
  .record({
    reasoning: fc.option(words, { nil: undefined }),
    signature: fc.option(words, { nil: undefined }),
    text: fc.option(words, { nil: undefined }),
    calls: fc.array(
      fc.record({
        id: words,
        name: words,
        arguments: fc.oneof(
          fc.dictionary(fc.string(), fc.jsonValue()).map(value => JSON.stringify(value)),
          fc.constant('{"cut":'),
        ),
        kind: fc.constantFrom('function' as const, 'custom' as const),
        signature: fc.option(words, { nil: undefined }),
      }),
      { maxLength: 4 },
    ),
    usage: fc.record({
      input: fc.nat(),
      output: fc.nat(),
      cached: fc.nat(),
      reasoning: fc.constant(0),
    }),
  })
  .map(({ reasoning, signature, text, calls, usage }) => {
    const content: AssistantPart[] = []
    if (reasoning !== undefined && signature !== undefined)
      content.push({
        type: 'reasoning',
        text: reasoning,
        state: { family: 'anthropic', kind: 'signature', data: signature },
      })
    else if (reasoning !== undefined) content.push({ type: 'reasoning', text: reasoning })
    if (text !== undefined) content.push({ type: 'text', text })
    for (const { signature: data, ...call } of calls)
      content.push({
        type: 'tool-call',
        ...call,
        ...(data === undefined ? {} : { state: { family: 'google', kind: 'signature', data } }),
      })
    const kind = calls.length > 0 ? 'tool-calls' : 'stop'
    const raw = calls.length > 0 ? 'tool_calls' : 'stop'
    return { id: 'chatcmpl-1', model: 'm', created: 5, content, finish: { kind, raw }, usage }
  })

/** An answer without what the codec notes for itself about the form of reasoning. */
function bare(response: ModelResponse): ModelResponse {
  return {
    ...response,
    content: response.content.map(part => {
      if (part.type !== 'reasoning') return part
      const { extras: _extras, ...rest } = part
      return rest
    }),
  }
}

describe('laws', () => {
  it('a whole answer that is written reads as it was', () => {
    fc.assert(
      fc.property(answers, response => {
        const wire = JSON.parse(JSON.stringify(openaiChat.encodeResponse(response, context)))
        expect(bare(openaiChat.decodeResponse(wire, {}))).toEqual(response)
      }),
      { numRuns: 200 },
    )
  })

  it('a streamed answer that is written reads as it was', () => {
    fc.assert(
      fc.property(answers, response => {
        // Calls with one id are told apart by their index.
        expect(bare(assemble(decodeText(encodeText(response))))).toEqual(response)
      }),
      { numRuns: 200 },
    )
  })

  it('whatever comes, the decoder keeps the laws of streams and never throws', () => {
    const index = fc.constantFrom<Json | undefined>(undefined, null, 0, 0, 1, 2)
    const call = fc.record({
      index,
      id: fc.constantFrom<Json | undefined>(undefined, null, '', 'a', 'b'),
      function: fc.record({
        name: fc.constantFrom<Json | undefined>(undefined, '', 'f', 'g'),
        arguments: fc.constantFrom<Json | undefined>(
          undefined,
          null,
          '',
          ' ',
          '{',
          '}',
          '{}',
          '{"x":1}',
        ),
      }),
    })
    const delta = fc.oneof(
      fc.record({ tool_calls: fc.array(call, { maxLength: 2 }) }),
      fc.record({ content: fc.constantFrom<Json>('', 'x', null) }),
      fc.record({ reasoning: fc.constantFrom<Json>('', 'r') }),
      fc.record({ refusal: fc.constantFrom<Json>(null, 'no') }),
      fc.record({
        reasoning_details: fc.array(
          fc.record({
            type: fc.constantFrom('reasoning.text', 'reasoning.encrypted', 'reasoning.summary'),
            index: fc.nat(1),
            text: fc.constantFrom<Json | undefined>(undefined, 't'),
            signature: fc.constantFrom<Json | undefined>(undefined, 's'),
            data: fc.constantFrom<Json | undefined>(undefined, 'd'),
          }),
          { maxLength: 2 },
        ),
      }),
    )
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 12 }), deltas => {
        const events: JsonObject[] = deltas.map(value => ({
          id: 'c',
          choices: [{ index: 0, delta: value, finish_reason: null }],
        }))
        events.push({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
        const parts = decodeText(events.map(event => `data: ${JSON.stringify(event)}\n\n`).join(''))
        const ends = parts.filter(part => part.type === 'message-end' || part.type === 'error')
        expect(ends).toHaveLength(1)
        expect(parts.at(-1)).toBe(ends[0])
        try {
          assemble(parts)
        } catch (error) {
          // A plain error is a broken law; the stream's own error is not.
          if (!isToolgateError(error)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the protocol', () => {
  it('names the headers that mean something to its clients', () => {
    const passes = (name: string) => openaiChat.responseHeaders.test(name)
    expect(
      ['x-ratelimit-remaining-tokens', 'openai-processing-ms', 'retry-after-ms'].every(passes),
    ).toBe(true)
    expect(['set-cookie', 'content-length', 'x-request-id'].some(passes)).toBe(false)
  })

  it('takes any call id of 40 characters', () => {
    expect(openaiChat.callId.pattern.test('functions.eval:301\n')).toBe(true)
    expect(openaiChat.callId.max).toBe(40)
    expect(openaiChat.toolName.pattern.test('a.b')).toBe(false)
  })
})
