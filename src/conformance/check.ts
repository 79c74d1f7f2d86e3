import type { Answer, Ask, Block, Client, Dialect, Door } from './ask.ts'

/** What a check has to work with: one client, one model, whole or streamed. */
export interface Bench {
  readonly client: Client
  readonly door: Door
  readonly model: string
  readonly stream: boolean
}

/** One thing that any gateway should do with any model that can call tools. */
export interface Check {
  readonly name: string
  /** @throws Error that says which rule was broken. */
  run(bench: Bench): Promise<void>
  /** Why a client of a protocol cannot ask for it. */
  readonly unsaid?: { readonly [D in Dialect]?: string }
  /** Whether streaming makes no difference to it. */
  readonly wholeOnly?: true
}

/** Thrown by a check that does not concern a model. */
export class Unsaid extends Error {}

/** A call of an answer. */
export type Call = Extract<Block, { readonly type: 'call' }>

/** Asks on a bench. */
export function asked(bench: Bench, ask: Ask): Promise<Answer> {
  return bench.client.ask(bench.door, bench.model, ask, bench.stream)
}

/** The calls of an answer. */
export function callsOf(answer: Answer): Call[] {
  return answer.blocks.filter(block => block.type === 'call')
}

/** The text of an answer. */
export function textOf(answer: Answer): string {
  return answer.blocks.map(block => (block.type === 'text' ? block.text : '')).join('')
}
