import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runTools, tool } from '../../src/index.ts'
import { closeTwins, expectAccepted, play, SCENES } from './stage.ts'

afterEach(closeTwins)

const [chat] = SCENES

const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => ({ name, arguments: { n } }))
const numbered = z.object({ n: z.number() })

describe.each(SCENES)('a budget or a circle over $protocol', scene => {
  it('leave the budget with an answer without tools, and say so [L4]', async () => {
    const { twin, ...at } = await play(scene, [
      { calls: [{ name: 'look', arguments: { n: 1 } }] },
      { text: 'This is all I know.', expect: { choice: 'none' } },
    ])
    const look = tool({ name: 'look', input: numbered, run: ({ n }) => n })
    const result = await runTools({ ...at, prompt: 'Look.', tools: [look], budget: { turns: 2 } })
    expect(result).toMatchObject({ ended: 'budget', text: 'This is all I know.' })
    expect(result.reason).toContain('the last of 2 turns')
    twin.finish()
    await expectAccepted(result)
  })

  it('run no call that the model makes in its last turn all the same [L4]', async () => {
    const call = (n: number) => ({ calls: [{ name: 'pay', arguments: { n } }] })
    const { twin, ...at } = await play(scene, [call(1), call(2)])
    const paid: number[] = []
    const pay = tool({
      name: 'pay',
      input: numbered,
      effect: 'irreversible',
      run: ({ n }) => paid.push(n),
    })
    const result = await runTools({ ...at, prompt: 'Pay.', tools: [pay], budget: { turns: 2 } })
    expect(result).toMatchObject({
      ended: 'budget',
      calls: [{ outcome: 'returned' }, { outcome: 'skipped' }],
    })
    expect(paid).toEqual([1])
    twin.finish()
    await expectAccepted(result)
  })

  it('take the same call for progress where something new came between [L4]', async () => {
    const call = (name: string, n: number) => ({ calls: [{ name, arguments: { n } }] })
    const turns = [1, 2, 3, 4, 5].flatMap(n => [call('test', 0), call('edit', n)])
    const { twin, ...at } = await play(scene, [...turns, { text: 'Green.' }])
    const edit = tool({ name: 'edit', input: numbered, effect: 'write', run: ({ n }) => `v${n}` })
    const test = tool({ name: 'test', input: numbered, run: () => 'red' })
    const result = await runTools({ ...at, prompt: 'Mend it.', tools: [edit, test] })
    expect(result).toMatchObject({ ended: 'answered', text: 'Green.' })
    expect(JSON.stringify(result.messages)).not.toContain('the same call')
    twin.finish()
  })

  it('end a run that goes round in a circle of several calls [L4]', async () => {
    const call = (n: number) => ({ calls: [{ name: 'look', arguments: { n } }] })
    const { twin: _, ...at } = await play(scene, [1, 2, 1, 2, 1, 2, 1, 2].map(call))
    const look = tool({ name: 'look', input: numbered, run: () => 'nothing' })
    const result = await runTools({ ...at, prompt: 'Look.', tools: [look] })
    expect(result).toMatchObject({ ended: 'failed', totals: { turns: 8 } })
    expect(result.reason).toContain('no progress')
    await expectAccepted(result)
  })

  it('tell the model of many same calls in one turn before they end the run [L4]', async () => {
    const calls = Array.from({ length: 5 }, () => ({ name: 'add', arguments: {} }))
    const { twin, ...at } = await play(scene, [{ calls }, { text: 'Five.' }])
    const add = tool({ name: 'add', effect: 'write', run: () => 'added' })
    const result = await runTools({ ...at, prompt: 'Add five.', tools: [add] })
    expect(result).toMatchObject({ ended: 'answered', totals: { calls: 5 } })
    expect(JSON.stringify(result.messages)).toContain('the same call 5 times')
    twin.finish()
    await expectAccepted(result)
  })

  it('go on with the same call, once told of, beside one that brings something new [L4]', async () => {
    const look = (n: number) => ({ name: 'look', arguments: { n } })
    const same = { calls: [look(1)] }
    const turns = [same, same, same, { calls: [look(1), look(2)] }, { text: 'Seen.' }]
    const { twin, ...at } = await play(scene, turns)
    const tools = [tool({ name: 'look', input: numbered, run: () => 'nothing' })]
    const result = await runTools({ ...at, prompt: 'Look.', tools })
    expect(result).toMatchObject({ ended: 'answered', text: 'Seen.' })
    expect(JSON.stringify(result.messages)).toContain('the same call 3 times')
    twin.finish()
    await expectAccepted(result)
  })

  it('end a run that gets nowhere, after the model was told [L4]', async () => {
    const call = { calls: [{ name: 'look', arguments: { n: 1 } }] }
    const { twin, ...at } = await play(scene, [
      call,
      call,
      call,
      { ...call, expect: { last: { role: 'user' } } },
    ])
    const look = tool({ name: 'look', input: numbered, run: () => 'nothing' })
    const result = await runTools({ ...at, prompt: 'Look.', tools: [look] })
    expect(result.ended).toBe('failed')
    expect(result.reason).toContain('no progress')
    twin.finish()
    await expectAccepted(result)
  })
})

describe('calls', () => {
  it('beyond the budget are not run, and the model is asked to finish [L4]', async () => {
    let ran = 0
    const work = tool({ name: 'work', input: numbered, run: () => ++ran })
    const { twin, ...at } = await play(chat, [
      { calls: many(128, 'work') },
      { text: 'Done.', expect: { choice: 'none' } },
    ])
    const result = await runTools({ ...at, prompt: 'Go.', tools: [work], budget: { calls: 5 } })
    expect(ran).toBe(5)
    expect(result).toMatchObject({ ended: 'budget', text: 'Done.' })
    expect(result.calls.filter(({ outcome }) => outcome === 'skipped')).toHaveLength(123)
    twin.finish()
    await expectAccepted(result)
  })

  it('beyond the budget of bytes of results are cut, then not run, and the model finishes [L4]', async () => {
    let ran = 0
    const read = tool({ name: 'read', input: numbered, run: () => `${++ran}${'é'.repeat(49)}` })
    const { twin, ...at } = await play(chat, [
      { calls: many(5, 'read') },
      { text: 'Done.', expect: { choice: 'none' } },
    ])
    const budget = { resultBytes: 250 }
    const result = await runTools({
      ...at,
      prompt: 'Go.',
      tools: [read],
      budget,
      maxParallelCalls: 1,
    })
    expect(ran).toBe(3)
    expect(result).toMatchObject({ ended: 'budget', text: 'Done.' })
    expect(result.reason).toContain('all 250 bytes of results are used')
    const told = result.messages.flatMap(message =>
      message.role === 'tool' ? message.content : [],
    )
    const texts = told.map(({ content }) =>
      content.map(part => (part.type === 'text' ? part.text : '')).join('|'),
    )
    expect(texts.slice(0, 2)).toEqual([`1${'é'.repeat(49)}`, `2${'é'.repeat(49)}`])
    // A character is two bytes, and the last of the 52 that are left would be a half.
    expect(texts[2]).toMatch(/^3é{25}\|\[Cut: 48 of 99 bytes of text left out/)
    expect(result.calls.map(({ outcome }) => outcome)).toEqual([
      ...Array(3).fill('returned'),
      ...Array(2).fill('skipped'),
    ])
    twin.finish()
    await expectAccepted(result)
  })
})

describe('the budget', () => {
  const look = tool({ name: 'look', input: numbered, run: ({ n }) => n })
  const turn = (n: number, usage: { input: number; output: number }) => ({
    calls: [{ name: 'look', arguments: { n } }],
    usage,
  })

  it('of money is kept before it is spent [L4]', async () => {
    const { twin, ...at } = await play(chat, [
      turn(1, { input: 1000, output: 100 }),
      { text: 'All.', usage: { input: 1200, output: 50 }, expect: { choice: 'none' } },
    ])
    const result = await runTools({
      ...at,
      prompt: 'Look.',
      tools: [look],
      price: { input: 1, output: 10 },
      budget: { cost: 0.005 },
    })
    expect(result).toMatchObject({ ended: 'budget', text: 'All.' })
    expect(result.totals.cost).toBeCloseTo(0.0037, 6)
    twin.finish()
  })

  it('of money that cannot be kept is said at once [L4]', async () => {
    const { twin, ...at } = await play(chat, [])
    const result = await runTools({
      ...at,
      model: 'home-made-1',
      prompt: 'Look.',
      budget: { cost: 1 },
    })
    expect(result).toMatchObject({ ended: 'budget', totals: { turns: 0 } })
    expect(result.reason).toContain('price is not known')
    twin.finish()
  })

  it('of tokens bounds each answer, and ends the run [L4]', async () => {
    const { twin, ...at } = await play(chat, [
      turn(1, { input: 100, output: 90 }),
      { text: 'Short.' },
    ])
    const result = await runTools({
      ...at,
      prompt: 'Look.',
      tools: [look],
      budget: { outputTokens: 150 },
    })
    expect(result).toMatchObject({ ended: 'budget', text: 'Short.' })
    expect(twin.requests.map(({ body }) => Object(body).max_completion_tokens)).toEqual([150, 60])
    const none = await runTools({ ...at, prompt: 'x'.repeat(5000), budget: { inputTokens: 100 } })
    expect(none).toMatchObject({ ended: 'budget', totals: { turns: 0 } })
    twin.finish()
  })
})
