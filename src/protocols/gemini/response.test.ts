import { describe, expect, it } from 'vitest'
import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ModelResponse } from '../../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../../core/stream.ts'
import { parseJson, stringifyJson } from '../../wire/json.ts'
import { SseParser } from '../../wire/sse.ts'
import type { EncodeContext } from '../protocol.ts'
import { gemini } from './index.ts'

const CONTEXT: EncodeContext = {
  requestId: 'r',
  now: 1,
  request: { protocol: 'gemini', model: 'm', messages: [], tools: [], stream: true, bound: [] },
  newId: (prefix, length) => prefix.padEnd(length, 'x'),
}

const USAGE = {
  promptTokenCount: 10,
  candidatesTokenCount: 5,
  thoughtsTokenCount: 3,
  toolUsePromptTokenCount: 2,
  cachedContentTokenCount: 4,
  totalTokenCount: 20,
}

function answer(parts: Json[], more: JsonObject = {}): JsonObject {
  return {
    candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0, ...more }],
    usageMetadata: USAGE,
    modelVersion: 'gemini-3',
    responseId: 'abc-DEF_1',
  }
}

function decode(wire: Json): ModelResponse {
  return gemini.decodeResponse(parseJson(JSON.stringify(wire)), {})
}

function stream(events: readonly Json[]): StreamPart[] {
  const parts: StreamPart[] = []
  const decoder = gemini.streamDecoder({})
  const emit = (part: StreamPart) => parts.push(part)
  for (const event of events) decoder.push({ event: '', data: JSON.stringify(event) }, emit)
  decoder.end(emit)
  return parts
}

function encodeStream(parts: readonly StreamPart[]): string {
  let out = ''
  const encoder = gemini.streamEncoder(CONTEXT)
  for (const part of parts) encoder.push(part, text => (out += text))
  encoder.end(text => (out += text))
  return out
}

function eventsOf(text: string): JsonObject[] {
  const events: JsonObject[] = []
  const parser = new SseParser()
  const read = ({ data }: { data: string }) => events.push(JSON.parse(data))
  parser.push(text, read)
  parser.end(read)
  return events
}

function errorOf(parts: readonly StreamPart[]): string {
  const last = parts.at(-1)
  return last?.type === 'error' ? last.error.code : ''
}

const CALLS: Json[] = [
  { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'AAAA' },
  { functionCall: { name: 'f' } },
  { functionCall: { name: 'g', args: {}, id: 'w71i0cbt' } },
]

describe('a whole answer', () => {
  it('that says STOP with calls ends with tool calls', () => {
    const response = decode(answer(CALLS))
    expect(response.finish).toEqual({ kind: 'tool-calls', raw: 'STOP' })
    expect(response.content).toMatchObject([
      { id: 'call_gem_abcDEF1_0', arguments: '{"a":1}', state: { family: 'google', data: 'AAAA' } },
      { id: 'call_gem_abcDEF1_1', arguments: '{}' },
      { id: 'w71i0cbt', name: 'g' },
    ])
    expect(response.usage).toMatchObject({ input: 12, output: 8, cached: 4, reasoning: 3 })
  })

  it('goes back to a client as it was, with an id on every call', () => {
    const parts: Json[] = [
      { text: 'hm', thought: true },
      { text: 'So:', thoughtSignature: 'BBBB' },
      { executableCode: { code: '1', language: 'PYTHON' } },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      ...CALLS,
    ]
    const response = decode(answer(parts, { groundingMetadata: { a: 1 } }))
    const wire = gemini.encodeResponse(response, CONTEXT)
    const identified = ['call_gem_abcDEF1_0', 'call_gem_abcDEF1_1', 'w71i0cbt'].map(id => ({
      functionCall: { id },
    }))
    expect(wire).toMatchObject({
      candidates: [
        {
          content: { parts: [...parts.slice(0, 4), ...identified] },
          finishReason: 'STOP',
          groundingMetadata: { a: 1 },
        },
      ],
      usageMetadata: USAGE,
      modelVersion: 'gemini-3',
      responseId: 'abc-DEF_1',
    })
    expect(decode(JSON.parse(stringifyJson(wire)))).toEqual(response)
  })

  it('has every reason to end', () => {
    const kinds = {
      MAX_TOKENS: 'length',
      SAFETY: 'content-filter',
      MODEL_ARMOR: 'content-filter',
      IMAGE_SAFETY: 'content-filter',
      LANGUAGE: 'other',
      SOMETHING_NEW: 'other',
      CONTINUATION: 'pause',
    }
    for (const [finishReason, kind] of Object.entries(kinds)) {
      expect(decode(answer([{ text: 'x' }], { finishReason })).finish).toEqual({
        kind,
        raw: finishReason,
      })
    }
  })

  it('without a readable call is an error, with one it is said natively', () => {
    const finishReason = 'MALFORMED_FUNCTION_CALL'
    const broken = { candidates: [{ finishReason, finishMessage: 'call: f(' }] }
    expect(() => decode(broken)).toThrow(/MALFORMED_FUNCTION_CALL.*f\(/)
    const unexpected = decode(answer(CALLS, { finishReason: 'UNEXPECTED_TOOL_CALL' }))
    expect(unexpected.finish.kind).toBe('malformed-call')
    expect(gemini.encodeResponse(unexpected, CONTEXT)).toMatchObject({
      candidates: [{ finishReason: 'UNEXPECTED_TOOL_CALL' }],
    })
  })

  it('to a blocked prompt has no candidates, on both sides', () => {
    const promptFeedback = { blockReason: 'MODEL_ARMOR', blockReasonMessage: 'no' }
    const wire = { promptFeedback, usageMetadata: USAGE, modelVersion: 'm', responseId: 'x' }
    const response = decode(wire)
    expect(response).toMatchObject({ content: [], finish: { kind: 'content-filter' } })
    expect(gemini.encodeResponse(response, CONTEXT)).toEqual(wire)
    expect(eventsOf(encodeStream(stream([wire])))).toEqual([wire])
    expect(assemble(stream([wire]))).toEqual(response)
  })

  it('may be an error, a list of chunks, or nothing at all', () => {
    const error = { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }
    expect(() => decode([error])).toThrow('busy')
    expect(() => decode({ usageMetadata: {} })).toThrow('no candidate')
    const [chunk] = [answer([{ text: 'b' }])]
    const first = { candidates: [{ content: { parts: [{ text: 'a' }] } }], responseId: 'abc-DEF_1' }
    expect(decode([first, chunk ?? null])).toMatchObject({
      content: [{ type: 'text', text: 'ab' }],
      finish: { kind: 'stop' },
    })
  })

  it('of another vendor keeps its state for the way back, and drops a call that was cut', () => {
    const state = { family: 'anthropic', kind: 'signature', data: 'a.b' } as const
    const wire = gemini.encodeResponse(
      {
        id: '',
        model: '',
        content: [
          { type: 'reasoning', text: 'hm', state },
          { type: 'tool-call', id: 'a', name: 'f', arguments: '{"a":', kind: 'function' },
        ],
        finish: { kind: 'length', raw: 'max_tokens' },
      },
      CONTEXT,
    )
    expect(wire).toMatchObject({ candidates: [{ finishReason: 'MAX_TOKENS' }], modelVersion: 'm' })
    const again = decode(JSON.parse(stringifyJson(wire)))
    expect(again.content).toEqual([{ type: 'reasoning', text: 'hm', state }])
  })
})

describe('a stream', () => {
  const chunk = (parts: Json[], more: JsonObject = {}): JsonObject => ({
    candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
    modelVersion: 'gemini-3',
    responseId: 'abc-DEF_1',
  })

  it('folds into the whole answer', () => {
    const parts: Json[] = [
      { text: 'hm so', thought: true },
      { text: 'Hello', thoughtSignature: 'BBBB' },
      ...CALLS,
      { executableCode: { code: '1' } },
    ]
    const whole = decode(answer(parts))
    const folded = assemble(
      stream([
        chunk([{ text: 'hm', thought: true }], { finishReason: null }),
        {
          ...chunk([{ text: ' so', thought: true }, { text: 'Hel' }]),
          usageMetadata: { promptTokenCount: 1 },
        },
        chunk([{ text: 'lo' }, { text: '' }]),
        chunk([{ text: '', thoughtSignature: 'BBBB' }]),
        chunk(CALLS.slice(0, 2)),
        chunk(CALLS.slice(2)),
        chunk([{ executableCode: { code: '1' } }], { finishReason: 'STOP' }),
        { ...chunk([{ text: '' }], { finishReason: 'STOP' }), usageMetadata: USAGE },
      ]),
    )
    expect(folded).toEqual(whole)
  })

  it('gives arguments that come value by value whole, even if their end is left out', () => {
    const partial = (jsonPath: string, more: JsonObject) =>
      chunk([{ functionCall: { partialArgs: [{ jsonPath, ...more }], willContinue: true } }])
    const { content } = assemble(
      stream([
        chunk([{ functionCall: { name: 'f', willContinue: true }, thoughtSignature: 'AAAA' }]),
        partial('$.a.list[0].x', { stringValue: 'Bos', willContinue: true }),
        partial('$.a.list[0].x', { stringValue: 'ton', willContinue: true }),
        partial('$.a.list[0].x', { stringValue: '' }),
        partial("$['a']['b\\'c']", { numberValue: 0.5 }),
        partial('$.__proto__', { boolValue: true }),
        partial('$.n', { nullValue: 'NULL_VALUE' }),
        chunk([{ functionCall: { name: 'g', willContinue: true } }]),
        chunk([{ functionCall: {} }]),
        chunk([{ functionCall: { name: 'h' } }], { finishReason: 'STOP' }),
      ]),
    )
    expect(content).toMatchObject([
      {
        name: 'f',
        arguments: '{"a":{"list":[{"x":"Boston"}],"b\'c":0.5},"__proto__":true,"n":null}',
        state: { data: 'AAAA' },
      },
      { name: 'g', arguments: '{}' },
      { name: 'h', arguments: '{}' },
    ])
    expect('polluted' in {}).toBe(false)
    const wild = [
      chunk([{ functionCall: { name: 'f', willContinue: true } }]),
      partial('$.a[999999999]', { numberValue: 1 }),
    ]
    expect(errorOf(stream([...wild, chunk([], { finishReason: 'STOP' })]))).toBe(
      'vendor_contradiction',
    )
  })

  it('that is cut, broken or failed ends with one error', () => {
    expect(errorOf(stream([]))).toBe('stream_cut')
    expect(errorOf(stream([chunk([{ text: 'a' }])]))).toBe('stream_cut')
    const failed = stream([
      chunk([{ text: 'a' }]),
      { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } },
      chunk([{ text: 'b' }]),
    ])
    expect(errorOf(failed)).toBe('overloaded')
    expect(failed).toHaveLength(4)
    const malformed = [chunk([], { finishReason: 'MALFORMED_FUNCTION_CALL' })]
    expect(errorOf(stream(malformed))).toBe('malformed_call')
    const decoder = gemini.streamDecoder({})
    const parts: StreamPart[] = []
    decoder.push({ event: '', data: '{"candidates":[' }, part => parts.push(part))
    decoder.end(part => parts.push(part))
    expect(errorOf(parts)).toBe('stream_cut')
    const namelessCall = [chunk([{ functionCall: { args: { a: 1 } } }])]
    expect(errorOf(stream(namelessCall))).toBe('malformed_call')
  })

  it('is written in chunks that read back as they were', () => {
    const response = decode(
      answer([
        { text: 'hm', thought: true, thoughtSignature: 'CCCC' },
        { text: 'So', thoughtSignature: 'BBBB' },
        ...CALLS,
      ]),
    )
    const text = encodeStream(disassemble(response))
    expect(text.split('\r\n\r\n').at(-1)).toBe('')
    expect(text).not.toMatch(/(?<!\r)\n|event:|DONE/)
    const events = eventsOf(text)
    expect(events).toHaveLength(8)
    expect(events.at(-1)).toMatchObject({
      candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP' }],
      usageMetadata: { totalTokenCount: 20 },
    })
    expect(events.slice(0, -1).every(event => event['usageMetadata'] === undefined)).toBe(true)
    expect(assemble(stream(events))).toEqual(response)
  })

  it('says an error in band, and nothing after it', () => {
    const [start] = disassemble(decode(answer([])))
    const error = new ToolgateError('overloaded', 'busy', { origin: 'vendor' })
    const events = eventsOf(encodeStream([start ?? fail(), { type: 'error', error }]))
    expect(events).toEqual([{ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }])
    expect(eventsOf(encodeStream(start ? [start] : []))).toMatchObject([{ error: { code: 502 } }])
  })

  it('is watched for its usage and its end', () => {
    const tap = gemini.streamTap()
    const push = (event: Json) => tap.push({ event: '', data: JSON.stringify(event) })
    push({ ...chunk(CALLS), usageMetadata: { promptTokenCount: 1 } })
    expect(tap).toMatchObject({ complete: false, usage: { input: 1 }, finish: undefined })
    push({ ...chunk([], { finishReason: 'STOP' }), usageMetadata: USAGE })
    expect(tap).toMatchObject({ complete: true, usage: { input: 12 }, finish: 'tool-calls' })
    const failed = gemini.streamTap()
    failed.push({ event: '', data: '{"error":{"code":500,"message":"x"}}' })
    expect(failed.complete).toBe(true)
  })
})

function fail(): never {
  throw new Error('there is no start')
}

describe('chunks', () => {
  it('leave a cut call out, and give out a broken one', () => {
    const parts = (kind: 'length' | 'stop'): StreamPart[] => [
      { type: 'message-start', id: 'x', model: 'm' },
      { type: 'tool-call-start', index: 0, id: 'a', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, text: '{"a":' },
      { type: 'tool-call-end', index: 0 },
      { type: 'message-end', finish: { kind, raw: kind } },
    ]
    expect(eventsOf(encodeStream(parts('length')))).toHaveLength(1)
    const [first] = eventsOf(encodeStream(parts('stop')))
    expect(isObject(first) && JSON.stringify(first)).toContain('{"_raw":"{\\"a\\":"}')
  })
})
