import { setMaxListeners } from 'node:events'
import type { Message } from '../core/message.ts'
import { findAddress } from './address.ts'
import { DEFAULT_BUDGET } from './budget.ts'
import { startTimer } from './deadline.ts'
import { drive } from './drive.ts'
import { Emitter } from './emitter.ts'
import { RunEnding, within } from './ending.ts'
import type { Entry, StartEntry } from './entry.ts'
import type { RunEvent, RunResult } from './event.ts'
import { checkGuard } from './guard.ts'
import { textOf } from './history.ts'
import { type Journal, openJournal } from './journal.ts'
import { checkOptions } from './option-check.ts'
import type { ContextOption, RunnerOptions, RunOptions } from './options.ts'
import { pauseRun } from './pause.ts'
import { Session } from './session.ts'
import { startOf } from './start.ts'
import { closedMessages, noTotals, type RunState, startState } from './state.ts'
import { isThrown, wordsOf } from './thrown.ts'
import type { Tool } from './tool.ts'
import { RunTrace } from './trace.ts'
import { loadTraceApi } from './trace-load.ts'

/**
 * A run under way. Awaited, it gives its result and never rejects: how it ended is in `ended`.
 * Iterated, it tells what happens; leaving the iteration does not end the run.
 */
export interface Run<T extends Tool = Tool>
  extends PromiseLike<RunResult>,
    AsyncIterable<RunEvent<T>> {
  /** The final answer's text. Rejects with `RunFailed` if the run ends in any other way. */
  text(): Promise<string>
  /** The text of the answers as it comes. */
  texts(): AsyncIterable<string>
  /** Ends the run as `aborted`. */
  abort(reason?: string): void
}

/** Thrown by `text()` when a run ended without an answer. */
export class RunFailed extends Error {
  readonly result: RunResult

  constructor(result: RunResult) {
    super(`the run ended as ${result.ended}: ${result.reason}`, { cause: result.error })
    this.name = 'RunFailed'
    this.result = result
  }
}

/**
 * Runs a model with tools until it answers: asks it, checks its calls, runs them side by side, hands
 * the results back. It begins at once.
 *
 * @throws ToolgateError `invalid_value` if the options make no sense.
 */
export function runTools<T extends Tool>(options: RunOptions<T> & ContextOption<T>): Run<T>
/** As above, with the types of the tools let go. */
export function runTools(options: RunOptions): Run {
  checkOptions(options)
  const start = startOf(options)
  return new ToolRun(options, async ending => {
    const state = startState(start)
    const journal =
      options.journal === undefined ? undefined : await openJournal(options.journal, true)
    return { state, journal, first: start, begin: () => checkInput(options, start, ending) }
  })
}

/** The guard's word on what the user said, before anything is written or sent. */
async function checkInput(
  options: RunOptions,
  start: StartEntry,
  signal: AbortSignal,
): Promise<StartEntry> {
  const at = start.messages.findLastIndex(({ role }) => role === 'user')
  const message = start.messages[at]
  if (!options.guard || message?.role !== 'user') return start
  const value = textOf(message.content.filter(part => part.type === 'text'))
  const { guard } = options
  const subject = { point: 'input', value, turn: 0 } as const
  const verdict = await within(signal, () => checkGuard(guard, subject, signal))
  if (verdict.type === 'allow') return start
  if (verdict.type !== 'rewrite') {
    const text = verdict.type === 'refuse' ? verdict.message : ''
    throw new RunEnding('refused', verdict.reason, { text })
  }
  const others = message.content.filter(part => part.type !== 'text')
  const text = typeof verdict.value === 'string' ? verdict.value : JSON.stringify(verdict.value)
  const rewritten: Message = { ...message, content: [{ type: 'text', text }, ...others] }
  return { ...start, messages: start.messages.with(at, rewritten) }
}

/** What a run begins with. */
export interface Beginning {
  readonly state: RunState
  readonly journal: Journal | undefined
  /** What the journal gets first; a start may still be changed by `begin`. */
  readonly first: Entry | undefined
  begin?(): Promise<StartEntry>
  /** Steps that are taken before the loop goes on. */
  readonly entries?: readonly Entry[]
  /** How the run has ended already. */
  readonly over?: RunEnding
}

type Begin = (signal: AbortSignal) => Promise<Beginning>

/** The run behind `runTools` and `resume`. */
export class ToolRun implements Run {
  readonly #options: RunnerOptions & { readonly context?: unknown }
  readonly #emitter = new Emitter<RunEvent>(count => ({
    type: 'notice',
    turn: 0,
    what: `${count} events came before anybody read them, and are gone`,
  }))
  readonly #controller = new AbortController()
  readonly #result: Promise<RunResult>

  constructor(options: RunnerOptions & { readonly context?: unknown }, begin: Begin) {
    this.#options = options
    // One listener for each call under way is no leak.
    setMaxListeners(0, this.#controller.signal)
    this.#result = this.#run(begin)
  }

  // biome-ignore lint/suspicious/noThenProperty: a run is meant to be awaited.
  then<A = RunResult, B = never>(
    onResult?: ((result: RunResult) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#emitter.forget()
    return this.#result.then(onResult, onError)
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent> {
    return this.#emitter.read()
  }

  async text(): Promise<string> {
    const result = await this
    if (result.ended !== 'answered') throw new RunFailed(result)
    return result.text
  }

  async *texts(): AsyncGenerator<string, void, undefined> {
    for await (const event of this) if (event.type === 'text-delta') yield event.text
  }

  abort(reason = 'abort() was called'): void {
    this.#controller.abort(new RunEnding('aborted', `the run was aborted: ${reason}`))
  }

  async #run(begin: Begin): Promise<RunResult> {
    const { signal: outer } = this.#options
    const began = performance.now()
    const forward = (): void => {
      const { reason } = outer ?? {}
      this.abort(wordsOf(reason))
    }
    // One signal may end many runs at once: a listener for each is no leak.
    if (outer instanceof EventTarget) setMaxListeners(0, outer)
    outer?.addEventListener('abort', forward, { once: true })
    if (outer?.aborted) forward()
    let stopTimer = (): void => {}
    let session: Session | undefined
    let beginning: Beginning | undefined
    let trace: RunTrace | undefined
    try {
      beginning = await begin(this.#controller.signal)
      if (beginning.over) throw beginning.over
      const tracing = this.#trace(beginning.state, began)
      trace = tracing && (await tracing)
      const { state, journal } = beginning
      const budget = this.#options.budget ?? state.start.budget
      const limit = budget.ms ?? DEFAULT_BUDGET.ms
      const left = Math.max(0, limit - state.totals.ms)
      stopTimer = startTimer(left, () =>
        this.#controller.abort(new RunEnding('budget', `the run took longer than ${limit} ms`)),
      )
      session = this.#session(state, journal, budget, trace)
      if (beginning.first?.type === 'start' && beginning.begin) {
        const start = await beginning.begin()
        state.messages = [...start.messages]
        await journal?.append(start, true)
      } else if (beginning.first) await journal?.append(beginning.first, true)
      for (const entry of beginning.entries ?? []) await session.record(entry, true)
      return await drive(session)
    } catch (thrown) {
      const ending = endingFor(thrown)
      return await this.#end(ending, session, beginning, trace, performance.now() - began)
    } finally {
      stopTimer()
      outer?.removeEventListener('abort', forward)
      this.#emitter.end()
    }
  }

  /** The run's spans; nothing is waited for where nothing is traced. */
  #trace(state: RunState, began: number): Promise<RunTrace | undefined> | undefined {
    const { trace, facts } = this.#options
    const loaded = loadTraceApi(trace)
    if (!loaded) return undefined
    const { model, baseUrl } = state.start
    const provider = facts?.(model, baseUrl)?.traced
    return loaded.then(api => api && new RunTrace(api, trace || {}, began, state, provider))
  }

  #session(
    state: RunState,
    journal: Journal | undefined,
    budget: Session['budget'],
    trace: RunTrace | undefined,
  ): Session {
    const options = this.#options
    const { model, baseUrl, protocol, quirks } = state.start
    const facts = options.facts?.(model, baseUrl)
    return new Session({
      options,
      state,
      line: {
        address: findAddress(baseUrl, { protocol }),
        quirks,
        key: options.key ?? facts?.key,
        headers: options.headers ?? {},
        retries: options.retries ?? 2,
        maxRetryMs: options.maxRetryMs ?? 30_000,
        silenceMs: options.silenceMs ?? 300_000,
      },
      quirks,
      price: options.price ?? facts?.price,
      budget,
      journal,
      signal: this.#controller.signal,
      trace,
      emit: event => this.#emitter.emit(event),
    })
  }

  async #end(
    ending: RunEnding,
    session: Session | undefined,
    beginning: Beginning | undefined,
    trace: RunTrace | undefined,
    ms: number,
  ): Promise<RunResult> {
    const state = beginning?.state
    const spentMs = Math.round((state?.totals.ms ?? 0) + ms)
    const { ended, message: reason } = ending
    await session?.record({ type: 'end', ended, reason, spentMs }, true).catch(() => {})
    if (session) session.closed = true
    if (state) trace?.end(ending, state)
    // Calls and answers that are still under way have nobody left to wait for them.
    this.#controller.abort(ending)
    await beginning?.journal?.close()
    const result = resultOf(state, ending, this.#options.signingKey)
    this.#emitter.emit({ type: 'end', result })
    return result
  }
}

function endingFor(thrown: unknown): RunEnding {
  if (isThrown(thrown, RunEnding)) return thrown
  const why = wordsOf(thrown)
  return new RunEnding('failed', why, { cause: thrown })
}

/** How a run came out, told from its state. */
export function resultOf(
  state: RunState | undefined,
  ending: RunEnding,
  signingKey: string | undefined,
): RunResult {
  const { ended, message: reason, text, cause } = ending
  const error = isThrown(cause, Error) ? cause : ending
  return {
    run: state?.start.run ?? '',
    ended,
    reason,
    text,
    messages: state ? [...closedMessages(state)] : [],
    calls: state ? [...state.records] : [],
    totals: state ? { ...state.totals } : noTotals(undefined),
    ...(state && ended === 'paused' ? { paused: pauseRun(state, signingKey) } : {}),
    ...(ended === 'failed' ? { error } : {}),
  }
}
