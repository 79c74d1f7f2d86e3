import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type RunEvent, runTools, tool } from '../../src/index.ts'
import { closeTwins, expectAccepted, play, SCENES, WAYS } from './stage.ts'

afterEach(closeTwins)

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

const QUESTION = 'What is the weather in Tokyo and London?'

describe.each(WAYS)('a run over $name', scene => {
  const { stream } = scene

  it('asks, runs the calls of a turn, and answers [L1]', async () => {
    const { twin, ...at } = await play(scene, [
      {
        text: 'I will look.',
        calls: [
          { name: 'get_weather', arguments: { city: 'Tokyo' } },
          { name: 'get_weather', arguments: { city: 'London', units: 'celsius' } },
        ],
        expect: { tools: ['get_weather'], last: { role: 'user', text: 'Tokyo' } },
      },
      { text: 'Both are 22 degrees.', expect: { last: { role: 'tool', text: 'London' } } },
    ])
    const result = await runTools({
      ...at,
      stream,
      instructions: 'You are a helpful weather assistant.',
      prompt: QUESTION,
      tools: [getWeather],
    })
    expect(result).toMatchObject({ ended: 'answered', text: 'Both are 22 degrees.' })
    expect(result.calls.map(({ tool, outcome }) => [tool, outcome])).toEqual([
      ['get_weather', 'returned'],
      ['get_weather', 'returned'],
    ])
    expect(result.totals).toMatchObject({ turns: 2, calls: 2 })
    expect(result.totals.input).toBeGreaterThan(0)
    twin.finish()
    await expectAccepted(result)
  })

  it('tells what happens, in order [L1]', async () => {
    const { twin, ...at } = await play(scene, [
      { calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] },
      { text: 'It is 22 degrees.' },
    ])
    const run = runTools({ ...at, stream, prompt: 'Oslo?', tools: [getWeather] })
    const events: RunEvent<typeof getWeather>[] = []
    for await (const event of run) events.push(event)
    const kinds = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1])
    expect(kinds).toEqual(
      stream
        ? [
            'turn-start',
            'arguments-delta',
            'turn-end',
            'call-start',
            'call-end',
            'turn-start',
            'text-delta',
            'turn-end',
            'end',
          ]
        : [
            'turn-start',
            'turn-end',
            'call-start',
            'call-end',
            'turn-start',
            'text-delta',
            'turn-end',
            'end',
          ],
    )
    const started = events.find(event => event.type === 'call-start')
    if (started?.type === 'call-start') {
      expectTypeOf(started.tool).toEqualTypeOf<'get_weather'>()
      expectTypeOf(started.input.city).toEqualTypeOf<string>()
    }
    expect(started).toMatchObject({ tool: 'get_weather', input: { city: 'Oslo' } })
    const texts = events.flatMap(event => (event.type === 'text-delta' ? [event.text] : []))
    expect(texts.join('')).toBe('It is 22 degrees.')
    expect(await run.text()).toBe('It is 22 degrees.')
    twin.finish()
  })

  it('gives errors to the model as results', async () => {
    const { twin, ...at } = await play(scene, [
      { calls: [{ name: 'get_order', arguments: { id: '12345' } }] },
      {
        text: 'There is no such order.',
        expect: { last: { role: 'tool', text: 'Order not found' } },
      },
    ])
    const getOrder = tool({
      name: 'get_order',
      input: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      run: () => {
        throw new Error('Order not found')
      },
    })
    const result = await runTools({
      ...at,
      stream,
      prompt: 'Where is my order #12345?',
      tools: [getOrder],
    })
    expect(result).toMatchObject({
      ended: 'answered',
      calls: [{ outcome: 'threw', isError: true }],
    })
    twin.finish()
    await expectAccepted(result)
  })

  it('refuses arguments that do not keep the schema, and says what is wrong', async () => {
    const ran: unknown[] = []
    const search = tool({
      name: 'search_products',
      input: {
        type: 'object',
        properties: { query: { type: 'string' }, max_results: { type: 'integer', maximum: 10 } },
        required: ['query'],
        additionalProperties: false,
      } as const,
      run: input => {
        ran.push(input)
        return []
      },
    })
    const { twin, ...at } = await play(scene, [
      { calls: [{ name: 'search_products', arguments: { max_results: 99, color: 'red' } }] },
      {
        calls: [{ name: 'search_products', arguments: { query: 'headphones' } }],
        expect: { last: { text: '/max_results: expected 10 or less, found number 99' } },
      },
      { text: 'Nothing found.' },
    ])
    const result = await runTools({ ...at, stream, prompt: 'Show me headphones', tools: [search] })
    expect(ran).toEqual([{ query: 'headphones' }])
    expect(result.calls.map(({ outcome }) => outcome)).toEqual(['invalid', 'returned'])
    twin.finish()
    await expectAccepted(result)
  })

  it('answers an unknown tool with the list of those there are', async () => {
    const { twin, ...at } = await play(scene, [
      { calls: [{ name: 'get_whether', arguments: {} }] },
      { text: 'Sorry.', expect: { last: { text: 'get_weather' } } },
    ])
    const result = await runTools({ ...at, stream, prompt: 'Weather?', tools: [getWeather] })
    expect(result).toMatchObject({ ended: 'answered', calls: [{ outcome: 'unknown-tool' }] })
    twin.finish()
    await expectAccepted(result)
  })

  it('keeps a history that is taken back when the model wrote broken JSON', async () => {
    const { twin, ...at } = await play(scene, [
      { calls: [{ name: 'get_weather', arguments: '{"city": "Os' }] },
      { text: 'Sorry.' },
    ])
    const result = await runTools({ ...at, stream, prompt: 'Weather?', tools: [getWeather] })
    // Of such a call this vendor gives no word: the model is told that it could not be read.
    const calls = scene.protocol === 'gemini' ? [] : [{ outcome: 'invalid', isError: true }]
    expect(result).toMatchObject({ ended: 'answered', text: 'Sorry.', calls })
    twin.finish()
    await expectAccepted(result)
  })

  it('ends as refused when the model declines', async () => {
    const { twin, ...at } = await play(scene, [
      { end: 'refusal', refusal: 'I cannot help with that.' },
    ])
    const result = await runTools({ ...at, stream, prompt: 'Weather?', tools: [getWeather] })
    expect(result.ended).toBe('refused')
    twin.finish()
    await expectAccepted(result)
  })
})

describe.each(SCENES)('over $protocol', scene => {
  it('runs a call once whose id comes twice', async () => {
    let ran = 0
    const once = tool({
      name: 'once',
      run: () => {
        ran++
        return 'ok'
      },
    })
    const { twin, ...at } = await play(scene, [
      {
        calls: [
          { name: 'once', arguments: {}, id: 'call_same' },
          { name: 'once', arguments: {}, id: 'call_same' },
        ],
      },
      { text: 'Done.' },
    ])
    const result = await runTools({ ...at, prompt: 'Once.', tools: [once] })
    expect(result).toMatchObject({ ended: 'answered' })
    expect(ran).toBe(1)
    twin.finish()
    await expectAccepted(result)
  })

  it('fits ids that come again in a later turn', async () => {
    const { twin, ...at } = await play(scene, [
      { calls: [{ name: 'get_weather', arguments: { city: 'A' }, id: 'call_1' }] },
      { calls: [{ name: 'get_weather', arguments: { city: 'B' }, id: 'call_1' }] },
      { text: 'Done.' },
    ])
    const result = await runTools({ ...at, prompt: 'Twice.', tools: [getWeather] })
    expect(result).toMatchObject({ ended: 'answered', totals: { calls: 2 } })
    twin.finish()
    await expectAccepted(result)
  })

  it('takes calls whose ids come again from a server that was started anew', async () => {
    const turns = [
      { calls: [{ name: 'get_weather', arguments: { city: 'A' } }] },
      { text: 'Done.' },
    ]
    const { twin: _, ...to } = await play(scene, turns)
    const { messages } = await runTools({ ...to, prompt: 'A?', tools: [getWeather] })
    const { twin, ...at } = await play(scene, turns)
    const result = await runTools({ ...at, messages, prompt: 'Again?', tools: [getWeather] })
    expect(result).toMatchObject({ ended: 'answered', reason: 'the model answered' })
    twin.finish()
  })

  it('tries again before the first byte, and minds retry-after', async () => {
    const { twin, ...at } = await play(scene, [{ text: 'Here.' }], {
      faults: [{ kind: 'status', status: 429, retryAfter: 1, times: 1 }],
    })
    const waits: number[] = []
    const run = runTools({ ...at, prompt: 'Hello.' })
    for await (const event of run) if (event.type === 'model-retry') waits.push(event.waitMs)
    expect(await run).toMatchObject({ ended: 'answered', text: 'Here.' })
    expect(waits).toEqual([1000])
    twin.finish()
  })

  it('fails in a stated way when the answer breaks off, with a history that stands', async () => {
    const { twin, ...at } = await play(scene, [{ text: 'A long answer, in many words.' }], {
      faults: [{ kind: 'cut-events', after: 2, times: 1 }],
    })
    const result = await runTools({ ...at, prompt: 'Hello.' })
    expect(result.ended).toBe('failed')
    expect(result.reason).toMatch(/could not be asked/)
    await expectAccepted(result)
  })
})

describe('a run that cannot begin', () => {
  it('says so at once, or as its result', async () => {
    expect(() => runTools({ model: 'x', baseUrl: 'nowhere', prompt: 'Hi' })).toThrow(/http/)
    expect(() => runTools({ model: 'x', baseUrl: 'http://127.0.0.1:1' })).toThrow(/nothing to ask/)
    const result = await runTools({
      model: 'x',
      baseUrl: 'http://127.0.0.1:1',
      prompt: 'Hi',
      retries: 0,
    })
    expect(result).toMatchObject({ ended: 'failed' })
    expect(result.reason).toContain('the connection was refused')
    await expect(
      runTools({ model: 'x', baseUrl: 'http://127.0.0.1:1', prompt: 'Hi', retries: 0 }).text(),
    ).rejects.toThrow(/ended as failed/)
  })
})

describe('whoever reads a run that is over', () => {
  it('is told how it ended, even if nobody has listened before', async () => {
    const { twin: _, ...at } = await play(SCENES[0], [{ text: 'Hello.' }])
    const run = runTools({ ...at, prompt: 'Hi' })
    const result = await run
    for (let again = 0; again < 2; again++) {
      const events: RunEvent[] = []
      for await (const event of run) events.push(event)
      expect(events).toEqual([{ type: 'end', result }])
    }
  })
})
