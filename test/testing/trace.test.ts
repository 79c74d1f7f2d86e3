import { AssertionError } from 'node:assert'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunEvent, type RunResult, runTools, tool } from '../../src/index.ts'
import { assertTrace, type ExpectedStep, type ScriptTurn } from '../../src/testing.ts'
import { closeTwins, play, SCENES, WAYS } from '../loop/stage.ts'

const [chat] = SCENES
afterEach(closeTwins)

const input = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
} as const

/** The later a city stands in a question, the sooner its call is over. */
const WAITS: { readonly [city: string]: number | undefined } = { Tokyo: 20, London: 5 }

const forecast = tool({
  name: 'forecast',
  input,
  async run({ city }) {
    await new Promise(resolve => setTimeout(resolve, WAITS[city]))
    if (city === 'Atlantis') throw new Error('no such city')
    return `${city}: 22 degrees`
  },
})

const INVALID = { name: 'forecast', arguments: { days: 'two' } }
/** One of the vendors never lets such a call out. */
const UNKNOWN = { name: 'gone', arguments: {} }

async function run(
  way: (typeof SCENES)[number] & { stream?: boolean } = chat,
  refused: ScriptTurn['calls'] = [INVALID, UNKNOWN],
) {
  const { twin, ...at } = await play(way, [
    {
      text: 'Let me see.',
      calls: [
        { name: 'forecast', arguments: { city: 'Tokyo', days: 2 } },
        { name: 'forecast', arguments: { city: 'London' } },
      ],
    },
    { calls: refused },
    { calls: [{ name: 'forecast', arguments: { city: 'Atlantis' } }] },
    { text: 'It is 22 degrees.' },
  ])
  const { stream = false } = way
  const running = runTools({ ...at, stream, prompt: 'How warm is it?', tools: [forecast] })
  const events: RunEvent[] = []
  for await (const event of running) events.push(event)
  twin.finish()
  return { result: await running, events }
}

const TRACE: readonly ExpectedStep[] = [
  { call: 'forecast', input: { days: 2, city: 'Tokyo' }, result: 'Tokyo: 22 degrees', turn: 1 },
  { call: 'forecast', input: { city: /^Lon/ }, result: /22/, turn: 1 },
  { call: 'forecast', outcome: 'invalid', turn: 2 },
  { call: 'gone', outcome: 'unknown-tool', result: /There are: forecast/ },
  { call: 'forecast', input: '{"city":"Atlantis"}', outcome: 'threw' },
  { ended: 'answered', text: /22 degrees/ },
]

/** What the message says below its first line. */
function messageOf(what: RunResult | readonly RunEvent[], expected: readonly ExpectedStep[]) {
  try {
    assertTrace(what, expected)
  } catch (error) {
    if (error instanceof AssertionError) return error.message.split('\n').slice(2, -1)
    throw error
  }
  return undefined
}

describe('assertTrace [T6]', () => {
  it.each(WAYS)('takes a run over $name that went as expected', async way => {
    const { result, events } = await run(way, [INVALID])
    const trace = [...TRACE.slice(0, 3), ...TRACE.slice(4)]
    assertTrace(result, trace)
    assertTrace(events, trace)
  })

  it('shows line by line what is missing, what is too many, and what is unlike', async () => {
    const { result } = await run()
    const [tokyo, , broken, unknown, ...rest] = TRACE
    if (!tokyo || !broken || !unknown) throw new Error('the trace is shorter than it was')
    const wrong = [tokyo, { call: 'forecast', input: { city: 'Paris', days: 1 } }, broken]
    expect(messageOf(result, [...wrong, { call: 'book' }, ...rest])).toEqual([
      '  forecast {"city":"Tokyo","days":2} → returned "Tokyo: 22 degrees"',
      '- forecast {"city":"Paris","days":1} → returned',
      '    input.city: expected "Paris", found "London"',
      '    input.days: expected 1, found nothing',
      '+ forecast {"city":"London"} → returned "London: 22 degrees"',
      expect.stringMatching(/^ {2}forecast .* → invalid "/),
      '- book (any arguments) → returned',
      '+ gone {} → unknown-tool "There is no tool \'gone\'. There are: forecast."',
      '  forecast {"city":"Atlantis"} → threw "Error: no such city"',
      '  answered "It is 22 degrees." (the model answered)',
    ])
  })

  it('wants every call, and the end only if the trace says one', async () => {
    const { result } = await run()
    expect(messageOf(result, TRACE.slice(0, -1))).toBeUndefined()
    expect(messageOf(result, TRACE.slice(1))?.filter(line => line.startsWith('+'))).toHaveLength(1)
    expect(messageOf(result, [])).toHaveLength(5)
    expect(messageOf(result, [...TRACE.slice(0, -1), { ended: 'budget' }])).toContain(
      '    ended: expected "budget", found "answered"',
    )
  })

  it('holds events of the types that it names to it, and no others', async () => {
    const { events, result } = await run()
    const turns = [1, 2, 3, 4].map(turn => ({ event: 'turn-start', turn }) as const)
    const [first, second, third, fourth] = turns
    if (!first || !second || !third || !fourth) throw new Error('there are four turns')
    const trace = [
      ...[first, ...TRACE.slice(0, 2), second, ...TRACE.slice(2, 4), third],
      ...[...TRACE.slice(4, 5), fourth, ...TRACE.slice(5)],
    ]
    expect(messageOf(events, trace)).toBeUndefined()
    expect(
      messageOf(
        events,
        trace.filter(step => step !== third),
      ),
    ).toContain('+ turn-start {"turn":3}')
    expect(() => assertTrace(events.slice(0, -1), TRACE)).toThrow('no `end`')
    expect(messageOf(result, trace)).toContain('- turn-start {"turn":1}')
  })
})
