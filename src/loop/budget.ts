import type { Usage } from '../core/response.ts'
import type { RunState } from './state.ts'

/** US dollars per million tokens. */
export interface TokenPrice {
  readonly input: number
  readonly output: number
  /** For input from the vendor's cache. Default: as `input`. */
  readonly cachedInput?: number
}

/** What a run may use at most. Everything is checked before it is spent. */
export interface Budget {
  /** Questions to the model. Default 32. The last one is asked without tools. */
  readonly turns?: number
  /** Calls that are run. Default 256. */
  readonly calls?: number
  /** Tokens of all questions together. */
  readonly inputTokens?: number
  /** Tokens of all answers together, reasoning included. */
  readonly outputTokens?: number
  /** US dollars; the model's price must be known. */
  readonly cost?: number
  /** UTF-8 bytes of text in all tool results together. What a result has beyond them is cut. */
  readonly resultBytes?: number
  /** Milliseconds of the whole run, over all processes that run it. Default 1 hour. */
  readonly ms?: number
}

/** The limits of a run whose program sets none. */
export const DEFAULT_BUDGET = { turns: 32, calls: 256, ms: 3_600_000 } as const

/** Whether the next question may be asked, and how. */
export type TurnPlan =
  | {
      readonly ask: true
      /** Why it must be the last, and so without tools. */
      readonly last?: string
      /** Tokens that its answer may have, where the budget says so. */
      readonly maxTokens?: number
    }
  | { readonly ask: false; readonly reason: string }

/** An answer of fewer tokens is not worth asking for. */
const LEAST_ANSWER = 16

/** What an answer cost; `undefined` without a price or without the vendor's count. */
export function costOf(
  usage: Usage | undefined,
  price: TokenPrice | undefined,
): number | undefined {
  if (!usage || !price) return undefined
  const cached = Math.min(usage.cached ?? 0, usage.input)
  const input = (usage.input - cached) * price.input + cached * (price.cachedInput ?? price.input)
  return (input + usage.output * price.output) / 1_000_000
}

/**
 * Weighs the next question: its input is estimated from what the last one weighed, and its answer is
 * bounded by what is left. If the question after it could not be paid, it is the last.
 *
 * @param bytes of the question's body
 */
export function planTurn(
  state: RunState,
  budget: Budget,
  price: TokenPrice | undefined,
  bytes: number,
): TurnPlan {
  const { totals } = state
  const turns = budget.turns ?? DEFAULT_BUDGET.turns
  const calls = budget.calls ?? DEFAULT_BUDGET.calls
  if (totals.turns >= turns) return { ask: false, reason: `all ${turns} turns are used` }
  const input = estimate(state, bytes)
  const answers: number[] = []
  const reasons: string[] = []
  const weigh = (left: number, share: number, what: string): string | undefined => {
    if (left < LEAST_ANSWER) return `${what} would be exceeded by the next turn`
    answers.push(left)
    // The turn after this one weighs at least as much.
    if (share < 2) reasons.push(`${what} allows one more turn`)
    return undefined
  }
  const { inputTokens, outputTokens, cost, resultBytes } = budget
  let stop: string | undefined
  if (inputTokens !== undefined) {
    const left = inputTokens - totals.input
    if (left < input)
      stop = `the budget of ${inputTokens} input tokens would be exceeded by the next turn`
    else if (left < 2 * input)
      reasons.push(`the budget of ${inputTokens} input tokens allows one more turn`)
  }
  if (outputTokens !== undefined) {
    const left = outputTokens - totals.output
    const usual = totals.turns === 0 ? LEAST_ANSWER : totals.output / totals.turns
    stop ??= weigh(left, left / Math.max(usual, 1), `the budget of ${outputTokens} output tokens`)
  }
  if (cost !== undefined) stop ??= weighCost(state, cost, price, input, weigh)
  if (stop !== undefined) return { ask: false, reason: stop }
  if (totals.turns + 1 === turns) reasons.unshift(`it is the last of ${turns} turns`)
  if (totals.calls >= calls) reasons.unshift(`all ${calls} calls are used`)
  if (resultBytes !== undefined && totals.resultBytes >= resultBytes)
    reasons.unshift(`all ${resultBytes} bytes of results are used`)
  const [last] = reasons
  return {
    ask: true,
    ...(last === undefined ? {} : { last }),
    ...(answers.length === 0 ? {} : { maxTokens: Math.floor(Math.min(...answers)) }),
  }
}

function weighCost(
  state: RunState,
  cost: number,
  price: TokenPrice | undefined,
  input: number,
  weigh: (left: number, share: number, what: string) => string | undefined,
): string | undefined {
  const what = `the budget of $${cost}`
  if (!price || state.totals.cost === undefined)
    return `${what} cannot be kept: the price is not known`
  const left = cost - state.totals.cost
  const question = (input * price.input) / 1_000_000
  const answer = ((left - question) * 1_000_000) / price.output
  const usual = state.totals.turns === 0 ? question : state.totals.cost / state.totals.turns
  return weigh(answer, left / Math.max(usual, question), what)
}

/** Tokens of a question: the vendor's count of the one before and what has been added since. */
function estimate(state: RunState, bytes: number): number {
  const { asked } = state
  if (asked?.tokens === undefined) return Math.ceil(bytes / 4)
  return asked.tokens + Math.max(0, Math.ceil((bytes - asked.bytes) / 3))
}
