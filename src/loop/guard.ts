import type { Json } from '../core/json.ts'
import { wordsOf } from './thrown.ts'

/** Where a run can be checked. */
export type GuardPoint = 'input' | 'tool-arguments' | 'tool-result' | 'output'

/** What a check decides. */
export type GuardVerdict =
  | { readonly type: 'allow' }
  /** Goes on with another value: a text, or at `tool-arguments` an object. */
  | { readonly type: 'rewrite'; readonly value: Json }
  /** The model is told the reason and asked again. */
  | { readonly type: 'ask-again'; readonly reason: string }
  /** Ends the run; `message` is for the user. */
  | { readonly type: 'refuse'; readonly reason: string; readonly message: string }
  | { readonly type: 'require-approval'; readonly reason: string }

/** What a check is about. */
export interface GuardSubject {
  readonly point: GuardPoint
  /** The text, or at `tool-arguments` the arguments. */
  readonly value: Json
  readonly turn: number
  /** At the points of a tool. */
  readonly tool?: string
  readonly callId?: string
}

/** Checks a run at its four points. One that throws, or takes over its time, refuses. */
export type Guard = (
  subject: GuardSubject,
  signal: AbortSignal,
) => GuardVerdict | Promise<GuardVerdict>

/** Milliseconds that a check may take. */
const GUARD_MS = 30_000
/** What a user is told when a check could not be made. */
const FAILED_MESSAGE = 'The answer could not be checked, so it is not given.'

/** Makes a check; whatever goes wrong with it is a refusal. */
export async function checkGuard(
  guard: Guard,
  subject: GuardSubject,
  signal: AbortSignal,
): Promise<GuardVerdict> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<GuardVerdict>(resolve => {
    timer = setTimeout(() => resolve(refusal('a guardrail took too long')), GUARD_MS)
  })
  try {
    return await Promise.race([guard(subject, signal), late])
  } catch (cause) {
    const why = wordsOf(cause)
    return refusal(`a guardrail failed: ${why}`)
  } finally {
    clearTimeout(timer)
  }
}

function refusal(reason: string): GuardVerdict {
  return { type: 'refuse', reason, message: FAILED_MESSAGE }
}
