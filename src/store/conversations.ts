import type { KeyValueStore } from './store.ts'

/** An answer that is held, with what led to it. Bodies are JSON text, as they went over the wire. */
export interface HeldRecord {
  /** The answer as its client got it. */
  readonly body: string
  /** The items that its request added to the conversation, a JSON list. */
  readonly added: string
  /** The id of the answer that it went on from. */
  readonly from?: string
  /** The account whose vendor holds it as well. */
  readonly account?: string
  /** Whether its request leant on what only the vendor holds. */
  readonly partial?: true
}

/**
 * Answers that are held for clients, each tenant's for itself. An answer holds only what its own
 * exchange added: what came before is found by going back from answer to answer.
 */
export class Conversations {
  readonly #store: KeyValueStore
  readonly #ttlMs: number

  /** @param ttlMs milliseconds that an answer is held */
  constructor(store: KeyValueStore, ttlMs: number) {
    this.#store = store
    this.#ttlMs = ttlMs
  }

  /** The answer with this id, if the tenant has one. */
  async find(tenant: string, id: string): Promise<HeldRecord | undefined> {
    const text = await this.#store.get(answerKey(tenant, id))
    return text === undefined ? undefined : recordIn(text)
  }

  /**
   * The answer with this id and all that it goes back to, the oldest first; `undefined` if one of
   * them is not there any more.
   */
  async chain(tenant: string, id: string): Promise<HeldRecord[] | undefined> {
    const chain: HeldRecord[] = []
    const seen = new Set<string>()
    for (let at: string | undefined = id; at !== undefined && !seen.has(at); ) {
      seen.add(at)
      const record: HeldRecord | undefined = await this.find(tenant, at)
      if (!record) return undefined
      chain.unshift(record)
      at = record.from
    }
    return chain
  }

  /** The id of the answer that an item stands in. */
  async answerOf(tenant: string, itemId: string): Promise<string | undefined> {
    return this.#store.get(itemKey(tenant, itemId))
  }

  /** Holds an answer; `itemIds` are the ids of its items. */
  async keep(
    tenant: string,
    id: string,
    record: HeldRecord,
    itemIds: readonly string[],
  ): Promise<void> {
    const answer = this.#store.set(answerKey(tenant, id), JSON.stringify(record), this.#ttlMs)
    const items = itemIds.map(item => this.#store.set(itemKey(tenant, item), id, this.#ttlMs))
    await Promise.all([answer, ...items])
  }

  /** Lets go of an answer. Those that went on from it cannot be gone on from any more. */
  async drop(tenant: string, id: string): Promise<void> {
    await this.#store.delete(answerKey(tenant, id))
  }
}

function answerKey(tenant: string, id: string): string {
  return `answer:${JSON.stringify([tenant, id])}`
}

function itemKey(tenant: string, id: string): string {
  return `item:${JSON.stringify([tenant, id])}`
}

/** What is not as it was written counts as not there: the store may be shared with other versions. */
function recordIn(text: string): HeldRecord | undefined {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof read !== 'object' || read === null) return undefined
  if (!('body' in read) || typeof read.body !== 'string') return undefined
  if (!('added' in read) || typeof read.added !== 'string') return undefined
  const from = 'from' in read && typeof read.from === 'string' ? { from: read.from } : {}
  const account =
    'account' in read && typeof read.account === 'string' ? { account: read.account } : {}
  const partial = 'partial' in read && read.partial === true ? ({ partial: true } as const) : {}
  return { body: read.body, added: read.added, ...from, ...account, ...partial }
}
