import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { vi } from 'vitest'

/** Milliseconds that what is open is given to go: the program's own late tools, for one. */
const SETTLING = 3000

/** Kinds of what can be left over. */
type Kind = 'process' | 'worker' | 'socket' | 'timer'

/** How each kind is heard of when it begins, and how it says that it is over. */
const CHANNELS: readonly (readonly [channel: string, key: string, kind: Kind, over: string])[] = [
  ['child_process', 'process', 'process', 'exit'],
  ['worker_threads', 'worker', 'worker', 'exit'],
  ['net.client.socket', 'socket', 'socket', 'close'],
]

/**
 * Hears of every child process, worker and client's socket that this thread opens, whether or not it
 * keeps the process alive, and of the timers that do. The timers of vitest are its own: it has taken
 * `setTimeout` aside before.
 */
export class LeftOver {
  readonly #open = new Map<Kind, Set<unknown>>()
  readonly #stops: (() => void)[] = []
  readonly #timers = vi.spyOn(globalThis, 'setTimeout')
  readonly #intervals = vi.spyOn(globalThis, 'setInterval')

  constructor() {
    for (const [channel, key, kind, over] of CHANNELS) {
      const set = new Set<unknown>()
      this.#open.set(kind, set)
      const listen = (message: unknown): void => {
        const found = entityOf(message, key)
        if (!found) return
        set.add(found)
        found.once(over, () => set.delete(found))
      }
      subscribe(channel, listen)
      this.#stops.push(() => unsubscribe(channel, listen))
    }
  }

  /** Timers that there are now are not counted. */
  mark(): void {
    this.#timers.mockClear()
    this.#intervals.mockClear()
  }

  /** What is still open once it has had time to go, such as `2 socket`; empty if nothing is. */
  async list(kinds: readonly Kind[]): Promise<string[]> {
    const until = performance.now() + SETTLING
    for (;;) {
      const left = kinds
        .map(kind => [this.#count(kind), kind] as const)
        .filter(([count]) => count > 0)
        .map(([count, kind]) => `${count} ${kind}`)
      if (left.length === 0 || performance.now() > until) return left
      await sleep(5)
    }
  }

  /** Stops listening. */
  stop(): void {
    for (const stop of this.#stops) stop()
    this.#timers.mockRestore()
    this.#intervals.mockRestore()
  }

  #count(kind: Kind): number {
    if (kind !== 'timer') return this.#open.get(kind)?.size ?? 0
    return [...this.#timers.mock.results, ...this.#intervals.mock.results].filter(
      ({ value }) => value.hasRef() && !isOver(value),
    ).length
  }
}

/** Whether a timer has run or was cleared: only Node's own mark tells. */
function isOver(timer: NodeJS.Timeout): boolean {
  return Reflect.get(timer, '_destroyed') === true
}

function entityOf(message: unknown, key: string): ChildProcess | Worker | Socket | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  const entry = Object.entries(message).find(([name]) => name === key)
  return entry?.[1]
}
