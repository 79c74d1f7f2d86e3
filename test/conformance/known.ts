import type { Dialect } from '../../src/conformance/ask.ts'
import type { Backing } from './case.ts'

/** A cell that is not green yet, and why. One that turns green must leave the list. */
export interface Known {
  readonly name: string
  readonly front: Dialect
  readonly back: Backing
  readonly reason: string
}

const SAME =
  'between equal protocols the bytes of the client pass, and its vendor refuses what it stripped'

/** All cells that are not green. */
export const KNOWN: readonly Known[] = [
  { name: 'state: stripped by the client', front: 'anthropic', back: 'anthropic', reason: SAME },
  { name: 'state: stripped by the client', front: 'gemini', back: 'gemini', reason: SAME },
]
