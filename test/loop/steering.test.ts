import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  createSandbox,
  type Guard,
  type GuardPoint,
  type RunEvent,
  type RunOptions,
  runTools,
  type Tool,
  type ToolContext,
  tool,
} from '../../src/index.ts'
import { buildHouse } from '../e2e/house.ts'
import { closeTwins, expectAccepted, play, SCENES } from './stage.ts'

afterEach(closeTwins)

const [chat] = SCENES
const echo = tool({ name: 'echo', input: z.object({ say: z.string() }), run: ({ say }) => say })
const ECHO = { calls: [{ name: 'echo', arguments: { say: 'hi' } }] }

describe('the program of the tutorial', () => {
  const getWeather = tool({
    name: 'get_weather',
    description: 'Get the current weather for a given city.',
    input: z.object({
      city: z.string().describe("The city name, e.g., 'San Francisco'"),
      units: z.enum(['celsius', 'fahrenheit']).optional(),
    }),
    run: ({ city, units = 'celsius' }) => ({
      city,
      temperature: 22,
      units,
      condition: 'partly cloudy',
    }),
  })

  it.each([
    ['gpt-4o', '/v1', 'openai-chat'],
    ['claude-sonnet-4-5', '', undefined],
    ['claude-sonnet-4-5', '/v1', 'openai-responses'],
    ['gpt-4o', '/v1beta', undefined],
  ] as const)('runs through the gateway: %s at %s [L1]', async (model, path, protocol) => {
    const house = await buildHouse()
    const result = await runTools({
      model,
      baseUrl: house.url + path,
      ...(protocol ? { protocol } : {}),
      instructions: 'You are a helpful weather assistant.',
      prompt: 'What is the weather in Tokyo and London?',
      tools: [getWeather],
    })
    await house.close()
    expect(result).toMatchObject({ ended: 'answered', totals: { turns: 2 } })
    const cities = result.calls.map(call => JSON.parse(call.arguments).city)
    expect(cities.sort()).toEqual(['London', 'Tokyo'])
    expect(result.text).toContain('22')
  })
})

describe('tools', () => {
  it('and choice may depend on the run so far', async () => {
    const more = tool({ name: 'more', run: () => 'more' })
    const { twin, ...at } = await play(chat, [
      { ...ECHO, expect: { choice: 'required' } },
      { calls: [{ name: 'more', arguments: {} }], expect: { tools: ['more'], choice: 'auto' } },
      { text: 'Done.' },
    ])
    const result = await runTools({
      ...at,
      prompt: 'Go.',
      tools: ({ totals }) => (totals.turns === 0 ? [echo] : [echo, more]),
      toolChoice: ({ totals }) => ({ mode: totals.turns === 0 ? 'required' : 'auto' }),
    })
    expect(result).toMatchObject({ ended: 'answered', totals: { calls: 2 } })
    twin.finish()
  })

  it('that the choice does not allow are not run, whatever the model does', async () => {
    const other = tool({ name: 'other', run: () => 'ran' })
    const call = {
      calls: [
        { name: 'echo', arguments: { say: 'a' } },
        { name: 'other', arguments: {} },
      ],
    }
    const { twin, ...at } = await play(chat, [call, call, { text: 'Done.' }])
    const result = await runTools({
      ...at,
      prompt: 'Go.',
      tools: [echo, other],
      toolChoice: { mode: 'required', allowed: ['echo'] },
    })
    twin.finish()
    const outcomes = result.calls.map(({ tool: name, outcome }) => `${name} ${outcome}`).sort()
    expect(outcomes).toEqual([
      'echo returned',
      'echo returned',
      'other unknown-tool',
      'other unknown-tool',
    ])
    await expectAccepted(result)
  })

  it('of one name, or without their sandbox, are refused', async () => {
    const { twin: _, ...at } = await play(chat, [])
    expect((await runTools({ ...at, prompt: 'Go.', tools: [echo, echo] })).reason).toContain(
      'two tools',
    )
    const shut = tool({ name: 'shut', code: { kind: 'source', text: '() => 1' } })
    expect((await runTools({ ...at, prompt: 'Go.', tools: [shut] })).reason).toContain(
      'needs a sandbox',
    )
  })

  it('run in the sandbox that the run is given, with a receipt, and killed in time [L2]', async () => {
    const double = tool({
      name: 'double',
      input: z.object({ n: z.number() }),
      code: { kind: 'source', text: '({ n }) => n * 2' },
      timeoutMs: Number.POSITIVE_INFINITY,
    })
    const block = tool({
      name: 'block',
      timeoutMs: 300,
      code: { kind: 'source', text: '() => { for (;;) {} }' },
    })
    const { twin, ...at } = await play(chat, [
      { calls: [{ name: 'block', arguments: {} }] },
      { calls: [{ name: 'double', arguments: { n: 21 } }] },
      { text: 'Done.', expect: { last: { text: '42' } } },
    ])
    const sandbox = createSandbox()
    const result = await runTools({ ...at, prompt: 'Go.', tools: [double, block], sandbox })
    await sandbox.close()
    expect(result.calls).toMatchObject([
      { outcome: 'timeout', receipt: { tier: 'wasm', ended: 'timeout' } },
      { outcome: 'returned', receipt: { tier: 'wasm', ended: 'returned' } },
    ])
    twin.finish()
    await expectAccepted(result)
  })

  it('get the context of the run, and its type is wanted', async () => {
    const lookup = tool({
      name: 'lookup',
      input: z.object({ id: z.string() }),
      run: ({ id }, { context }: ToolContext<{ names: Map<string, string> }>) =>
        context.names.get(id),
    })
    type Wanted = RunOptions<typeof lookup>
    expectTypeOf<typeof lookup>().toExtend<Tool>()
    expectTypeOf<Wanted>().toHaveProperty('tools')
    const { twin, ...at } = await play(chat, [
      { calls: [{ name: 'lookup', arguments: { id: '7' } }] },
      { text: 'Ada.', expect: { last: { text: 'Ada' } } },
    ])
    const context = { names: new Map([['7', 'Ada']]) }
    expectTypeOf(runTools<typeof lookup>)
      .parameter(0)
      .toHaveProperty('context')
      .toEqualTypeOf<typeof context>()
    expect(await runTools({ ...at, prompt: 'Who?', tools: [lookup], context }).text()).toBe('Ada.')
    twin.finish()
  })
})

describe('hooks', () => {
  it('may add words before a turn, and end the run after one', async () => {
    const { twin, ...at } = await play(chat, [{ ...ECHO, expect: { last: { text: 'Be brief.' } } }])
    const result = await runTools({
      ...at,
      prompt: 'Go.',
      tools: [echo],
      beforeTurn: ({ totals }) => (totals.turns === 0 ? { note: 'Be brief.' } : undefined),
      afterTurn: () => ({ end: 'that is enough' }),
    })
    expect(result).toMatchObject({ ended: 'aborted', calls: [{ outcome: 'returned' }] })
    expect(result.reason).toContain('that is enough')
    twin.finish()
    await expectAccepted(result)
  })

  it('that fail or never return do not hang the run', async () => {
    const { twin: _, ...at } = await play(chat, [])
    const hanging = runTools({
      ...at,
      prompt: 'Go.',
      budget: { ms: 50 },
      beforeTurn: () => new Promise(() => {}),
    })
    expect(await hanging).toMatchObject({ ended: 'budget' })
    const failing = runTools({
      ...at,
      prompt: 'Go.',
      beforeTurn: () => {
        throw new Error('the hook broke')
      },
    })
    expect(await failing).toMatchObject({ ended: 'failed', reason: 'the hook broke' })
  })
})

describe('a guard', () => {
  const at = (point: GuardPoint, verdict: Awaited<ReturnType<Guard>>): Guard => {
    return subject => (subject.point === point ? verdict : { type: 'allow' })
  }
  const SECRET = 'The password is swordfish.'

  it('sees the answer before any of it leaves [L5]', async () => {
    const { twin, ...to } = await play(chat, [{ text: SECRET }], { transport: { chunk: 'byte' } })
    const guard = at('output', {
      type: 'refuse',
      reason: 'a secret',
      message: 'I cannot say that.',
    })
    const run = runTools({ ...to, prompt: 'Tell me.', guard })
    const events: RunEvent[] = []
    for await (const event of run) events.push(event)
    const result = await run
    expect(result).toMatchObject({
      ended: 'refused',
      reason: 'a secret',
      text: 'I cannot say that.',
    })
    expect(JSON.stringify([events, result])).not.toContain('swordfish')
    twin.finish()
    await expectAccepted(result)
  })

  it('may rewrite it, or want another [L5]', async () => {
    const { twin, ...to } = await play(chat, [{ text: SECRET }, { text: SECRET }, { text: 'No.' }])
    const rewritten = await runTools({
      ...to,
      prompt: 'Tell me.',
      guard: at('output', { type: 'rewrite', value: '***', reason: 'r' }),
    })
    expect(rewritten).toMatchObject({ ended: 'answered', text: '***' })
    expect(JSON.stringify(rewritten.messages)).not.toContain('swordfish')
    const again: Guard = ({ point, value }) =>
      point === 'output' && value === SECRET
        ? { type: 'ask-again', reason: 'no secrets' }
        : { type: 'allow' }
    const run = runTools({ ...to, prompt: 'Tell me.', guard: again })
    let streamed = ''
    for await (const text of run.texts()) streamed += text
    expect(streamed).toBe('No.')
    twin.finish()
  })

  it.each([
    ['input', { type: 'refuse', reason: 'r', message: 'm' }, 'refused'],
    ['tool-arguments', { type: 'refuse', reason: 'r', message: 'm' }, 'refused'],
    ['tool-arguments', { type: 'require-approval', reason: 'r' }, 'paused'],
    ['tool-arguments', { type: 'ask-again', reason: 'r' }, 'answered'],
    ['tool-arguments', { type: 'rewrite', value: { say: 'other' }, reason: 'r' }, 'answered'],
    ['tool-result', { type: 'refuse', reason: 'r', message: 'm' }, 'refused'],
    ['tool-result', { type: 'rewrite', value: 'other', reason: 'r' }, 'answered'],
    ['tool-result', { type: 'ask-again', reason: 'r' }, 'answered'],
  ] as const)('at %s with the verdict %o ends as %s', async (point, verdict, ended) => {
    const { twin: _, ...to } = await play(chat, [ECHO, { text: 'Done.' }])
    const result = await runTools({
      ...to,
      prompt: 'Go.',
      tools: [echo],
      guard: at(point, verdict),
    })
    expect(result.ended).toBe(ended)
    const results = JSON.stringify(result.messages.filter(({ role }) => role === 'tool'))
    if (verdict.type === 'rewrite') expect(results).toContain('other')
    await expectAccepted(result)
  })

  it.each([
    undefined,
    null,
    'allow',
    true,
    { type: 'block', reason: 'r' },
    { type: 'rewrite', reason: 'r' },
    { type: 'ask-again' },
    { type: 'refuse', reason: 'r' },
  ])('that says %j has given no verdict, and refuses at every point [L5]', async said => {
    for (const point of ['input', 'tool-arguments', 'tool-result', 'output']) {
      const { twin: _, ...to } = await play(chat, [ECHO, { text: SECRET }])
      const guard: Guard = subject =>
        subject.point === point ? JSON.parse(JSON.stringify({ said })).said : { type: 'allow' }
      const run = runTools({ ...to, prompt: 'Go.', tools: [echo], guard })
      let streamed = ''
      for await (const text of run.texts()) streamed += text
      const result = await run
      expect(result).toMatchObject({ ended: 'refused', reason: expect.stringContaining('verdict') })
      expect(JSON.stringify([streamed, result])).not.toContain('swordfish')
    }
  })

  it('that fails refuses', async () => {
    const { twin: _, ...to } = await play(chat, [{ text: SECRET }])
    const guard: Guard = ({ point }) => {
      if (point === 'output') throw new Error('broken')
      return { type: 'allow' }
    }
    const result = await runTools({ ...to, prompt: 'Go.', guard })
    expect(result.ended).toBe('refused')
    expect(JSON.stringify(result)).not.toContain('swordfish')
  })
})
