/** Milliseconds that a timer of Node can count; one of more fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1
