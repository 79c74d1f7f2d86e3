import type { Emit } from '../core/stream.ts'
import type { Guardrail } from './guardrail.ts'
import { Gate, type NamedRule, Rewriter, type Stage, type TextBefore } from './stage.ts'
import {
  type Decision,
  type Finding,
  mostSevere,
  type Objection,
  UNCHECKED_MESSAGE,
} from './verdict.ts'

/**
 * Guards one text that comes in pieces. What it emits will not be taken back: a piece leaves when no
 * rule can object to it any more. After `stopped` nothing leaves.
 */
export interface StreamGuard {
  /** The verdict that ended the text, once one has. */
  readonly stopped: Objection | undefined
  /** All that was objected to so far. */
  readonly findings: readonly Finding[]
  push(text: string, emit: Emit<string>): void
  /**
   * Calls back when all text that was pushed before has left: for what stands between two texts
   * that are read as one. Not after `stopped`.
   */
  mark(passed: () => void): void
  /** The text is over. A promise only if a guardrail has to see the whole of it. */
  end(emit: Emit<string>): void | Promise<void>
}

/** What a stream's guard is made of. */
export interface StreamGuardParts {
  readonly guardrails: readonly Guardrail[]
  /** Decides on the whole text, for guardrails that have no rules on texts. */
  checkRest(guardrails: readonly Guardrail[], text: string): Promise<Decision>
  /** What of the text has left already. Default: nothing. */
  readonly before?: TextBefore
  /** Takes what was found, with what was found. */
  report(finding: Finding, text: string): void
}

/**
 * Makes the guard of one text: first what takes away what hides it, then all that stops it, then
 * what rewrites it, in order.
 */
export function streamGuard(parts: StreamGuardParts): StreamGuard {
  const whole = parts.guardrails.filter(({ text }) => !text)
  const rules = parts.guardrails.flatMap(({ name, text }): NamedRule[] =>
    (text ?? []).map(rule => ({ name, rule })),
  )
  return new PipedGuard(parts, rules, whole)
}

class PipedGuard implements StreamGuard {
  stopped: Objection | undefined
  readonly findings: Finding[] = []
  readonly #parts: StreamGuardParts
  readonly #stages: readonly Stage[]
  readonly #whole: readonly Guardrail[]
  /** What waits for guardrails that have to see the whole. */
  #kept = ''
  readonly #marks: (() => void)[] = []

  constructor(parts: StreamGuardParts, rules: readonly NamedRule[], whole: readonly Guardrail[]) {
    this.#parts = parts
    this.#whole = whole
    const gates = rules.filter(({ rule }) => !rule.replace)
    const rewriters = (reveals: boolean) =>
      rules
        .filter(({ rule }) => rule.replace && (rule.reveals ?? false) === reveals)
        .map(rule => new Rewriter(rule, report, parts.before))
    const report = (guardrail: string, verdict: Objection, text: string) => {
      const finding = { guardrail, verdict }
      this.findings.push(finding)
      parts.report(finding, text)
    }
    const stop = (verdict: Objection) => {
      this.stopped =
        mostSevere([this.stopped ?? verdict, verdict]) === verdict ? verdict : this.stopped
    }
    this.#stages = [
      ...rewriters(true),
      ...(gates.length > 0 ? [new Gate(gates, report, stop, parts.before)] : []),
      ...rewriters(false),
    ]
  }

  push(text: string, emit: Emit<string>): void {
    if (text !== '') this.#carry(emit, out => this.#through(0, text, out))
  }

  mark(passed: () => void): void {
    if (this.stopped) return
    if (this.#whole.length > 0) this.#marks.push(passed)
    else this.#markFrom(0, passed)
  }

  end(emit: Emit<string>): void | Promise<void> {
    this.#carry(emit, out => {
      for (const [index, stage] of this.#stages.entries()) {
        if (this.stopped) return
        stage.end(text => this.#through(index + 1, text, out))
      }
    })
    if (this.stopped || this.#whole.length === 0) return
    return this.#parts.checkRest(this.#whole, this.#kept).then(({ verdict, value, findings }) => {
      this.findings.push(...findings)
      if (verdict.type === 'allow' || verdict.type === 'rewrite')
        this.#release(typeof value === 'string' ? value : JSON.stringify(value), emit)
      else this.stopped = verdict
    })
  }

  #release(text: string, emit: Emit<string>): void {
    emit(text)
    for (const passed of this.#marks) passed()
  }

  #markFrom(index: number, passed: () => void): void {
    const stage = this.#stages[index]
    if (stage) stage.mark(() => this.#markFrom(index + 1, passed))
    else passed()
  }

  #carry(emit: Emit<string>, work: (out: Emit<string>) => void): void {
    if (this.stopped) return
    const out = (text: string) => {
      if (this.#whole.length > 0) this.#kept += text
      else emit(text)
    }
    try {
      work(out)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const reason = `a guardrail failed: ${why}`
      const verdict = { type: 'refuse', reason, message: UNCHECKED_MESSAGE } as const
      // Not reported: the audit log may be what failed.
      this.findings.push({ guardrail: 'guardrails', verdict })
      this.stopped = verdict
    }
  }

  #through(index: number, text: string, emit: Emit<string>): void {
    const stage = this.#stages[index]
    if (stage) stage.push(text, out => this.#through(index + 1, out, emit))
    else emit(text)
  }
}
