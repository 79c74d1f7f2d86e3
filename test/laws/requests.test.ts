import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { isObject } from '../../src/core/json.ts'
import type { ModelRequest } from '../../src/core/request.ts'
import { protocolNamed } from '../../src/protocols/index.ts'
import type { Quirks } from '../../src/protocols/quirks.ts'
import { parseJson, stringifyJson } from '../../src/wire/json.ts'
import { requestMeaning } from '../request-meaning.ts'
import { SPOKEN, type Spoken } from './arbitraries.ts'
import { ownRequestFor } from './own-requests.ts'
import { plainRequest } from './plain-request.ts'

/** A vendor that takes whatever its protocol has a place for, signatures on calls included. */
const ALL: Quirks = { thoughtSignatures: 'optional' }

const HEADERS = { 'anthropic-version': '2023-06-01' }

function decode(protocol: Spoken, body: Json): ModelRequest {
  return protocolNamed(protocol).decodeRequest(parseJson(stringifyJson(body)), { headers: HEADERS })
}

describe.each(SPOKEN)('a request in the words of %s', protocol => {
  it('comes back as it was, and nothing is lost', () => {
    fc.assert(
      fc.property(ownRequestFor(protocol), request => {
        const { body, losses } = protocolNamed(protocol).encodeRequest(request, ALL)
        expect(losses).toEqual([])
        expect(plainRequest(decode(protocol, body))).toEqual(plainRequest(request))
      }),
      { numRuns: 1000 },
    )
  })

  it('means the same when it is said a second time, fields that nobody knows included', () => {
    fc.assert(
      fc.property(ownRequestFor(protocol), fc.infiniteStream(fc.nat(9)), (request, dice) => {
        const codec = protocolNamed(protocol)
        const first = codec.encodeRequest(request, ALL).body
        const marked = mark(protocol, JSON.parse(stringifyJson(first)), dice)
        const again = codec.encodeRequest(decode(protocol, marked), ALL)
        expect(again.losses).toEqual([])
        expect(requestMeaning(protocol, JSON.parse(stringifyJson(again.body)))).toEqual(
          requestMeaning(protocol, JSON.parse(stringifyJson(marked))),
        )
      }),
      { numRuns: 1000 },
    )
  })
})

/** Puts unknown fields where vendors put new ones: into the body, messages, parts and tools. */
function mark(protocol: Spoken, body: Json, dice: Iterator<number>): JsonObject {
  if (!isObject(body)) throw new Error('a request is an object')
  const put = (into: Json | undefined): void => {
    const roll: number = dice.next().value
    if (!isObject(into) || roll > 3) return
    const values: Json[] = [roll, 'new', { deep: [null, roll] }, [], true]
    into[`x_new_${roll}`] = values[roll] ?? 'new'
  }
  put(body)
  const each = (list: Json | undefined): Json[] => (Array.isArray(list) ? list : [])
  for (const tool of each(body['tools'])) put(tool)
  for (const message of each(body['messages'])) {
    put(message)
    if (!isObject(message)) continue
    for (const call of each(message['tool_calls'])) put(call)
    for (const part of each(message['content'])) {
      put(part)
      if (protocol === 'anthropic' && isObject(part))
        for (const inner of each(part['content'])) put(inner)
    }
  }
  return body
}
