import { describe, expect, it } from 'vitest'
import type { Json } from '../core/json.ts'
import { decodeVendorError, inBandStatus } from './error-said.ts'

const decode = (status: number, body: Json, headers: { [name: string]: string } = {}) =>
  decodeVendorError('openai-responses', { status, headers, body })

describe("a vendor's error", () => {
  it('keeps whose words it is, and its own status', () => {
    const body = { error: { message: 'bad', type: 't', code: 'c', param: 'p' } }
    const error = decode(422, body)
    expect(error).toMatchObject({ code: 'invalid_request', status: 422, message: 'bad' })
    expect(error.details).toMatchObject({
      protocol: 'openai-responses',
      vendorStatus: 422,
      vendor: { type: 't', code: 'c', param: 'p', body },
    })
  })

  it('never repeats a key', () => {
    const error = decode(401, { error: { message: 'Incorrect API key provided: sk-ab12**cdef' } })
    expect(error.message).toBe('Incorrect API key provided: ***')
    expect(error.code).toBe('authentication')
  })

  it.each([
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1.5],
    [{ 'retry-after': '9' }, 9],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' }, 30],
  ])('says how long to wait: %j', (headers, seconds) => {
    expect(decode(429, { error: { message: 'slow' } }, headers).details.retryAfter).toBe(seconds)
  })

  it('obeys what the vendor says of trying again', () => {
    expect(decode(500, {}, { 'x-should-retry': 'false' }).retryable).toBe(false)
    expect(decode(400, {}, { 'x-should-retry': 'true' }).retryable).toBe(true)
  })
})

it.each<[Json, number]>([
  [{ error: { message: 'm', code: 503 } }, 503],
  [{ error: { message: 'm', type: 'rate_limit_error' } }, 429],
  [{ error: { message: 'm', type: 'overloaded_error' } }, 503],
  [{ error: { message: 'm', code: 'refused_word' } }, 400],
  [{ error: { message: 'm' } }, 500],
])('finds the status that an error inside a 200 stands for: %j', (body, status) => {
  expect(inBandStatus(body, /refused_word/)).toBe(status)
})
