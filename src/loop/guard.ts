import type { Json } from '../core/json.ts'
import type { GuardPoint, StreamGuard, Verdict } from '../guardrails/index.ts'
import { faultOf } from '../guardrails/verdict.ts'
import { wordsOf } from './thrown.ts'

/** What a check decides. */
export type GuardVerdict = Verdict

/** What a check of a run is about. */
export interface RunSubject {
  readonly point: GuardPoint
  /** The text, or at `tool-arguments` the arguments. */
  readonly value: Json
  readonly turn: number
  /** At the points of a tool. */
  readonly tool?: string
  readonly callId?: string
}

/** Checks a run at its four points. One that throws, or takes over its time, refuses. */
export interface Guard {
  (subject: RunSubject, signal: AbortSignal): GuardVerdict | Promise<GuardVerdict>
  /**
   * The guard of one answer's text while it comes, so that what is safe of it is told early.
   * Without it, or where it gives none, the text is told when the whole of it has been checked.
   */
  stream?(): StreamGuard | undefined
}

/** Milliseconds that a check may take. */
const GUARD_MS = 30_000
/** What a user is told when a check could not be made. */
const FAILED_MESSAGE = 'The answer could not be checked, so it is not given.'

/** Makes a check; whatever goes wrong with it is a refusal. */
export async function checkGuard(
  guard: Guard,
  subject: RunSubject,
  signal: AbortSignal,
): Promise<GuardVerdict> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<GuardVerdict>(resolve => {
    timer = setTimeout(() => resolve(refusal('a guardrail took too long')), GUARD_MS)
  })
  try {
    const verdict = await Promise.race([guard(subject, signal), late])
    // The compiler may not have seen it.
    const fault = faultOf(verdict)
    return fault === undefined
      ? verdict
      : refusal(`a guardrail gave no verdict that is known: ${fault}`)
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
