import type { Ended } from './entry.ts'
import { wordsOf } from './thrown.ts'

/** Thrown inside a run to end it in a stated way. */
export class RunEnding extends Error {
  readonly ended: Ended
  /** For the user, where there is something to say. */
  readonly text: string
  override readonly cause: unknown

  constructor(ended: Ended, reason: string, more: { text?: string; cause?: unknown } = {}) {
    super(reason)
    this.name = 'RunEnding'
    this.ended = ended
    this.text = more.text ?? ''
    this.cause = more.cause
  }
}

/**
 * Waits for something of the program's (a hook, a policy, a check) no longer than the run lives.
 *
 * @throws RunEnding when the signal ends it first
 */
export function within<T>(signal: AbortSignal, work: () => T | Promise<T>): T | Promise<T> {
  if (signal.aborted) throw endingOf(signal)
  const given = work()
  return isThenable(given) ? raced(signal, given) : given
}

async function raced<T>(signal: AbortSignal, given: Promise<T>): Promise<T> {
  let stop = (): void => {}
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(endingOf(signal))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([given, ended])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Tells many of a signal's end with one listener, for one each is dear. */
export class AbortWatch {
  readonly signal: AbortSignal
  readonly #waiting = new Set<() => void>()

  constructor(signal: AbortSignal) {
    this.signal = signal
    const tell = (): void => {
      for (const end of [...this.#waiting]) end()
    }
    signal.addEventListener('abort', tell, { once: true })
  }

  /** Calls `end` when the signal is aborted, unless it is `delete`d before. */
  add(end: () => void): void {
    this.#waiting.add(end)
  }

  delete(end: () => void): void {
    this.#waiting.delete(end)
  }
}

/** Whether something has to be waited for. */
export function isThenable<T>(given: T | Promise<T>): given is Promise<T> {
  return typeof given === 'object' && given !== null && 'then' in given
}

/** Why a signal ended a run. */
export function endingOf(signal: AbortSignal): RunEnding {
  const { reason } = signal
  if (reason instanceof RunEnding) return reason
  const why = wordsOf(reason)
  return new RunEnding('aborted', `the run was aborted: ${why}`)
}
