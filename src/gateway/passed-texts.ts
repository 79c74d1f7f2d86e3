import { createHash } from 'node:crypto'

/** How many texts are remembered; the oldest go first. */
const MOST = 20_000
/** Milliseconds that a text is remembered: an hour. */
const AGE_MS = 3_600_000

/**
 * Remembers by their hashes which texts have passed, because a client sends the whole conversation
 * with every turn of it. What was rewritten or refused is not remembered, and so checked each time.
 */
export class PassedTexts {
  /** When each of them passed, the oldest first. */
  readonly #since = new Map<string, number>()

  /** The name of a text under which it is remembered. `where`: what else a check depends on. */
  key(where: string, text: string): string {
    return createHash('sha256').update(`${where}\0${text}`).digest('base64')
  }

  has(key: string): boolean {
    const since = this.#since.get(key)
    if (since === undefined) return false
    if (Date.now() - since < AGE_MS) return true
    this.#since.delete(key)
    return false
  }

  add(key: string): void {
    this.#since.set(key, Date.now())
    if (this.#since.size <= MOST) return
    for (const oldest of this.#since.keys()) {
      this.#since.delete(oldest)
      return
    }
  }
}
