import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type RunEvent, runTools, tool } from '../../src/index.ts'
import { closeTwins, expectAccepted, play, SCENES } from './stage.ts'

afterEach(closeTwins)

const [chat, , messages] = SCENES

const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => ({ name, arguments: { n } }))
const numbered = z.object({ n: z.number() })

describe.each(SCENES)('deadlines over $protocol', scene => {
  it('hold for a tool that never settles [L2]', async () => {
    const { twin, ...at } = await play(scene, [
      {
        calls: [
          { name: 'hang', arguments: {} },
          { name: 'quick', arguments: {} },
        ],
      },
      { text: 'It hangs.', expect: { last: { role: 'tool' } } },
    ])
    const hang = tool({ name: 'hang', timeoutMs: 80, run: () => new Promise(() => {}) })
    const quick = tool({ name: 'quick', run: () => 'fine' })
    const result = await runTools({ ...at, prompt: 'Hang.', tools: [hang, quick] })
    expect(result.ended).toBe('answered')
    expect(result.calls.map(({ tool, outcome }) => [tool, outcome])).toEqual(
      expect.arrayContaining([
        ['hang', 'timeout'],
        ['quick', 'returned'],
      ]),
    )
    twin.finish()
    await expectAccepted(result)
  })

  it('hold for the run: a tool that ignores its signal does not keep it [L2]', async () => {
    const { twin, ...at } = await play(scene, [{ calls: [{ name: 'hang', arguments: {} }] }])
    let began = 0
    const hang = tool({
      name: 'hang',
      run() {
        began = performance.now()
        setTimeout(() => run.abort('enough'), 20)
        return new Promise(() => {})
      },
    })
    const run = runTools({ ...at, prompt: 'Hang.', tools: [hang] })
    const result = await run
    expect(performance.now() - began).toBeLessThan(2000)
    expect(result).toMatchObject({ ended: 'aborted', calls: [{ outcome: 'aborted' }] })
    expect(result.reason).toContain('enough')
    twin.finish()
    await expectAccepted(result)
  })

  it('hold while the model is silent, and for a signal from outside [L2]', async () => {
    const { twin, ...at } = await play(scene, [{ text: 'Never said.' }], {
      faults: [{ kind: 'stall', after: 1, times: 0 }],
    })
    const result = await runTools({ ...at, prompt: 'Hello?', signal: AbortSignal.timeout(100) })
    expect(result.ended).toBe('aborted')
    const late = await runTools({
      ...at,
      prompt: 'Hello?',
      budget: { ms: 100 },
      protocol: scene.protocol,
    })
    expect(late.reason).toMatch(/longer than 100 ms|could not be asked/)
    await twin.close()
    await expectAccepted(result)
  })

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

describe('one signal', () => {
  it('may end many runs, and be handed to many things by a tool, without a warning', async () => {
    const warnings: string[] = []
    const warn = ({ message }: Error) => warnings.push(message)
    process.on('warning', warn)
    const { twin: _, ...at } = await play(
      chat,
      Array.from({ length: 24 }, (_, n) =>
        n < 12 ? { calls: [{ name: 'look', arguments: {} }] } : { text: 'Done.' },
      ),
    )
    const look = tool({
      name: 'look',
      run: (_, { signal }) => {
        for (let n = 0; n < 20; n++) signal.addEventListener('abort', () => {})
      },
    })
    const { signal } = new AbortController()
    const options = { ...at, prompt: 'Look.', tools: [look], signal }
    await Promise.all(Array.from({ length: 12 }, () => runTools(options)))
    await sleep(10)
    process.off('warning', warn)
    expect(warnings.filter(text => text.includes('leak'))).toEqual([])
  })
})

describe('a late result', () => {
  it('is recorded and not delivered [L2]', async () => {
    const { twin, ...at } = await play(chat, [
      {
        calls: [
          { name: 'slow', arguments: {} },
          { name: 'slower', arguments: {} },
        ],
      },
      { text: 'Done.' },
    ])
    const slow = tool({ name: 'slow', timeoutMs: 30, run: () => sleep(60, 'LATE') })
    const slower = tool({ name: 'slower', run: () => sleep(150, 'in time') })
    const run = runTools({ ...at, prompt: 'Go.', tools: [slow, slower] })
    const events: RunEvent[] = []
    for await (const event of run) events.push(event)
    expect(events.filter(({ type }) => type === 'call-late')).toMatchObject([
      { tool: 'slow', value: 'LATE' },
    ])
    expect(JSON.stringify((await run).messages)).not.toContain('LATE')
    twin.finish()
  })
})

describe('calls of a turn', () => {
  it('run side by side up to a limit of 8', async () => {
    let [now, most] = [0, 0]
    const work = tool({
      name: 'work',
      input: numbered,
      run: async ({ n }) => {
        most = Math.max(most, ++now)
        await sleep(10)
        now--
        return n
      },
    })
    const { twin, ...at } = await play(chat, [{ calls: many(30, 'work') }, { text: 'Done.' }])
    const result = await runTools({ ...at, prompt: 'Work.', tools: [work] })
    expect(most).toBe(8)
    expect(result.calls).toHaveLength(30)
    const results = result.messages.find(({ role }) => role === 'tool')
    expect(results?.content.map(part => (part.type === 'tool-result' ? part.content : []))).toEqual(
      Array.from({ length: 30 }, (_, n) => [{ type: 'text', text: String(n) }]),
    )
    twin.finish()
  })

  it('with one lock run one at a time, in order; others beside them', async () => {
    const log: string[] = []
    const step = (name: string, lock?: string) =>
      tool({
        name,
        input: numbered,
        effect: 'write',
        ...(lock === undefined ? {} : { lock }),
        run: async ({ n }) => {
          log.push(`${name}${n}+`)
          await sleep(10)
          log.push(`${name}${n}-`)
        },
      })
    const { twin, ...at } = await play(chat, [
      { calls: [...many(3, 'a'), { name: 'b', arguments: { n: 9 } }] },
      { text: 'Done.' },
    ])
    await runTools({ ...at, prompt: 'Go.', tools: [step('a', 'disk'), step('b')] })
    expect(log.filter(line => line.startsWith('a'))).toEqual([
      'a0+',
      'a0-',
      'a1+',
      'a1-',
      'a2+',
      'a2-',
    ])
    expect(log.indexOf('b9+')).toBeLessThan(log.indexOf('a0-'))
    twin.finish()
  })

  it('wait for a lock that a given-up call still holds', async () => {
    const ran: number[] = []
    const stuck = tool({
      name: 'stuck',
      input: numbered,
      effect: 'write',
      lock: 'disk',
      timeoutMs: 40,
      run: ({ n }) => {
        ran.push(n)
        return new Promise(() => {})
      },
    })
    const { twin, ...at } = await play(chat, [{ calls: many(2, 'stuck') }, { text: 'Done.' }])
    const result = await runTools({ ...at, prompt: 'Go.', tools: [stuck] })
    expect(ran).toEqual([0])
    expect(result.calls.map(({ outcome }) => outcome)).toEqual(['timeout', 'skipped'])
    twin.finish()
  })

  it('have an idempotency key each', async () => {
    const keys: string[] = []
    const pay = tool({
      name: 'pay',
      input: numbered,
      run: (_, { idempotencyKey }) => {
        keys.push(idempotencyKey)
        return 'paid'
      },
    })
    const { twin, ...at } = await play(chat, [{ calls: many(3, 'pay') }, { text: 'Done.' }])
    await runTools({ ...at, prompt: 'Pay.', tools: [pay] })
    expect(new Set(keys).size).toBe(3)
    twin.finish()
  })

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

  it('of an answer that was cut are run but for the last', async () => {
    const ran: number[] = []
    const work = tool({
      name: 'work',
      input: numbered,
      run: ({ n }) => {
        ran.push(n)
        return 'ok'
      },
    })
    const { twin, ...at } = await play(messages, [
      { calls: many(2, 'work'), end: 'length' },
      { text: 'Done.' },
    ])
    const result = await runTools({ ...at, prompt: 'Go.', tools: [work] })
    expect(ran).toEqual([0])
    expect(result.calls.map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(['invalid', 'returned']),
    )
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

describe('what never waits', () => {
  it('lets the deadline of a stream of progress hold, though it holds the thread [L2]', async () => {
    const tight = tool({
      name: 'tight',
      timeoutMs: 30,
      async *run() {
        for (;;) yield 'more'
      },
    })
    const { twin, ...at } = await play(chat, [
      { calls: [{ name: 'tight', arguments: {} }] },
      { text: 'Given up.' },
    ])
    const result = await runTools({ ...at, prompt: 'Go.', tools: [tight] })
    expect(result.calls).toMatchObject([{ outcome: 'timeout' }])
    expect(result.text).toBe('Given up.')
    twin.finish()
  })

  it('lets the deadline of the run hold between many calls that each take a moment [L2]', async () => {
    let ran = 0
    const busy = tool({
      name: 'busy',
      run() {
        ran++
        const until = performance.now() + 10
        while (performance.now() < until);
        return 'done'
      },
    })
    const calls = Array.from({ length: 200 }, () => ({ name: 'busy', arguments: {} }))
    const { twin: _, ...at } = await play(chat, [{ calls }])
    const result = await runTools({
      ...at,
      prompt: 'Go.',
      tools: [busy],
      budget: { ms: 100, calls: 1000 },
      maxParallelCalls: 200,
    })
    // All of them take 2 s; a machine under load gives time to fewer of them, not to more.
    expect(ran).toBeLessThan(100)
    expect(result.ended).toBe('budget')
    await expectAccepted(result)
  })

  it('leaves a reader that comes late no more work than there are events', async () => {
    const nag = tool({
      name: 'nag',
      run(_, { progress }) {
        for (let i = 0; i < 300_000; i++) progress(i)
      },
    })
    const { twin: _, ...at } = await play(chat, [
      { calls: [{ name: 'nag', arguments: {} }] },
      { text: 'Enough.' },
    ])
    const run = runTools({ ...at, prompt: 'Go.', tools: [nag] })
    let count = 0
    for await (const event of run) if (event.type === 'call-progress') count++
    // Moving all that waits with each event would take minutes.
    expect(count).toBe(300_000)
  })

  it('tells a reader that comes late how many events are gone', async () => {
    let told = 0
    const nag = tool({
      name: 'nag',
      run(_, { progress }) {
        for (let i = 0; i < 12_000; i++) progress(i)
        told = 12_000
      },
    })
    const { twin: _, ...at } = await play(chat, [
      { calls: [{ name: 'nag', arguments: {} }] },
      { text: 'Enough.' },
    ])
    const run = runTools({ ...at, prompt: 'Go.', tools: [nag] })
    await vi.waitFor(() => expect(told).toBe(12_000))
    const kinds = new Map<string, number>()
    let first: RunEvent | undefined
    for await (const event of run) {
      first ??= event
      kinds.set(event.type, (kinds.get(event.type) ?? 0) + 1)
    }
    const gone = first?.type === 'notice' ? Number.parseInt(first.what, 10) : 0
    expect(first).toMatchObject({
      what: `${gone} events came before anybody read them, and are gone`,
    })
    expect(gone).toBeGreaterThanOrEqual(2000)
    // What went before the progress is gone too: two thousand steps, but for that.
    expect(kinds.get('call-progress')).toBeGreaterThan(9900)
    expect(kinds.get('end')).toBe(1)
  })
})
