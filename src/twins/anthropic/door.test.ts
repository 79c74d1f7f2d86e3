import { describe, expect, it } from 'vitest'
import { anthropicTwin } from './index.ts'
import { PLAIN_BODY, PLAIN_HEADERS, sendOnce, trial, withHeaders } from './trial.ts'

const { 'content-type': _type, ...untyped } = PLAIN_HEADERS
const { 'x-api-key': _key, ...keyless } = PLAIN_HEADERS
const { 'anthropic-version': _version, ...unversioned } = PLAIN_HEADERS

describe('the way in', () => {
  it.each(['/v1/messages', '/anthropic/v1/messages', '/v1/messages/'])('takes %s', async path => {
    expect(await sendOnce(PLAIN_BODY, { path })).toMatchObject({ status: 200 })
  })

  it('takes the beta form', async () => {
    const query = new URLSearchParams('beta=true')
    expect(await sendOnce(PLAIN_BODY, { query })).toMatchObject({ status: 200 })
  })

  it.each(['/', '/v1/complete', '/v2/messages', '/anthropic', '/v1/messages/other'])(
    'does not know %s',
    async path => {
      const { status, json } = await sendOnce(PLAIN_BODY, { path })
      expect(status).toBe(404)
      expect(json).toMatchObject({
        type: 'error',
        error: { type: 'not_found_error', message: 'Not Found' },
        request_id: expect.stringMatching(/^req_011C[1-9A-HJ-NP-Za-km-z]{20}$/),
      })
    },
  )

  it.each([
    ['GET', '/v1/messages'],
    ['PUT', '/v1/messages/count_tokens'],
    ['POST', '/v1/models'],
    ['DELETE', '/v1/models/claude-opus-4-8'],
  ])('refuses %s %s', async (method, path) => {
    expect(await sendOnce(PLAIN_BODY, { method, path })).toMatchObject({
      status: 405,
      message: 'Method Not Allowed',
    })
  })

  it.each([
    [keyless, 'x-api-key header is required'],
    [{ ...keyless, 'x-api-key': ' ' }, 'x-api-key header is required'],
    [{ ...keyless, authorization: 'Basic abc' }, 'x-api-key header is required'],
    [{ ...keyless, authorization: 'Bearer ' }, 'Invalid bearer token'],
    [{ ...keyless, authorization: 'Bearer sk-invalid' }, 'Invalid bearer token'],
    [{ ...keyless, 'x-api-key': 'sk-invalid' }, 'invalid x-api-key'],
    [{ ...keyless, 'x-api-key': 'sk-invalid', authorization: 'Bearer good' }, 'invalid x-api-key'],
  ])('refuses keys %#', async (headers, message) => {
    const { status, json } = await sendOnce(PLAIN_BODY, { headers })
    expect(status).toBe(401)
    expect(json).toMatchObject({ error: { type: 'authentication_error', message } })
  })

  it.each([
    { ...keyless, authorization: 'Bearer sk-ant-good' },
    { ...PLAIN_HEADERS, authorization: 'Bearer sk-invalid' },
  ])('accepts keys %#', async headers => {
    expect(await sendOnce(PLAIN_BODY, { headers })).toMatchObject({ status: 200 })
  })

  it.each([
    [unversioned, 'anthropic-version: header is required'],
    [{ ...unversioned, 'anthropic-version': '' }, 'anthropic-version: header is required'],
    [
      { ...unversioned, 'anthropic-version': '2024-10-22' },
      'anthropic-version: "2024-10-22" is not a valid version',
    ],
    [
      { ...unversioned, 'anthropic-version': '2023-06-01, 2023-06-01' },
      'anthropic-version: "2023-06-01, 2023-06-01" is not a valid version',
    ],
  ])('refuses versions %#', async (headers, message) => {
    expect(await sendOnce(PLAIN_BODY, { headers })).toMatchObject({ status: 400, message })
  })

  it('accepts the version of October 2026', async () => {
    const head = withHeaders({ 'anthropic-version': '2026-10-21' })
    expect(await sendOnce(PLAIN_BODY, head)).toMatchObject({ status: 200 })
  })

  it('refuses what is no beta, and one that was retired', async () => {
    const bad = withHeaders({ 'anthropic-beta': 'context-management-2025-06-27, nonsense' })
    expect((await sendOnce(PLAIN_BODY, bad)).message).toBe(
      'Unexpected value(s) `nonsense` for the `anthropic-beta` header. Please consult our documentation at platform.claude.com/docs or try again without the header.',
    )
    const retired = withHeaders({ 'anthropic-beta': 'tool-search-tool-2025-11-19' })
    expect(await sendOnce(PLAIN_BODY, retired)).toMatchObject({ status: 400 })
    const good = withHeaders({
      'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14',
    })
    expect(await sendOnce(PLAIN_BODY, good)).toMatchObject({ status: 200 })
  })

  it('reads JSON only', async () => {
    expect(await sendOnce(PLAIN_BODY, { headers: untyped })).toMatchObject({ status: 400 })
    const plain = withHeaders({ 'content-type': 'text/plain' })
    expect(await sendOnce(PLAIN_BODY, plain)).toMatchObject({ status: 400 })
    const charset = withHeaders({ 'content-type': 'application/json; charset=utf-8' })
    expect(await sendOnce(PLAIN_BODY, charset)).toMatchObject({ status: 200 })
    expect((await sendOnce('{"model":\n "x",}')).message).toBe(
      'The request body is not valid JSON: Expected a property name: line 2 column 6 (char 15)',
    )
    expect((await sendOnce('[]')).message).toBe('Input should be an object')
    expect(await sendOnce('')).toMatchObject({ status: 400 })
  })

  it('has a limit on the size of a body', async () => {
    const { status, json } = await sendOnce(' '.repeat(32 * 1024 * 1024 + 1))
    expect(status).toBe(413)
    expect(json).toMatchObject({
      error: { type: 'request_too_large', message: 'Request exceeds the maximum size' },
    })
  })
})

describe('failures', () => {
  const { context } = trial()
  it.each([
    [400, 'invalid_request_error', 'false'],
    [401, 'authentication_error', 'false'],
    [402, 'billing_error', 'false'],
    [403, 'permission_error', 'false'],
    [404, 'not_found_error', 'false'],
    [413, 'request_too_large', 'false'],
    [429, 'rate_limit_error', 'true'],
    [500, 'api_error', 'true'],
    [503, 'api_error', 'true'],
    [504, 'timeout_error', 'true'],
    [529, 'overloaded_error', 'true'],
    [418, 'invalid_request_error', 'false'],
    [599, 'api_error', 'true'],
  ])('answers %i as %s', (status, type, retry) => {
    const reply = anthropicTwin.failure(status, context)
    expect(reply.status).toBe(status)
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      'request-id': expect.stringMatching(/^req_/),
      'x-should-retry': retry,
    })
    const body = 'body' in reply ? JSON.parse(reply.body) : undefined
    expect(body).toMatchObject({ type: 'error', error: { type } })
    expect(body.request_id).toBe(reply.headers['request-id'])
  })

  it('says when to come back', () => {
    const { headers } = anthropicTwin.failure(429, context, { retryAfter: 2.5 })
    expect(headers).toMatchObject({
      'retry-after': '3',
      'anthropic-ratelimit-requests-limit': '4000',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-tokens-reset': '2026-11-21T00:00:00Z',
    })
    expect(anthropicTwin.failure(429, context).headers['retry-after']).toBe('1')
    expect(anthropicTwin.failure(529, context).headers).not.toHaveProperty('retry-after')
    expect(anthropicTwin.failure(529, context, { retryAfter: 7 }).headers['retry-after']).toBe('7')
  })

  it('takes a text of its own', () => {
    const reply = anthropicTwin.failure(500, context, { message: 'The script is over.' })
    expect(JSON.parse('body' in reply ? reply.body : '')).toMatchObject({
      error: { type: 'api_error', message: 'The script is over.' },
    })
  })

  it('breaks a stream off with an event', () => {
    expect(anthropicTwin.streamFailure(context)).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
    )
  })
})
