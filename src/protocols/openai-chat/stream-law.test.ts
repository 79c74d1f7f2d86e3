import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../core/json.ts'
import { assemble, type StreamPart } from '../../core/stream.ts'
import type { Quirks } from '../quirks.ts'
import { decodeResponse } from './response.ts'
import { ChatStreamDecoder } from './stream-decoder.ts'

const DONE = '[DONE]'

function parts(events: readonly (Json | string)[], quirks: Quirks = {}): StreamPart[] {
  const found: StreamPart[] = []
  const decoder = new ChatStreamDecoder(quirks)
  const emit = (part: StreamPart) => found.push(part)
  for (const event of events)
    decoder.push(
      { event: '', data: typeof event === 'string' ? event : JSON.stringify(event) },
      emit,
    )
  decoder.end(emit)
  return found
}

function chunk(delta: JsonObject, finish: string | null = null, more: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 5,
    model: 'm',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...more,
  }
}

const head = (index: number | undefined, id: string, name: string, text = ''): JsonObject => ({
  ...(index === undefined ? {} : { index }),
  id,
  type: 'function',
  function: { name, arguments: text },
})
const args = (index: number | undefined, text: Json, more: JsonObject = {}): JsonObject => ({
  ...(index === undefined ? {} : { index }),
  function: { arguments: text },
  ...more,
})

describe('law: a stream folds to what the whole answer reads as', () => {
  const top = { system_fingerprint: 'fp', service_tier: 'default' }
  const usage = { prompt_tokens: 4, completion_tokens: 6, total_tokens: 10, cost: 1 }
  const detail = { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0 }

  it.each<[string, JsonObject, string, JsonObject[]]>([
    ['text', { content: 'hello' }, 'stop', [{ content: 'hel' }, { content: 'lo' }]],
    [
      'text and calls',
      {
        content: 'hi',
        tool_calls: [head(undefined, 'a', 'f', '{"x":1}'), head(undefined, 'b', 'g', '')],
      },
      'tool_calls',
      [
        { content: 'hi' },
        { tool_calls: [head(0, 'a', 'f')] },
        { tool_calls: [args(0, '{"x":1}')] },
        { tool_calls: [head(1, 'b', 'g')] },
      ],
    ],
    [
      'calls without ids',
      {
        content: null,
        tool_calls: [head(undefined, '', 'f', '{}'), head(undefined, '', 'f', '{}')],
      },
      'stop',
      [{ tool_calls: [head(0, '', 'f', '{}'), head(1, '', 'f', '{}')] }],
    ],
    [
      'reasoning with a signature',
      {
        content: 'hi',
        reasoning: 'hm',
        reasoning_details: [{ ...detail, text: 'hm', signature: 'S' }],
      },
      'stop',
      [
        { reasoning: 'h', reasoning_details: [{ ...detail, text: 'h' }] },
        { reasoning: 'm', reasoning_details: [{ ...detail, text: 'm' }] },
        { reasoning_details: [{ ...detail, signature: 'S' }] },
        { content: 'hi' },
      ],
    ],
    [
      'signed calls and citations',
      {
        content: 'hi',
        annotations: [{ a: 1 }, { a: 2 }],
        tool_calls: [{ ...head(undefined, 'a', 'f', '{}'), thought_signature: 'S', odd: { b: 1 } }],
      },
      'tool_calls',
      [
        { content: 'hi', annotations: [{ a: 1 }] },
        { annotations: [{ a: 2 }] },
        { tool_calls: [{ ...head(0, 'a', 'f', '{}'), thought_signature: 'S', odd: { b: 1 } }] },
      ],
    ],
    ['a refusal', { content: null, refusal: 'no' }, 'stop', [{ refusal: 'n' }, { refusal: 'o' }]],
    ['nothing', { content: null }, 'content_filter', [{ content: null }]],
    [
      'a cut call',
      { tool_calls: [head(undefined, 'a', 'f', '{"x')] },
      'length',
      [{ tool_calls: [head(0, 'a', 'f', '{"x')] }],
    ],
    [
      'the deprecated call',
      { function_call: { name: 'f', arguments: '{}' } },
      'function_call',
      [{ function_call: { name: 'f', arguments: '' } }, { function_call: { arguments: '{}' } }],
    ],
  ])('%s', (_, message, word, deltas) => {
    const logprobs = (...tokens: string[]): JsonObject => ({
      content: tokens.map(token => ({ token })),
    })
    const whole = decodeResponse(
      {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 5,
        model: 'm',
        choices: [
          {
            index: 0,
            message: { role: 'assistant', refusal: null, ...message },
            logprobs: logprobs('a', 'b'),
            finish_reason: word,
          },
        ],
        usage,
        ...top,
      },
      {},
    )
    const streamed = parts([
      chunk({ role: 'assistant', content: '' }, null, top),
      ...deltas.map(delta => chunk(delta, null, top)),
      { ...chunk({}, null, top), choices: [{ index: 0, delta: {}, logprobs: logprobs('a') }] },
      {
        ...chunk({}, null, top),
        choices: [{ index: 0, delta: {}, logprobs: logprobs('b'), finish_reason: word }],
      },
      { id: 'chatcmpl-1', choices: [], usage, ...top },
      DONE,
    ])
    expect(assemble(streamed)).toEqual(whole)
  })
})
