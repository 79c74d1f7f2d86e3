/** A seeded sequence (mulberry32): the same seed gives the same twin, call for call. */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** A whole number, at least 0, below `limit`. */
  below(limit: number): number
  pick<T>(items: readonly T[]): T
  /** `length` characters out of `alphabet` (default: letters and digits). */
  text(length: number, alphabet?: string): string
  /** A sequence of its own that does not disturb this one. */
  fork(): Random
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The sequence of a seed; only its lower 32 bits count. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const random: Random = {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let t = state
      t = Math.imul(t ^ (t >>> 15), t | 1)
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    },
    below: limit => Math.floor(random.next() * limit),
    pick(items) {
      const item = items[random.below(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    text(length, alphabet = LETTERS) {
      let out = ''
      for (let i = 0; i < length; i++) out += alphabet[random.below(alphabet.length)]
      return out
    },
    fork: () => seeded(random.below(0xffffffff)),
  }
  return random
}
