import type { Json } from '../core/json.ts'

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

/** What a user is told when nothing better is said. */
export const REFUSED_MESSAGE = 'This was stopped by a guardrail.'
/** What a user is told when a check could not be made. */
export const UNCHECKED_MESSAGE = 'This could not be checked, so it is not given.'
