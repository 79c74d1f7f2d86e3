import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { openRedis } from '../../src/store/redis.ts'
import { freePort, startRedis, type TestRedis } from './redis-server.ts'
import { call, isWhole, stateHouse, strips, TURNS, twoSteps } from './state-house.ts'

const house = stateHouse()
afterEach(() => house.close())

describe('the vault in Redis', () => {
  let redis: TestRedis
  let port: number
  beforeAll(async () => {
    port = await freePort()
    redis = await startRedis(port)
  })
  afterAll(() => redis.stop())
  const shared = (more: Config['vault'] = {}): Partial<Config> => ({
    vault: { redis: redis.url, ...more },
  })
  /** Until the connection stands, the store fails, as it should. */
  const connected = () => new Promise(resolve => setTimeout(resolve, 200))

  it('holds across a restart [G3.2]', async () => {
    const google = await house.twin('google', TURNS)
    const before = await house.gateway({ google }, shared())
    await connected()
    const talk = strips(before.url)
    await twoSteps(talk, async () => {
      await before.close()
      const after = await house.gateway({ google }, shared())
      await connected()
      return talk.with({ url: after.url })
    })
    expect(isWhole(google)).toBe(true)
  })

  it('holds across instances, each asking the other for what it lacks', async () => {
    const google = await house.twin('google', [
      { calls: [call('look', 'Bonn')] },
      { calls: [call('look', 'Kiel'), call('read', 'Kiel')] },
      { text: 'It rains.' },
    ])
    const one = await house.gateway({ google }, shared())
    const other = await house.gateway({ google }, shared())
    await connected()
    const talk = strips(one.url)
    talk.say('And Bonn?')
    talk.answer((await talk.ask()).calls)
    const there = talk.with({ url: other.url })
    there.answer((await there.ask()).calls)
    expect((await there.with({ url: one.url }).ask()).text).toBe('It rains.')
    expect(isWhole(google)).toBe(true)
    expect([one.vault().failures, other.vault().failures]).toEqual([0, 0])
  })

  it('gives no client the state of another there either, and forgets there, too', async () => {
    for (const [more, wait] of [
      [{}, 0],
      [{ ttlMs: 40 }, 80],
    ] as const) {
      const google = await house.twin('google', TURNS)
      const keys = { ann: 'key-of-ann-0123', bob: 'key-of-bob-4567' }
      const one = await house.gateway({ google }, { ...shared(more), keys })
      const other = await house.gateway({ google }, { ...shared(more), keys })
      await connected()
      const ann = strips(one.url, keys.ann)
      await twoSteps(ann, async () => {
        await new Promise(resolve => setTimeout(resolve, wait))
        return ann.with({ url: other.url, key: wait > 0 ? keys.ann : keys.bob })
      })
      expect(isWhole(google)).toBe(false)
    }
  })

  it('fails soft when the server is away, and says so once', async () => {
    const google = await house.twin('google', [...TURNS, ...TURNS])
    const lines: string[] = []
    const gateway = await house.gateway({ google }, { ...shared(), log: 'warn' }, lines)
    await connected()
    await redis.stop()
    // Memory still has it.
    const talk = strips(gateway.url)
    await twoSteps(talk, () => talk)
    expect(isWhole(google)).toBe(true)
    // And who starts while it is away lacks it, and goes on.
    const late = await house.gateway({ google }, shared())
    const moving = strips(gateway.url)
    await twoSteps(moving, () => moving.with({ url: late.url }))
    expect(isWhole(google)).toBe(false)
    expect([gateway.vault().failures > 0, late.vault().failures > 0]).toEqual([true, true])
    await gateway.close()
    const told = lines.map(line => JSON.parse(line)).filter(line => line.message)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ level: 'warn' })
    expect(told[0].message).toMatch(
      /^the vault's shared store fails: .*(ECONNREFUSED|closed|timed out)/,
    )
    redis = await startRedis(port)
  })

  it('is used again once the server is back', async () => {
    const store = await openRedis({ url: redis.url })
    const works = async () => {
      try {
        await store.set('a', 'one', 10_000)
        return (await store.get('a')) === 'one'
      } catch {
        return false
      }
    }
    await untilTrue(works)
    await redis.stop()
    expect(await works()).toBe(false)
    redis = await startRedis(port)
    await untilTrue(works)
    await store.delete('a')
    expect(await store.get('a')).toBeUndefined()
    store.close()
    await expect(store.get('a')).rejects.toThrow()
  })
})

async function untilTrue(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come to hold within ten seconds')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
