import { MemoryStore } from './memory.ts'
import type { KeyValueStore } from './store.ts'

/** How a vault keeps what it is given. */
export interface VaultOptions {
  /** Bytes that are held in this process. Default 64 MiB. */
  readonly maxBytes?: number
  /** Milliseconds until an entry is forgotten. Default 24 hours. */
  readonly ttlMs?: number
  /** The largest text that is kept, in characters. Default 512 Ki. */
  readonly maxEntry?: number
  /** Where entries are kept for all instances. Default: in this process alone. */
  readonly shared?: KeyValueStore
  /** Told of what goes wrong with the shared store, at most once a minute. */
  readonly onTrouble?: (problem: string) => void
  /** Milliseconds since the epoch; for tests. Default `Date.now`. */
  readonly now?: () => number
}

/** What a vault has done since it was made. */
export interface VaultFigures {
  /** Turns whose state was put back, and turns for which none was found. */
  readonly hits: number
  readonly misses: number
  /** Entries that were written, and those that were too large to be. */
  readonly stores: number
  readonly oversize: number
  /** Entries that were pushed out of memory before their time. */
  readonly evictions: number
  /** Reads and writes of the shared store that failed. */
  readonly failures: number
  /** Held in memory now. */
  readonly entries: number
  readonly bytes: number
}

const MIB = 1024 * 1024
const QUIET_MS = 60_000

/**
 * Keeps texts for a while, in memory and, where there is one, in a store that all instances share.
 * Memory answers at once; the shared store is asked only for what memory does not have. A shared
 * store that fails is a miss: it is counted and told, and never stops an exchange.
 */
export class Vault {
  readonly #memory: MemoryStore
  readonly #shared: KeyValueStore | undefined
  readonly #ttlMs: number
  readonly #maxEntry: number
  readonly #onTrouble: (problem: string) => void
  readonly #now: () => number
  #hits = 0
  #misses = 0
  #stores = 0
  #oversize = 0
  #failures = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(options: VaultOptions = {}) {
    this.#now = options.now ?? Date.now
    this.#memory = new MemoryStore({ maxBytes: options.maxBytes ?? 64 * MIB, now: this.#now })
    this.#shared = options.shared
    this.#ttlMs = options.ttlMs ?? 24 * 3_600_000
    this.#maxEntry = options.maxEntry ?? MIB / 2
    this.#onTrouble = options.onTrouble ?? (() => {})
  }

  get figures(): VaultFigures {
    return {
      hits: this.#hits,
      misses: this.#misses,
      stores: this.#stores,
      oversize: this.#oversize,
      evictions: this.#memory.evictions,
      failures: this.#failures,
      entries: this.#memory.size,
      bytes: this.#memory.bytes,
    }
  }

  /** Whether there is a store to ask for what memory does not have. */
  get isShared(): boolean {
    return this.#shared !== undefined
  }

  /** What memory has. */
  read(key: string): string | undefined {
    return this.#memory.read(key)
  }

  /** What the shared store has of these keys, all asked for at once. Never rejects. */
  async fetch(keys: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    const shared = this.#shared
    if (!shared) return found
    const texts = await Promise.all(keys.map(key => this.#get(shared, key)))
    for (const [index, key] of keys.entries()) {
      const text = texts[index]
      if (text === undefined) continue
      found.set(key, text)
      // Its time runs in the shared store; here it may be forgotten later by as much again.
      this.#memory.write(key, text, this.#ttlMs)
    }
    return found
  }

  /** Keeps a text, in memory at once and in the shared store as soon as that takes it. */
  write(key: string, text: string): void {
    if (text.length > this.#maxEntry) {
      this.#oversize++
      return
    }
    this.#stores++
    this.#memory.write(key, text, this.#ttlMs)
    this.#shared?.set(key, text, this.#ttlMs).catch(error => this.#trouble(error))
  }

  /** Counts turns whose state was or was not found. */
  count(hits: number, misses: number): void {
    this.#hits += hits
    this.#misses += misses
  }

  async #get(shared: KeyValueStore, key: string): Promise<string | undefined> {
    try {
      return await shared.get(key)
    } catch (error) {
      this.#trouble(error)
      return undefined
    }
  }

  #trouble(error: unknown): void {
    this.#failures++
    const now = this.#now()
    if (now - this.#toldAt < QUIET_MS) return
    this.#toldAt = now
    this.#onTrouble(error instanceof Error ? error.message : String(error))
  }
}
