import { describe, expect, it } from 'vitest'
import { ToolgateError } from '../core/error.ts'
import { errorEncoder } from './error-envelope.ts'

const { encodeError, encodeErrorBody } = errorEncoder({
  protocol: 'openai-chat',
  maxCallId: 5,
  status: error => (error.code === 'quota' ? 418 : undefined),
  parameter: path => path.join('/'),
  param: error => (error.code === 'quota' ? 'purse' : undefined),
  toolName: index => `tool ${index}`,
  about: error => (error.code === 'conflict' ? { message: 'own words', code: 'own' } : undefined),
  unknownModel: model => `no ${model}`,
})

const bodyOf = (...args: ConstructorParameters<typeof ToolgateError>) =>
  encodeErrorBody(new ToolgateError(...args))

describe('an error in the envelope', () => {
  it('is worded by the protocol first', () => {
    expect(bodyOf('conflict', 'usual')).toMatchObject({
      error: { message: 'own words', code: 'own' },
    })
    expect(bodyOf('quota', 'spent')).toMatchObject({ error: { message: 'spent', param: 'purse' } })
    expect(encodeError(new ToolgateError('quota', 'spent'), 'req').status).toBe(418)
    const details = { path: ['tools', 2], names: ['a b'] }
    expect(bodyOf('invalid_tool_name', 'x', { details })).toMatchObject({
      error: { param: 'tool 2' },
    })
  })

  it("is a vendor's own of the same protocol, word for word", () => {
    const details = {
      protocol: 'openai-chat',
      vendor: { type: 't', code: 'c', param: 'p', body: { error: { message: 'm', more: 1 } } },
    } as const
    expect(bodyOf('invalid_request', 'm', { origin: 'vendor', details })).toEqual({
      error: { message: 'm', type: 't', param: 'p', code: 'c', more: 1 },
    })
  })

  it("never tells a client about the gateway's key", () => {
    const details = {
      protocol: 'openai-chat',
      vendor: { type: 'x', code: 'invalid_api_key', param: null, body: { error: { key: 'sk' } } },
    } as const
    const error = new ToolgateError('authentication', 'm', { origin: 'vendor', details })
    expect(encodeError(error, 'req').status).toBe(502)
    expect(JSON.stringify(encodeErrorBody(error))).not.toMatch(/sk|invalid_api_key/)
  })

  it('says how long to wait, and whether to try again', () => {
    const error = new ToolgateError('rate_limit', 'slow', { details: { retryAfter: 1.2 } })
    const { status, headers } = encodeError(error, 'req')
    expect(status).toBe(429)
    expect(headers).toMatchObject({ 'retry-after': '2', 'x-should-retry': 'true' })
  })
})
