import type { TwinTurn } from '../../src/twins/model.ts'
import type { Answer, Ask, Back, Block, Front, Seen } from './ask.ts'

/** One pair of protocols: a client of one, a vendor of the other. */
export interface Cell {
  readonly front: Front
  readonly back: Back
  readonly stream: boolean
}

/** A block to be expected; ids of calls are compared only where the script fixes them. */
export type Wanted =
  | Block
  | { readonly type: 'call'; readonly name: string; readonly arguments: string }

/** What is expected in every cell, or for each client's or vendor's protocol apart. */
export type By<T> = T | ((cell: Cell) => T)

export interface Step {
  /** What the client asks, knowing the answers so far. */
  ask(before: readonly Answer[]): Ask
  /** What the vendor's model answers. */
  readonly turn: By<TwinTurn>
  /** Checks what the vendor understood; throws where it is wrong. */
  seen?(seen: Seen, cell: Cell): void
  /** What the client gets. */
  readonly blocks: By<readonly Wanted[]>
  readonly end: 'stop' | 'calls' | 'length' | By<string>
  readonly usage?: { readonly input: number; readonly output: number }
  /** The losses that must be reported, as in the header; default none. */
  readonly losses?: By<RegExp | undefined>
}

/** One row of the matrix. It holds in every cell, or says why not. */
export interface Case {
  readonly name: string
  readonly steps: readonly [Step, ...Step[]]
  /** Models to ask in place of the usual ones. */
  readonly models?: Partial<Record<Back, string>>
  /** Why a client's protocol cannot say it. */
  readonly notSupported?: Partial<Record<Front, string>>
}

/** The words of each protocol for how an answer ends. */
export const ENDS: Record<Front, Record<'stop' | 'calls' | 'length', string>> = {
  'openai-chat': { stop: 'stop', calls: 'tool_calls', length: 'length' },
  anthropic: { stop: 'end_turn', calls: 'tool_use', length: 'max_tokens' },
}

/** The value for a cell. */
export function inCell<T>(by: By<T>, cell: Cell): T {
  return isRule(by) ? by(cell) : by
}

function isRule<T>(by: By<T>): by is (cell: Cell) => T {
  return typeof by === 'function'
}
