import { LONGEST_TIMER } from '../core/timer.ts'

/**
 * Fires once so many milliseconds have passed, however many they are; never, if they are `Infinity`.
 *
 * @returns what stops it
 */
export function startTimer(milliseconds: number, fire: () => void): () => void {
  if (milliseconds === Number.POSITIVE_INFINITY) return () => {}
  let timer: NodeJS.Timeout | undefined
  const wait = (left: number): void => {
    timer =
      left <= LONGEST_TIMER
        ? setTimeout(fire, left)
        : setTimeout(() => wait(left - LONGEST_TIMER), LONGEST_TIMER)
  }
  wait(milliseconds)
  return () => clearTimeout(timer)
}
