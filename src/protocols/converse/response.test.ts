import { describe, expect, it } from 'vitest'
import { assemble, type StreamPart } from '../../core/stream.ts'
import { parseJson } from '../../wire/json.ts'
import { decodeError } from './error-decode.ts'
import { decodeResponse } from './response.ts'
import { ConverseStreamDecoder } from './stream-decoder.ts'

type Event = readonly [event: string, data: object]

function run(...events: readonly Event[]): StreamPart[] {
  const decoder = new ConverseStreamDecoder()
  const parts: StreamPart[] = []
  for (const [event, data] of events)
    decoder.push({ event, data: JSON.stringify(data) }, part => parts.push(part))
  decoder.end(part => parts.push(part))
  return parts
}

const start: Event = ['messageStart', { role: 'assistant', p: 'abc' }]
const delta = (contentBlockIndex: number, inner: object): Event => [
  'contentBlockDelta',
  { contentBlockIndex, delta: inner, p: 'ab' },
]
const stop = (contentBlockIndex: number): Event => ['contentBlockStop', { contentBlockIndex }]
const call = (contentBlockIndex: number, toolUseId: string): Event => [
  'contentBlockStart',
  { contentBlockIndex, start: { toolUse: { toolUseId, name: 'look' } } },
]
const end = (stopReason: string): Event => ['messageStop', { stopReason }]
const counts = { inputTokens: 5, outputTokens: 7, totalTokens: 14, cacheReadInputTokens: 2 }
const metadata: Event = ['metadata', { usage: counts, metrics: { latencyMs: 9 } }]

const WHOLE = parseJson(`{"output":{"message":{"role":"assistant","content":[
  {"reasoningContent":{"reasoningText":{"text":"Hm","signature":"sig"}}},
  {"text":"So: "},
  {"toolUse":{"toolUseId":"t1","name":"look","input":{"n":1.0}}},
  {"toolUse":{"toolUseId":"t2","name":"look","input":{}}}]}},
  "stopReason":"tool_use","metrics":{"latencyMs":9},"usage":${JSON.stringify(counts)}}`)

describe('an answer', () => {
  it('is read whole, arguments as they were written', () => {
    expect(decodeResponse(WHOLE, {})).toEqual({
      id: '',
      model: '',
      content: [
        {
          type: 'reasoning',
          text: 'Hm',
          state: { family: 'anthropic', kind: 'signature', data: 'sig' },
        },
        { type: 'text', text: 'So: ' },
        { type: 'tool-call', id: 't1', name: 'look', arguments: '{"n":1.0}', kind: 'function' },
        { type: 'tool-call', id: 't2', name: 'look', arguments: '{}', kind: 'function' },
      ],
      finish: { kind: 'tool-calls', raw: 'tool_use' },
      usage: { input: 7, output: 7, cached: 2 },
      extras: { converse: { metrics: { latencyMs: 9 } } },
    })
  })

  it('means the same streamed, where only calls say that they begin', () => {
    const parts = run(
      start,
      delta(0, { reasoningContent: { text: 'H' } }),
      delta(0, { reasoningContent: { text: 'm' } }),
      delta(0, { reasoningContent: { signature: 'sig' } }),
      stop(0),
      delta(1, { text: 'So' }),
      delta(1, { text: ': ' }),
      stop(1),
      call(2, 't1'),
      delta(2, { toolUse: { input: '{"n":' } }),
      delta(2, { toolUse: { input: '1.0}' } }),
      stop(2),
      call(3, 't2'),
      delta(3, { toolUse: { input: '' } }),
      stop(3),
      end('tool_use'),
      metadata,
    )
    expect(assemble(parts)).toEqual(decodeResponse(WHOLE, {}))
  })

  it('keeps calls that the vendor answers itself from the client, whole and streamed', () => {
    const call = { toolUseId: 't', name: 'nova_grounding', type: 'server_tool_use' }
    const result = { toolUseId: 't', status: 'success', type: 'nova_grounding_result' }
    const given = [{ text: 'found' }]
    const content = [
      { toolUse: { ...call, input: { query: 'q' } } },
      { toolResult: { ...result, content: given } },
      { text: 'So.' },
    ]
    const whole = decodeResponse({ output: { message: { content } }, stopReason: 'end_turn' }, {})
    expect(whole.content.map(({ type }) => type)).toEqual(['opaque', 'opaque', 'text'])
    const begin = (contentBlockIndex: number, start: object): Event => [
      'contentBlockStart',
      { contentBlockIndex, start },
    ]
    const parts = run(
      begin(0, { toolUse: call }),
      delta(0, { toolUse: { input: '{"query":' } }),
      delta(0, { toolUse: { input: '"q"}' } }),
      stop(0),
      begin(1, { toolResult: result }),
      delta(1, { toolResult: given }),
      stop(1),
      delta(2, { text: 'So.' }),
      end('end_turn'),
    )
    expect(assemble(parts)).toEqual(whole)
  })

  it('has redacted reasoning, cited texts and blocks of other kinds', () => {
    const citations = [{ title: 'T' }]
    const content = [
      { reasoningContent: { redactedContent: 'AAAA' } },
      { citationsContent: { content: [{ text: 'a' }, { text: 'b' }], citations } },
      { video: { format: 'mp4' } },
    ]
    const wire = { output: { message: { role: 'assistant', content } }, stopReason: 'end_turn' }
    expect(decodeResponse(wire, {}).content).toEqual([
      {
        type: 'reasoning',
        text: '',
        state: { family: 'anthropic', kind: 'redacted', data: 'AAAA' },
      },
      { type: 'text', text: 'ab', extras: { converse: { citations } } },
      { type: 'opaque', protocol: 'converse', kind: 'video', value: content[2] },
    ])
  })

  it.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop-sequence'],
    ['guardrail_intervened', 'content-filter'],
    ['content_filtered', 'content-filter'],
    ['a_new_word', 'other'],
  ])('ends with %s', (stopReason, kind) => {
    const wire = { output: { message: { content: [{ text: 'a' }] } }, stopReason }
    expect(decodeResponse(wire, {}).finish).toEqual({ kind, raw: stopReason })
  })

  it('contradicts itself without a message', () => {
    for (const wire of [null, {}, { output: {} }, { output: { message: { content: 1 } } }])
      expect(() => decodeResponse(wire, {})).toThrow(/cannot be read/)
  })
})

describe('a stream', () => {
  it('has its blocks closed where the vendor forgot to, and its counts before its end', () => {
    const early: Event = ['metadata', { usage: counts }]
    const parts = run(
      delta(0, { text: 'a' }),
      delta(1, { text: 'b' }),
      call(2, 't'),
      early,
      end('x'),
    )
    expect(parts.map(({ type }) => type)).toEqual([
      ...['message-start', 'text-start', 'text-delta', 'text-end'],
      ...['text-start', 'text-delta', 'text-end', 'tool-call-start', 'usage'],
      ...['tool-call-delta', 'tool-call-end', 'message-end'],
    ])
  })

  it('is whole without counts', () => {
    expect(run(start, delta(0, { text: 'a' }), end('end_turn')).at(-1)).toMatchObject({
      type: 'message-end',
      finish: { kind: 'stop' },
    })
  })

  it('is cut without a reason for its end', () => {
    const error = run(start, delta(0, { text: 'a' })).at(-1)
    expect(error).toMatchObject({ type: 'error', error: { code: 'stream_cut' } })
  })

  it('ends with an exception, of which type it may be', () => {
    const last = (event: string) => run(start, [event, { message: 'why' }], end('end_turn')).at(-1)
    const codes = [
      ['exception:throttlingException', 'rate_limit'],
      ['exception:modelStreamErrorException', 'vendor_error'],
      ['exception:serviceUnavailableException', 'overloaded'],
      ['exception:validationException', 'invalid_request'],
      ['error:InternalFailure', 'vendor_error'],
    ] as const
    for (const [event, code] of codes)
      expect(last(event)).toMatchObject({ type: 'error', error: { code, message: 'why' } })
  })

  it('contradicts itself with arguments for no call, no JSON, or broken frames', () => {
    const broken = new ConverseStreamDecoder()
    const parts: StreamPart[] = []
    broken.push({ event: 'messageStart', data: '{' }, part => parts.push(part))
    broken.end(part => parts.push(part))
    const framing: Event = ['framing:', {}]
    for (const error of [
      run(start, delta(0, { toolUse: { input: '{}' } })).at(-1),
      run(start, framing).at(-1),
      parts.at(-1),
    ])
      expect(error).toMatchObject({ type: 'error', error: { code: 'vendor_contradiction' } })
    expect(parts).toHaveLength(1)
  })
})

describe('an error', () => {
  it.each([
    ['ValidationException:http://internal/coral/', 400, 'invalid_request', 400],
    ['AccessDeniedException', 403, 'permission', 403],
    ['UnrecognizedClientException', 403, 'authentication', 403],
    ['ThrottlingException', 429, 'rate_limit', 429],
    ['ModelNotReadyException', 429, 'overloaded', 503],
    ['ModelTimeoutException', 408, 'timeout', 504],
    ['ServiceUnavailableException', 503, 'overloaded', 503],
    ['', 500, 'vendor_error', 500],
  ])('%s with %i is %s', (type, status, code, told) => {
    const headers = { 'x-amzn-errortype': type, 'retry-after': '3' }
    expect(decodeError({ status, headers, body: { message: 'why' } })).toMatchObject({
      code,
      status: told,
      message: 'why',
      origin: 'vendor',
      details: { retryAfter: 3 },
    })
  })

  it('of a model that there is none of says so', () => {
    const body = { message: 'The provided model identifier is invalid.' }
    const error = decodeError({ status: 400, headers: {}, body })
    expect([error.code, error.status]).toEqual(['model_not_found', 400])
  })

  it('may be a page, or name its type in the body', () => {
    expect(decodeError({ status: 502, headers: {}, body: 'Bad gateway' }).message).toBe(
      'Bad gateway',
    )
    const body = { __type: 'com.amazon.coral.service#ThrottlingException', Message: 'slow' }
    expect(decodeError({ status: 400, headers: {}, body }).code).toBe('rate_limit')
  })
})
