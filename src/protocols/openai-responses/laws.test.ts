import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { AssistantPart } from '../../core/message.ts'
import type { ModelResponse } from '../../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../../core/stream.ts'
import { SseParser } from '../../wire/sse.ts'
import type { EncodeContext } from '../protocol.ts'
import { openaiResponses } from './index.ts'

const request = openaiResponses.decodeRequest({ model: 'm', input: 'x' }, { headers: {} })

function context(): EncodeContext {
  let count = 0
  return { requestId: 'r', now: 1, request, newId: prefix => `${prefix}${++count}` }
}

const words = fc.string({ minLength: 1, unit: 'grapheme' })

const parts: fc.Arbitrary<AssistantPart> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: fc.string({ unit: 'grapheme' }) }),
  fc.record({ type: fc.constant('refusal' as const), text: words }),
  words.map((text): AssistantPart => ({ type: 'reasoning', text })),
  fc.tuple(words, fc.constantFrom('openai', 'anthropic')).map(
    ([data, family]): AssistantPart => ({
      type: 'reasoning',
      text: '',
      state:
        family === 'openai'
          ? { family, kind: 'encrypted', data: data.replaceAll(':', '') || 'x' }
          : { family, kind: 'signature', data },
    }),
  ),
  fc.record({
    type: fc.constant('tool-call' as const),
    id: words,
    name: words,
    arguments: fc.oneof(fc.json({ maxDepth: 2 }), fc.constant('{"cut":')),
    kind: fc.constantFrom('function' as const, 'custom' as const),
  }),
)

/** Any parts in any order, which this wire can hold as they are. */
const answers = fc.array(parts, { maxLength: 6 }).map((content): ModelResponse => {
  const calls = content.some(part => part.type === 'tool-call')
  const refused = content.some(part => part.type === 'refusal')
  const kind = calls ? 'tool-calls' : refused ? 'refusal' : 'stop'
  const usage = { input: 1, output: 2, cached: 0, reasoning: 0 }
  return {
    id: 'resp_1',
    model: 'm',
    created: 5,
    content,
    finish: { kind, raw: 'completed' },
    usage,
  }
})

function bare(response: ModelResponse): object[] {
  return response.content.map(part => {
    const { extras: _extras, ...rest }: { extras?: unknown; type: string; state?: object } = part
    if (!('state' in rest)) return rest
    // A state gets the id of the item that it came in.
    const { id: _id, ...state }: { id?: unknown } = { ...rest.state }
    return { ...rest, state }
  })
}

function encodeText(response: ModelResponse): string {
  let text = ''
  const encoder = openaiResponses.streamEncoder(context())
  const emit = (more: string) => {
    text += more
  }
  for (const part of disassemble(response)) encoder.push(part, emit)
  encoder.end(emit)
  return text
}

function decodeText(text: string): StreamPart[] {
  const found: StreamPart[] = []
  const decoder = openaiResponses.streamDecoder({})
  const emit = (part: StreamPart) => found.push(part)
  const parser = new SseParser()
  const feed = (event: { event: string; data: string }) => decoder.push(event, emit)
  parser.push(text, feed)
  parser.end(feed)
  decoder.end(emit)
  return found
}

describe('laws', () => {
  it('a whole answer that is written reads as it was', () => {
    fc.assert(
      fc.property(answers, response => {
        const wire = JSON.parse(JSON.stringify(openaiResponses.encodeResponse(response, context())))
        const read = openaiResponses.decodeResponse(wire, {})
        expect(bare(read)).toEqual(bare(response))
        expect({ ...read, content: [], extras: 0 }).toEqual({ ...response, content: [], extras: 0 })
      }),
      { numRuns: 200 },
    )
  })

  it('a stream that is written ends with the whole answer, and reads as that', () => {
    fc.assert(
      fc.property(answers, response => {
        const whole = openaiResponses.encodeResponse(response, context())
        const read = assemble(decodeText(encodeText(response)))
        expect(read).toEqual(openaiResponses.decodeResponse(whole, {}))
      }),
      { numRuns: 200 },
    )
  })

  it('whatever comes, the decoder keeps the laws of streams and never throws', () => {
    const type = fc.constantFrom(
      'response.created',
      'response.output_item.added',
      'response.output_item.done',
      'response.content_part.added',
      'response.content_part.done',
      'response.output_text.delta',
      'response.output_text.done',
      'response.refusal.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_text.delta',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.custom_tool_call_input.delta',
    )
    const item = fc.record(
      {
        type: fc.constantFrom(
          'message',
          'reasoning',
          'function_call',
          'custom_tool_call',
          'odd',
          5,
        ),
        id: fc.constantFrom('a', 'b', '', null),
        call_id: fc.constantFrom('x', 'y', ''),
        name: fc.constantFrom('f', ''),
        arguments: fc.constantFrom('', '{}', '{"a":1}', null, {}),
        content: fc.constantFrom(
          [],
          [{ type: 'output_text', text: 'hi' }],
          [{ type: 'odd' }, { type: 'refusal', refusal: 'no' }],
          'text',
          null,
        ),
        summary: fc.constantFrom([], [{ type: 'summary_text', text: 's' }], 'odd'),
      },
      { requiredKeys: [] },
    )
    const event = fc.record(
      {
        type,
        item_id: fc.constantFrom('a', 'b', 5),
        output_index: fc.constantFrom(0, 1, -1, 'x'),
        content_index: fc.constantFrom(0, 1),
        delta: fc.constantFrom('', '{', 'a', 5),
        text: fc.constantFrom('', 'a', 'ab'),
        arguments: fc.constantFrom('', '{', '{"a":1}'),
        item,
        part: fc.constantFrom({ type: 'output_text', text: 'a' }, { type: 'odd' }, null),
      },
      { requiredKeys: ['type'] },
    )
    const last = fc.array(item, { maxLength: 3 }).map(output => ({
      type: 'response.completed',
      response: { id: 'resp_1', model: 'm', status: 'completed', output },
    }))
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), last, (events, end) => {
        const text = [...events, end].map(one => `data: ${JSON.stringify(one)}\n\n`).join('')
        const found = decodeText(text)
        try {
          expect(assemble(found).id).toBeTypeOf('string')
        } catch (error) {
          if (!isToolgateError(error)) throw error
        }
      }),
      { numRuns: 1000 },
    )
  })
})
