import { isObject, type Json } from '../core/json.ts'

/** Where something can be checked. */
export type GuardPoint = 'input' | 'tool-arguments' | 'tool-result' | 'output'

/** All points, in the order in which a turn passes them. */
export const GUARD_POINTS = ['input', 'output', 'tool-arguments', 'tool-result'] as const

/** What a guardrail decides. Reasons name what was found, never its text: they are logged. */
export type Verdict =
  | { readonly type: 'allow' }
  /** Goes on with another value: a text, or at `tool-arguments` whatever JSON stands there. */
  | { readonly type: 'rewrite'; readonly value: Json; readonly reason: string }
  /** The model is told the reason and asked again. */
  | { readonly type: 'ask-again'; readonly reason: string }
  /** Stops here; `message` is for the user. */
  | { readonly type: 'refuse'; readonly reason: string; readonly message: string }
  /** A person has to say yes. */
  | { readonly type: 'require-approval'; readonly reason: string }

/** A verdict that something came of. */
export type Objection = Exclude<Verdict, { readonly type: 'allow' }>

/** What a guardrail said. */
export interface Finding {
  readonly guardrail: string
  readonly verdict: Objection
}

/** What all guardrails together decide. */
export interface Decision {
  readonly verdict: Verdict
  /** The value to go on with, if the verdict lets it: rewritten where there were rewrites. */
  readonly value: Json
  /** All that was objected to, in the order of the list. */
  readonly findings: readonly Finding[]
}

/** The verdict when nothing is wrong. */
export const ALLOW: Verdict = { type: 'allow' }

const SEVERITY = ['allow', 'rewrite', 'ask-again', 'require-approval', 'refuse'] as const

/** The most severe of several verdicts; of equals, the first. Without any it is `allow`. */
export function mostSevere(verdicts: readonly Verdict[]): Verdict {
  let worst = ALLOW
  for (const verdict of verdicts)
    if (SEVERITY.indexOf(verdict.type) > SEVERITY.indexOf(worst.type)) worst = verdict
  return worst
}

const TYPES: readonly unknown[] = SEVERITY

/**
 * What keeps something from being a verdict; `undefined` if it is one. A function without types can
 * answer anything, and what is no verdict is no leave to go on.
 */
export function faultOf(said: unknown): string | undefined {
  if (!isObject(said) || !TYPES.includes(said['type'])) return 'it gave no verdict'
  const { type, reason, message } = said
  if (type === 'allow') return undefined
  if (typeof reason !== 'string') return 'its verdict has no reason'
  if (type === 'refuse' && typeof message !== 'string') return 'its refusal has no message'
  // Whatever throws here is no JSON either.
  const isBare = type === 'rewrite' && JSON.stringify(said['value']) === undefined
  return isBare ? 'its rewrite has no value' : undefined
}

/** What a user is told when nothing better is said. */
export const REFUSED_MESSAGE = 'This was stopped by a guardrail.'
/** What a user is told when a check could not be made. */
export const UNCHECKED_MESSAGE = 'This could not be checked, so it is not given.'
