import { describe, expect, it } from 'vitest'
import {
  handleResponses,
  isResponsesPath,
  isStreamingResponse,
  openaiResponsesTwin,
  responsesStreamFailure,
} from './index.ts'
import { PLAIN_BODY, PLAIN_HEADERS, sendOnce, trial } from './trial.ts'

describe('the way in', () => {
  it('wants a key', async () => {
    for (const authorization of [undefined, '', 'Bearer ', 'Basic abc']) {
      const headers = { ...PLAIN_HEADERS, authorization }
      const { error, headers: answered } = await sendOnce(PLAIN_BODY, { headers })
      expect(error).toMatchObject({ status: 401, type: 'invalid_request_error', code: null })
      expect(error.message).toMatch(/^You didn't provide an API key\./)
      expect(Object.keys(answered)).toEqual(['content-type', 'x-request-id'])
    }
  })

  it('wants JSON', async () => {
    const headers = { ...PLAIN_HEADERS, 'content-type': 'text/plain' }
    expect((await sendOnce(PLAIN_BODY, { headers })).error).toMatchObject({
      status: 400,
      code: 'unsupported_content_type',
    })
    const charset = { ...PLAIN_HEADERS, 'content-type': 'application/json; charset=utf-8' }
    expect((await sendOnce(PLAIN_BODY, { headers: charset })).status).toBe(200)
  })

  it.each([
    ['POST', '/v1/chat/completions', 404, 'Invalid URL (POST /v1/chat/completions)'],
    ['POST', '/v1/responses/', 404, 'Invalid URL (POST /v1/responses/)'],
    [
      'GET',
      '/v1/responses/resp_1/input_items',
      404,
      'Invalid URL (GET /v1/responses/resp_1/input_items)',
    ],
    ['GET', '/v1/responses', 405, 'Invalid method for URL (GET /v1/responses)'],
    ['PUT', '/v1/responses/resp_1', 405, 'Invalid method for URL (PUT /v1/responses/resp_1)'],
    [
      'GET',
      '/v1/responses/resp_1/cancel',
      405,
      'Invalid method for URL (GET /v1/responses/resp_1/cancel)',
    ],
  ])('%s %s', async (method, path, status, message) => {
    const { error } = await sendOnce(PLAIN_BODY, { method, path })
    expect(error).toEqual({
      status,
      message,
      type: 'invalid_request_error',
      param: null,
      code: null,
    })
  })

  it('has two doors', async () => {
    expect((await sendOnce(PLAIN_BODY, { path: '/responses' })).status).toBe(200)
    const paths = ['/v1/responses', '/responses', '/v1/responses/a/cancel', '/v1/responses/']
    expect(paths.map(isResponsesPath)).toEqual([true, true, true, true])
    const others = ['/v1/responsesx', '/v1/chat/completions', '/', '/v2/responses']
    expect(others.map(isResponsesPath)).toEqual([false, false, false, false])
  })

  it('can be another twin’s', async () => {
    const { context } = trial()
    const query = new URLSearchParams()
    const body = JSON.stringify({ ...PLAIN_BODY, stream: true })
    const head = { method: 'POST', path: '/v1/responses', query, headers: PLAIN_HEADERS }
    expect(isStreamingResponse(context)).toBe(false)
    expect(await handleResponses({ ...head, body }, context)).toMatchObject({ status: 200 })
    expect(isStreamingResponse(context)).toBe(true)
  })

  it('says whom it was opened for', async () => {
    const headers = { ...PLAIN_HEADERS, 'openai-organization': 'org-1' }
    const { headers: answered } = await sendOnce(PLAIN_BODY, { headers })
    expect(answered['openai-organization']).toBe('org-1')
  })
})

describe('failures', () => {
  const { context } = trial()
  const { failure } = openaiResponsesTwin

  it.each([
    [401, 'invalid_request_error', 'invalid_api_key'],
    [403, 'request_forbidden', 'unsupported_country_region_territory'],
    [404, 'invalid_request_error', null],
    [429, 'requests', 'rate_limit_exceeded'],
    [500, 'server_error', null],
    [503, 'server_error', null],
    [504, 'cf_gateway_timeout', 504],
    [418, 'invalid_request_error', null],
    [599, 'server_error', null],
  ])('%d', (status, type, code) => {
    const reply = failure(status, context)
    expect(reply.status).toBe(status)
    const { error } = JSON.parse('body' in reply ? reply.body : '{}')
    expect(error).toEqual({ message: expect.stringMatching(/\w/), type, param: null, code })
  })

  it('may say how long to wait', () => {
    expect(failure(429, context).headers['retry-after']).toBe('1')
    expect(failure(503, context).headers['retry-after']).toBeUndefined()
    expect(failure(503, context, { retryAfter: 3 }).headers).toMatchObject({ 'retry-after': '3' })
    expect(failure(429, context, { retryAfter: 0.25 }).headers).toMatchObject({
      'retry-after': '1',
      'retry-after-ms': '250',
    })
  })

  it('may have words of their own', () => {
    const reply = failure(400, context, { message: 'No.' })
    expect('body' in reply && JSON.parse(reply.body)).toMatchObject({ error: { message: 'No.' } })
  })
})

describe('a stream that breaks off', () => {
  const parsed = (frames: string) =>
    frames
      .trimEnd()
      .split('\n\n')
      .map(frame => {
        const [event, data = ''] = frame.split('\n')
        return { event, ...JSON.parse(data.slice('data: '.length)) }
      })

  it('says so twice', async () => {
    const { send, context } = trial()
    const { json, events } = await send({ ...PLAIN_BODY, stream: true })
    const message = 'The server had an error while processing your request. Sorry about that!'
    expect(parsed(responsesStreamFailure(context))).toEqual([
      {
        event: 'event: error',
        type: 'error',
        error: { type: 'server_error', code: 'server_error', message, param: null },
        sequence_number: events.length,
      },
      {
        event: 'event: response.failed',
        type: 'response.failed',
        response: {
          ...json,
          status: 'failed',
          error: { code: 'server_error', message },
          output: [],
          usage: null,
          completed_at: null,
          service_tier: 'auto',
        },
        sequence_number: events.length + 1,
      },
    ])
  })

  it('says so even if nobody asked for it', () => {
    const [error, failed] = parsed(responsesStreamFailure(trial().context))
    expect(error).toMatchObject({ type: 'error', sequence_number: 0 })
    expect(failed).toMatchObject({ sequence_number: 1, response: { status: 'failed' } })
  })
})
