import type { Json } from '../core/json.ts'
import type { GuardSubject, Origins } from './guardrail.ts'
import type { Guards } from './guards.ts'
import type { StreamGuard } from './stream-guard.ts'
import type { Verdict } from './verdict.ts'

/** What a run has seen before, and how it is called. */
export interface RunGuardOptions {
  /** For a run that goes on: what was said and answered before. */
  readonly origins?: Origins
  /** A name for the audit log. */
  readonly about?: string
}

/** A check at any point of a run, as the tool loop takes it. */
export interface RunGuard {
  (subject: GuardSubject, signal?: AbortSignal): Promise<Verdict>
  /**
   * The guard of one answer's text while it comes; `undefined` if a rule has to see the whole of it,
   * or may want another answer: what has been read of the first one cannot be taken back.
   */
  stream(): StreamGuard | undefined
}

/**
 * Guardrails for one run of a tool loop: it remembers what users said and what tools answered, so
 * that the arguments of later calls can be traced to them. One for each run.
 */
export function guardRun(guards: Guards, options: RunGuardOptions = {}): RunGuard {
  const said = [...(options.origins?.said ?? [])]
  const results = [...(options.origins?.results ?? [])]
  const { unseen } = options.origins ?? {}
  const about = options.about === undefined ? {} : { about: options.about }
  const check = async (
    { point, value, tool, callId }: GuardSubject,
    signal?: AbortSignal,
  ): Promise<Verdict> => {
    if (point === 'input') said.push(textOf(value))
    if (point === 'tool-result') results.push({ tool, text: textOf(value) })
    const decision = await guards.check(point, value, {
      origins: { said, results, ...(unseen && { unseen }) },
      ...(signal ? { signal } : {}),
      ...(tool === undefined ? {} : { tool }),
      ...(callId === undefined ? {} : { callId }),
      ...about,
    })
    return decision.verdict
  }
  const stream = () =>
    guards.isImmediate('output') && !guards.mayAskAgain('output')
      ? guards.stream('output', about)
      : undefined
  return Object.assign(check, { stream })
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
