import type { KeyValueStore } from './store.ts'

/** How much a store in memory may hold. */
export interface MemoryLimits {
  /** Bytes of keys and values together, with what an entry itself costs. */
  readonly maxBytes: number
  /** Milliseconds since the epoch; for tests. Default `Date.now`. */
  readonly now?: () => number
}

interface Entry {
  readonly value: string
  readonly bytes: number
  /** When it is forgotten, in milliseconds since the epoch. */
  readonly ends: number
}

/** What the table and the entry take besides the texts; measured on Node 20, and rounded up. */
const ENTRY_BYTES = 160

/**
 * A store in this process: bounded in bytes, the least recently used goes first, and what is too old
 * is not given out. The methods that answer at once are for where a promise would cost too much.
 */
export class MemoryStore implements KeyValueStore {
  readonly #maxBytes: number
  readonly #now: () => number
  // A map keeps the order of insertion: an entry that is used is put in again, at the end.
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #evictions = 0

  constructor(limits: MemoryLimits) {
    this.#maxBytes = limits.maxBytes
    this.#now = limits.now ?? Date.now
  }

  /** Entries held, those that are too old but not yet met included. */
  get size(): number {
    return this.#entries.size
  }

  /** Bytes held; never above the limit. */
  get bytes(): number {
    return this.#bytes
  }

  /** Entries that were pushed out to make room since the start. */
  get evictions(): number {
    return this.#evictions
  }

  /** `get` without a promise. */
  read(key: string): string | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    if (entry.ends <= this.#now()) {
      this.#bytes -= entry.bytes
      return undefined
    }
    this.#entries.set(key, entry)
    return entry.value
  }

  /** `set` without a promise. A text that is larger than the whole store is not kept. */
  write(key: string, value: string, ttlMs: number): void {
    this.remove(key)
    const bytes = ENTRY_BYTES + textBytes(key) + textBytes(value)
    if (bytes > this.#maxBytes) {
      this.#evictions++
      return
    }
    this.#entries.set(key, { value, bytes, ends: this.#now() + ttlMs })
    this.#bytes += bytes
    if (this.#bytes > this.#maxBytes) this.#makeRoom()
  }

  /** `delete` without a promise. */
  remove(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }

  async get(key: string): Promise<string | undefined> {
    return this.read(key)
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.write(key, value, ttlMs)
  }

  async delete(key: string): Promise<void> {
    this.remove(key)
  }

  #makeRoom(): void {
    const now = this.#now()
    for (const [key, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return
      this.#entries.delete(key)
      this.#bytes -= entry.bytes
      if (entry.ends > now) this.#evictions++
    }
  }
}

/** What a text takes in memory: a byte a character, or two if one of them needs it. */
function textBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length
}
