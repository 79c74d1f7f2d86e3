import { reject } from './error.ts'
import type { Item, ResponsesRequest } from './request.ts'
import { reasoningIdOf } from './rules-references.ts'
import type { ResponseStore } from './store.ts'

/**
 * Rules on reasoning items and what came after them, which the vendor knows by their ids: an item
 * that it keeps must come back with its partner (recorded 2025-09; issues agency-swarm #367, mastra
 * #8738, continue #11994). Items without an id, and those of responses that were not stored, are
 * free (probed by others against the live API, 2026-09-10; recorded 2026-05).
 */
export function checkReasoning({ history, items }: ResponsesRequest, store: ResponseStore): void {
  const before = new Set(history.flatMap(({ id }) => id ?? []))
  for (const [place, item] of items.entries()) {
    if (item.id !== undefined) checkItem(item, item.id, items[place + 1], before, store)
    const id = item.type === 'reasoning' ? reasoningIdOf(item) : item.id
    if (id !== undefined) before.add(id)
  }
}

function checkItem(
  item: Item,
  id: string,
  next: Item | undefined,
  before: ReadonlySet<string>,
  store: ResponseStore,
): void {
  const { followerId, reasoningId } = store.findItem(id) ?? {}
  if (followerId !== undefined && next?.id !== followerId) {
    const said = `Item '${id}' of type 'reasoning' was provided without its required following item.`
    reject(said, 'input')
  }
  if (reasoningId !== undefined && !before.has(reasoningId)) {
    const said = `Item '${id}' of type '${item.type}' was provided without its required 'reasoning' item: '${reasoningId}'.`
    reject(said, 'input')
  }
}
