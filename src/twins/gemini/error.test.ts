import { describe, expect, it } from 'vitest'
import { seeded } from '../random.ts'
import type { TwinContext, TwinReply } from '../vendor.ts'
import { geminiTwin, studioTwin, vertexTwin } from './index.ts'
import { PLAIN_BODY, PLAIN_HEADERS, SSE, studio } from './trial.ts'

const contextOf = (): TwinContext => ({
  model: { name: 'none', answer: () => ({ blocks: [{ type: 'text', text: 'Hi.' }] }) },
  random: seeded(1),
  now: () => 0,
})
const errorOf = (reply: TwinReply) => JSON.parse('body' in reply ? reply.body : '{}').error
const fail = (status: number, options?: object, vendor = geminiTwin) =>
  vendor.failure(status, contextOf(), options)

describe('failures', () => {
  it('have the vendor’s statuses', () => {
    for (const [code, status] of [
      [400, 'INVALID_ARGUMENT'],
      [401, 'UNAUTHENTICATED'],
      [403, 'PERMISSION_DENIED'],
      [404, 'NOT_FOUND'],
      [413, 'INVALID_ARGUMENT'],
      [429, 'RESOURCE_EXHAUSTED'],
      [500, 'INTERNAL'],
      [503, 'UNAVAILABLE'],
      [504, 'DEADLINE_EXCEEDED'],
      [599, 'INTERNAL'],
    ] as const) {
      for (const vendor of [geminiTwin, vertexTwin()]) {
        const reply = fail(code, undefined, vendor)
        expect(reply.status).toBe(code)
        expect(errorOf(reply)).toMatchObject({ code, status, message: expect.stringMatching(/./) })
        expect(reply.headers['content-type']).toBe('application/json; charset=UTF-8')
      }
    }
    expect(errorOf(fail(503)).message).toBe('The model is overloaded. Please try again later.')
    expect(errorOf(fail(500, { message: 'odd' })).message).toBe('odd')
    expect(errorOf(fail(503))).not.toHaveProperty('details')
  })

  it('tell the waiting time in the body alone', () => {
    const reply = fail(429, { retryAfter: 34.4 })
    expect(reply.headers).not.toHaveProperty('retry-after')
    const { message, details } = errorOf(reply)
    expect(message).toMatch(
      /^You exceeded your current quota, .*\n\* Quota exceeded for metric: .*\nPlease retry in 34\.4s\.$/,
    )
    expect(details).toMatchObject([
      { '@type': 'type.googleapis.com/google.rpc.Help' },
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }],
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' },
    ])
    expect(errorOf(fail(429)).details[2]).toMatchObject({ retryDelay: '1s' })
    expect(errorOf(fail(503, { retryAfter: 2 })).details).toEqual([
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' },
    ])
  })

  it('of Vertex for want of resources say little', () => {
    const error = errorOf(fail(429, undefined, vertexTwin()))
    expect(error).toEqual({
      code: 429,
      message:
        'Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.',
      status: 'RESOURCE_EXHAUSTED',
    })
    expect(errorOf(fail(429, { retryAfter: 3 }, vertexTwin())).details).toMatchObject([
      { retryDelay: '3s' },
    ])
  })
})

describe('failures in the middle of a stream', () => {
  const stream = async (vendor: typeof geminiTwin, query?: URLSearchParams) => {
    const context = contextOf()
    const path = studio('gemini-2.5-flash', 'streamGenerateContent')
    const body = JSON.stringify(PLAIN_BODY)
    await vendor.handle(
      { method: 'POST', path, query: query ?? new URLSearchParams(), headers: PLAIN_HEADERS, body },
      context,
    )
    return { context, vendor }
  }
  const error = {
    error: {
      code: 503,
      message: 'The model is overloaded. Please try again later.',
      status: 'UNAVAILABLE',
    },
  }

  it('are an event', async () => {
    const { context, vendor } = await stream(geminiTwin, SSE)
    const event = vendor.streamFailure(context)
    expect(event).toMatch(/^data: \{.*\}\r\n\r\n$/)
    expect(JSON.parse(event.slice(6))).toEqual(error)
  })

  it('are a bare text where the twin is told so', async () => {
    const { context, vendor } = await stream(studioTwin({ bareStreamErrors: true }), SSE)
    const event = vendor.streamFailure(context)
    expect(event.startsWith('{\n  "error": {')).toBe(true)
    expect(JSON.parse(event)).toEqual(error)
  })

  it('end the list of a stream without alt=sse', async () => {
    const { context, vendor } = await stream(geminiTwin)
    expect(JSON.parse(`[{}${vendor.streamFailure(context)}`)).toEqual([{}, error])
    expect(vendor.failure(500, context)).toMatchObject({
      body: expect.stringMatching(/^\[\{.*\}\n\]\n$/s),
    })
  })
})
