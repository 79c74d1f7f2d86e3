import { describe, expect, it } from 'vitest'
import type { ErrorCode, ToolgateError } from '../../core/error.ts'
import type { Json } from '../../core/json.ts'
import type { WireError } from '../protocol.ts'
import { decodeError, decodeInBandError, isErrorBody } from './error-decode.ts'

function decode(status: number, body: Json, headers: WireError['headers'] = {}): ToolgateError {
  return decodeError({ status, headers, body })
}

const own = (message: string, code: Json = null, type = 'invalid_request_error'): Json => ({
  error: { message, type, param: null, code },
})

describe('envelopes', () => {
  it.each<[string, number, Json, string, ErrorCode]>([
    ['OpenAI', 400, own('bad'), 'bad', 'invalid_request'],
    [
      'Groq, without param',
      400,
      { error: { message: 'bad', type: 'x', code: 'y' } },
      'bad',
      'invalid_request',
    ],
    [
      'a list (Google)',
      400,
      [{ error: { code: 400, message: 'bad', status: 'INVALID_ARGUMENT' } }],
      'bad',
      'invalid_request',
    ],
    [
      'flat (Mistral)',
      400,
      {
        object: 'error',
        message: 'bad',
        type: 't',
        param: null,
        code: '3280',
        raw_status_code: 400,
      },
      'bad',
      'invalid_request',
    ],
    [
      'flat (vLLM)',
      404,
      {
        object: 'error',
        message: 'The model `x` does not exist.',
        type: 'NotFoundError',
        code: 404,
      },
      'The model `x` does not exist.',
      'model_not_found',
    ],
    ['FastAPI, text', 422, { detail: 'bad' }, 'bad', 'invalid_request'],
    [
      'FastAPI, list',
      422,
      {
        detail: [
          { loc: ['body', 'messages', 0, 'content'], msg: 'Field required', type: 'missing' },
          { msg: 'more' },
        ],
      },
      'messages.0.content: Field required; more',
      'invalid_request',
    ],
    ['FastAPI, object', 400, { detail: { message: 'bad', code: 'c' } }, 'bad', 'invalid_request'],
    [
      'a bare text (Ollama)',
      404,
      { error: 'model "x" not found, try pulling it first' },
      'model "x" not found, try pulling it first',
      'model_not_found',
    ],
    [
      'a text beside a code',
      400,
      { error: 'bad_request', message: 'the message' },
      'the message',
      'invalid_request',
    ],
    [
      'DashScope, with ids around',
      400,
      {
        error: { message: 'bad', type: 't', param: null, code: 'invalid_parameter_error' },
        id: 'x',
        request_id: 'y',
      },
      'bad',
      'invalid_request',
    ],
    [
      'a message that is an object',
      500,
      { error: { message: { a: 1 } } },
      '{"a":1}',
      'vendor_error',
    ],
    ['an error without a message', 500, { error: { code: 5 } }, '{"code":5}', 'vendor_error'],
    [
      'OpenRouter, with the upstream’s words',
      400,
      { error: { code: 400, message: 'Provider returned error', metadata: { raw: 'real cause' } } },
      'Provider returned error: real cause',
      'invalid_request',
    ],
    ['text', 502, 'upstream connect error', 'upstream connect error', 'vendor_error'],
    [
      'a page',
      502,
      '<html><head><title>502 Bad Gateway</title></head></html>',
      'The vendor answered with a page: 502 Bad Gateway',
      'vendor_error',
    ],
    [
      'a page without a title',
      500,
      '<p>x</p>',
      'The vendor answered with status 500 and a page.',
      'vendor_error',
    ],
    ['nothing', 503, '', 'The vendor answered with status 503 and an empty body.', 'overloaded'],
    ['null', 500, null, 'The vendor answered with status 500 and an empty body.', 'vendor_error'],
  ])('%s', (_, status, body, message, code) => {
    const error = decode(status, body)
    expect([error.message, error.code, error.origin]).toEqual([message, code, 'vendor'])
    expect(error.details.vendor?.body).toEqual(body)
  })
})

describe('codes', () => {
  it.each<[number, Json, ErrorCode, number, boolean]>([
    [400, own('x'), 'invalid_request', 400, false],
    [401, own('x', 'invalid_api_key'), 'authentication', 401, false],
    [402, own('Insufficient Balance', 'invalid_request_error'), 'billing', 402, false],
    [403, own('x'), 'permission', 403, false],
    [
      403,
      { error: { code: 403, message: 'flagged', metadata: { reasons: ['hate'] } } },
      'invalid_request',
      403,
      false,
    ],
    [404, own('The model `x` does not exist', 'model_not_found'), 'model_not_found', 404, false],
    [404, own('Unknown URL'), 'not_found', 404, false],
    [400, own('no such', 'model_not_found'), 'model_not_found', 404, false],
    [
      400,
      [{ error: { code: 400, message: 'API key not valid. Please pass a valid API key.' } }],
      'authentication',
      401,
      false,
    ],
    [408, own('x'), 'timeout', 504, true],
    [409, own('x'), 'conflict', 409, true],
    [413, own('x'), 'request_too_large', 413, false],
    [418, own('x'), 'invalid_request', 418, false],
    [422, own('x'), 'invalid_request', 422, false],
    [429, own('x', 'rate_limit_exceeded', 'requests'), 'rate_limit', 429, true],
    [429, own('x', 'insufficient_quota', 'insufficient_quota'), 'quota', 429, false],
    [400, own('x', 'tool_use_failed'), 'malformed_call', 502, true],
    [498, own('x'), 'overloaded', 503, true],
    [500, own('x', null, 'server_error'), 'vendor_error', 500, true],
    [502, own('x'), 'vendor_error', 502, true],
    [503, own('x'), 'overloaded', 503, true],
    [504, own('x'), 'timeout', 504, true],
    [529, own('x'), 'overloaded', 503, true],
  ])('%i %j is %s', (status, body, code, expected, retryable) => {
    const error = decode(status, body)
    expect([error.code, error.status, error.retryable]).toEqual([code, expected, retryable])
  })

  it('keeps the call that failed', () => {
    const body = { error: { message: 'x', code: 'tool_use_failed', failed_generation: '{"name":' } }
    expect(decode(400, body).details['failedGeneration']).toBe('{"name":')
  })

  it('does as the vendor says about trying again', () => {
    expect(decode(400, own('x'), { 'x-should-retry': 'true' }).retryable).toBe(true)
    expect(decode(500, own('x'), { 'x-should-retry': 'false' }).retryable).toBe(false)
  })

  it('hides what a vendor repeats of the key', () => {
    expect(
      decode(401, own('Incorrect API key provided: sk-pro****abcd. See the docs.')).message,
    ).toBe('Incorrect API key provided: ***. See the docs.')
  })

  it('cuts a message that has no end', () => {
    expect(decode(500, own('x'.repeat(10_000))).message).toHaveLength(2000)
  })
})

describe('when to try again', () => {
  it.each<[WireError['headers'], Json, number | undefined]>([
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, null, 1.5],
    [{ 'retry-after': '9' }, null, 9],
    [
      { 'retry-after': 'Fri, 20 Nov 2026 10:00:30 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' },
      null,
      30,
    ],
    [
      { 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' },
      null,
      0,
    ],
    [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:30 GMT' }, null, undefined],
    [{ 'retry-after': 'soon' }, null, undefined],
    [
      {},
      [
        {
          error: { code: 429, message: 'x', details: [{ '@type': 'q' }, { retryDelay: '34.4s' }] },
        },
      ],
      34.4,
    ],
    [{}, null, undefined],
  ])('%j %j', (headers, body, seconds) => {
    expect(decode(429, body, headers).details.retryAfter).toBe(seconds)
  })
})

describe('errors inside a 200', () => {
  it.each<[Json, ErrorCode]>([
    [{ error: { message: 'x', code: 429 } }, 'rate_limit'],
    [{ error: { message: 'x', code: '503' } }, 'overloaded'],
    [{ error: { message: 'x', status_code: 400, type: 'y' } }, 'invalid_request'],
    [{ error: { message: 'x', type: 'server_error' } }, 'vendor_error'],
    [{ error: { message: 'x', type: 'invalid_request_error' } }, 'invalid_request'],
    [{ error: { message: 'x', type: 'requests', code: 'rate_limit_exceeded' } }, 'rate_limit'],
    [{ error: { message: 'x', type: 'timeout' } }, 'timeout'],
    [{ error: 'x' }, 'vendor_error'],
  ])('%j is %s', (body, code) => {
    expect(isErrorBody(body)).toBe(true)
    expect(decodeInBandError(body).code).toBe(code)
  })

  it.each<[Json]>([
    [{ choices: [] }],
    [{ error: null, choices: [] }],
    [{ error: {}, choices: [] }],
    [{ error: '', choices: [] }],
    [[]],
    ['x'],
    [null],
  ])('%j is none', body => {
    expect(isErrorBody(body)).toBe(false)
  })
})
