import type { TwinRequest } from '../vendor.ts'
import { Rejection, reject } from './error.ts'
import type { JsonObject } from './json.ts'
import type { Progress, ResponseStore, StoredResponse } from './store.ts'
import { eventsAfter } from './stream.ts'

/** A stored response, as a body or as the rest of its stream. */
export type Retrieved = { readonly body: JsonObject } | { readonly events: readonly string[] }

const NEXT: { readonly [progress in Progress]: Progress } = {
  queued: 'in_progress',
  in_progress: 'done',
  done: 'done',
  cancelled: 'cancelled',
}

/**
 * Looks at a stored response. One in the background goes a step further each time: queued when it
 * was made, then in progress, then done. With `stream=true` its events are sent again, those after
 * `starting_after` (OpenAI guide "background mode", 2026; the refusal's text is from memory).
 *
 * @throws Rejection 404 for one that is not stored.
 */
export function retrieve(id: string, store: ResponseStore, query: TwinRequest['query']): Retrieved {
  const stored = findStored(id, store)
  if (query.get('stream') === 'true') {
    if (!stored.isBackground || stored.events.length === 0) {
      reject('Only background responses that were created with stream=true can be streamed.', null)
    }
    const after = Number(query.get('starting_after') ?? -1)
    return { events: eventsAfter(stored.events, Number.isInteger(after) ? after : -1) }
  }
  if (stored.isBackground) stored.progress = NEXT[stored.progress]
  return { body: stored.bodies[stored.progress] }
}

/** Ends a response in the background; doing so twice does no harm. Texts quoted by clients, 2026. */
export function cancel(id: string, store: ResponseStore): JsonObject {
  const stored = findStored(id, store)
  if (!stored.isBackground) reject('Cannot cancel a synchronous response.', null)
  if (stored.progress === 'done') reject('Cannot cancel a completed response.', null)
  stored.progress = 'cancelled'
  return stored.bodies.cancelled
}

/** Forgets a response and its items (OpenAI API reference, 2026-07). */
export function remove(id: string, store: ResponseStore): JsonObject {
  findStored(id, store)
  store.drop(id)
  return { id, object: 'response', deleted: true }
}

function findStored(id: string, store: ResponseStore): StoredResponse {
  const stored = store.find(id)
  if (stored) return stored
  throw new Rejection(`Response with id '${id}' not found.`, { status: 404 })
}
