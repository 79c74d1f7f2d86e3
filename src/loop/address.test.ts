import { describe, expect, it } from 'vitest'
import { authHeaders, findAddress } from './address.ts'

const urlOf = (base: string, hints = {}, stream = false) => {
  const { protocol, url } = findAddress(base, hints)
  return [protocol, url('m/1', stream)]
}

describe('an address', () => {
  it('is read as the clients of each protocol write it', () => {
    expect(urlOf('http://h/v1')).toEqual(['openai-chat', 'http://h/v1/chat/completions'])
    expect(urlOf('http://h/v1/')).toEqual(['openai-chat', 'http://h/v1/chat/completions'])
    expect(urlOf('http://h/api/v4')).toEqual(['openai-chat', 'http://h/api/v4/chat/completions'])
    expect(urlOf('http://h')).toEqual(['openai-chat', 'http://h/v1/chat/completions'])
    expect(urlOf('http://h', { native: 'anthropic' })).toEqual([
      'anthropic',
      'http://h/v1/messages',
    ])
    expect(urlOf('http://h/v1', { native: 'anthropic' })[0]).toBe('openai-chat')
    expect(urlOf('http://h/v1beta')).toEqual([
      'gemini',
      'http://h/v1beta/models/m%2F1:generateContent',
    ])
    expect(urlOf('http://h/v1beta', {}, true)[1]).toBe(
      'http://h/v1beta/models/m%2F1:streamGenerateContent?alt=sse',
    )
  })

  it('may be a whole endpoint, which tells the protocol', () => {
    expect(urlOf('http://h/v1/responses')).toEqual(['openai-responses', 'http://h/v1/responses'])
    expect(urlOf('http://h/x/v1/messages')).toEqual(['anthropic', 'http://h/x/v1/messages'])
    expect(urlOf('http://h/v1beta/models/a:streamGenerateContent')[0]).toBe('gemini')
    expect(() => findAddress('http://h/v1/messages', { protocol: 'gemini' })).toThrow(
      /endpoint of anthropic/,
    )
  })

  it('keeps its query, and yields to the protocol that is given', () => {
    expect(urlOf('http://h/v1?api-version=2', { protocol: 'openai-responses' })[1]).toBe(
      'http://h/v1/responses?api-version=2',
    )
    expect(urlOf('http://h/v1', { protocol: 'anthropic' })[1]).toBe('http://h/v1/messages')
  })

  it('must be one', () => {
    for (const wrong of ['', 'h:80', 'ftp://h', '/v1'])
      expect(() => findAddress(wrong, {})).toThrow(/http or https/)
  })
})

describe('a key', () => {
  it('is sent as the protocol has it, or not at all', () => {
    expect(authHeaders('anthropic', 'k')).toEqual({ 'x-api-key': 'k' })
    expect(authHeaders('gemini', 'k')).toEqual({ 'x-goog-api-key': 'k' })
    expect(authHeaders('openai-responses', 'k')).toEqual({ authorization: 'Bearer k' })
    expect(authHeaders('openai-chat', undefined)).toEqual({})
  })
})
