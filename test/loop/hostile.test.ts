import { afterAll, describe, it } from 'vitest'
import { tryHostile } from '../../src/testing.ts'
import { Arena, TOOLS } from './hostile-arena.ts'

/** `npm run hostile -- --runs 10000 --seed 7` sets these. */
const RUNS = Number(process.env['TOOLGATE_HOSTILE_RUNS'] ?? 300)
const SEED = Number(process.env['TOOLGATE_HOSTILE_SEED'] ?? 1)

/** Runs between two looks at what is left over. */
const ROUND = 50

const rounds = Array.from({ length: Math.ceil(RUNS / ROUND) }, (_, i) => ({
  seed: SEED + i,
  runs: Math.min(ROUND, RUNS - i * ROUND),
}))

const counts = new Map<string, number>()
const late: number[] = []
afterAll(() => {
  if (process.env['TOOLGATE_HOSTILE_RUNS'] === undefined) return
  late.sort((a, b) => a - b)
  const [half, most, worst] = [0.5, 0.99, 1].map(part =>
    Math.round(late[Math.ceil(late.length * part) - 1] ?? 0),
  )
  const rows = [
    `${late.length} runs from seed ${SEED}`,
    `after their deadlines: half of them at most ${half} ms, 99 of 100 ${most} ms, all ${worst} ms`,
    ...[...counts].sort().map(([what, count]) => `${String(count).padStart(8)} ${what}`),
  ]
  process.stdout.write(`\n${rows.join('\n')}\n`)
})

/** Milliseconds after which a round is taken for one that hangs. */
const NEVER = 110_000

describe('a hostile model and hostile tools', () => {
  it.each(rounds)(
    'end in a stated way, with a history that stands and nothing left over: seed $seed [L2]',
    async ({ seed, runs }) => {
      const arena = new Arena()
      let timer: NodeJS.Timeout | undefined
      const never = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`it hangs while ${arena.doing}`)), NEVER)
      })
      try {
        await Promise.race([playRound(arena, seed, runs), never])
      } finally {
        clearTimeout(timer)
        arena.stop()
      }
      for (const [what, count] of arena.counts) counts.set(what, (counts.get(what) ?? 0) + count)
      late.push(...arena.late)
    },
    120_000,
  )
})

async function playRound(arena: Arena, seed: number, runs: number): Promise<void> {
  await arena.open()
  try {
    await tryHostile({ tools: TOOLS, seed, runs }, run => arena.attempt(run))
  } catch (failure) {
    // What a failure leaves behind it would only hide it.
    await arena.close().catch(() => {})
    throw failure
  }
  await arena.close()
}
