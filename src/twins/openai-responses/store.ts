import { type JsonObject, textOf } from './json.ts'

/** How far a response is. Responses in the background go one step with each look at them. */
export type Progress = 'queued' | 'in_progress' | 'done' | 'cancelled'

/** A response that the vendor keeps. */
export interface StoredResponse {
  readonly id: string
  /** The body as it reads at each step. */
  readonly bodies: { readonly [progress in Progress]: JsonObject }
  readonly isBackground: boolean
  progress: Progress
  /** The conversation before the answer: earlier responses' items and the request's own. */
  readonly input: readonly JsonObject[]
  readonly output: readonly JsonObject[]
  /** The framed events, if it was streamed. */
  readonly events: readonly string[]
}

/** An item of a stored response, and what must come with it when it is sent back. */
export interface StoredItem {
  readonly at: JsonObject
  /** The reasoning item that it came out of. */
  readonly reasoningId?: string
  /** For a reasoning item: the item that came after it. */
  readonly followerId?: string
}

/** The responses that a twin keeps. */
export interface ResponseStore {
  find(id: string): StoredResponse | undefined
  findItem(id: string): StoredItem | undefined
  keep(response: StoredResponse): void
  drop(id: string): void
}

/** The vendor keeps responses for 30 days; a twin keeps this many, the latest. */
const MOST_RESPONSES = 1000

/** A store that is empty. */
export function responseStore(): ResponseStore {
  const responses = new Map<string, StoredResponse>()
  const items = new Map<string, StoredItem>()
  const store: ResponseStore = {
    find: id => responses.get(id),
    findItem: id => items.get(id),
    keep(response) {
      responses.set(response.id, response)
      for (const [id, item] of linked(response.output)) items.set(id, item)
      const [oldest] = responses.keys()
      if (responses.size > MOST_RESPONSES && oldest !== undefined) store.drop(oldest)
    },
    drop(id) {
      for (const item of responses.get(id)?.output ?? []) items.delete(textOf(item.id) ?? '')
      responses.delete(id)
    },
  }
  return store
}

/**
 * The items of an output by id, each with what it is bound to: a reasoning item to the very next
 * item, and all items up to the next reasoning item to the one before them.
 */
function linked(output: readonly JsonObject[]): [string, StoredItem][] {
  let reasoningId: string | undefined
  return output.map((at, place) => {
    const id = textOf(at.id) ?? ''
    if (at.type !== 'reasoning') return [id, { at, ...(reasoningId && { reasoningId }) }]
    reasoningId = id
    const followerId = textOf(output[place + 1]?.id)
    return [id, { at, ...(followerId && { followerId }) }]
  })
}
