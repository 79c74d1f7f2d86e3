import { describe, expect, it } from 'vitest'
import type { TwinContext } from '../vendor.ts'
import { anthropicTwin } from './index.ts'
import { isObject, parseJson } from './json.ts'
import { assistant, PLAIN_BODY, PLAIN_HEADERS, tool, trial, user } from './trial.ts'

const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } })
const text = (words: string, ttl?: string) => ({ type: 'text', text: words, ...mark(ttl) })

/** Opens a clock and gives `[fresh, read, written]` of each request. */
function ledger() {
  const { context } = trial()
  let now = 1_000_000
  const clocked: TwinContext = { ...context, now: () => now }
  return {
    wait(minutes: number) {
      now += minutes * 60_000
    },
    async count(fields: object): Promise<readonly [number, number, number]> {
      const reply = await anthropicTwin.handle(
        {
          method: 'POST',
          path: '/v1/messages',
          query: new URLSearchParams(),
          headers: PLAIN_HEADERS,
          body: JSON.stringify({ ...PLAIN_BODY, ...fields }),
        },
        clocked,
      )
      const { value } = parseJson('body' in reply ? reply.body : '{}')
      const usage = isObject(value) && isObject(value['usage']) ? value['usage'] : {}
      const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens } = usage
      return [
        Number(input_tokens),
        Number(cache_read_input_tokens),
        Number(cache_creation_input_tokens),
      ]
    },
  }
}

describe('the prompt cache', () => {
  it('does nothing without marks', async () => {
    const { count } = ledger()
    expect((await count({})).slice(1)).toEqual([0, 0])
    expect((await count({})).slice(1)).toEqual([0, 0])
  })

  it('writes a marked prefix once and reads it after', async () => {
    const { count } = ledger()
    const fields = { system: [text('Be brief. '.repeat(20))], tools: [tool()] }
    const [fresh, read, written] = await count(fields)
    expect(read).toBe(0)
    expect(written).toBeGreaterThan(50)
    expect(await count(fields)).toEqual([fresh, written, 0])
    const other = { ...fields, messages: [user('Something else entirely')] }
    expect((await count(other)).slice(1)).toEqual([written, 0])
    expect((await count({ ...fields, tools: [tool('other')] })).slice(1, 2)).toEqual([0])
    expect((await count({ ...fields, model: 'claude-haiku-4-5' }))[1]).toBe(0)
  })

  it('grows with a conversation', async () => {
    const { count } = ledger()
    const first = [user(text('Tell me about Paris, please.'))]
    const [, , one] = await count({ messages: first })
    const plain = [user('Tell me about Paris, please.'), assistant('Paris is big.')]
    const [fresh, read, two] = await count({ messages: [...plain, user(text('And Rome?'))] })
    expect(read).toBe(one)
    expect(two).toBeGreaterThan(0)
    expect(fresh).toBeLessThan(5)
  })

  it('forgets after five minutes, or an hour, and is renewed by reading', async () => {
    const { count, wait } = ledger()
    const short = { system: [text('Be brief.')] }
    const [, , written] = await count(short)
    wait(4)
    expect((await count(short))[1]).toBe(written)
    wait(4)
    expect((await count(short))[1]).toBe(written)
    wait(6)
    expect((await count(short)).slice(1)).toEqual([0, written])
    const long = { system: [text('Be kind.', '1h')] }
    const [, , kept] = await count(long)
    wait(50)
    expect((await count(long))[1]).toBe(kept)
  })

  it('tells the two lifetimes apart', async () => {
    const { send } = trial()
    const { json } = await send({
      ...PLAIN_BODY,
      system: [text('Be brief.', '1h')],
      messages: [user(text('Hi'))],
    })
    expect(json['usage']).toMatchObject({
      cache_creation: {
        ephemeral_1h_input_tokens: expect.any(Number),
        ephemeral_5m_input_tokens: expect.any(Number),
      },
    })
    expect(JSON.stringify(json['usage'])).not.toMatch(/ephemeral_\dh?m?_input_tokens":0/)
  })

  it('takes a mark on the whole request as one on its last block', async () => {
    const { count } = ledger()
    const [fresh, , written] = await count(mark())
    expect(written).toBeGreaterThan(0)
    expect(await count(mark())).toEqual([fresh, written, 0])
  })

  it('is not shared by two twins', async () => {
    const fields = { system: [text('Be brief.')] }
    await ledger().count(fields)
    expect((await ledger().count(fields))[1]).toBe(0)
  })
})
