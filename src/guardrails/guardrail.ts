import type { Json } from '../core/json.ts'
import type { TextRule } from './text-rule.ts'
import type { GuardPoint, Verdict } from './verdict.ts'

/** What is checked. */
export interface GuardSubject {
  readonly point: GuardPoint
  /** The text, or at `tool-arguments` the arguments. */
  readonly value: Json
  /** At the points of a tool. */
  readonly tool?: string
  readonly callId?: string
}

/** What is known around it. */
export interface GuardContext {
  /** What the conversation holds so far. */
  readonly origins?: Origins
  /** Numbers of the arguments as they were written, where a parsed one has lost digits. */
  readonly numbers?: readonly string[]
  /** Ends when the answer is no longer wanted. */
  readonly signal?: AbortSignal
}

/** Whose words a conversation is made of. */
export interface Origins {
  /** What users said. */
  readonly said: readonly string[]
  /** What tools answered. */
  readonly results: readonly { readonly tool: string | undefined; readonly text: string }[]
  /** What of it cannot be read. Absent: nothing. */
  readonly unseen?: readonly Unseen[]
}

/** Something in a conversation that may hold anybody's words, and cannot be read. */
export interface Unseen {
  /** The names of the tool that it came from; empty if that is not known. */
  readonly tools: readonly string[]
  /** What it is, as the end of a sentence for a person: `the vendor holds what came before`. */
  readonly why: string
}

/** One rule. Made by the constructors of this folder, or by `guardrail()`. */
export interface Guardrail {
  readonly name: string
  /** Where it applies. */
  readonly points: readonly GuardPoint[]
  /** Milliseconds that a check may take. Default: that of the whole list. */
  readonly deadlineMs?: number
  /** For rules on texts: how it is applied while a text is still coming. */
  readonly text?: readonly TextRule[]
  /** Decides on a whole value. Whatever it throws is a refusal. */
  check(subject: GuardSubject, context: GuardContext): Verdict | Promise<Verdict>
}

/** What a guardrail of the user's own is made of. */
export interface GuardrailOptions {
  readonly name: string
  /** Default: all four. */
  readonly points?: readonly GuardPoint[]
  /** Milliseconds. Default: that of the whole list. */
  readonly deadlineMs?: number
  readonly check: Guardrail['check']
}

/**
 * A guardrail out of a function. It needs the whole of what it checks, so a text is held back until
 * its end; a rule that can say how far it looks back is a `textRule`.
 */
export function guardrail(options: GuardrailOptions): Guardrail {
  const { name, points, deadlineMs, check } = options
  return {
    name,
    points: points ?? ['input', 'output', 'tool-arguments', 'tool-result'],
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    check: (subject, context) => check(subject, context),
  }
}
