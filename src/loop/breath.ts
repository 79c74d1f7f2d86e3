import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds for which work that waits for nothing may keep timers and sockets waiting. */
const LONGEST_HOLD = 10

let turned = 0
let next: Promise<void> | undefined

/**
 * Lets timers and sockets have their turn, if they have been kept from it for long: a deadline is a
 * timer, and calls that never wait would hold it off together. One count for all runs of a thread.
 */
export function breathe(): Promise<void> | undefined {
  return isHolding() ? rest() : undefined
}

function isHolding(): boolean {
  return performance.now() - turned >= LONGEST_HOLD
}

/** All that wait go on in the same turn: whoever comes to it too late waits for the next one. */
async function rest(): Promise<void> {
  while (isHolding()) {
    next ??= nextTurn().then(() => {
      next = undefined
      turned = performance.now()
    })
    await next
  }
}
