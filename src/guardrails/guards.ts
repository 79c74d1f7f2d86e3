import type { Json } from '../core/json.ts'
import type { AuditLog } from './audit-log.ts'
import type { GuardContext, Guardrail, GuardSubject } from './guardrail.ts'
import type { TextBefore } from './stage.ts'
import { type StreamGuard, streamGuard } from './stream-guard.ts'
import type { TextRule } from './text-rule.ts'
import {
  ALLOW,
  type Decision,
  type Finding,
  faultOf,
  type GuardPoint,
  mostSevere,
  type Objection,
  UNCHECKED_MESSAGE,
  type Verdict,
} from './verdict.ts'

/** What `createGuards()` can be told. */
export interface GuardsOptions {
  /** Where all that is objected to is written. If it cannot be, that is a refusal. */
  readonly audit?: AuditLog
  /** Milliseconds that a guardrail may take. Default 5000. */
  readonly deadlineMs?: number
}

/** Where a check stands, beside what the guardrails need to know. */
export interface CheckContext extends GuardContext {
  readonly tool?: string
  readonly callId?: string
  /** A name for the exchange or the run, for the audit log. */
  readonly about?: string
  /** For what comes again as it was: which decisions on it the audit log has. */
  readonly written?: Written
}

/** Remembers which decisions were written to an audit log, and need not be written again. */
export interface Written {
  has(subject: GuardSubject, decision: Decision): boolean
  /** Takes one that has just been written. */
  add(subject: GuardSubject, decision: Decision): void
}

/** A list of guardrails as one. */
export interface Guards {
  /** The points at which there is anything to check. */
  readonly points: ReadonlySet<GuardPoint>
  /** Whether all that is checked at a point can be decided at once. */
  isImmediate(point: GuardPoint): boolean
  /** Whether a rule of a point may want the model to answer again. */
  mayAskAgain(point: GuardPoint): boolean
  /** Lets all guardrails of a point decide side by side. Never rejects: what fails is a refusal. */
  check(point: GuardPoint, value: Json, context?: CheckContext): Promise<Decision>
  /** The same at once; a guardrail that needs time refuses. */
  checkNow(point: GuardPoint, value: Json, context?: CheckContext): Decision
  /** Guards one text that comes in pieces; `before`: what of it has left already. */
  stream(point: GuardPoint, context?: CheckContext, before?: TextBefore): StreamGuard
}

/** Milliseconds that a guardrail may take when nothing else is said. */
export const DEFAULT_DEADLINE_MS = 5000

/**
 * Puts guardrails together. Their order is that in which rewrites follow each other, but for those
 * of hidden text, which are the first: the others read what they leave.
 */
export function createGuards(given: readonly Guardrail[], options: GuardsOptions = {}): Guards {
  const list = [...given.filter(reveals), ...given.filter(one => !reveals(one))]
  const at = (point: GuardPoint) => list.filter(({ points }) => points.includes(point))
  const settle = (subject: GuardSubject, found: Found, context: CheckContext): Decision =>
    audited(options.audit, subject, decide(subject.value, found), context)
  return {
    points: new Set(list.flatMap(({ points }) => points)),
    isImmediate: point => at(point).every(({ text }) => text !== undefined),
    mayAskAgain: point =>
      at(point).some(({ text }) => text?.some(rule => isAskAgain(rule)) ?? true),
    async check(point, value, context = {}) {
      const subject = subjectOf(point, value, context)
      const ask = (guardrail: Guardrail, asked: GuardSubject) =>
        inTime(guardrail, asked, context, guardrail.deadlineMs ?? options.deadlineMs)
      const found: Found = []
      let next = value
      for (const guardrail of at(point).filter(reveals)) {
        const verdict = await ask(guardrail, { ...subject, value: next })
        if (verdict.type === 'rewrite') next = verdict.value
        found.push({ guardrail: guardrail.name, verdict })
      }
      const shown = next
      const guardrails = at(point).slice(found.length)
      const verdicts = await Promise.all(
        guardrails.map(one => ask(one, { ...subject, value: shown })),
      )
      for (const [index, guardrail] of guardrails.entries()) {
        let verdict = verdicts[index] ?? ALLOW
        // It was made of the original: after a rewrite, it is made of what that left.
        if (next !== shown && rewrites(guardrail, verdict))
          verdict = await ask(guardrail, { ...subject, value: next })
        if (verdict.type === 'rewrite') next = verdict.value
        found.push({ guardrail: guardrail.name, verdict })
      }
      return settle(subject, found, context)
    },
    checkNow(point, value, context = {}) {
      const subject = subjectOf(point, value, context)
      const found: Found = []
      let next = value
      let shown = value
      for (const guardrail of at(point)) {
        let verdict = atOnce(guardrail, { ...subject, value: shown }, context)
        if (next !== shown && rewrites(guardrail, verdict))
          verdict = atOnce(guardrail, { ...subject, value: next }, context)
        if (verdict.type === 'rewrite') next = verdict.value
        if (reveals(guardrail)) shown = next
        found.push({ guardrail: guardrail.name, verdict })
      }
      return settle(subject, found, context)
    },
    stream(point, context = {}, before) {
      return streamGuard({
        ...(before && { before }),
        guardrails: at(point),
        checkRest: (guardrails, text) =>
          createGuards(guardrails, options).check(point, text, context),
        report(finding, text) {
          const subject = subjectOf(point, text, context)
          options.audit?.write(subject, [finding], context.about)
        },
      })
    },
  }
}

/** Whether it takes away what hides a text from the others. */
function reveals({ text }: Guardrail): boolean {
  return text?.some(rule => rule.reveals) ?? false
}

function isAskAgain({ replace, objection }: TextRule): boolean {
  return replace === undefined && objection.type === 'ask-again'
}

/** Whether a guardrail has to look again at what another one has rewritten. */
function rewrites({ text }: Guardrail, verdict: Verdict): boolean {
  if (verdict.type !== 'allow') return verdict.type === 'rewrite'
  return text?.some(({ replace }) => replace !== undefined) ?? false
}

type Found = { readonly guardrail: string; readonly verdict: Verdict }[]

function subjectOf(point: GuardPoint, value: Json, { tool, callId }: CheckContext): GuardSubject {
  return {
    point,
    value,
    ...(tool === undefined ? {} : { tool }),
    ...(callId === undefined ? {} : { callId }),
  }
}

function decide(value: Json, found: Found): Decision {
  const findings = found.flatMap(({ guardrail, verdict }): Finding[] =>
    verdict.type === 'allow' ? [] : [{ guardrail, verdict }],
  )
  const worst = mostSevere(findings.map(({ verdict }) => verdict))
  const last = findings.findLast(({ verdict }) => verdict.type === 'rewrite')?.verdict
  const next = last?.type === 'rewrite' ? last.value : value
  const reasons = findings.map(({ verdict }) => verdict.reason).join('; ')
  const verdict: Verdict =
    worst.type === 'rewrite' ? { type: 'rewrite', value: next, reason: reasons } : worst
  return { verdict, value: next, findings }
}

/** What is objected to is written before anything comes of it. */
function audited(
  audit: AuditLog | undefined,
  subject: GuardSubject,
  decision: Decision,
  { about, written }: CheckContext,
): Decision {
  if (!audit || decision.findings.length === 0 || written?.has(subject, decision)) return decision
  try {
    audit.write(subject, decision.findings, about)
    written?.add(subject, decision)
    return decision
  } catch (cause) {
    return { ...decision, verdict: failed('the audit log', cause) }
  }
}

/** The verdict on what could not be checked. */
export function failed(who: string, cause: unknown): Objection {
  const why = cause instanceof Error ? cause.message : String(cause)
  return { type: 'refuse', reason: `${who} failed: ${why}`, message: UNCHECKED_MESSAGE }
}

/** A verdict within its time; whatever goes wrong is a refusal. */
async function inTime(
  guardrail: Guardrail,
  subject: GuardSubject,
  context: GuardContext,
  deadlineMs: number = DEFAULT_DEADLINE_MS,
): Promise<Verdict> {
  const name = `guardrail '${guardrail.name}'`
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  try {
    const { signal: outer } = context
    const signal = outer ? AbortSignal.any([outer, late.signal]) : late.signal
    const said = guardrail.check(subject, { ...context, signal })
    if (!(said instanceof Promise)) return checked(said)
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`it took more than ${deadlineMs} ms`))
        late.abort()
      }, deadlineMs)
    })
    return checked(await Promise.race([said, deadline]))
  } catch (cause) {
    return failed(name, cause)
  } finally {
    clearTimeout(timer)
  }
}

function atOnce(guardrail: Guardrail, subject: GuardSubject, context: GuardContext): Verdict {
  const name = `guardrail '${guardrail.name}'`
  try {
    const said = guardrail.check(subject, context)
    if (!(said instanceof Promise)) return checked(said)
    said.catch(() => {})
    return failed(name, 'it needs time, and there is none here')
  } catch (cause) {
    return failed(name, cause)
  }
}

function checked(said: Verdict): Verdict {
  const fault = faultOf(said)
  if (fault !== undefined) throw new Error(fault)
  return said
}
