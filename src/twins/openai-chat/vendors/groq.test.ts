import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../../model.ts'
import { recordsOf } from '../json.ts'
import { deltasOf, errorOf, HELLO, joined, tool, trial } from '../trial.ts'
import { argumentErrors } from './groq-arguments.ts'

const parameters = {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
  additionalProperties: false,
}
const BODY = {
  model: 'openai/gpt-oss-120b',
  messages: HELLO,
  tools: [tool('get_something_by_name', { parameters })],
}
const calls = (input: string, name = 'get_something_by_name'): TwinTurn => ({
  blocks: [
    { type: 'reasoning', text: 'They want it.' },
    { type: 'call', name, arguments: input },
  ],
})
const failure = async (turn: TwinTurn, fields: object = {}) =>
  (await trial('groq', [turn]).send({ ...BODY, ...fields })).error
const useFailed = (message: string, generation: string) => ({
  status: 400,
  message,
  type: 'invalid_request_error',
  code: 'tool_use_failed',
  failed_generation: generation,
})
const PREFIX = 'Tool call validation failed: tool call validation failed:'

describe('Groq', () => {
  it('checks what the model says', async () => {
    expect(await failure(calls('{"foo": 1}'))).toEqual(
      useFailed(
        `${PREFIX} parameters for tool get_something_by_name did not match schema: errors: [missing properties: 'name', additionalProperties 'foo' not allowed]`,
        '{"name": "get_something_by_name", "arguments": {"foo": 1}}',
      ),
    )
    expect(await failure(calls('{}', 'listFiles'))).toEqual(
      useFailed(
        `${PREFIX} attempted to call tool 'listFiles' which was not in request.tools`,
        '{"name": "listFiles", "arguments": {}}',
      ),
    )
    expect(await failure(calls('{"name":'))).toMatchObject({ code: 'tool_use_failed' })
    const silent: TwinTurn = { blocks: [{ type: 'text', text: 'maybe' }] }
    expect(await failure(silent, { tool_choice: 'required' })).toEqual(
      useFailed('Tool choice is required, but model did not call a tool', ''),
    )
    expect(await failure(calls('{"name":"x"}'), { tool_choice: 'none' })).toMatchObject({
      message: 'Tool choice is none, but model called a tool',
    })
    expect((await failure(calls('{"name":"x"}'))).status).toBe(200)
    expect((await failure({ ...calls('{"na'), end: 'length' })).status).toBe(200)
  })

  it('says so in the middle of a stream', async () => {
    const { status, frames, chunks } = await trial('groq', [calls('{}')]).send({
      ...BODY,
      stream: true,
    })
    expect(status).toBe(200)
    expect(joined(deltasOf(chunks), 'reasoning')).toBe('They want it.')
    const last = frames.at(-1) ?? ''
    expect(
      last.startsWith('event: error\ndata: {"error":{"message":"Tool call validation failed'),
    ).toBe(true)
    expect(chunks.at(-1)?.error).toMatchObject({ code: 'tool_use_failed', status_code: 400 })
    expect(frames).not.toContain('data: [DONE]\n\n')
  })

  it('refuses every field that it does not know', async () => {
    expect(await errorOf({ ...BODY, moderation: {} }, 'groq')).toEqual({
      status: 400,
      message: "property 'moderation' is unsupported",
      type: 'invalid_request_error',
    })
    const stamped = [{ role: 'user', content: 'x', timestamp: 1 }]
    expect(await errorOf({ ...BODY, messages: stamped }, 'groq')).toMatchObject({
      message:
        "'messages.0' : for 'role:user' the following must be satisfied[('messages.0' : property 'timestamp' is unsupported)]",
    })
    const echoed = [
      ...HELLO,
      { role: 'assistant', content: 'x', reasoning_content: 'hm' },
      ...HELLO,
    ]
    expect((await errorOf({ ...BODY, messages: echoed }, 'groq')).message).toMatch(
      /'messages\.1' : for 'role:assistant'.*property 'reasoning_content' is unsupported/,
    )
    const kept = [...HELLO, { role: 'assistant', content: 'x', reasoning: 'hm' }, ...HELLO]
    expect((await errorOf({ ...BODY, messages: kept }, 'groq')).status).toBe(200)
  })

  it('answers with x_groq and reasoning', async () => {
    const { json, message } = await trial('groq', [calls('{"name":"x"}')]).send(BODY)
    expect(message).toEqual({
      role: 'assistant',
      reasoning: 'They want it.',
      tool_calls: [
        {
          id: expect.stringMatching(/^fc_[0-9a-f-]{36}$/),
          type: 'function',
          function: { name: 'get_something_by_name', arguments: '{"name":"x"}' },
        },
      ],
    })
    expect(json).toMatchObject({
      x_groq: { id: expect.stringMatching(/^req_01/), seed: expect.any(Number) },
      service_tier: 'on_demand',
      usage: { queue_time: expect.any(Number), completion_tokens_details: { reasoning_tokens: 4 } },
    })
    const { chunks } = await trial('groq', [calls('{"name":"x"}')]).send({ ...BODY, stream: true })
    expect(chunks[0]).toHaveProperty('x_groq.seed')
    expect(deltasOf(chunks)[1]).toMatchObject({ channel: 'analysis' })
    expect(deltasOf(chunks).flatMap(delta => recordsOf(delta.tool_calls))).toHaveLength(1)
    expect(chunks.at(-1)).toHaveProperty('x_groq.usage.total_time')
  })
})

describe('argumentErrors', () => {
  const errors = (value: unknown, property: object) =>
    argumentErrors(
      { a: value },
      { type: 'object', properties: { a: property }, $defs: { x: { type: 'null' } } },
    )

  it.each([
    ['5', { type: 'integer' }, '`/a`: expected integer, but got string'],
    [1.5, { type: 'integer' }, '`/a`: expected integer, but got number'],
    [[], { type: ['object', 'null'] }, '`/a`: expected object or null, but got array'],
    ['maybe', { enum: ['yes', 'no'] }, '`/a`: value must be one of "yes", "no"'],
    ['b', { const: 'a' }, '`/a`: value must be "a"'],
    [-1, { minimum: 0 }, '`/a`: must be >= 0 but found -1'],
    [9, { maximum: 5 }, '`/a`: must be <= 5 but found 9'],
    [[], { minItems: 1 }, '`/a`: minimum 1 items required, but found 0 items'],
    [['x', 1], { items: { type: 'string' } }, '`/a/1`: expected string, but got number'],
    [{}, { required: ['b', 'c'] }, "`/a`: missing properties: 'b', 'c'"],
    [
      { b: { c: 1 } },
      { properties: { b: { properties: { c: { type: 'string' } } } } },
      '`/a/b/c`: expected string, but got number',
    ],
    [1, { anyOf: [{ type: 'string' }, { type: 'null' }] }, '`/a`: anyOf failed'],
    [1, { $ref: '#/$defs/x' }, '`/a`: expected null, but got number'],
    [1, { allOf: [{ type: 'string' }] }, '`/a`: expected string, but got number'],
  ])('%j does not fit %j', (value, property, text) => {
    expect(errors(value, property)).toEqual([text])
  })

  it('finds nothing where all is well', () => {
    expect(errors('x', { type: ['string', 'null'], enum: ['x'] })).toEqual([])
    expect(errors(2, { oneOf: [{ type: 'integer' }, { type: 'string' }] })).toEqual([])
    expect(argumentErrors({ anything: 1 }, { type: 'object' })).toEqual([])
    expect(argumentErrors([], { type: 'object' })).toEqual(['expected object, but got array'])
  })
})
