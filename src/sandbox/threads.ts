import { Worker } from 'node:worker_threads'
import { isObject } from '../core/json.ts'
import type { Report, SandboxCode, Task, Wall } from './call.ts'
import { Exchange } from './exchange.ts'
import { describeThrown } from './result.ts'
import { Slots } from './slots.ts'

/** A tier on the other side of a wall. */
export interface Runner {
  run(task: Task): Promise<Report>
  close(): Promise<void>
}

/** Milliseconds that a thread may take to start, on a machine under load. */
const START_MS = 30_000

/** Calls before a `wasm` thread is replaced, so that nothing it gathers grows for ever. */
const CALLS_PER_THREAD = 1000

/** Milliseconds that a thread may take to lay down a call that has ended. */
const REST_MS = 1000

/** Heap of a `wasm` thread itself; the code's own memory is bounded in the engine. */
const WASM_HEAP_MB = 256

/** A thread that runs one call at a time. */
class Thread {
  readonly key: string
  readonly ready: Promise<void>
  calls = 0
  dead = false
  readonly #worker: Worker
  #exchange: Exchange | undefined
  /** Who waits to hear that the thread has read an answer, in the order of the answers. */
  readonly #unread: (() => void)[] = []
  #rested: ((isDone: boolean) => void) | undefined
  #isDone: Promise<boolean> | undefined

  constructor(kind: 'worker' | 'wasm', key: string, heapMb: number) {
    this.key = key
    this.#worker = new Worker(new URL(`./guest/${kind}-thread.mjs`, import.meta.url), {
      env: {},
      argv: [],
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 16 },
    })
    this.ready = this.#start()
    // Who waits for it hears of it; nobody may wait any more.
    this.ready.catch(() => {})
    // Its outputs are not read: that would keep the program alive. The thread tells what it prints.
  }

  #start(): Promise<void> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the thread did not start')), START_MS)
      const ready = () => {
        clearTimeout(timer)
        resolve()
      }
      worker.on('message', (message: unknown) => {
        const kind = Array.isArray(message) ? message[0] : undefined
        if (!this.#exchange) ready()
        else if (kind === 'read') this.#unread.shift()?.()
        else if (kind === 'done' && this.#exchange.over) this.#rested?.(true)
        else this.#exchange.hear(message)
      })
      worker.on('messageerror', () => this.#exchange?.end('crashed'))
      // What the code throws outside its call arrives here, and may be anything.
      worker.on('error', (thrown: unknown) => {
        if (isOutOfMemory(thrown)) this.#exchange?.end('memory')
        else this.#exchange?.end('crashed', describeThrown(thrown))
        reject(thrown)
      })
      worker.on('exit', code => {
        this.dead = true
        clearTimeout(timer)
        const message = `the code ended its thread with exit code ${code}`
        this.#exchange?.end('crashed', { message })
        this.#rested?.(false)
        reject(new Error(message))
      })
    })
  }

  async run(kind: 'worker' | 'wasm', task: Task): Promise<Report> {
    const walls: Wall[] = kind === 'wasm' ? ['thread', 'wasm'] : ['thread']
    this.#worker.ref()
    const aborted = new Promise<'aborted'>(resolve =>
      task.signal?.addEventListener('abort', () => resolve('aborted'), { once: true }),
    )
    try {
      if ((await Promise.race([this.ready, aborted])) === 'aborted')
        return { ended: 'aborted', walls }
    } catch (error) {
      // A heap too small to start with is used up by then.
      if (isOutOfMemory(error)) return { ended: 'memory', walls }
      return { ended: 'crashed', ...describeThrown(error), walls }
    }
    const exchange = new Exchange(task, walls, (told, read) => {
      this.#unread.push(read)
      this.#worker.postMessage(told)
    })
    this.#exchange = exchange
    this.#isDone = new Promise(resolve => {
      this.#rested = resolve
    })
    const { memoryBytes, outputBytes } = task.limits
    // What was aborted before it began never begins.
    if (!exchange.over)
      this.#worker.postMessage({
        code: task.code,
        input: task.input,
        memoryBytes,
        outputBytes,
        network: (task.network?.length ?? 0) > 0,
        files: (task.files?.length ?? 0) > 0,
      })
    const report = await exchange.ended
    this.calls++
    return report
  }

  /**
   * Lets the thread wait for its next call without keeping the program alive. Answers whether
   * nothing of its last one runs any more: who takes it before would wait for that.
   */
  async rest(): Promise<boolean> {
    this.#worker.unref()
    const timer = setTimeout(() => this.#rested?.(false), REST_MS).unref()
    const isDone = await this.#isDone
    clearTimeout(timer)
    return isDone === true
  }

  async kill(): Promise<void> {
    this.dead = true
    await this.#worker.terminate()
  }
}

function isOutOfMemory(thrown: unknown): boolean {
  return isObject(thrown) && thrown['code'] === 'ERR_WORKER_OUT_OF_MEMORY'
}

/** Makes a tier of threads: pooled, kept warm, and killed when a call does not end well. */
export function createThreadTier(kind: 'worker' | 'wasm', concurrency: number): Runner {
  const slots = new Slots(concurrency)
  const resting = new Set<Thread>()
  let idle: Thread[] = []
  let closed = false

  /** An idle thread that last ran the same, or a new one, in place of one too many. */
  const threadFor = async (task: Task): Promise<Thread> => {
    const key = kind === 'wasm' ? '' : keyOf(task.code, task.limits.memoryBytes)
    const same = idle.findLast(thread => thread.key === key && !thread.dead)
    idle = idle.filter(thread => thread !== same && !thread.dead)
    if (same) return same
    const tooMany = idle.length >= concurrency ? idle.shift() : undefined
    await tooMany?.kill()
    const heap = kind === 'wasm' ? WASM_HEAP_MB : Math.ceil(task.limits.memoryBytes / 2 ** 20)
    return new Thread(kind, key, heap)
  }

  const run = async (task: Task): Promise<Report> => {
    if (!(await slots.take(task.signal))) return { ended: 'aborted', walls: [] }
    let isResting = false
    try {
      if (task.signal?.aborted) return { ended: 'aborted', walls: [] }
      if (kind === 'worker' && isTooLittle(task)) return { ended: 'memory', walls: [] }
      const thread = await threadFor(task)
      const report = await thread.run(kind, task)
      const well = report.ended === 'returned' || report.ended === 'threw'
      if (well && !thread.dead && !closed && thread.calls < CALLS_PER_THREAD) {
        isResting = true
        void rest(thread)
      } else await thread.kill()
      return report
    } finally {
      if (!isResting) slots.give()
    }
  }

  /** Keeps a thread for its next call, or ends it if its last one does not let go of it. */
  const rest = async (thread: Thread): Promise<void> => {
    resting.add(thread)
    const isDone = await thread.rest()
    if (resting.delete(thread) && isDone && !thread.dead && !closed) idle.push(thread)
    else await thread.kill()
    slots.give()
  }

  const close = async () => {
    closed = true
    await Promise.all([...idle.splice(0), ...resting].map(thread => thread.kill()))
  }
  return { run, close }
}

/**
 * Whether no Node starts with a heap as large as a call's memory. For a thread with one of 2 MiB, those
 * from 22 on end the whole program.
 */
export function isTooLittle({ limits }: Task): boolean {
  return limits.memoryBytes <= 3 * 2 ** 20
}

/** Threads are shared only by calls of the same code under the same memory limit. */
function keyOf(code: SandboxCode, memoryBytes: number): string {
  if (code.kind === 'module') return `${memoryBytes} ${code.path}#${code.export ?? 'default'}`
  return `${memoryBytes} ${code.kind === 'source' ? code.text : ''}`
}
