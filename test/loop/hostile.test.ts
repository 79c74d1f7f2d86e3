import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { Arena, leftOver, openResources } from './hostile-arena.ts'
import { plans } from './hostile-plan.ts'

/** `npm run hostile -- --runs 10000 --seed 7` sets these. */
const RUNS = Number(process.env['TOOLGATE_HOSTILE_RUNS'] ?? 300)
const SEED = Number(process.env['TOOLGATE_HOSTILE_SEED'] ?? 1)

/** Runs between two looks at what is left over. */
const ROUND = 50

/** Milliseconds after a failure in which a smaller script is looked for. */
const SHRINKING = 20_000

const rounds = Array.from({ length: Math.ceil(RUNS / ROUND) }, (_, i) => ({
  seed: SEED + i,
  runs: Math.min(ROUND, RUNS - i * ROUND),
}))

const counts = new Map<string, number>()
let slowest = 0
afterAll(() => {
  if (process.env['TOOLGATE_HOSTILE_RUNS'] === undefined) return
  const rows = [...counts].sort().map(([what, count]) => `${String(count).padStart(8)} ${what}`)
  const late = `at most ${Math.max(0, Math.round(slowest))} ms after a deadline`
  process.stdout.write(`\n${[`${RUNS} runs from seed ${SEED}, ${late}`, ...rows].join('\n')}\n`)
})

describe('a hostile model and hostile tools', () => {
  it.each(rounds)(
    'end in a stated way, with a history that stands and nothing left over: seed $seed [L2]',
    async ({ seed, runs }) => {
      const before = openResources()
      const arena = new Arena()
      await arena.open()
      let failedAt = Number.POSITIVE_INFINITY
      const property = fc.asyncProperty(plans, async plan => {
        if (performance.now() - failedAt > SHRINKING) return
        try {
          await arena.run(plan)
        } catch (error) {
          failedAt = Math.min(failedAt, performance.now())
          throw error
        }
      })
      try {
        await fc.assert(property, { seed, numRuns: runs })
      } finally {
        await arena.close()
      }
      expect(await leftOver(before)).toEqual([])
      for (const [what, count] of arena.counts) counts.set(what, (counts.get(what) ?? 0) + count)
      slowest = Math.max(slowest, arena.slowest)
    },
    120_000,
  )
})
