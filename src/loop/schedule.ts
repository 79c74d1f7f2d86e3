import { startTimer } from './deadline.ts'

/** Something to run among others. */
export interface Job<T> {
  /** Jobs with the same lock run one at a time, in their order. */
  readonly lock: string | undefined
  run(): Promise<T>
}

/** What is being run outside of its turn: work that was given up, by the lock that it holds. */
export type HeldLocks = Map<string, Promise<unknown>>

/** Runs jobs side by side, at most `limit` at once, started in their order where locks allow it. */
export async function runJobs<T>(jobs: readonly Job<T>[], limit: number): Promise<T[]> {
  const results: T[] = []
  const waiting = jobs.map((job, index) => ({ job, index }))
  const locks = new Set<string>()
  let active = 0
  return new Promise((resolve, reject) => {
    const pump = (): void => {
      if (active === 0 && waiting.length === 0) resolve(results)
      while (active < limit) {
        const at = waiting.findIndex(({ job }) => job.lock === undefined || !locks.has(job.lock))
        const [next] = at < 0 ? [] : waiting.splice(at, 1)
        if (!next) return
        const { job, index } = next
        if (job.lock !== undefined) locks.add(job.lock)
        active++
        const free = (): void => {
          active--
          if (job.lock !== undefined) locks.delete(job.lock)
        }
        const done = (result: T): void => {
          results[index] = result
          free()
          pump()
        }
        job.run().then(done, error => {
          free()
          reject(error)
        })
      }
    }
    pump()
  })
}

/** Waits until given-up work lets go of a lock; `false` if it does not in time. */
export async function isFree(
  locks: HeldLocks,
  lock: string,
  milliseconds: number,
  signal: AbortSignal,
) {
  const held = locks.get(lock)
  if (!held) return true
  let stopTimer = (): void => {}
  let stop = (): void => {}
  const late = new Promise<false>(resolve => {
    stop = () => resolve(false)
    stopTimer = startTimer(milliseconds, stop)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
  })
  try {
    return await Promise.race([held.then(() => true), late])
  } finally {
    stopTimer()
    signal.removeEventListener('abort', stop)
  }
}

/** Notes that given-up work still holds a lock, for as long as it does. */
export function holdLock(locks: HeldLocks, lock: string, work: Promise<unknown>): void {
  const held = work.finally(() => {
    if (locks.get(lock) === held) locks.delete(lock)
  })
  held.catch(() => {})
  locks.set(lock, held)
}
