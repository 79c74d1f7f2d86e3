import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS } from '../../src/conformance/ask.ts'
import { BACKS, type Case, type Cell, reasonAgainst } from './case.ts'
import { CASES } from './cases/index.ts'
import { KNOWN } from './known.ts'
import { type Chunk, Stage } from './stage.ts'
import { cellKey, knownReason, renderMatrix, WAY_NAMES, WAYS, type Way } from './table.ts'
import { pageStands } from './written-page.ts'

const stages = new Map<Chunk, Stage>()
const failed = new Set<string>()

beforeAll(async () => {
  for (const chunk of ['random', 'byte'] as const) stages.set(chunk, await Stage.build(chunk))
})
afterAll(async () => {
  await Promise.all([...stages.values()].map(stage => stage.close()))
})

describe.each(DIALECTS)('[G1.1] [G1.2] [G1.7] [G3.1] [G8.2] a client of %s', front => {
  describe.each(BACKS)('with a vendor of %s', back => {
    describe.each(WAY_NAMES)('%s', way => {
      it.each(CASES.map(row => [row.name, row] as const))('%s', async (_, row) => {
        const cell: Cell = { front, back, stream: way !== 'whole' }
        const reason = reasonAgainst(row, cell)
        if (reason !== undefined) return expect(reason).toMatch(/\w+ \w+/)
        await inTable(row, cell, way)
      })
    })
  })
})

/** Plays a cell, and keeps whether it is as it should be; a listed one must still fail. */
async function inTable(row: Case, cell: Cell, way: Way): Promise<void> {
  const stage = stages.get(WAYS[way])
  if (!stage) throw new Error('no stage')
  const played = stage.perform(row, cell)
  if (knownReason(row.name, cell) !== undefined) {
    await expect(played, 'it is green: take it off the list in known.ts').rejects.toThrow()
    return
  }
  try {
    await played
  } catch (error) {
    failed.add(cellKey(row.name, cell, way))
    throw error
  }
}

it('has every case once, and lists no cell that does not exist', () => {
  const names = CASES.map(row => row.name)
  expect(new Set(names).size).toBe(names.length)
  expect(KNOWN.filter(known => !names.includes(known.name))).toEqual([])
})

it('is what docs/conformance.md says (npm run conformance -- --write)', () => {
  expect(pageStands('conformance.md', renderMatrix(failed))).toBe(true)
})
