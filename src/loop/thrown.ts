/** What was thrown, in words: its message, or the value as text. Never throws, whatever it is. */
export function wordsOf(thrown: unknown): string {
  try {
    // Some packages throw plain objects with a message.
    const message: unknown = typeof thrown === 'object' ? Object(thrown).message : undefined
    if (thrown instanceof Error || typeof message === 'string') return String(message)
    const words = String(thrown)
    return words === '[object Object]' ? JSON.stringify(thrown) : words
  } catch {
    return 'a value that cannot be said'
  }
}

/** Whether what was thrown is of a class. Never throws, whatever it is: a dead proxy is of none. */
export function isThrown<T>(thrown: unknown, kind: new (...given: never[]) => T): thrown is T {
  try {
    return thrown instanceof kind
  } catch {
    return false
  }
}
