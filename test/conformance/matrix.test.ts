import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel, TwinPrompt, TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'
import { type Answer, BACKS, type Back, FRONTS, type Front, MODELS } from './ask.ts'
import { type Case, type Cell, ENDS, inCell, type Step } from './case.ts'
import { CALLS } from './cases/calls.ts'
import { CHOICES } from './cases/choices.ts'
import { REST } from './cases/rest.ts'
import { RESULTS } from './cases/results.ts'
import { anthropic } from './clients/anthropic.ts'
import { openaiChat } from './clients/openai-chat.ts'

const CASES = [...CALLS, ...CHOICES, ...RESULTS, ...REST]
const CLIENTS = { 'openai-chat': openaiChat, anthropic }
const VENDORS: Record<Back, string> = {
  'openai-chat': 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
}

/** A model that plays one turn at a time, and keeps what it was asked. */
class Stage implements TwinModel {
  readonly name = 'stage'
  seen: TwinPrompt[] = []
  turn: TwinTurn = { blocks: [] }
  answer(prompt: TwinPrompt): TwinTurn {
    this.seen.push(prompt)
    return this.turn
  }
}

const stage = new Stage()
/** How the answers come: whole, or streamed and cut in one of these ways. */
const WAYS = {
  whole: 'random',
  streamed: 'random',
  'streamed, one byte at a time': 'byte',
} as const
type Way = keyof typeof WAYS

const twins: Twin[] = []
const gateways = new Map<string, RunningGateway>()

/** A gateway before a twin of each vendor that cuts its bytes in one way. */
async function build(chunk: 'random' | 'byte'): Promise<RunningGateway> {
  const addresses: string[] = []
  for (const back of BACKS) {
    const vendor = TWIN_VENDORS[VENDORS[back]]
    if (!vendor) throw new Error(`no twin of ${back}`)
    const twin = await startTwin({ vendor, model: stage, seed: 7, transport: { chunk } })
    twins.push(twin)
    addresses.push(twin.url)
  }
  const config = loadConfig(
    { port: '0', log: 'silent', rehearsal: false },
    {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: `${addresses[0]}/v1`,
      ANTHROPIC_API_KEY: 'sk-test',
      ANTHROPIC_BASE_URL: addresses[1],
      GEMINI_API_KEY: 'sk-test',
      GOOGLE_GEMINI_BASE_URL: `${addresses[2]}/v1beta`,
    },
  )
  return startGateway(config)
}

beforeAll(async () => {
  for (const chunk of ['random', 'byte'] as const) gateways.set(chunk, await build(chunk))
})
afterAll(async () => {
  await Promise.all([...gateways.values()].map(gateway => gateway.close()))
  await Promise.all(twins.map(twin => twin.close()))
})

describe.each(FRONTS)('[G1.1] [G3.1] [G8.2] a client of %s', front => {
  describe.each(BACKS)('with a vendor of %s', back => {
    describe.each(Object.keys(WAYS).filter(isWay))('%s', way => {
      it.each(CASES.map(row => [row.name, row] as const))('%s', async (_, row) => {
        const reason = row.notSupported?.[front]
        if (reason !== undefined) {
          expect(reason).toMatch(/\w+ \w+/)
          return
        }
        await play(row, { front, back, stream: way !== 'whole' }, WAYS[way])
      })
    })
  })
})

function isWay(text: string): text is Way {
  return Object.hasOwn(WAYS, text)
}

async function play(row: Case, cell: Cell, chunk: 'random' | 'byte'): Promise<void> {
  const gateway = gateways.get(chunk)
  if (!gateway) throw new Error('no gateway')
  const answers: Answer[] = []
  for (const step of row.steps) {
    stage.turn = inCell(step.turn, cell)
    stage.seen = []
    const client = CLIENTS[cell.front]
    const model = row.models?.[cell.back] ?? MODELS[cell.back]
    const answer = await client.ask(gateway.url, model, step.ask(answers), cell.stream)
    const [seen, ...more] = stage.seen
    expect(more).toEqual([])
    if (!seen) throw new Error('the vendor was not asked')
    step.seen?.(seen, cell)
    check(answer, step, cell)
    answers.push(answer)
  }
}

function check(answer: Answer, step: Step, cell: Cell): void {
  const wanted = inCell(step.blocks, cell)
  expect(answer.blocks).toMatchObject(wanted)
  expect(answer.blocks).toHaveLength(wanted.length)
  expect(answer.end).toBe(endWord(step, cell))
  if (step.usage) expect(answer.usage).toEqual(step.usage)
  // A prompt that was blocked has no output.
  if (wanted.length > 0) expect(answer.usage.output).toBeGreaterThan(0)
  const losses = inCell(step.losses, cell)
  if (losses === undefined) expect(answer.headers['toolgate-losses']).toBeUndefined()
  else expect(answer.headers['toolgate-losses']).toMatch(losses)
}

function endWord(step: Step, cell: Cell): string {
  const end = inCell(step.end, cell)
  const words: Record<string, string> = ENDS[cell.front]
  return words[end] ?? end
}

it('has every case in every cell, or a reason', () => {
  const names = CASES.map(row => row.name)
  expect(new Set(names).size).toBe(names.length)
  const missing = CASES.flatMap(row =>
    FRONTS.filter((front: Front) => row.notSupported?.[front] === ''),
  )
  expect(missing).toEqual([])
})
