import type { Json } from '../core/json.ts'
import type { Limits, Receipt, Report, SandboxCall, SandboxOutcome, Task, Tier } from './call.ts'
import { runInline } from './inline.ts'
import { limitsOf, refusal, tierOf } from './plan.ts'
import { createProcessTier } from './process.ts'
import { decodeResult, describeThrown, encodeResult } from './result.ts'
import { createThreadTier } from './threads.ts'

/** What a sandbox is made with. */
export interface SandboxOptions {
  /** Threads of each of `worker` and `wasm`, and children of `process`, at a time; 4 by default. */
  readonly concurrency?: number
  /** Limits of a call that names none of its own. */
  readonly limits?: Partial<Limits>
  /** Refuse `process` where namespaces cannot be had, even to a call that sets no `network`. */
  readonly requireNamespaces?: boolean
}

/** Runs code at the tier it is given, and says what it really got. */
export interface Sandbox {
  /** Never rejects: whatever goes wrong is an outcome. */
  run(call: SandboxCall): Promise<SandboxOutcome>
  /** Ends what runs, as `aborted`, and leaves no thread, process or timer behind. */
  close(): Promise<void>
}

/** Makes a sandbox. Nothing is started before it is needed. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const concurrency = options.concurrency ?? 4
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new RangeError(`concurrency must be a positive whole number, and is ${concurrency}`)
  const threads = {
    worker: createThreadTier('worker', concurrency),
    wasm: createThreadTier('wasm', concurrency),
  }
  const children = createProcessTier(concurrency, options.requireNamespaces ?? false)
  const running = new Map<AbortController, Promise<Report>>()
  let closed = false

  const start = (tier: Tier, task: Task): Promise<Report> => {
    if (tier === 'inline') return runInline(task)
    return tier === 'process' ? children.run(task) : threads[tier].run(task)
  }

  const run = async (call: SandboxCall): Promise<SandboxOutcome> => {
    const tier = tierOf(call)
    const limits = limitsOf(call, options.limits)
    const refuse = (message: string) =>
      outcomeOf(tier, limits, { ended: 'refused', name: 'Refused', message, walls: [] })
    const why = closed ? 'the sandbox is closed' : refusal(call, tier, limits)
    if (why !== undefined) return refuse(why)
    let input: string
    try {
      input = encodeResult(call.input)
    } catch (thrown) {
      return refuse(`the input is no JSON: ${describeThrown(thrown).message}`)
    }
    const stop = new AbortController()
    const abort = () => stop.abort()
    if (call.signal?.aborted) return outcomeOf(tier, limits, { ended: 'aborted', walls: [] })
    call.signal?.addEventListener('abort', abort, { once: true })
    const task = { ...taskOf(call, input, limits), signal: stop.signal }
    // A machine that can start no more threads or processes throws where they are started.
    const report = start(tier, task).catch(
      (thrown): Report => ({ ended: 'crashed', ...describeThrown(thrown), walls: [] }),
    )
    running.set(stop, report)
    try {
      return outcomeOf(tier, limits, await report)
    } finally {
      running.delete(stop)
      call.signal?.removeEventListener('abort', abort)
    }
  }

  const close = async () => {
    closed = true
    const reports = [...running.values()]
    for (const stop of running.keys()) stop.abort()
    await Promise.allSettled(reports)
    await Promise.all([threads.worker.close(), threads.wasm.close(), children.close()])
  }
  return { run, close }
}

function taskOf(call: SandboxCall, input: string, limits: Limits): Task {
  return {
    code: call.code,
    input,
    limits,
    ...(call.network && { network: call.network }),
    ...(call.files && { files: call.files }),
    progress: text => {
      try {
        call.progress?.(decodeResult(text))
      } catch {
        // A listener that fails, or a value that cannot be shown, is no reason to lose the result.
      }
    },
  }
}

const MESSAGES = {
  timeout: (limits: Limits) => `it ran longer than ${limits.timeMs} ms`,
  memory: (limits: Limits) => `it needed more than ${limits.memoryBytes} bytes of memory`,
  output: (limits: Limits) => `it put out more than ${limits.outputBytes} bytes`,
  aborted: () => 'it was aborted',
  crashed: () => 'it ended without an answer',
  refused: () => 'it cannot be run so',
  threw: () => 'it threw',
  returned: () => 'its result is no JSON',
}

function outcomeOf(tier: Tier, limits: Limits, report: Report): SandboxOutcome {
  const { ended, walls, memoryBytes } = report
  const receipt = (end = ended): Receipt => ({
    tier,
    walls,
    limits,
    ms: report.ms ?? 0,
    ...(memoryBytes !== undefined && { memoryBytes }),
    ended: end,
  })
  if (ended !== 'returned') {
    const name = report.name ?? ended[0]?.toUpperCase() + ended.slice(1)
    const message = report.message ?? MESSAGES[ended](limits)
    return { ok: false, error: { name, message }, receipt: receipt() }
  }
  try {
    const value: Json = decodeResult(report.text ?? '')
    return { ok: true, value, receipt: receipt() }
  } catch (thrown) {
    return { ok: false, error: describeThrown(thrown), receipt: receipt('threw') }
  }
}
