import {
  type Answer,
  type Ask,
  type Block,
  type ByDialect,
  DIALECTS,
  type Dialect,
  type End,
} from '../../src/conformance/ask.ts'
import type { TwinPrompt, TwinTurn } from '../../src/twins/model.ts'

/** The protocols that a vendor can speak: those of clients, and one that no client speaks. */
export const BACKS = [...DIALECTS, 'converse'] as const
/** One of these. */
export type Backing = (typeof BACKS)[number]

/** Something for each protocol of a vendor that has it. */
export type ByBack<T> = { readonly [B in Backing]?: T }

/** One pair of protocols: a client of one, a vendor of the other. */
export interface Cell {
  readonly front: Dialect
  readonly back: Backing
  readonly stream: boolean
}

/** What a vendor's twin understood of a request. */
export type Seen = TwinPrompt

/** A block to be expected; ids of calls are compared only where the script fixes them. */
export type Wanted =
  | Block
  | { readonly type: 'call'; readonly name: string; readonly arguments: string }

/** What is expected in every cell, or for each client's or vendor's protocol apart. */
export type By<T> = T | ((cell: Cell) => T)

/** One exchange of a case. */
export interface Step {
  /** What the client asks, knowing the answers so far. */
  ask(before: readonly Answer[], cell: Cell): Ask
  /** The vendor that is asked, where it is not the cell's own. */
  readonly vendor?: By<Backing>
  /** What the vendor's model answers. */
  readonly turn: By<TwinTurn>
  /** Checks what the vendor understood; throws where it is wrong. */
  seen?(seen: Seen, cell: Cell): void
  /** Checks the body that the vendor was sent. */
  wire?(body: unknown, cell: Cell): void
  /** What the client gets. */
  readonly blocks: By<readonly Wanted[]>
  /** One of the ends that every protocol has a word for, or the protocol's own word. */
  readonly end: By<End | (string & {})>
  readonly usage?: { readonly input: number; readonly output: number }
  /** The losses that must be reported, as in the header; default none. */
  readonly losses?: By<RegExp | undefined>
  /** The words of a 400 in the client's envelope; then nothing is asked of the vendor. */
  readonly refused?: By<RegExp | undefined>
}

/** One row of the matrix. It holds in every cell, or says why not. */
export interface Case {
  readonly name: string
  readonly steps: readonly [Step, ...Step[]]
  /** Models to ask in place of the usual ones. */
  readonly models?: ByBack<string>
  /** Why a client's protocol cannot say it. */
  readonly notSupported?: ByDialect<string>
  /** Why a vendor's protocol cannot be brought to it. */
  readonly notOffered?: ByBack<string>
}

/** Whether the model behind a vendor's protocol is Claude: over Converse it stands for all models. */
export function isClaude(back: Backing): boolean {
  return back === 'anthropic' || back === 'converse'
}

/** The value for a cell. */
export function inCell<T>(by: By<T>, cell: Cell): T {
  return isRule(by) ? by(cell) : by
}

/** Why a case is not played in a cell; `undefined` if it is. */
export function reasonAgainst(row: Case, { front, back }: Cell): string | undefined {
  return row.notSupported?.[front] ?? row.notOffered?.[back]
}

function isRule<T>(by: By<T>): by is (cell: Cell) => T {
  return typeof by === 'function'
}
