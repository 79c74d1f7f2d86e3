import type { Ending, Report, Task, Wall } from './call.ts'
import { answerAsk } from './host.ts'

/** An answer to what the other side asked: whose, whether it could be had, and its text. */
export type Told = readonly [id: string, ok: boolean, text: string]

/** Tells the other side something, and calls back once it is out of this side's memory. */
export type Say = (told: Told, read: () => void) => void

/** How many questions one call may have open: more is a flood. */
const MAX_OPEN = 64

/** What a message costs beside its text, so that empty ones are no free flood. */
const MESSAGE_BYTES = 16

/**
 * One call across a wall: reads what the other side says, believing none of it, keeps the limits of
 * time and output, and ends once. The tier then ends the other side unless it may live on.
 */
export class Exchange {
  readonly ended: Promise<Report>
  readonly #task: Task
  readonly #walls: readonly Wall[]
  readonly #started = performance.now()
  readonly #timer: NodeJS.Timeout
  readonly #abort = () => this.end('aborted')
  readonly #asks = new AbortController()
  readonly #say: Say
  #resolve: ((report: Report) => void) | undefined
  #left: number
  #open = 0
  /** Bytes of answers that the other side has not read yet. */
  #held = 0
  #highest: number | undefined

  constructor(task: Task, walls: readonly Wall[], say: Say) {
    this.#task = task
    this.#walls = walls
    this.#say = say
    this.#left = task.limits.outputBytes
    this.ended = new Promise(resolve => {
      this.#resolve = resolve
    })
    this.#timer = setTimeout(() => this.end('timeout'), task.limits.timeMs)
    task.signal?.addEventListener('abort', this.#abort, { once: true })
    if (task.signal?.aborted) this.end('aborted')
  }

  /** Whether it has ended. */
  get over(): boolean {
    return this.#resolve === undefined
  }

  /** Ends the call, if it has not ended. */
  end(ended: Ending, more: Omit<Partial<Report>, 'ended'> = {}): void {
    const resolve = this.#resolve
    if (!resolve) return
    this.#resolve = undefined
    clearTimeout(this.#timer)
    this.#task.signal?.removeEventListener('abort', this.#abort)
    this.#asks.abort()
    const ms = performance.now() - this.#started
    const memory = this.#highest === undefined ? {} : { memoryBytes: this.#highest }
    resolve({ ...memory, ...more, ended, ms, walls: this.#walls })
  }

  /** Takes bytes off what the call may put out, and ends it when they are used up. */
  spend(bytes: number): boolean {
    this.#left -= bytes
    if (this.#left < 0) this.end('output')
    return this.#left >= 0
  }

  /** Takes a reading of how much memory the other side holds. */
  weigh(bytes: number): void {
    this.#highest = Math.max(this.#highest ?? 0, bytes)
    if (bytes > this.#task.limits.memoryBytes) this.end('memory')
  }

  /** Reads one message of the other side. */
  hear(message: unknown): void {
    if (!this.#resolve) return
    const [kind, first, second, third] = Array.isArray(message) ? message : []
    if (kind === 'returned' && typeof first === 'string') {
      // Only what stands between the code and this side knows; of a child, the system tells.
      const told = this.#walls.includes('wasm') && typeof second === 'number'
      const memory = told ? { memoryBytes: second } : {}
      if (this.spend(Buffer.byteLength(first))) this.end('returned', { text: first, ...memory })
    } else if (kind === 'threw' || kind === 'broken') {
      const words = { name: wordsOf(first).slice(0, 200), message: wordsOf(second).slice(0, 2000) }
      this.end(kind === 'threw' ? 'threw' : 'crashed', words)
    } else if (kind === 'printed' && typeof first === 'number' && first >= 0) this.spend(first)
    else if (kind === 'output' || kind === 'memory') this.end(kind)
    else if (kind === 'progress' && typeof first === 'string') {
      if (this.spend(Buffer.byteLength(first) + MESSAGE_BYTES)) this.#task.progress(first)
    } else if (kind === 'ask') this.#ask(wordsOf(first), wordsOf(second), wordsOf(third))
    else this.end('crashed', { message: 'it sent what is no message' })
  }

  #ask(id: string, kind: string, text: string): void {
    if (!this.spend(Buffer.byteLength(text) + MESSAGE_BYTES)) return
    if (this.#open >= MAX_OPEN) {
      this.#say([id, false, `more than ${MAX_OPEN} at a time`], () => {})
      return
    }
    this.#open++
    let held = 0
    // Whoever asks without reading the answers would fill the memory of this side.
    const hold = (bytes: number) => {
      held += bytes
      this.#held += bytes
      if (this.#held > this.#task.limits.memoryBytes)
        throw new Error('the answers that wait are over the memory limit')
    }
    const read = () => {
      this.#open--
      this.#held -= held
    }
    answerAsk(this.#task, kind, text, this.#asks.signal, hold)
      .then(
        (answer): Told => [id, true, answer],
        (thrown): Told => {
          this.#held -= held
          held = 0
          return [id, false, messageOf(thrown)]
        },
      )
      .then(answer => {
        if (this.#resolve) this.#say(answer, read)
      })
  }
}

/** A forged message may hold an object that cannot even be turned into text. */
function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'it failed'
  const { cause } = thrown
  return cause instanceof Error ? `${thrown.message}: ${cause.message}` : thrown.message
}
