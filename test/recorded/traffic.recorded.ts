import { afterAll, describe, expect, it } from 'vitest'
import projectConfig from '../../vitest.config.ts'
import {
  type Check,
  type Comparison,
  checkCarried,
  checkCuts,
  checkError,
  checkRequest,
  checkStreamed,
  checkWhole,
  FRONTS,
} from './checks.ts'
import known from './known.json' with { type: 'json' }
import { FOLDER, loadRecordings, type Recording } from './recordings.ts'

const CHECKS: { readonly name: string; readonly run: Check }[] = [
  { name: 'request', run: checkRequest },
  { name: 'request carried across', run: checkCarried },
  { name: 'cuts', run: checkCuts },
  ...FRONTS.map(front => ({ name: `whole for ${front}`, run: checkWhole(front) })),
  ...FRONTS.map(front => ({ name: `streamed for ${front}`, run: checkStreamed(front) })),
  ...FRONTS.map(front => ({ name: `error for ${front}`, run: checkError(front) })),
]

/** What cannot hold, and why: by recording and check. An entry that has come to hold fails. */
const KNOWN: { readonly [id: string]: { readonly [check: string]: string } | undefined } = known

interface Outcome {
  readonly comparison?: Comparison
  readonly thrown?: unknown
}

/** Runs a check; `undefined` if it has nothing to say of the recording. */
function outcomeOf(run: Check, recording: Recording): Outcome | undefined {
  try {
    const comparison = run(recording)
    return comparison && { comparison }
  } catch (thrown) {
    return { thrown }
  }
}

/** Throws what is wrong with an outcome, if anything is. */
function judge({ comparison, thrown }: Outcome): void {
  if (thrown !== undefined) throw thrown
  expect(comparison?.found).toEqual(comparison?.expected)
}

const recordings = FOLDER === undefined ? [] : loadRecordings(FOLDER)
const counts = new Map(CHECKS.map(({ name }) => [name, { holds: 0, known: 0, fails: 0 }]))

describe.each(FOLDER === undefined ? [] : CHECKS)('$name', ({ name, run }) => {
  const count = counts.get(name) ?? { holds: 0, known: 0, fails: 0 }
  for (const recording of recordings) {
    const outcome = outcomeOf(run, recording)
    if (!outcome) continue
    const reason = KNOWN[recording.id]?.[name]
    it(`${recording.id} ${recording.vendor} ${recording.tags.join(' ')}`, () => {
      count.fails++
      if (reason === undefined) {
        judge(outcome)
        count.holds++
      } else {
        expect(() => judge(outcome), `known: ${reason}; it holds now, take it off`).toThrow()
        count.known++
      }
      count.fails--
    })
  }
})

describe('the suite', () => {
  it('stays out of npm test, which has no recordings to run on', () => {
    const patterns = projectConfig.test?.include ?? []
    expect(patterns.length).toBeGreaterThan(0)
    for (const pattern of patterns) expect(pattern).toMatch(/\.test\.ts$/)
  })

  it('has something to check, if it has recordings', () => {
    const done = [...counts.values()].filter(({ holds, known, fails }) => holds + known + fails > 0)
    expect(done).toHaveLength(FOLDER === undefined ? 0 : CHECKS.length)
  })

  it('knows each recording that it excuses, and each check', () => {
    const ids = new Set(recordings.map(({ id }) => id))
    for (const [id, checks] of Object.entries(KNOWN)) {
      if (FOLDER !== undefined) expect([...ids]).toContain(id)
      for (const check of Object.keys(checks ?? {})) expect([...counts.keys()]).toContain(check)
    }
  })

  afterAll(() => {
    const rows = [...counts].map(
      ([name, { holds, known, fails }]) =>
        `${name.padEnd(26)}${String(holds).padStart(6)}${String(known).padStart(7)}${String(fails).padStart(7)}`,
    )
    const title = FOLDER === undefined ? 'no recordings: nothing was checked' : FOLDER
    const lines = [title, `${'check'.padEnd(26)} holds  known  fails`, ...rows]
    process.stdout.write(`\n${lines.join('\n')}\n`)
  })
})
