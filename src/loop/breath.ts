import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds for which work that waits for nothing may keep timers and sockets waiting. */
const LONGEST_HOLD = 10

let turned = 0
let next: Promise<void> | undefined

/**
 * Lets timers and sockets have their turn, if they have been kept from it for long: a deadline is a
 * timer, and calls that never wait would hold it off together. One count for all runs of a thread.
 */
export async function breathe(): Promise<void> {
  while (performance.now() - turned >= LONGEST_HOLD) {
    next ??= nextTurn().then(() => {
      next = undefined
      turned = performance.now()
    })
    await next
  }
}
