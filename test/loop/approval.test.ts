import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Guard, type RunResult, resume, runTools, tool } from '../../src/index.ts'
import { closeTwins, expectAccepted, play, SCENES } from './stage.ts'

afterEach(closeTwins)

const [chat] = SCENES

function refunds() {
  const paid: { id: string; amount: number }[] = []
  const refund = tool({
    name: 'refund',
    input: z.object({ id: z.string(), amount: z.number().max(100) }),
    effect: 'irreversible',
    approval: ({ amount }) => amount > 10 && `a refund of ${amount}`,
    run: input => {
      paid.push(input)
      return 'refunded'
    },
  })
  const look = tool({
    name: 'look',
    input: z.object({ id: z.string() }),
    run: ({ id }) => `order ${id}`,
  })
  return { paid, tools: [refund, look] }
}

const FIRST = {
  calls: [
    { name: 'refund', arguments: { id: 'a', amount: 50 } },
    { name: 'look', arguments: { id: 'a' } },
    { name: 'refund', arguments: { id: 'b', amount: 5 } },
  ],
}

function waitingIn(result: RunResult) {
  if (!result.paused) throw new Error(`it is not paused: ${result.reason}`)
  const [waiting] = result.paused.waiting
  if (!waiting) throw new Error('nothing waits')
  // As a store and another process would have it: text, its keys in another order.
  const stored = JSON.parse(JSON.stringify(result.paused))
  return {
    id: waiting.callId,
    waiting,
    paused: Object.fromEntries(Object.entries(stored).reverse()),
  }
}

const signingKey = 'a key of the program'

describe.each(SCENES)('a call that needs approval, over $protocol,', scene => {
  it('pauses the run, and runs when a person agrees [L3]', async () => {
    const { paid, tools } = refunds()
    const { twin, ...at } = await play(scene, [FIRST, { text: 'Refunded.' }])
    const first = await runTools({ ...at, prompt: 'Refund a and b.', tools, signingKey })
    expect(first.ended).toBe('paused')
    expect(paid).toEqual([{ id: 'b', amount: 5 }])
    const { id, waiting, paused } = waitingIn(first)
    expect(waiting).toMatchObject({
      tool: 'refund',
      input: { id: 'a', amount: 50 },
      reason: 'a refund of 50',
    })
    await expectAccepted(first)
    const second = await resume(read(paused), {
      key: 'sk-test',
      tools,
      signingKey,
      decisions: { [id]: 'approve' },
    })
    expect(second).toMatchObject({
      ended: 'answered',
      text: 'Refunded.',
      totals: { turns: 2, calls: 3 },
    })
    expect(paid).toEqual([
      { id: 'b', amount: 5 },
      { id: 'a', amount: 50 },
    ])
    twin.finish()
    await expectAccepted(second)
  })
})

/** What came from a store is nothing yet; `resume` itself checks it. */
function read(value: unknown): NonNullable<RunResult['paused']> {
  const isPaused = (one: unknown): one is NonNullable<RunResult['paused']> => one !== undefined
  if (!isPaused(value)) throw new Error('nothing was stored')
  return value
}

describe('a decision', () => {
  it('may be a rejection, whose reason the model is told', async () => {
    const { paid, tools } = refunds()
    const { twin, ...at } = await play(chat, [
      FIRST,
      { text: 'Too much, they say.', expect: { messages: 5 } },
    ])
    const { id, paused } = waitingIn(await runTools({ ...at, prompt: 'Go.', tools, signingKey }))
    const result = await resume(read(paused), {
      key: 'sk-test',
      tools,
      signingKey,
      decisions: { [id]: { reject: 'too much' } },
    })
    expect(result).toMatchObject({ ended: 'answered' })
    expect(JSON.stringify(result.messages)).toContain('a person declined this call: too much')
    expect(paid).toHaveLength(1)
    twin.finish()
  })

  it('may change the arguments, which are checked again', async () => {
    const { paid, tools } = refunds()
    const { twin, ...at } = await play(chat, [FIRST, { text: 'Done.' }])
    const { id, paused } = waitingIn(await runTools({ ...at, prompt: 'Go.', tools, signingKey }))
    const options = { key: 'sk-test', tools, signingKey }
    const wrong = await resume(read(paused), {
      ...options,
      decisions: { [id]: { edit: { id: 'a', amount: 500 } } },
    })
    expect(wrong.ended).toBe('failed')
    expect(wrong.reason).toContain('/amount: expected 100 or less')
    const result = await resume(read(paused), {
      ...options,
      decisions: { [id]: { edit: { id: 'a', amount: 20 } } },
    })
    expect(result.ended).toBe('answered')
    expect(paid).toEqual([
      { id: 'b', amount: 5 },
      { id: 'a', amount: 20 },
    ])
    expect(JSON.stringify(result.messages)).toContain('A person changed the arguments')
    twin.finish()
  })

  it('is a question about what the guard let pass, and that is what runs [L3]', async () => {
    const { paid, tools } = refunds()
    const { twin, ...at } = await play(chat, [
      { calls: [{ name: 'refund', arguments: { id: 'a', amount: 99 } }] },
      { text: 'Done.' },
    ])
    const guard: Guard = ({ point }) =>
      point === 'tool-arguments'
        ? { type: 'rewrite', value: { id: 'a', amount: 50 }, reason: 'at most 50' }
        : { type: 'allow' }
    const first = await runTools({ ...at, prompt: 'Go.', tools, signingKey, guard })
    const { id, waiting, paused } = waitingIn(first)
    expect(waiting.input).toEqual({ id: 'a', amount: 50 })
    const options = { key: 'sk-test', tools, signingKey, guard }
    const second = await resume(read(paused), { ...options, decisions: { [id]: 'approve' } })
    expect(second.ended).toBe('answered')
    expect(paid).toEqual([{ id: 'a', amount: 50 }])
    expect(second.calls.map(call => JSON.parse(call.arguments))).toEqual(paid)
    expect(JSON.stringify(second.messages)).not.toContain('A person changed')
    twin.finish()
  })

  it.each(['approved', true, null, {}, { approve: true }, { reject: 1 }, { edit: '{}' }])(
    'that is %j is none, and says what it may be',
    async decision => {
      const { paid, tools } = refunds()
      const { twin: _, ...at } = await play(chat, [FIRST])
      const { id, paused } = waitingIn(await runTools({ ...at, prompt: 'Go.', tools, signingKey }))
      const decisions = JSON.parse(JSON.stringify({ [id]: decision }))
      const { ended, reason } = await resume(read(paused), { tools, signingKey, decisions })
      expect(ended).toBe('failed')
      expect(reason).toContain("must be 'approve', { reject: 'why' } or { edit: { … } }")
      expect(paid).toHaveLength(1)
    },
  )

  it('may be put off: without one the run stays paused', async () => {
    const { tools } = refunds()
    const { ...at } = await play(chat, [FIRST])
    const { paused } = waitingIn(await runTools({ ...at, prompt: 'Go.', tools, signingKey }))
    expect(await resume(read(paused), { tools, signingKey })).toMatchObject({ ended: 'paused' })
  })
})

describe('a paused run', () => {
  it('that was changed, or signed with another key, is not accepted', async () => {
    const { tools } = refunds()
    const { twin: _, ...at } = await play(chat, [FIRST])
    const { id, paused } = waitingIn(await runTools({ ...at, prompt: 'Go.', tools, signingKey }))
    const decisions = { [id]: 'approve' } as const
    const forged = read(JSON.parse(JSON.stringify(paused).replaceAll('50', '99')))
    expect(() => resume(forged, { tools, signingKey, decisions })).toThrow(/changed/)
    expect(() => resume(read(paused), { tools, signingKey: 'other', decisions })).toThrow(
      /another key/,
    )
    expect(() => resume(read(paused), { tools, decisions })).toThrow(/signingKey/)
    expect(() => resume(read({ kind: 'x' }), { tools, decisions })).toThrow(/no paused run/)
  })

  it('is not signed with an empty key, which anybody has', () => {
    const { tools } = refunds()
    const at = { model: 'gpt-4o', baseUrl: 'http://127.0.0.1:1/v1', prompt: 'Go.', tools }
    expect(() => runTools({ ...at, signingKey: '' })).toThrow(/signingKey/)
  })

  it('without a key of the program is good for this process alone, and says so', async () => {
    const { tools } = refunds()
    const { twin: _, ...at } = await play(chat, [FIRST, { text: 'Done.' }])
    const first = await runTools({ ...at, prompt: 'Go.', tools })
    const { id, paused } = waitingIn(first)
    expect(paused['signedWith']).toBe('process')
    const forged = read(JSON.parse(JSON.stringify(paused).replaceAll('50', '99')))
    expect(() => resume(forged, { tools })).toThrow(/Give runTools a signingKey/)
    const decisions = { [id]: 'approve' } as const
    expect((await resume(read(paused), { key: 'sk', tools, decisions })).ended).toBe('answered')
  })
})
