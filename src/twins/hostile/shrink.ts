import type { ScriptCall, ScriptTurn } from '../script.ts'
import type { HostilePlan } from './plan.ts'

/** A plan that fails, and how. */
export interface Failure {
  readonly plan: HostilePlan
  readonly cause: unknown
  /** How often a smaller plan was found that fails as well. */
  readonly steps: number
}

/**
 * Looks for a smaller plan that fails as well, until nothing smaller does or the time is over.
 *
 * @param attempt runs a plan, and rejects if it fails
 * @param until on the clock of `performance.now()`
 */
export async function shrink(
  first: Omit<Failure, 'steps'>,
  attempt: (plan: HostilePlan) => Promise<void>,
  until: number,
): Promise<Failure> {
  let found: Failure = { ...first, steps: 0 }
  for (let again = true; again; ) {
    again = false
    for (const plan of smaller(found.plan)) {
      if (performance.now() >= until) return found
      try {
        await attempt(plan)
      } catch (cause) {
        found = { plan, cause, steps: found.steps + 1 }
        again = true
        break
      }
    }
  }
  return found
}

/** Plans that are one step smaller, those that leave out the most first. */
export function* smaller(plan: HostilePlan): Generator<HostilePlan, void, undefined> {
  for (const turns of shorter(plan.turns)) if (turns.length > 0) yield { ...plan, turns }
  for (const faults of shorter(plan.faults)) yield { ...plan, faults }
  if (plan.tail === 'again') yield { ...plan, tail: 'answer' }
  if (plan.stream) yield { ...plan, stream: false }
  if (plan.heedless) yield { ...plan, heedless: false }
  for (const [index, turn] of plan.turns.entries())
    for (const less of smallerTurns(turn)) yield { ...plan, turns: plan.turns.with(index, less) }
}

function* smallerTurns(turn: ScriptTurn): Generator<ScriptTurn, void, undefined> {
  const { calls = [] } = turn
  for (const fewer of shorter(calls)) yield { ...turn, calls: fewer }
  for (const key of ['end', 'reasoning', 'text'] as const) {
    const { [key]: gone, ...others } = turn
    if (gone !== undefined) yield others
  }
  // Of many calls alike, each by itself would take too long.
  if (calls.length > 8) return
  for (const [index, call] of calls.entries())
    for (const less of smallerCalls(call)) yield { ...turn, calls: calls.with(index, less) }
}

function* smallerCalls(call: ScriptCall): Generator<ScriptCall, void, undefined> {
  const { id, ...others } = call
  if (id !== undefined) yield others
  const { arguments: text } = call
  if (typeof text !== 'string' || text === '{}' || text === '') return
  yield { ...call, arguments: '{}' }
  yield { ...call, arguments: '' }
  if (text.length > 8) yield { ...call, arguments: text.slice(0, text.length / 2) }
}

/** A list without its first half, its second, and each of its items. */
function* shorter<T>(list: readonly T[]): Generator<readonly T[], void, undefined> {
  if (list.length === 0) return
  yield []
  const half = Math.ceil(list.length / 2)
  if (list.length > 1) {
    yield list.slice(0, half)
    yield list.slice(half)
  }
  if (list.length > 2) for (let i = 0; i < list.length; i++) yield list.toSpliced(i, 1)
}
