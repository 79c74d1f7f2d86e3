/** What was thrown, in words: its message, or the value as text. Never throws, whatever it is. */
export function wordsOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown)
  } catch {
    return 'a value that cannot be said'
  }
}
