import type { Json, JsonObject } from '../core/json.ts'
import { LONGEST_TIMER } from '../core/timer.ts'
import type { Receipt } from '../sandbox/index.ts'
import { breathe } from './breath.ts'
import { CallContext, type CallFacts } from './call-context.ts'
import { startTimer } from './deadline.ts'
import type { AbortWatch } from './ending.ts'
import { asJson } from './output.ts'
import type { CallSandbox, ToolCode } from './sandbox-call.ts'
import { wordsOf } from './thrown.ts'
import type { Tool, ToolContext } from './tool.ts'

/** What running a call needs. */
export interface CallJob {
  readonly tool: Tool
  readonly input: unknown
  /** The arguments as JSON, for a sandbox. */
  readonly json: JsonObject
  readonly facts: CallFacts
  readonly timeoutMs: number
  /** Of the signal that ends with the run. */
  readonly watch: AbortWatch
  readonly sandbox: CallSandbox | undefined
  progress(value: Json): void
  /** What a call that was given up came to after all. */
  late(value: Json): void
}

/** How a call came out. */
export type Settled =
  | { readonly kind: 'value'; readonly value: unknown; readonly receipt?: Receipt }
  | { readonly kind: 'error'; readonly error: unknown; readonly receipt?: Receipt }
  /** Given up: `work` settles when the tool does, if it ever does. */
  | { readonly kind: 'timeout' | 'aborted'; readonly work: Promise<unknown> }

/** Milliseconds that a sandbox is given beyond a call's deadline to end it by itself. */
const SANDBOX_GRACE = 1000

/**
 * Runs a call against its deadline and the end of the run. Whichever comes first settles it: a tool
 * that ignores its signal, or never settles, is given up, and what it says later is only recorded.
 * After the end of the run none is begun.
 */
export function runCall(job: CallJob): Promise<Settled> {
  const { watch } = job
  if (watch.signal.aborted) return Promise.resolve({ kind: 'aborted', work: Promise.resolve() })
  let open = true
  const context = new CallContext(job.facts, value => {
    if (open) job.progress(asJson(value))
  })
  return new Promise(resolve => {
    const settle = (settled: Settled): void => {
      if (!open) {
        if (settled.kind === 'value') job.late(asJson(settled.value))
        else if (settled.kind === 'error') job.late({ error: wordsOf(settled.error) })
        return
      }
      open = false
      stopTimer()
      watch.delete(abort)
      resolve(settled)
    }
    let work: Promise<void> | undefined
    const giveUp = (kind: 'timeout' | 'aborted'): void => {
      // A tool that ends its own run before it gives anything to wait for is given up once it has.
      if (work) settle({ kind, work })
      context.abort(new Error(kind === 'timeout' ? 'the call took too long' : 'the run ended'))
    }
    const abort = (): void => giveUp('aborted')
    const grace = job.tool.code ? SANDBOX_GRACE : 0
    const stopTimer = startTimer(job.timeoutMs + grace, () => giveUp('timeout'))
    watch.add(abort)
    work = start(job, context, () => open).then(settle, error => settle({ kind: 'error', error }))
    if (watch.signal.aborted) abort()
  })
}

async function start(job: CallJob, context: ToolContext, isOpen: () => boolean): Promise<Settled> {
  const { tool, sandbox } = job
  if (tool.code) {
    if (!sandbox) throw new Error(`'${tool.name}' needs a sandbox, and the run has none`)
    return inSandbox(job, tool.code, sandbox, context)
  }
  // Asked again after each rest: all that waited for it go on in the same turn.
  for (let rest = breathe(); rest; rest = breathe()) await rest
  // Given up before it began: there is nothing that could come late.
  if (!isOpen()) return { kind: 'aborted', work: Promise.resolve() }
  const value: unknown = await tool.run(job.input, context)
  return { kind: 'value', value: isStream(value) ? await drain(value, context, isOpen) : value }
}

type Stream = AsyncIterable<unknown> | Generator<unknown, unknown, undefined>

function isStream(value: unknown): value is Stream {
  if (typeof value !== 'object' || value === null) return false
  // Other iterators are lists that a tool did not spread, and not told in steps.
  const isGenerator = Object.prototype.toString.call(value) === '[object Generator]'
  return Symbol.asyncIterator in value || isGenerator
}

/** Reads a stream of progress to its result: what it returns, or else the last it yields. */
async function drain(
  stream: Stream,
  context: ToolContext,
  isOpen: () => boolean,
): Promise<unknown> {
  const iterator: AsyncIterator<unknown> | Iterator<unknown> =
    Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]()
  let last: unknown
  for (;;) {
    const step = await iterator.next()
    await breathe()
    if (step.done) return step.value === undefined ? last : step.value
    if (!isOpen()) {
      await iterator.return?.()
      return last
    }
    last = step.value
    context.progress(asJson(last))
  }
}

async function inSandbox(
  job: CallJob,
  code: ToolCode,
  sandbox: CallSandbox,
  context: ToolContext,
): Promise<Settled> {
  const { limits, ...settings } = job.tool.sandbox
  const outcome = await sandbox.run({
    ...settings,
    limits: { timeMs: Math.min(Math.ceil(job.timeoutMs), LONGEST_TIMER), ...limits },
    code,
    input: job.json,
    signal: context.signal,
    progress: value => context.progress(value),
  })
  const { receipt } = outcome
  if (outcome.ok) return { kind: 'value', value: outcome.value, receipt }
  const { name, message } = outcome.error
  return { kind: 'error', error: new Error(`${name}: ${message}`), receipt }
}
