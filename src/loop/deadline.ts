/** Milliseconds that a timer of Node can count; one of more fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1

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
