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
