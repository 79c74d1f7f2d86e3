import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryStore } from './memory.ts'

/** A store whose clock the test moves. */
function clocked(maxBytes = 1_000_000) {
  const clock = { now: 1_000 }
  return { clock, store: new MemoryStore({ maxBytes, now: () => clock.now }) }
}

describe('a store in memory', () => {
  it('gives back what was put in, the last one for a key', async () => {
    const { store } = clocked()
    await store.set('a', 'one', 10)
    await store.set('a', 'two', 10)
    expect(await store.get('a')).toBe('two')
    expect(await store.get('b')).toBeUndefined()
    await store.delete('a')
    await store.delete('a')
    expect(await store.get('a')).toBeUndefined()
    expect([store.size, store.bytes]).toEqual([0, 0])
  })

  it('gives out nothing that is too old, and lets go of its bytes', () => {
    const { store, clock } = clocked()
    store.write('a', 'one', 10)
    clock.now += 9
    expect(store.read('a')).toBe('one')
    clock.now += 1
    expect(store.read('a')).toBeUndefined()
    expect([store.size, store.bytes, store.evictions]).toEqual([0, 0, 0])
  })

  it('does not live longer for being read', () => {
    const { store, clock } = clocked()
    store.write('a', 'one', 10)
    for (let i = 0; i < 10; i++) {
      store.read('a')
      clock.now++
    }
    expect(store.read('a')).toBeUndefined()
  })

  it('pushes out what was not used for longest', () => {
    const { store } = clocked(1_000)
    for (const key of ['a', 'b', 'c']) store.write(key, 'x'.repeat(100), 1_000)
    store.read('a')
    store.write('d', 'x'.repeat(100), 1_000)
    expect(['a', 'b', 'c', 'd'].filter(key => store.read(key) !== undefined)).toEqual([
      'a',
      'c',
      'd',
    ])
    expect(store.evictions).toBe(1)
  })

  it('does not keep what is larger than itself, nor push others out for it', () => {
    const { store } = clocked(1_000)
    store.write('a', 'small', 1_000)
    store.write('b', 'x'.repeat(5_000), 1_000)
    expect(store.read('a')).toBe('small')
    expect(store.read('b')).toBeUndefined()
  })

  it('never holds more than its limit, and counts to nothing when emptied', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      value: fc.string({ maxLength: 600, unit: 'grapheme' }),
      what: fc.constantFrom('write', 'write', 'read', 'remove'),
      wait: fc.integer({ min: 0, max: 30 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const { store, clock } = clocked(2_000)
        const truth = new Map<string, { value: string; ends: number }>()
        for (const { key, value, what, wait } of steps) {
          clock.now += wait
          if (what === 'write') {
            store.write(key, value, 50)
            truth.set(key, { value, ends: clock.now + 50 })
          } else if (what === 'remove') {
            store.remove(key)
            truth.delete(key)
          } else {
            const found = store.read(key)
            const known = truth.get(key)
            // It may have forgotten, but what it says is the last that was put in, and not too old.
            if (found !== undefined) expect(found).toBe(known?.value)
            if (known && known.ends <= clock.now) expect(found).toBeUndefined()
          }
          expect(store.bytes).toBeLessThanOrEqual(2_000)
        }
        for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) store.remove(key)
        expect([store.size, store.bytes]).toEqual([0, 0])
      }),
    )
  })
})
