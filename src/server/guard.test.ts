import { describe, expect, it } from 'vitest'
import { authenticate, checkHost, clientKey, corsHeaders, type GuardOptions } from './guard.ts'

const open: GuardOptions = { keys: [], origins: [], loopback: true, hosts: [] }

describe('authenticate', () => {
  const keys = [clientKey('alice', 'secret-a'), clientKey('bob', 'secret-b')]
  it('lets everybody in where there are no keys', () => {
    expect(authenticate({}, [])).toBeUndefined()
  })
  it.each([
    [{ authorization: 'Bearer secret-a' }, 'alice'],
    [{ authorization: 'bearer secret-b' }, 'bob'],
    [{ 'x-api-key': 'secret-b' }, 'bob'],
    [{ 'x-goog-api-key': 'secret-a' }, 'alice'],
    [{ 'api-key': 'secret-a' }, 'alice'],
  ])('finds the key in %j', (headers, name) => {
    expect(authenticate(headers, keys)).toBe(name)
  })
  it('refuses no key and a wrong one', () => {
    expect(() => authenticate({}, keys)).toThrow(/No API key/)
    expect(() => authenticate({ authorization: 'Bearer secret' }, keys)).toThrow(/not valid/)
    expect(() => authenticate({ authorization: 'Basic secret-a' }, keys)).toThrow(/No API key/)
  })
})

describe('checkHost', () => {
  it('does not answer for no host at all, not even the first time', () => {
    expect(() => checkHost(undefined, open)).toThrow(/loopback/)
  })
  it.each(['localhost:8665', '127.0.0.1:1', '127.9.9.9', '[::1]:8665', 'app.localhost:3000'])(
    'answers for %s on loopback',
    host => expect(() => checkHost(host, open)).not.toThrow(),
  )
  it.each(['evil.example', 'evil.example:8665', '127.0.0.1.evil.example', '10.0.0.1', ''])(
    'does not answer for %j on loopback',
    host => expect(() => checkHost(host, open)).toThrow(/loopback/),
  )
  it('answers for configured names, and for all on a public address', () => {
    expect(() => checkHost('gate.test:80', { ...open, hosts: ['gate.test'] })).not.toThrow()
    expect(() => checkHost('any.example', { ...open, loopback: false })).not.toThrow()
  })
})

describe('corsHeaders', () => {
  it('is silent without an origin, and refuses one that is not configured', () => {
    expect(corsHeaders(undefined, open)).toBeUndefined()
    expect(() => corsHeaders('https://evil.example', open)).toThrow(/not allowed/)
    expect(() => corsHeaders('null', open)).toThrow(/not allowed/)
  })
  it('names the origin that is configured', () => {
    const options = { ...open, origins: ['https://app.example'] }
    expect(corsHeaders('https://app.example', options)).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
    })
  })
})
