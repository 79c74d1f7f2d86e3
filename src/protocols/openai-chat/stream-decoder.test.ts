import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../core/json.ts'
import { assemble, type StreamPart } from '../../core/stream.ts'
import type { Quirks } from '../quirks.ts'
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

const finish = (word: string): JsonObject => chunk({}, word)
const calls = (...entries: JsonObject[]): JsonObject => chunk({ tool_calls: entries })
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

/** The calls of a stream that ends as it should, as id, name and arguments. */
function callsOf(...events: JsonObject[]): string[][] {
  const { content } = assemble(parts([...events, finish('tool_calls'), DONE]))
  return content.flatMap(part =>
    part.type === 'tool-call' ? [[part.id, part.name, part.arguments]] : [],
  )
}

function errorOf(events: readonly (Json | string)[]): { code: string; message: string } {
  const all = parts(events)
  const last = all.at(-1)
  expect(all.filter(part => part.type === 'error' || part.type === 'message-end')).toHaveLength(1)
  if (last?.type !== 'error') throw new Error('the stream did not end with an error')
  return last.error
}

describe('a stream as OpenAI sends it', () => {
  it('with text', () => {
    expect(
      parts([
        chunk({ role: 'assistant', content: '', refusal: null }),
        chunk({ content: 'Hel' }),
        chunk({ content: 'lo' }),
        finish('stop'),
        { id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } },
        DONE,
      ]),
    ).toEqual([
      { type: 'message-start', id: 'chatcmpl-1', model: 'm', created: 5 },
      { type: 'text-start', index: 0 },
      { type: 'text-delta', index: 0, text: 'Hel' },
      { type: 'text-delta', index: 0, text: 'lo' },
      { type: 'text-end', index: 0 },
      { type: 'usage', usage: { input: 1, output: 2 } },
      { type: 'message-end', finish: { kind: 'stop', raw: 'stop' } },
    ])
  })

  it('with parallel calls, each closed before the next opens', () => {
    expect(
      parts([
        chunk({ role: 'assistant', content: null }),
        calls(head(0, 'a', 'f')),
        calls(args(0, '{"x"')),
        calls(args(0, ':1}')),
        calls(head(1, 'b', 'g')),
        calls(args(1, '{}')),
        finish('tool_calls'),
        DONE,
      ]),
    ).toEqual([
      { type: 'message-start', id: 'chatcmpl-1', model: 'm', created: 5 },
      { type: 'tool-call-start', index: 0, id: 'a', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, text: '{"x"' },
      { type: 'tool-call-delta', index: 0, text: ':1}' },
      { type: 'tool-call-end', index: 0 },
      { type: 'tool-call-start', index: 1, id: 'b', name: 'g', kind: 'function' },
      { type: 'tool-call-delta', index: 1, text: '{}' },
      { type: 'tool-call-end', index: 1 },
      { type: 'message-end', finish: { kind: 'tool-calls', raw: 'tool_calls' } },
    ])
  })

  it('closes text before a call', () => {
    const types = parts([
      chunk({ content: 'x' }),
      calls(head(0, 'a', 'f', '{}')),
      finish('stop'),
      DONE,
    ])
    expect(types.map(part => part.type)).toEqual([
      'message-start',
      'text-start',
      'text-delta',
      'text-end',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-end',
      'message-end',
    ])
    expect(types.at(-1)).toMatchObject({ finish: { kind: 'tool-calls', raw: 'stop' } })
  })

  it('with a refusal', () => {
    const response = assemble(
      parts([
        chunk({ role: 'assistant', refusal: '' }),
        chunk({ refusal: "I'm" }),
        chunk({ refusal: ' sorry' }),
        finish('stop'),
        DONE,
      ]),
    )
    expect(response.content).toEqual([{ type: 'refusal', text: "I'm sorry" }])
    expect(response.finish).toEqual({ kind: 'refusal', raw: 'stop' })
  })

  it('with a custom tool', () => {
    const response = assemble(
      parts([
        calls({ index: 0, id: 'a', type: 'custom', custom: { name: 'c', input: '' } }),
        calls({ index: 0, custom: { input: 'free {' } }),
        calls(head(1, 'b', 'f', '{}')),
        finish('tool_calls'),
        DONE,
      ]),
    )
    expect(response.content).toMatchObject([
      { id: 'a', name: 'c', arguments: 'free {', kind: 'custom' },
      { id: 'b', kind: 'function' },
    ])
  })

  it('with the deprecated call', () => {
    expect(
      callsOf(
        chunk({ role: 'assistant', function_call: { name: 'f', arguments: '' } }),
        chunk({ function_call: { arguments: '{"x":' } }),
        chunk({ function_call: { arguments: '1}' } }),
      ),
    ).toEqual([['call_fn_0', 'f', '{"x":1}']])
  })
})

describe('the end of a stream', () => {
  it.each<[string, (Json | string)[]]>([
    ['finish and [DONE]', [finish('stop'), DONE]],
    ['finish alone', [finish('stop')]],
    ['[DONE] alone (Ollama)', [DONE]],
    ['finish twice', [finish('stop'), chunk({ content: '', role: 'assistant' }, 'stop'), DONE]],
    ['[DONE] in white space', [finish('stop'), ' [DONE] ']],
    ['and more behind it', [finish('stop'), DONE, 'junk', chunk({ content: 'late' })]],
  ])('%s', (_, end) => {
    expect(assemble(parts([chunk({ content: 'hi' }), ...end]))).toMatchObject({
      content: [{ type: 'text', text: 'hi' }],
      finish: { kind: 'stop' },
    })
  })

  it.each<[string, (Json | string)[], RegExp]>([
    ['nothing at all', [], /without a finish_reason and without \[DONE\]/],
    ['no finish', [chunk({ content: 'hi' })], /without a finish_reason and without \[DONE\]/],
    [
      'a cut event',
      [chunk({ content: 'hi' }), '{"id":"chatcmpl-1","choi'],
      /in the middle of an event/,
    ],
    ['a cut event after the finish', [finish('stop'), '{"id'], /in the middle of an event/],
    ['[DONE] before the answer', [DONE], /before its answer began/],
  ])('is a cut with %s', (_, events, message) => {
    const error = errorOf(events)
    expect(error.code).toBe('stream_cut')
    expect(error.message).toMatch(message)
  })

  it('leaves blocks open before an error', () => {
    const types = parts([chunk({ content: 'hi' })]).map(part => part.type)
    expect(types).toEqual(['message-start', 'text-start', 'text-delta', 'error'])
  })
})

describe('errors in a stream', () => {
  it.each<[string, Json, string, string]>([
    [
      'OpenAI',
      { error: { message: 'boom', type: 'server_error', param: null, code: null } },
      'vendor_error',
      'boom',
    ],
    [
      'OpenRouter',
      {
        id: 'g',
        error: { code: 429, message: 'slow' },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      },
      'rate_limit',
      'slow',
    ],
    [
      'Groq',
      {
        error: {
          message: 'bad call',
          type: 'invalid_request_error',
          code: 'tool_use_failed',
          failed_generation: '{}',
          status_code: 400,
        },
      },
      'malformed_call',
      'bad call',
    ],
    [
      'vLLM',
      { object: 'error', message: 'no', type: 'BadRequestError', code: 400 },
      'invalid_request',
      'no',
    ],
    [
      'a list',
      [{ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }],
      'overloaded',
      'busy',
    ],
    ['a text', { error: 'gone' }, 'vendor_error', 'gone'],
    [
      'a choice',
      { choices: [{ index: 0, error: { code: 502, message: 'up' } }] },
      'vendor_error',
      'up',
    ],
    [
      'a finish alone',
      chunk({}, 'error'),
      'vendor_error',
      'The vendor ended its answer with an error.',
    ],
  ])('of %s', (_, event, code, message) => {
    const error = errorOf([chunk({ content: 'hi' }), event, chunk({ content: 'late' }), DONE])
    expect(error).toMatchObject({ code, message, origin: 'vendor' })
  })

  it('named by the event', () => {
    const found: StreamPart[] = []
    new ChatStreamDecoder({}).push({ event: 'error', data: '{"message":"boom"}' }, part =>
      found.push(part),
    )
    expect(found).toMatchObject([{ type: 'error', error: { message: 'boom' } }])
  })

  it('comes with the usage so far', () => {
    expect(
      parts([chunk({ content: 'x' }, null, { usage: { prompt_tokens: 1, completion_tokens: 1 } })]),
    ).toMatchObject([{}, {}, {}, { type: 'usage', usage: { input: 1 } }, { type: 'error' }])
  })

  it.each<[string, (Json | string)[], RegExp]>([
    ['arguments for no call', [calls(args(0, '{}'))], /never began/],
    [
      'arguments for an index that never began',
      [calls(head(0, 'a', 'f')), calls(args(3, '{}'))],
      /never began/,
    ],
    [
      'arguments after they were complete',
      [calls(head(0, 'a', 'f', '{}')), calls(head(1, 'b', 'g', '{}')), calls(args(0, '{"x":1}'))],
      /more arguments for the tool call a/,
    ],
    ['an event that is no JSON', ['{oops', chunk({ content: 'x' })], /not JSON/],
  ])('%s is a contradiction', (_, events, message) => {
    const error = errorOf([chunk({ content: 'hi' }), ...events])
    expect(error.code).toBe('vendor_contradiction')
    expect(error.message).toMatch(message)
  })

  it('a call that never gets a name is a malformed one', () => {
    expect(errorOf([calls({ index: 0, id: 'a' }), finish('tool_calls'), DONE]).code).toBe(
      'malformed_call',
    )
  })

  it('never throws on what a vendor sends', () => {
    const odd: Json[] = [
      null,
      3,
      'x',
      [],
      {},
      { choices: null },
      { choices: {} },
      { choices: [null, 3] },
      { choices: [{ index: 0 }] },
      { choices: [{ index: 0, delta: null }] },
      {
        choices: [
          { index: 0, delta: { tool_calls: 'x', content: 5, reasoning_details: [3, null] } },
        ],
      },
      { choices: [{ index: 0, delta: { tool_calls: [null, 3, { function: 'x' }] } }] },
      {
        choices: [
          {
            index: 0,
            delta: { content: [null, { type: 'text' }, { type: 'thinking', thinking: 3 }] },
          },
        ],
      },
      { usage: 3, choices: [] },
    ]
    for (const event of odd)
      expect(() => parts([event, chunk({ content: 'x' }), finish('stop'), DONE])).not.toThrow()
  })
})

describe('what stands around the answer', () => {
  it('a prelude without choices (Azure) does not begin the message', () => {
    const all = parts([
      { id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
      chunk({ content: 'hi' }),
      finish('stop'),
      DONE,
    ])
    expect(all[0]).toEqual({
      type: 'message-start',
      id: 'chatcmpl-1',
      model: 'm',
      created: 5,
      extras: { 'openai-chat': { prompt_filter_results: [{ prompt_index: 0 }] } },
    })
  })

  it('keep-alive events say nothing', () => {
    expect(
      assemble(parts(['', {}, chunk({ content: 'hi' }), { type: 'ping' }, finish('stop'), DONE]))
        .content,
    ).toEqual([{ type: 'text', text: 'hi' }])
  })

  it('further choices are passed over', () => {
    const second = { choices: [{ index: 1, delta: { content: 'no' }, finish_reason: 'length' }] }
    expect(assemble(parts([chunk({ content: 'hi' }), second, finish('stop'), DONE]))).toMatchObject(
      {
        content: [{ text: 'hi' }],
        finish: { kind: 'stop' },
      },
    )
  })

  it.each<[string, JsonObject[]]>([
    [
      'on every chunk, the last counts',
      [
        chunk({ content: 'x' }, null, { usage: { prompt_tokens: 1, completion_tokens: 1 } }),
        chunk({}, 'stop', { usage: { prompt_tokens: 1, completion_tokens: 9 } }),
      ],
    ],
    ['with the finish', [chunk({}, 'stop', { usage: { prompt_tokens: 1, completion_tokens: 9 } })]],
    [
      'after it',
      [finish('stop'), { choices: [], usage: { prompt_tokens: 1, completion_tokens: 9 } }],
    ],
    [
      'under x_groq',
      [chunk({}, 'stop', { x_groq: { usage: { prompt_tokens: 1, completion_tokens: 9 } } })],
    ],
  ])('usage %s', (_, events) => {
    expect(assemble(parts([...events, DONE])).usage).toEqual({ input: 1, output: 9 })
  })

  it('usage follows the quirk', () => {
    const usage = {
      prompt_tokens: 1,
      completion_tokens: 1,
      completion_tokens_details: { reasoning_tokens: 5 },
    }
    const all = parts([chunk({}, 'stop', { usage })], { reasoningOutsideCompletion: true })
    expect(all).toContainEqual({ type: 'usage', usage: { input: 1, output: 6, reasoning: 5 } })
  })
})
