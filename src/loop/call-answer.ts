import { isThenable } from './ending.ts'
import type { CallOutcome, ResultEntry } from './entry.ts'
import { printOf, type Session } from './session.ts'
import { errorResult, type PendingCall } from './state.ts'
import { isThrown, wordsOf } from './thrown.ts'
import { RetryHint } from './tool.ts'

/** What the model is told of something that was thrown. */
export function describe(session: Session, error: unknown, tool: string): string {
  if (isThrown(error, RetryHint)) return error.message
  const { describeError } = session.options
  if (describeError) {
    try {
      const said: unknown = describeError(error, tool)
      return typeof said === 'string' ? said : 'The tool failed.'
    } catch {
      return 'The tool failed.'
    }
  }
  const [line = ''] = wordsOf(error).split('\n', 1)
  return `Error: ${line.slice(0, 500) || 'the tool failed'}`
}

/** Answers a call that is not run. */
export function answer(
  session: Session,
  pending: PendingCall,
  outcome: CallOutcome,
  text: string,
): Promise<void> {
  const { call } = pending
  const entry: ResultEntry = {
    type: 'result',
    turn: session.turn,
    callId: call.id,
    outcome,
    result: errorResult(call, text),
    ms: 0,
    print: printOf(call.name, call.arguments, text),
  }
  session.trace?.notRun(pending, entry)
  return settle(session, entry)
}

/** Records a result, and tells it. `cut`: what of it the model is not given. */
export async function settle(
  session: Session,
  entry: ResultEntry,
  durable = false,
  cut?: string,
): Promise<void> {
  const { turn, callId, outcome, result, ms, receipt } = entry
  await session.record(entry, durable)
  session.emit({
    type: 'call-end',
    turn,
    callId,
    tool: result.name ?? '',
    outcome,
    text: result.content.flatMap(part => (part.type === 'text' ? part.text : [])).join('\n'),
    isError: result.isError ?? false,
    ...(cut === undefined ? {} : { cut }),
    ms,
    ...(receipt ? { receipt } : {}),
  })
}

/** What something of the program's came to, or what it threw. */
export type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown }

/** Does something of the program's, which may throw; a promise only if it gives one. */
export function attempt<T>(work: () => T | Promise<T>): Attempt<T> | Promise<Attempt<T>> {
  try {
    const given = work()
    return isThenable(given) ? given.then(came, failed) : came(given)
  } catch (error) {
    return failed(error)
  }
}

function came<T>(value: T): Attempt<T> {
  return { ok: true, value }
}

function failed(error: unknown): { readonly ok: false; readonly error: unknown } {
  return { ok: false, error }
}
