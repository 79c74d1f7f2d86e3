import { ToolgateError } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import { findAddress } from './address.ts'
import { RunEnding, within } from './ending.ts'
import type { Entry } from './entry.ts'
import { textOf } from './history.ts'
import { foldEntries, mendJournal, openJournal, readJournal } from './journal.ts'
import { checkOptions } from './option-check.ts'
import type { ContextOption, RunnerOptions } from './options.ts'
import { type Decision, type PausedRun, readPaused } from './pause.ts'
import { type Beginning, type Run, ToolRun } from './run.ts'
import type { RunState } from './state.ts'
import type { Tool } from './tool.ts'

/** The options of `resume`: what a process must bring itself, for no state holds code or keys. */
export interface ResumeOptions<T extends Tool = Tool> extends RunnerOptions<T> {
  /** What a person says of the calls that wait, by the id of the call. Others go on waiting. */
  readonly decisions?: { readonly [callId: string]: Decision }
}

/**
 * Goes on with a run: from the path of its journal, after a crash or an end that was not an answer;
 * or from a paused run, whose signature is checked. A call that has a result is never run again. A
 * call that was running when the process died is run again if it is harmless (`read`), with its old
 * idempotency key if it is a `write`, and not at all if it is `irreversible`: the model is told, or
 * with `unfinished: 'ask'` a person is asked.
 *
 * @throws ToolgateError `invalid_value` or `permission` if a paused run is not accepted; what is
 * wrong with a journal is told in the result.
 */
export function resume<T extends Tool>(
  from: string | PausedRun,
  options: ResumeOptions<T> & ContextOption<T>,
): Run<T>
/** As above, with the types of the tools let go. */
export function resume(from: string | PausedRun, options: ResumeOptions): Run {
  checkOptions(options)
  if (typeof from === 'string') {
    const journaled = { ...options, journal: from }
    return new ToolRun(journaled, signal => fromJournal(from, journaled, signal))
  }
  const { state } = readPaused(from, options.signingKey)
  return new ToolRun(options, signal => fromPaused(structuredClone(state), options, signal))
}

async function fromJournal(
  path: string,
  options: ResumeOptions,
  signal: AbortSignal,
): Promise<Beginning> {
  const journal = await openJournal(path, false)
  try {
    const read = await readJournal(path)
    await mendJournal(path, read)
    const state = foldEntries(read.entries)
    const done = state.ended
    if (done?.ended === 'answered' || done?.ended === 'refused')
      return { state, journal, first: undefined, over: storedEnding(state, done) }
    const entries = await decide(state, options, signal)
    return { state, journal, first: undefined, entries }
  } catch (error) {
    await journal.close()
    throw error
  }
}

/** How a run that had ended did end. */
function storedEnding(state: RunState, done: NonNullable<RunState['ended']>): RunEnding {
  const last = state.messages.at(-1)
  const text = last?.role === 'assistant' ? textOf(last.content) : ''
  return new RunEnding(done.ended, done.reason, { text })
}

async function fromPaused(
  state: RunState,
  options: ResumeOptions,
  signal: AbortSignal,
): Promise<Beginning> {
  const { journal: path } = options
  const entries = await decide(state, options, signal)
  if (path === undefined) return { state, journal: undefined, first: undefined, entries }
  const journal = await openJournal(path, true)
  return { state, journal, first: { type: 'state', state: structuredClone(state) }, entries }
}

/** The steps that stand at the beginning: that it goes on, and what a person has decided. */
async function decide(
  state: RunState,
  options: ResumeOptions,
  signal: AbortSignal,
): Promise<Entry[]> {
  // Before anything else: the address must still be one.
  findAddress(state.start.baseUrl, { protocol: state.start.protocol })
  const { turn, pending, totals } = state
  const entries: Entry[] = [{ type: 'resume', at: Date.now(), spentMs: totals.ms }]
  for (const [callId, decision] of Object.entries(options.decisions ?? {})) {
    const waiting = pending.find(
      ({ call, question }) => call.id === callId && question !== undefined,
    )
    if (!waiting || waiting.result)
      throw new ToolgateError('invalid_value', `No call '${callId}' waits for a decision.`)
    const place = { type: 'approval', turn, callId } as const
    checkDecision(callId, decision)
    if (decision === 'approve') entries.push({ ...place, step: 'approved' })
    else if ('reject' in decision)
      entries.push({ ...place, step: 'rejected', reason: decision.reject })
    else {
      const text = JSON.stringify(decision.edit)
      await checkEdit(options, state, waiting.call.name, text, signal)
      entries.push({ ...place, step: 'approved', arguments: text })
    }
  }
  return entries
}

/** Decisions come from outside, often as JSON: a word that is none shall run nothing. */
function checkDecision(callId: string, decision: unknown): void {
  if (decision === 'approve') return
  const { reject, edit, ...others } = isObject(decision) ? decision : { reject: 0 }
  const isOne = (reject === undefined) !== (edit === undefined) && Object.keys(others).length === 0
  if (isOne && (typeof reject === 'string' || isObject(edit))) return
  throw new ToolgateError(
    'invalid_value',
    `The decision on '${callId}' must be 'approve', { reject: 'why' } or { edit: { … } }.`,
  )
}

/** A person's arguments are held to the schema as the model's are; what is wrong is the person's. */
async function checkEdit(
  options: ResumeOptions,
  state: RunState,
  name: string,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const { tools } = options
  const list = typeof tools === 'function' ? await within(signal, () => tools(state)) : tools
  const tool = list?.find(one => one.name === name)
  const checked = await within(signal, () => tool?.check(text))
  if (!checked || checked.ok) return
  const why = checked.problems.map(({ message }) => message).join('; ')
  throw new ToolgateError('invalid_value', `The edited arguments of '${name}' are invalid: ${why}`)
}
