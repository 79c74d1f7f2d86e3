import type { ToolgateError } from '../core/error.ts'

/** Something with a time limit. */
export interface Watched {
  /** When it is late, on the clock of `performance.now()`. It may move at any time. */
  readonly due: number
  /** Its place in the watch; kept by the watch. */
  slot: number
  /** What it is to be ended with when it is late. */
  late(): ToolgateError
  stop(error: ToolgateError): void
}

/**
 * Holds many things to their time limits with one timer. A timer for each would be made and thrown
 * away with every request, and moved with every chunk; here a limit is a number that is looked at
 * now and then. So a limit is met late by up to a tenth of itself, and by a second at most.
 */
export class Watch {
  // An array whose gaps are filled from its end. A set makes a new table every few exchanges, and a
  // table that has grown old keeps alive what it once held.
  readonly #watched: Watched[] = []
  readonly #timer: NodeJS.Timeout

  /** @param shortestMs the shortest limit that will be set */
  constructor(shortestMs: number) {
    const everyMs = Math.min(Math.max(shortestMs / 10, 5), 1000)
    this.#timer = setInterval(() => this.#look(), everyMs).unref()
  }

  get size(): number {
    return this.#watched.length
  }

  add(one: Watched): void {
    one.slot = this.#watched.push(one) - 1
  }

  delete(one: Watched): void {
    const last = this.#watched.pop()
    if (last === undefined || last === one) return
    this.#watched[one.slot] = last
    last.slot = one.slot
  }

  /** Ends all that is watched, and watches no more. */
  close(error: ToolgateError): void {
    clearInterval(this.#timer)
    for (const one of [...this.#watched]) one.stop(error)
  }

  #look(): void {
    const now = performance.now()
    for (const one of [...this.#watched]) if (one.due <= now) one.stop(one.late())
  }
}
