import { describe, expect, it } from 'vitest'
import type { KeyValueStore } from './store.ts'
import { Vault } from './vault.ts'

const ZERO = { hits: 0, misses: 0, stores: 0, oversize: 0, evictions: 0, failures: 0 }

/** A store that is away. */
const AWAY: KeyValueStore = {
  get: () => Promise.reject(new Error('away')),
  set: () => Promise.reject(new Error('away')),
  delete: () => Promise.reject(new Error('away')),
}

describe('a vault', () => {
  it('counts what it does', () => {
    const vault = new Vault({ maxEntry: 10 })
    expect(vault.figures).toEqual({ ...ZERO, entries: 0, bytes: 0 })
    vault.write('a', 'one')
    vault.write('b', 'far too long')
    vault.count(2, 1)
    expect([vault.read('a'), vault.read('b')]).toEqual(['one', undefined])
    expect(vault.figures).toMatchObject({ hits: 2, misses: 1, stores: 1, oversize: 1, entries: 1 })
  })

  it('forgets after its time', () => {
    let now = 0
    const vault = new Vault({ ttlMs: 10, now: () => now })
    vault.write('a', 'one')
    now = 10
    expect(vault.read('a')).toBeUndefined()
  })

  it('has what another one wrote, and then in its own memory', async () => {
    const texts = new Map<string, string>()
    const shared: KeyValueStore = {
      get: async key => texts.get(key),
      set: async (key, value) => void texts.set(key, value),
      delete: async key => void texts.delete(key),
    }
    const [one, other] = [new Vault({ shared }), new Vault({ shared })]
    one.write('a', 'one')
    expect(other.read('a')).toBeUndefined()
    expect(await other.fetch(['a', 'b'])).toEqual(new Map([['a', 'one']]))
    expect(other.read('a')).toBe('one')
    expect(await new Vault().fetch(['a'])).toEqual(new Map())
  })

  it('lives on when the shared store is away, and tells of it once a minute', async () => {
    let now = 0
    const told: string[] = []
    const vault = new Vault({ shared: AWAY, now: () => now, onTrouble: why => told.push(why) })
    vault.write('a', 'one')
    expect(await vault.fetch(['b', 'c'])).toEqual(new Map())
    expect(vault.read('a')).toBe('one')
    await new Promise(setImmediate)
    expect(vault.figures.failures).toBe(3)
    expect(told).toEqual(['away'])
    now = 60_000
    await vault.fetch(['b'])
    expect(told).toHaveLength(2)
  })
})
