import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, type ErrorDetails, ToolgateError } from '../../core/error.ts'
import { openaiResponses } from './index.ts'

const CODES = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES)

function encode(code: ErrorCode, details: ErrorDetails = {}, message = 'what happened') {
  return openaiResponses.encodeError(new ToolgateError(code, message, { details }), 'req_1')
}

describe('encodeError', () => {
  it.each(CODES)('has an envelope for %s', code => {
    const { status, headers, body } = encode(code)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(headers['x-request-id']).toBe('req_1')
    expect(body).toEqual({
      error: {
        message: expect.any(String),
        type: expect.any(String),
        param: code === 'model_not_found' ? 'model' : expect.toSatisfy(isTextOrNull),
        code: expect.toSatisfy(isTextOrNull),
      },
    })
  })

  it('words an unknown model as a bad request', () => {
    const details = { path: ['model'], model: 'gpt-9', names: ['gpt-5', 'gpt-4o'] }
    expect(encode('model_not_found', details)).toMatchObject({
      status: 400,
      body: {
        error: {
          message: "The requested model 'gpt-9' does not exist. Did you mean gpt-5, gpt-4o?",
          param: 'model',
          code: 'model_not_found',
        },
      },
    })
  })

  it.each([
    ['unanswered_tool_calls', 'No tool output found for function call call_1.'],
    ['orphan_tool_result', 'No tool call found for function call output with call_id call_1.'],
  ] as const)('words %s as the vendor, without an index', (code, message) => {
    const details = { path: ['messages', 3], callIds: ['call_1', 'call_2'] }
    expect(encode(code, details)).toMatchObject({
      status: 400,
      body: { error: { message, type: 'invalid_request_error', param: 'input', code: null } },
    })
  })

  it('tells the length of an id that is too long', () => {
    const details = { path: ['messages', 149, 'call_id'], callIds: ['x'.repeat(86)] }
    expect(encode('invalid_call_id', details).body).toEqual({
      error: {
        message:
          "Invalid 'input[149].call_id': string too long. Expected a string with maximum length 64, but got a string with length 86 instead.",
        type: 'invalid_request_error',
        param: 'input[149].call_id',
        code: 'string_above_max_length',
      },
    })
  })

  it('never says 401 for the key of the gateway', () => {
    const error = new ToolgateError('authentication', 'Incorrect key sk-1', { origin: 'vendor' })
    expect(openaiResponses.encodeError(error, 'r').status).toBe(502)
  })

  it('rounds the wait up', () => {
    expect(encode('rate_limit', { retryAfter: 1.2 }).headers['retry-after']).toBe('2')
  })
})

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string'
}

describe('decodeError', () => {
  it.each([
    [
      400,
      { error: { message: 'x', type: 'invalid_request_error', param: 'input', code: null } },
      'invalid_request',
      400,
    ],
    [400, { error: { message: 'x', code: 'model_not_found' } }, 'model_not_found', 404],
    [429, { error: { message: 'x', code: 'insufficient_quota' } }, 'quota', 429],
    [500, [{ error: { message: 'x' } }], 'vendor_error', 500],
    [422, { detail: [{ loc: ['body', 'input'], msg: 'x' }] }, 'invalid_request', 422],
    [502, '<html><title>Bad gateway</title></html>', 'vendor_error', 502],
    [503, '', 'overloaded', 503],
  ] as const)('reads %i %j', (status, body, code, final) => {
    const wire = JSON.parse(JSON.stringify(body))
    const error = openaiResponses.decodeError({ status, headers: {}, body: wire })
    expect(error).toMatchObject({ code, status: final, origin: 'vendor' })
    expect(error.message).not.toBe('')
  })

  it('says the words of the same protocol again', () => {
    const body = {
      error: { message: 'x', type: 'invalid_request_error', param: 'input', code: 'odd' },
    }
    const error = openaiResponses.decodeError({ status: 400, headers: {}, body })
    expect(openaiResponses.encodeError(error, 'r')).toMatchObject({ status: 400, body })
  })

  it('prefers the finer wait', () => {
    const headers = { 'retry-after-ms': '1500', 'retry-after': '2' }
    const error = openaiResponses.decodeError({ status: 429, headers, body: '' })
    expect(error.details.retryAfter).toBe(1.5)
  })
})
