import { describe, expect, it } from 'vitest'
import type { Json } from '../../core/json.ts'
import { anthropic } from './index.ts'

const envelope = (type: string, message: string, more = {}) => ({
  type: 'error',
  error: { type, message, ...more },
  request_id: 'req_1',
})

function decode(status: number, body: Json, headers: { [name: string]: string } = {}) {
  const error = anthropic.decodeError({ status, headers, body })
  expect(error.origin).toBe('vendor')
  return error
}

describe('the vendor’s own envelope', () => {
  it.each<[number, string, string, string, number, boolean]>([
    [400, 'invalid_request_error', 'odd', 'invalid_request', 400, false],
    [401, 'authentication_error', 'invalid x-api-key', 'authentication', 401, false],
    [402, 'billing_error', 'no money', 'billing', 402, false],
    [403, 'permission_error', 'no', 'permission', 403, false],
    [404, 'not_found_error', 'model: claude-sonet', 'model_not_found', 404, false],
    [404, 'not_found_error', 'Not Found', 'not_found', 404, false],
    [409, 'conflict_error', 'busy', 'conflict', 409, true],
    [413, 'request_too_large', 'big', 'request_too_large', 413, false],
    [429, 'rate_limit_error', 'slow', 'rate_limit', 429, true],
    [500, 'api_error', 'oops', 'vendor_error', 500, true],
    [503, 'api_error', 'Service unavailable', 'overloaded', 503, true],
    [504, 'timeout_error', 'late', 'timeout', 504, true],
    [529, 'overloaded_error', 'Overloaded', 'overloaded', 503, true],
    [200, 'overloaded_error', 'Overloaded', 'overloaded', 503, true],
    [200, 'rate_limit_error', 'slow', 'rate_limit', 429, true],
    [418, 'teapot_error', 'short and stout', 'invalid_request', 418, false],
    [520, 'odd_error', 'x', 'vendor_error', 520, true],
    [
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API.',
      'billing',
      400,
      false,
    ],
  ])('%d %s %j', (status, type, message, code, told, retryable) => {
    const error = decode(status, envelope(type, message))
    expect([error.code, error.status, error.retryable, error.message]).toEqual([
      code,
      told,
      retryable,
      message,
    ])
    expect(error.details).toMatchObject({
      protocol: 'anthropic',
      vendorStatus: status,
      vendor: { type, body: envelope(type, message) },
    })
  })

  it('may name a code', () => {
    const details = { error_code: 'available_tools_limit_exceeded' }
    const body = envelope('invalid_request_error', 'x', { details })
    expect(decode(400, body).details.vendor).toMatchObject({
      code: 'available_tools_limit_exceeded',
    })
  })

  it('may stand inside another’s', () => {
    const inner = JSON.stringify(envelope('invalid_request_error', 'messages.0: odd'))
    const body = { error: { code: 400, message: inner, status: 'INVALID_ARGUMENT' } }
    expect(decode(400, body)).toMatchObject({
      code: 'invalid_request',
      message: 'messages.0: odd',
    })
  })

  it('may say itself whether to try again', () => {
    const body = envelope('rate_limit_error', 'spend limit')
    expect(decode(429, body, { 'x-should-retry': 'false' })).toMatchObject({
      code: 'quota',
      retryable: false,
    })
    const broken = envelope('invalid_request_error', 'x')
    expect(decode(400, broken, { 'x-should-retry': 'true' }).retryable).toBe(true)
    const oops = envelope('api_error', 'x')
    expect(decode(500, oops, { 'x-should-retry': 'false' }).retryable).toBe(false)
  })
})

describe('other envelopes', () => {
  it.each<[number, Json, string, string]>([
    [429, [{ error: { message: 'slow', code: 429 } }], 'rate_limit', 'slow'],
    [400, { object: 'error', message: 'flat', type: 'BadRequestError' }, 'invalid_request', 'flat'],
    [404, { error: 'model not loaded' }, 'model_not_found', 'model not loaded'],
    [404, { detail: 'Not Found' }, 'not_found', 'Not Found'],
    [
      422,
      { detail: [{ loc: ['body', 'model'], msg: 'field required', type: 'missing' }, 'x'] },
      'invalid_request',
      'body.model: field required; "x"',
    ],
    [
      502,
      '<html><head><title>502 Bad Gateway</title></head></html>',
      'vendor_error',
      '502 Bad Gateway',
    ],
    [503, 'upstream connect error', 'overloaded', 'upstream connect error'],
    [500, '', 'vendor_error', 'The vendor answered with status 500.'],
    [500, null, 'vendor_error', 'The vendor answered with status 500.'],
    [408, {}, 'timeout', 'The vendor answered with status 408.'],
    [429, { error: { message: 'x', code: 'insufficient_quota' } }, 'quota', 'x'],
    [400, { error: { message: '{not json' } }, 'invalid_request', '{not json'],
    [500, { error: {} }, 'vendor_error', 'The vendor answered with status 500.'],
  ])('%d %j', (status, body, code, message) => {
    expect(decode(status, body)).toMatchObject({ code, message })
  })

  it('are never long, and never repeat a key', () => {
    expect(decode(500, 'x'.repeat(10_000)).message).toHaveLength(2000)
    const body = envelope('authentication_error', 'invalid key sk-ant-api03-abcDEF_12')
    expect(decode(401, body).message).toBe('invalid key ***')
  })
})

describe('the time to wait', () => {
  const wait = (headers: { [name: string]: string }) =>
    decode(429, envelope('rate_limit_error', 'slow'), headers).details.retryAfter

  it.each<[{ [name: string]: string }, number | undefined]>([
    [{}, undefined],
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '7', 'retry-after-ms': '1500' }, 1.5],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after-ms': '' }, undefined],
    [
      {
        'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT',
        date: 'Wed, 21 Oct 2026 07:28:00 GMT',
      },
      30,
    ],
    [
      {
        'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT',
        date: 'Wed, 21 Oct 2026 07:28:30 GMT',
      },
      0,
    ],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT' }, undefined],
  ])('of %j is %j', (headers, seconds) => {
    expect(wait(headers)).toBe(seconds)
  })
})
