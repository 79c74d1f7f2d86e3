import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { gemini } from './index.ts'

function said(error: ToolgateError): JsonObject {
  const { status, body } = gemini.encodeError(error, 'r')
  const inner = isObject(body) ? body['error'] : undefined
  if (!isObject(inner)) throw new Error('there is no envelope')
  expect(inner['code']).toBe(status)
  return inner
}

function decode(status: number, body: Json, headers = {}): ToolgateError {
  return gemini.decodeError({ status, headers, body })
}

describe('an error for a client', () => {
  it('has an envelope for every code', () => {
    for (const code of Object.keys(ERROR_CODES)) {
      const found = Object.keys(ERROR_CODES).find((name): name is ErrorCode => name === code)
      const error = said(new ToolgateError(found ?? 'internal', 'what happened'))
      expect(error).toMatchObject({
        message: expect.stringMatching(/./),
        status: expect.any(String),
      })
    }
  })

  it('has the status word of its status', () => {
    const word = (code: ErrorCode, options = {}) => {
      const { code: status, status: name } = said(new ToolgateError(code, 'x', options))
      return [status, name]
    }
    expect(word('invalid_value')).toEqual([400, 'INVALID_ARGUMENT'])
    expect(word('authentication')).toEqual([401, 'UNAUTHENTICATED'])
    expect(word('permission')).toEqual([403, 'PERMISSION_DENIED'])
    expect(word('rate_limit')).toEqual([429, 'RESOURCE_EXHAUSTED'])
    expect(word('overloaded', { status: 529 })).toEqual([503, 'UNAVAILABLE'])
    expect(word('timeout')).toEqual([504, 'DEADLINE_EXCEEDED'])
    expect(word('request_too_large')).toEqual([400, 'INVALID_ARGUMENT'])
    expect(word('authentication', { origin: 'vendor' })[0]).toBe(502)
    expect(word('malformed_call')).toEqual([502, 'INTERNAL'])
  })

  it('says faults of a conversation in the vendor’s words, and tells where', () => {
    const fault = (code: ErrorCode, path: (string | number)[]) =>
      said(new ToolgateError(code, 'call a has no result', { details: { path, callIds: ['a'] } }))
    expect(fault('unanswered_tool_calls', ['messages', 1])).toEqual({
      code: 400,
      message:
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: 'contents[1]', description: 'call a has no result' }],
        },
      ],
    })
    expect(JSON.stringify(fault('orphan_tool_result', ['messages', 2, 'content', 1]))).toMatch(
      /function response turn comes immediately after a function call turn.*contents\[2\]\.parts\[1\]/,
    )
    const names = { details: { names: ['f'], path: ['tools', 1] } }
    expect(said(new ToolgateError('duplicate_tool', 'x', names))['message']).toBe(
      'Duplicate function declaration found: f',
    )
    const model = { details: { model: 'gemni', names: ['gemini-3'] } }
    expect(said(new ToolgateError('model_not_found', 'x', model))['message']).toMatch(
      /^models\/gemni is not found for API version v1beta.* Did you mean gemini-3\?$/,
    )
  })

  it('tells how long to wait, in the body and in a header', () => {
    const error = new ToolgateError('rate_limit', 'x', { details: { retryAfter: 34.4 } })
    const { headers, body } = gemini.encodeError(error, 'r')
    expect(headers['retry-after']).toBe('35')
    expect(JSON.stringify(body)).toContain('"retryDelay":"34.4s"')
    expect(decode(429, body).details.retryAfter).toBe(34.4)
  })
})

describe('an error of a vendor', () => {
  const envelope = (
    code: number,
    status: string,
    message = 'what',
    details: Json[] = [],
  ): Json => ({
    error: { code, message, status, details },
  })

  it('is known by its status word', () => {
    const code = (status: number, word: string, message?: string) =>
      decode(status, envelope(status, word, message)).code
    expect(code(400, 'INVALID_ARGUMENT')).toBe('invalid_request')
    expect(code(403, 'PERMISSION_DENIED')).toBe('permission')
    expect(code(404, 'NOT_FOUND', 'models/x is not found for API version v1beta')).toBe(
      'model_not_found',
    )
    expect(code(500, 'INTERNAL')).toBe('vendor_error')
    expect(code(503, 'UNAVAILABLE')).toBe('overloaded')
    expect(code(504, 'DEADLINE_EXCEEDED')).toBe('timeout')
  })

  it('that is about a key is a 400 here, and does not quote it', () => {
    const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }
    const key = 'AIzaSyA1234567890abcdefghijklmnopqrstuv'
    const error = decode(400, envelope(400, 'INVALID_ARGUMENT', `bad key ${key}`, [info]))
    expect(error).toMatchObject({ code: 'authentication', status: 401, message: 'bad key ***' })
    expect(said(error)).toMatchObject({ code: 502 })
    expect(JSON.stringify(said(error))).not.toContain(key)
  })

  it('of a limit tells when to come back, and whether it is spent for the day', () => {
    const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }
    const quota = (quotaId: string) => ({
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [{ quotaId }],
    })
    const minute = envelope(429, 'RESOURCE_EXHAUSTED', 'x', [quota('PerMinutePerModel'), retry])
    expect(decode(429, minute)).toMatchObject({ code: 'rate_limit', details: { retryAfter: 7 } })
    const day = envelope(429, 'RESOURCE_EXHAUSTED', 'x', [quota('RequestsPerDay')])
    expect(decode(429, day).code).toBe('quota')
    expect(decode(429, minute, { 'retry-after': '3' }).details.retryAfter).toBe(3)
  })

  it('is read in any envelope', () => {
    const busy = envelope(503, 'UNAVAILABLE', 'busy')
    expect(decode(503, [busy])).toMatchObject({ code: 'overloaded', message: 'busy' })
    expect(decode(503, `data: ${JSON.stringify(busy)}\r\n\r\n`).message).toBe('busy')
    expect(decode(502, '<html><title>Bad Gateway</title></html>').message).toBe('Bad Gateway')
    expect(decode(422, { detail: [{ loc: ['body', 0], msg: 'bad' }] }).message).toBe('body.0: bad')
    expect(decode(400, { message: 'flat' }).message).toBe('flat')
    expect(decode(500, '').message).toBe('The vendor answered with status 500.')
  })

  it('is said again as it was', () => {
    const body = envelope(400, 'FAILED_PRECONDITION', 'billing', [{ '@type': 'x' }])
    expect(gemini.encodeError(decode(400, body), 'r')).toMatchObject({ status: 400, body })
  })
})
