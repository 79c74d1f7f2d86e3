import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToolgateError, ToolgateError } from '../../src/core/error.ts'
import { isObject, type Json } from '../../src/core/json.ts'
import { protocolNamed } from '../../src/protocols/index.ts'
import { parseJson, stringifyJson } from '../../src/wire/json.ts'
import { SEED, SPOKEN, type Spoken } from './arbitraries.ts'
import { mutate } from './mutations.ts'
import { ownRequestFor } from './own-requests.ts'

const HEADERS = { 'anthropic-version': '2023-06-01' }
const RUNS = 20_000

/** Real bodies to start from: as rich as the arbitrary makes them, in the protocol's own words. */
function bodiesOf(protocol: Spoken): string[] {
  const codec = protocolNamed(protocol)
  return fc
    .sample(ownRequestFor(protocol), { numRuns: 200 })
    .map(request => stringifyJson(codec.encodeRequest(request, {}).body))
}

function diceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state
  }
}

/** A key of one protocol in the body of another, which is how clients go wrong most. */
function crossed(body: Json, other: Json): Json {
  return isObject(body) && isObject(other) ? { ...other, ...body } : body
}

describe.each(SPOKEN)('%s', name => {
  const protocol = protocolNamed(name)
  const own = bodiesOf(name)
  const foreign = SPOKEN.filter(other => other !== name).flatMap(bodiesOf)

  it(`reads or refuses ${RUNS} broken requests, and never fails otherwise`, () => {
    const dice = diceFrom(SEED)
    const codes = new Map<string, number>()
    let read = 0
    for (let run = 0; run < RUNS; run++) {
      let body: Json = JSON.parse(own[dice() % own.length] ?? '')
      if (dice() % 20 === 0)
        body = crossed(body, JSON.parse(foreign[dice() % foreign.length] ?? ''))
      const times = 1 + (dice() % 3)
      for (let i = 0; i < times; i++) body = mutate(body, dice)
      const text = JSON.stringify(body)
      try {
        const request = protocol.decodeRequest(parseJson(text), { headers: HEADERS })
        read++
        // What was read can be written, or is refused in the same way.
        stringifyJson(protocol.encodeRequest(request, {}).body)
      } catch (thrown) {
        check(thrown, text)
        codes.set(codeOf(thrown), (codes.get(codeOf(thrown)) ?? 0) + 1)
      }
    }
    expect('polluted' in {}).toBe(false)
    // The mutations hit: a good part is refused, for several reasons, and a good part is read.
    expect(read).toBeGreaterThan(RUNS / 10)
    expect(RUNS - read).toBeGreaterThan(RUNS / 10)
    expect(codes.size).toBeGreaterThan(2)
  })

  function codeOf(thrown: unknown): string {
    return isToolgateError(thrown) ? thrown.code : ''
  }

  /** An error of ours, with a 4xx status in the protocol's own envelope. */
  function check(thrown: unknown, text: string): void {
    if (!(thrown instanceof ToolgateError))
      throw new Error(`not an error of ours: ${thrown}\n${text.slice(0, 2000)}`, { cause: thrown })
    const { status, body } = protocol.encodeError(thrown, 'req_1')
    const error = isObject(body) ? body['error'] : undefined
    const isGood =
      status >= 400 &&
      status < 500 &&
      isObject(error) &&
      typeof error['type'] === 'string' &&
      typeof error['message'] === 'string' &&
      error['message'] !== '' &&
      (name !== 'anthropic' || (isObject(body) && body['type'] === 'error'))
    if (!isGood) throw new Error(`${status} ${JSON.stringify(body)}\n${text.slice(0, 2000)}`)
  }

  it('refuses what is no request at all', () => {
    for (const body of [null, [], 'text', 1, true, {}, [{}], { model: null }])
      try {
        protocol.decodeRequest(body, { headers: HEADERS })
        throw new Error(`took ${JSON.stringify(body)}`)
      } catch (thrown) {
        check(thrown, JSON.stringify(body))
      }
  })
})
