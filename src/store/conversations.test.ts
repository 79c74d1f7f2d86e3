import { describe, expect, it } from 'vitest'
import { Conversations, type HeldRecord } from './conversations.ts'
import { MemoryStore } from './memory.ts'

const record = (body: string, from?: string): HeldRecord => ({
  body,
  added: '[]',
  ...(from === undefined ? {} : { from }),
})

function conversations(ttlMs = 100) {
  const clock = { now: 0 }
  const store = new MemoryStore({ maxBytes: 100_000, now: () => clock.now })
  return { clock, store, held: new Conversations(store, ttlMs) }
}

describe('conversations', () => {
  it('go back from answer to answer', async () => {
    const { held } = conversations()
    await held.keep('ann', 'a', { ...record('A'), account: 'o' }, ['item-a'])
    await held.keep('ann', 'b', record('B', 'a'), [])
    await held.keep('ann', 'c', record('C', 'b'), [])
    expect((await held.chain('ann', 'c'))?.map(({ body }) => body)).toEqual(['A', 'B', 'C'])
    expect(await held.find('ann', 'a')).toEqual({ body: 'A', added: '[]', account: 'o' })
    expect(await held.answerOf('ann', 'item-a')).toBe('a')
  })
  it('are not there in part', async () => {
    const { held } = conversations()
    await held.keep('ann', 'b', record('B', 'a'), [])
    expect(await held.chain('ann', 'b')).toBeUndefined()
    await held.keep('ann', 'a', record('A'), [])
    expect(await held.chain('ann', 'b')).toHaveLength(2)
    await held.drop('ann', 'a')
    expect(await held.chain('ann', 'b')).toBeUndefined()
  })
  it('never go round in circles', async () => {
    const { held } = conversations()
    await held.keep('ann', 'a', record('A', 'b'), [])
    await held.keep('ann', 'b', record('B', 'a'), [])
    expect(await held.chain('ann', 'a')).toHaveLength(2)
  })
  it('are each tenant’s own, whatever the names', async () => {
    const { held } = conversations()
    await held.keep('a', 'b","c', record('A'), [])
    expect(await held.find('a","b', 'c')).toBeUndefined()
    expect(await held.find('', 'b","c')).toBeUndefined()
    expect(await held.find('a', 'b","c')).toBeDefined()
  })
  it('grow old', async () => {
    const { held, clock } = conversations(100)
    await held.keep('ann', 'a', record('A'), ['i'])
    clock.now = 100
    expect(await held.find('ann', 'a')).toBeUndefined()
    expect(await held.answerOf('ann', 'i')).toBeUndefined()
  })
  it.each(['{', 'null', '[]', '{"body":1,"added":"[]"}', '{"body":"{}"}'])(
    'count what is not as it was written as not there: %s',
    async text => {
      const { held, store } = conversations()
      await store.set('answer:["ann","a"]', text, 50)
      expect(await held.find('ann', 'a')).toBeUndefined()
    },
  )
})
