import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, type ErrorOptions, ToolgateError } from '../../core/error.ts'
import { anthropic } from './index.ts'

function encode(code: ErrorCode, message: string, options: ErrorOptions = {}) {
  const { status, headers, body } = anthropic.encodeError(
    new ToolgateError(code, message, options),
    'req_1',
  )
  const { type, error, request_id: id } = JSON.parse(JSON.stringify(body))
  expect(type).toBe('error')
  expect(id).toBe('req_1')
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'request-id': 'req_1' })
  return { status, headers, type: error.type, message: error.message, error }
}

const words = (code: ErrorCode, options: ErrorOptions) => encode(code, 'own words', options).message

describe('every code', () => {
  it.each<[ErrorCode, number, string]>([
    ['invalid_json', 400, 'invalid_request_error'],
    ['missing_field', 400, 'invalid_request_error'],
    ['unknown_field', 400, 'invalid_request_error'],
    ['invalid_type', 400, 'invalid_request_error'],
    ['invalid_value', 400, 'invalid_request_error'],
    ['unsupported', 400, 'invalid_request_error'],
    ['lossy_request', 400, 'invalid_request_error'],
    ['guardrail_refused', 400, 'invalid_request_error'],
    ['unanswered_tool_calls', 400, 'invalid_request_error'],
    ['orphan_tool_result', 400, 'invalid_request_error'],
    ['misplaced_tool_result', 400, 'invalid_request_error'],
    ['duplicate_tool_result', 400, 'invalid_request_error'],
    ['duplicate_tool_call', 400, 'invalid_request_error'],
    ['invalid_tool_arguments', 400, 'invalid_request_error'],
    ['invalid_tool_name', 400, 'invalid_request_error'],
    ['invalid_call_id', 400, 'invalid_request_error'],
    ['duplicate_tool', 400, 'invalid_request_error'],
    ['unknown_tool', 400, 'invalid_request_error'],
    ['authentication', 401, 'authentication_error'],
    ['permission', 403, 'permission_error'],
    ['not_found', 404, 'not_found_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['method_not_allowed', 405, 'invalid_request_error'],
    ['request_too_large', 413, 'request_too_large'],
    ['unsupported_media_type', 415, 'invalid_request_error'],
    ['invalid_request', 400, 'invalid_request_error'],
    ['billing', 402, 'billing_error'],
    ['conflict', 409, 'conflict_error'],
    ['rate_limit', 429, 'rate_limit_error'],
    ['quota', 429, 'rate_limit_error'],
    ['vendor_error', 500, 'api_error'],
    ['overloaded', 529, 'overloaded_error'],
    ['malformed_call', 502, 'api_error'],
    ['vendor_auth', 502, 'api_error'],
    ['vendor_unreachable', 502, 'api_error'],
    ['vendor_contradiction', 502, 'api_error'],
    ['stream_cut', 502, 'api_error'],
    ['timeout', 504, 'timeout_error'],
    ['client_closed', 499, 'api_error'],
    ['shutting_down', 529, 'overloaded_error'],
    ['internal', 500, 'api_error'],
  ])('%s is a %d %s', (code, status, type) => {
    const told = encode(code, 'own words')
    expect([told.status, told.type]).toEqual([status, type])
    expect(told.message).not.toBe('')
    expect(told.headers['x-should-retry']).toBe(String(ERROR_CODES[code].retryable))
  })

  it('has a row above', () => {
    expect(Object.keys(ERROR_CODES)).toHaveLength(41)
  })
})

describe('the vendor’s words', () => {
  it.each<[ErrorCode, ErrorOptions['details'] & object, string]>([
    ['missing_field', { path: ['messages', 0, 'content'] }, 'messages.0.content: Field required'],
    ['unknown_field', { path: ['temperature'] }, 'temperature: Extra inputs are not permitted'],
    [
      'invalid_type',
      { path: ['max_tokens'], expected: 'an integer' },
      'max_tokens: Input should be a valid integer',
    ],
    [
      'invalid_type',
      { path: ['messages', 1, 'content', 0, 'tool_use', 'input'], expected: 'an object' },
      'messages.1.content.0.tool_use.input: Input should be a valid dictionary',
    ],
    [
      'invalid_value',
      { path: ['a'], allowed: ['x', 'y', 'z'] },
      "a: Input should be 'x', 'y' or 'z'",
    ],
    ['invalid_value', { path: ['a'], allowed: ['x'] }, "a: Input should be 'x'"],
    ['invalid_value', { path: ['a'], why: 'range: 0..1' }, 'a: range: 0..1'],
    ['invalid_value', { path: ['a'] }, 'own words'],
    [
      'unanswered_tool_calls',
      { path: ['messages', 167], callIds: ['toolu_1', 'toolu_2'] },
      'messages.167: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1, toolu_2. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    ],
    [
      'misplaced_tool_result',
      { path: ['messages', 2, 'content', 1], callIds: ['toolu_1'] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    ],
    [
      'orphan_tool_result',
      { path: ['messages', 48, 'content', 1], callIds: ['toolu_1'] },
      'messages.48.content.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
    ],
    [
      'duplicate_tool_result',
      { path: ['messages', 2, 'content', 1], callIds: ['toolu_1'] },
      'messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: toolu_1',
    ],
    [
      'duplicate_tool_call',
      { path: ['messages', 1, 'content', 1], callIds: ['toolu_1'] },
      'messages.1.content.1: `tool_use` ids must be unique',
    ],
    ['duplicate_tool', { path: ['tools', 1], names: ['f'] }, 'tools: Tool names must be unique.'],
    [
      'unknown_tool',
      { path: ['tool_choice'], names: ['f'] },
      "Tool 'f' not found in provided tools",
    ],
    [
      'invalid_tool_name',
      { path: ['tools', 0], names: ['a.b'], pattern: '^[a-z]+$' },
      "tools.0.custom.name: String should match pattern '^[a-z]+$'",
    ],
    [
      'invalid_tool_name',
      { path: ['tools', 0], names: ['a'.repeat(129)], pattern: 'x' },
      'tools.0.custom.name: String should have at most 128 characters',
    ],
    ['invalid_tool_name', { path: ['tools', 0], names: ['a.b'] }, 'own words'],
    [
      'invalid_call_id',
      {
        path: ['messages', 1, 'content', 0, 'tool_use', 'id'],
        why: "String should match pattern '^x$'",
      },
      "messages.1.content.0.tool_use.id: String should match pattern '^x$'",
    ],
    [
      'invalid_tool_arguments',
      { path: ['messages', 1] },
      'messages.1: Input should be a valid dictionary',
    ],
    ['model_not_found', { model: 'claude-sonet' }, 'model: claude-sonet'],
    [
      'model_not_found',
      { model: 'claude-sonet', names: ['claude-sonnet-5', 'claude-sonnet-4-6'] },
      'model: claude-sonet Did you mean claude-sonnet-5, claude-sonnet-4-6?',
    ],
    ['model_not_found', {}, 'own words'],
  ])('%s %j', (code, details, message) => {
    expect(words(code, { details })).toBe(message)
  })

  it('hide what went wrong inside', () => {
    expect(words('internal', {})).toBe('Internal server error')
  })

  it('tell where JSON is broken', () => {
    const error = new ToolgateError('invalid_json', 'The body is not valid JSON: x')
    expect(anthropic.encodeError(error, 'r').body).toMatchObject({
      error: { message: 'The request body is not valid JSON: x' },
    })
  })
})

describe('headers', () => {
  it('tell how long to wait, rounded up, where waiting helps', () => {
    const details = { retryAfter: 1.2 }
    expect(encode('rate_limit', 'x', { details }).headers['retry-after']).toBe('2')
    expect(encode('overloaded', 'x', { details }).headers['retry-after']).toBe('2')
    expect(encode('invalid_request', 'x', { details }).headers).not.toHaveProperty('retry-after')
  })

  it('tell whether to try again', () => {
    expect(encode('rate_limit', 'x', { retryable: false }).headers['x-should-retry']).toBe('false')
  })
})

describe('the errors of vendors', () => {
  const body = {
    type: 'error',
    error: { type: 'invalid_request_error', message: 'odd', details: { error_code: 'x' } },
    request_id: 'req_vendor',
  }

  it('of this protocol are said again', () => {
    const error = anthropic.decodeError({ status: 400, headers: {}, body })
    expect(anthropic.encodeError(error, 'req_1')).toMatchObject({
      status: 400,
      body: { type: 'error', error: body.error, request_id: 'req_1' },
    })
  })

  it('of another protocol keep their text', () => {
    const vendor = { type: 'server_error', body: { error: { message: 'x', type: 'server_error' } } }
    const told = encode('vendor_error', 'The server had an error', {
      origin: 'vendor',
      status: 503,
      details: { vendor },
    })
    expect(told).toMatchObject({
      status: 529,
      type: 'api_error',
      message: 'The server had an error',
    })
  })

  it.each<ErrorCode>(['authentication', 'permission', 'vendor_auth'])(
    'about the gateway’s own key are not the client’s: %s',
    code => {
      const vendor = { type: 'authentication_error', body: { ...body } }
      const told = encode(code, 'invalid x-api-key', {
        origin: 'vendor',
        details: { vendor, protocol: 'anthropic' },
      })
      expect(told).toMatchObject({ status: 502, type: 'api_error' })
    },
  )
})
