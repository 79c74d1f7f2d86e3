import { isObject, type Json } from '../core/json.ts'
import type { GuardPoint, StreamGuard, Verdict } from '../guardrails/index.ts'
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
    return isVerdict(verdict) ? verdict : refusal('a guardrail gave no verdict that is known')
  } catch (cause) {
    const why = wordsOf(cause)
    return refusal(`a guardrail failed: ${why}`)
  } finally {
    clearTimeout(timer)
  }
}

/** Held to what the compiler may not have seen: what is no verdict must not let anything pass. */
function isVerdict(verdict: unknown): verdict is GuardVerdict {
  if (!isObject(verdict)) return false
  const { type, reason, value, message } = verdict
  if (type === 'allow') return true
  if (typeof reason !== 'string') return false
  if (type === 'rewrite') return value !== undefined
  return type === 'refuse' ? typeof message === 'string' : isOther(type)
}

function isOther(type: unknown): boolean {
  return type === 'ask-again' || type === 'require-approval'
}

function refusal(reason: string): GuardVerdict {
  return { type: 'refuse', reason, message: FAILED_MESSAGE }
}
