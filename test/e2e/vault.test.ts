import { afterEach, describe, expect, it } from 'vitest'
import { call, GEMINI, isWhole, stateHouse, strips, TURNS, twoSteps } from './state-house.ts'
import { chatTalk } from './talks.ts'

const house = stateHouse()
afterEach(() => house.close())

describe('the vault in memory', () => {
  it('puts a signature back [G3.2]', async () => {
    const google = await house.twin('google', TURNS)
    const gateway = await house.gateway({ google })
    const talk = strips(gateway.url)
    await twoSteps(talk, () => talk)
    expect(isWhole(google)).toBe(true)
    expect(gateway.vault()).toMatchObject({ hits: 1, misses: 0, stores: 1, entries: 1 })
  })

  it('gives no client the state of another', async () => {
    const google = await house.twin('google', TURNS)
    const keys = { ann: 'key-of-ann-0123', bob: 'key-of-bob-4567' }
    const gateway = await house.gateway({ google }, { keys })
    const ann = strips(gateway.url, keys.ann)
    await twoSteps(ann, () => ann.with({ key: keys.bob }))
    expect(isWhole(google)).toBe(false)
    expect(gateway.vault()).toMatchObject({ hits: 0, misses: 1 })
  })

  it('forgets what is too old', async () => {
    const google = await house.twin('google', TURNS)
    const gateway = await house.gateway({ google }, { vault: { ttlMs: 30 } })
    const talk = strips(gateway.url)
    await twoSteps(talk, async () => {
      await new Promise(resolve => setTimeout(resolve, 60))
      return talk
    })
    expect(isWhole(google)).toBe(false)
  })

  it('holds no more than it may', async () => {
    const cities = Array.from({ length: 40 }, (_, i) => `Town ${i}`)
    const google = await house.twin(
      'google',
      cities.map(city => ({ calls: [call('look', city)] })),
    )
    const gateway = await house.gateway({ google }, { vault: { maxBytes: 8192 } })
    const talk = chatTalk({ url: gateway.url, model: GEMINI, manner: 'echoes', stream: false })
    talk.say('Look everywhere')
    for (const _ of cities) talk.answer((await talk.ask()).calls)
    const { bytes, evictions, entries, stores } = gateway.vault()
    expect(bytes).toBeLessThanOrEqual(8192)
    expect(stores).toBe(40)
    expect(entries + evictions).toBe(40)
    expect(evictions).toBeGreaterThan(0)
  })

  it('does not find a call that the client has changed', async () => {
    const google = await house.twin('google', TURNS)
    const gateway = await house.gateway({ google })
    const talk = strips(gateway.url)
    await twoSteps(talk, () => {
      talk.change('Bonn', 'Kiel')
      return talk
    })
    expect(isWhole(google)).toBe(false)
  })

  it('finds a call whose arguments the client has written anew', async () => {
    const google = await house.twin('google', TURNS)
    const gateway = await house.gateway({ google })
    const talk = strips(gateway.url)
    await twoSteps(talk, () => {
      talk.change('{\\"city\\":\\"Bonn\\"}', '{ \\"city\\" : \\"Bonn\\" }')
      return talk
    })
    expect(isWhole(google)).toBe(true)
  })

  it('writes into the log what it did', async () => {
    const google = await house.twin('google', TURNS)
    const lines: string[] = []
    const gateway = await house.gateway({ google }, { log: 'info' }, lines)
    const talk = strips(gateway.url)
    await twoSteps(talk, () => talk)
    await gateway.close()
    expect(lines.map(line => JSON.parse(line).state)).toEqual([
      { found: 0, missing: 0, kept: 1 },
      { found: 1, missing: 0, kept: 0 },
    ])
  })
})
