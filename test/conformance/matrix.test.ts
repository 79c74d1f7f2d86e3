import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS, type Dialect } from '../../src/conformance/ask.ts'
import { type Case, type Cell, reasonAgainst } from './case.ts'
import { CALLS } from './cases/calls.ts'
import { CHOICES } from './cases/choices.ts'
import { REST } from './cases/rest.ts'
import { RESULTS } from './cases/results.ts'
import { SERVER_TOOLS } from './cases/server-tools.ts'
import { STATE } from './cases/state.ts'
import { type Chunk, Stage } from './stage.ts'

const CASES: readonly Case[] = [
  ...CALLS,
  ...CHOICES,
  ...RESULTS,
  ...REST,
  ...STATE,
  ...SERVER_TOOLS,
]
const BACKS: readonly Dialect[] = DIALECTS

/** How the answers come: whole, or streamed and cut in one of these ways. */
const WAYS = {
  whole: 'random',
  streamed: 'random',
  'streamed, one byte at a time': 'byte',
} as const satisfies Record<string, Chunk>
type Way = keyof typeof WAYS

const stages = new Map<Chunk, Stage>()
beforeAll(async () => {
  for (const chunk of ['random', 'byte'] as const) stages.set(chunk, await Stage.build(chunk))
})
afterAll(async () => {
  await Promise.all([...stages.values()].map(stage => stage.close()))
})

describe.each(DIALECTS)('[G1.1] [G3.1] [G8.2] a client of %s', front => {
  describe.each(BACKS)('with a vendor of %s', back => {
    describe.each(Object.keys(WAYS).filter(isWay))('%s', way => {
      it.each(CASES.map(row => [row.name, row] as const))('%s', async (_, row) => {
        const cell: Cell = { front, back, stream: way !== 'whole' }
        const reason = reasonAgainst(row, cell)
        if (reason !== undefined) return expect(reason).toMatch(/\w+ \w+/)
        await stages.get(WAYS[way])?.perform(row, cell)
      })
    })
  })
})

function isWay(text: string): text is Way {
  return Object.hasOwn(WAYS, text)
}

it('has every case once', () => {
  const names = CASES.map(row => row.name)
  expect(new Set(names).size).toBe(names.length)
})
