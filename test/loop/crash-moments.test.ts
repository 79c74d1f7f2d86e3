import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type RunResult, replay } from '../../src/index.ts'
import type { TwinModel } from '../../src/twins/model.ts'
import { type Random, seeded } from '../../src/twins/random.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { SCENES } from './stage.ts'

/** `npm run crash -- --moments 200 --seed 7` sets these. */
const MOMENTS = Number(process.env['TOOLGATE_CRASH_MOMENTS'] ?? 15)
const SEED = Number(process.env['TOOLGATE_CRASH_SEED'] ?? 1)

const TURNS = 16
const TOOLS = ['charge', 'store', 'look']
const [chat] = SCENES
const folder = mkdtempSync(join(tmpdir(), 'toolgate-crash-'))

/** What was going on at each moment (the journal's last entry), and what became of the calls. */
const hits = new Map<string, number>()
const fates = new Map<string, number>()
const count = (counts: Map<string, number>, what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}
afterAll(() => {
  rmSync(folder, { recursive: true })
  if (process.env['TOOLGATE_CRASH_MOMENTS'] === undefined) return
  const rows = [...[...hits].sort(), ...[...fates].sort()].map(
    ([what, count]) => `${String(count).padStart(6)} ${what}`,
  )
  process.stdout.write(`\n${[`${MOMENTS} moments from seed ${SEED}`, ...rows].join('\n')}\n`)
})

/** Makes three calls a turn, by how many answers there are: asked again, it says the same again. */
const charger: TwinModel = {
  name: 'charger',
  answer({ messages }) {
    const turn = messages.filter(({ role }) => role === 'assistant').length
    if (turn >= TURNS) return { blocks: [{ type: 'text', text: 'All done.' }] }
    const call = (name: string) => ({ type: 'call', name, arguments: `{"n":${turn}}` }) as const
    return { blocks: TOOLS.map(call) }
  },
}

/** A moment to kill at: so many milliseconds after the start of the process, or of its first turn. */
interface Moment {
  readonly from: 'start' | 'turn'
  readonly ms: number
}

/** One in four while the process starts and takes the run up; the others while it works. */
function momentOf(random: Random): Moment {
  if (random.below(4) === 0) return { from: 'start', ms: random.below(400) }
  return { from: 'turn', ms: random.below(80) }
}

/** Runs the child until it ends, or kills it. */
function runChild(
  args: readonly string[],
  moment: Moment | undefined,
): Promise<{ text: string; killed: boolean }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.mjs'), ...args])
  let text = ''
  let timer: NodeJS.Timeout | undefined
  const arm = (from: Moment['from']): void => {
    if (moment?.from !== from) return
    timer ??= setTimeout(() => child.kill('SIGKILL'), moment.ms)
  }
  arm('start')
  child.stdout.on('data', chunk => {
    text += chunk
    arm('turn')
  })
  child.stderr.on('data', chunk => {
    text += chunk
  })
  return new Promise(resolve =>
    child.on('close', (_, signal) => {
      clearTimeout(timer)
      resolve({ text, killed: signal === 'SIGKILL' })
    }),
  )
}

/** The run of one journal, its effects, and what has been seen of both so far. */
class Story {
  readonly journal: string
  readonly ledger: string
  /** How often each call had happened when its result was first in the journal. */
  readonly #finished = new Map<string, number>()

  constructor(name: string) {
    this.journal = join(folder, `${name}.jsonl`)
    this.ledger = join(folder, `${name}.txt`)
    writeFileSync(this.ledger, '')
  }

  /** How often a call has had its effect, by tool and number. */
  effects(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const line of linesOf(this.ledger)) {
      const call = line.split(' ', 2).join(' ')
      counts.set(call, (counts.get(call) ?? 0) + 1)
    }
    return counts
  }

  /** Whole entries of the journal; what a crash has cut off at its end is none. */
  entries(): { type: string; outcome?: string; result?: { content: { text: string }[] } }[] {
    const text = existsSync(this.journal) ? readFileSync(this.journal, 'utf8') : ''
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    return whole
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
  }

  /** Holds the ledger to the journal: at any moment, and at the end. */
  check(): void {
    const effects = this.effects()
    for (const [call, count] of effects)
      if (call.startsWith('charge')) expect([call, count]).toEqual([call, 1])
    for (const { type, outcome, result } of this.entries()) {
      if (type !== 'result' || outcome !== 'returned') continue
      const call = result?.content[0]?.text.replace(' done', '') ?? ''
      const count = effects.get(call) ?? 0
      expect([call, count > 0]).toEqual([call, true])
      if (!this.#finished.has(call)) this.#finished.set(call, count)
      expect([call, count]).toEqual([call, this.#finished.get(call)])
    }
  }
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean)
}

async function checkEnd(story: Story, result: RunResult, twin: Twin): Promise<void> {
  expect(result).toMatchObject({ ended: 'answered', text: 'All done.' })
  const effects = story.effects()
  for (const tool of TOOLS) {
    const calls = result.calls.filter(call => call.tool === tool)
    expect(calls.map(({ arguments: text }) => JSON.parse(text).n)).toEqual([...Array(TURNS).keys()])
    for (const { arguments: text, outcome } of calls) {
      const times = effects.get(`${tool} ${JSON.parse(text).n}`) ?? 0
      count(fates, `${tool}: ${outcome}, and happened ${times} times`)
      // What is in doubt was told as that; it has happened once or not at all.
      if (outcome === 'unfinished') expect([tool, times <= 1]).toEqual(['charge', true])
      else if (tool === 'charge') expect([outcome, times]).toEqual(['returned', 1])
      else expect([tool, outcome, times > 0]).toEqual([tool, 'returned', true])
    }
  }
  // A write that was interrupted is made again with the key that it had.
  const stored = new Set(linesOf(story.ledger).filter(line => line.startsWith('store')))
  expect(stored.size).toBe(TURNS)
  const again = await replay(story.journal)
  expect(again.same).toBe(true)
  const sent = new Set(twin.requests.map(({ body }) => JSON.stringify(body)))
  for (const { body } of again.requests)
    expect(sent.has(JSON.stringify(JSON.parse(body)))).toBe(true)
}

describe('a run with effects that is killed at random moments', () => {
  it(
    'goes on where it was: what is irreversible happens at most once, what is finished stays [L3]',
    async () => {
      const random = seeded(SEED)
      let kills = 0
      for (let run = 0; kills < MOMENTS; run++) {
        const twin = await startTwin({ vendor: chat.vendor, model: charger })
        const story = new Story(`run-${run}`)
        const args = [`${twin.url}/v1`, story.journal, story.ledger]
        try {
          for (;;) {
            const moment = kills < MOMENTS ? momentOf(random) : undefined
            const { text, killed } = await runChild(args, moment)
            story.check()
            if (!killed) {
              const last = text.trim().split('\n').at(-1) ?? ''
              if (!last.startsWith('{')) throw new Error(`the child failed: ${text}`)
              await checkEnd(story, JSON.parse(last), twin)
              break
            }
            kills++
            count(hits, `killed after ${story.entries().at(-1)?.type ?? 'nothing'}`)
          }
        } catch (thrown) {
          const journal = existsSync(story.journal) ? readFileSync(story.journal, 'utf8') : ''
          const tail = journal.split('\n').slice(-6).join('\n')
          throw new Error(`seed ${SEED}, after ${kills} kills; the journal ends\n${tail}`, {
            cause: thrown,
          })
        } finally {
          await twin.close()
        }
      }
      expect(kills).toBe(MOMENTS)
    },
    MOMENTS * 4000 + 30_000,
  )
})
