import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isObject } from '../../src/core/json.ts'
import { runTools, tool } from '../../src/index.ts'
import type { TwinModel } from '../../src/twins/model.ts'
import { scripted } from '../../src/twins/script.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { SCENES, WAYS } from '../loop/stage.ts'
import { type AcceptedCall, type CallCase, loadCalls } from './accepted-calls.ts'
import known from './calls-known.json' with { type: 'json' }
import { FOLDER } from './recordings.ts'

/** Cases whose calls have to be refused, and why; one that is run, or ends otherwise, fails. */
const KNOWN: { readonly [id: string]: string | undefined } = known

const cases = FOLDER === undefined ? [] : loadCalls(FOLDER)

/** How a complaint begins when the loop has refused a call for its arguments. */
const REFUSED = 'not run: '

/** One twin a protocol, whose model is another script for each case. */
class Stand {
  script: TwinModel = scripted([])
  twin: Twin | undefined

  readonly model: TwinModel = {
    name: 'accepted calls',
    answer: (prompt, seed) => this.script.answer(prompt, seed),
  }
}

const stands = new Map(SCENES.map(({ protocol }) => [protocol, new Stand()]))
const counts = new Map(WAYS.map(({ name }) => [name, { runs: 0, calls: 0, known: 0, fails: 0 }]))

beforeAll(async () => {
  for (const { protocol, vendor } of SCENES) {
    const stand = stands.get(protocol)
    if (stand) stand.twin = await startTwin({ vendor, model: stand.model })
  }
})
afterAll(async () => {
  for (const { twin } of stands.values()) await twin?.close()
  const rows = [...counts].map(
    ([name, { runs, calls, known, fails }]) =>
      name.padEnd(28) + [runs, calls, known, fails].map(n => String(n).padStart(8)).join(''),
  )
  const title = FOLDER === undefined ? 'no cases: nothing was run' : `${cases.length} cases`
  const head = `${'accepted calls over'.padEnd(28)}    runs   calls   known   fails`
  const reasons = Object.entries(KNOWN).map(([id, reason]) => `  ${id}: ${reason}`)
  const refused = `known: ${reasons.length} cases whose accepted calls have to be refused`
  process.stdout.write(`\n${[title, head, ...rows, refused, ...reasons].join('\n')}\n`)
})

type Way = (typeof WAYS)[number]

/** Lets a twin play a case's calls; what is wrong with what was executed, if anything is. */
async function complaint(way: Way, one: CallCase): Promise<string | undefined> {
  const stand = stands.get(way.protocol)
  if (!stand?.twin) throw new Error('the twin is not running')
  stand.script = scripted([{ calls: one.calls }, { text: 'That is all.' }])
  const executed: AcceptedCall[] = []
  const result = await runTools({
    model: way.model,
    protocol: way.protocol,
    baseUrl: stand.twin.url + way.path,
    key: 'sk-test',
    stream: way.stream,
    messages: one.messages,
    tools: one.tools.map(({ name, description, parameters }) =>
      tool({
        name,
        description,
        input: parameters,
        run(input: unknown) {
          executed.push({ name, arguments: isObject(input) ? input : {} })
          return `${executed.length} done`
        },
      }),
    ),
    retries: 0,
  })
  if (result.ended !== 'answered' || result.text !== 'That is all.')
    return `ended as ${result.ended}: ${result.reason}`
  const odd = result.calls.filter(({ outcome }) => outcome !== 'returned')
  if (odd.length > 0) {
    // What is refused is refused for its arguments alone, and takes no other call with it.
    const ids = result.messages.flatMap(message =>
      message.role === 'assistant'
        ? message.content.flatMap(part => (part.type === 'tool-call' ? [part.id] : []))
        : [],
    )
    const rest = one.calls.filter((_, i) => odd.every(({ callId }) => callId !== ids[i]))
    if (odd.some(({ outcome }) => outcome !== 'invalid') || !isDeepStrictEqual(executed, rest))
      return `executed ${JSON.stringify(executed)}, refused ${JSON.stringify(odd)}`
    const results = result.messages.flatMap(message =>
      message.role === 'tool' ? message.content.filter(({ isError }) => isError) : [],
    )
    return `${REFUSED}${JSON.stringify(results.map(({ content }) => content))}`
  }
  if (!isDeepStrictEqual(executed, [...one.calls]))
    return `executed ${JSON.stringify(executed)} for ${JSON.stringify(one.calls)}`
  return undefined
}

describe.each(FOLDER === undefined ? [] : WAYS)('accepted calls over $name', way => {
  it('are executed as they are, each once and in their order', async () => {
    const count = counts.get(way.name)
    const wrong: string[] = []
    for (const one of cases) {
      const found = await complaint(way, one).catch(thrown => `threw ${thrown}`)
      const reason = KNOWN[one.id]
      if (reason !== undefined && found === undefined)
        wrong.push(`${one.id}: known (${reason}); it holds now, take it off`)
      else if (found !== undefined && (reason === undefined || !found.startsWith(REFUSED)))
        wrong.push(`${one.id}: ${found}`)
      if (!count) continue
      count.runs++
      if (found === undefined) count.calls += one.calls.length
      else if (reason === undefined) count.fails++
      else count.known++
    }
    expect(wrong).toEqual([])
  }, 120_000)
})

describe('the list of cases that cannot hold', () => {
  it('names only cases that there are', () => {
    const ids = cases.map(({ id }) => id)
    const unknown = Object.keys(KNOWN).filter(id => !ids.includes(id))
    expect(FOLDER === undefined ? [] : unknown).toEqual([])
  })
})
