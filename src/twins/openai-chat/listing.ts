import type { TwinContext, TwinReply } from '../vendor.ts'
import type { Manners } from './manners.ts'
import { ChatRefused, refusal } from './refusal.ts'
import type { Body } from './request.ts'

/** Any day will do: vendors give the day on which a model came out. */
const CREATED = 1_750_000_000

/**
 * Answers `GET /models`, or `GET /models/{id}` for one model (OpenAI API reference, 2026-07).
 *
 * @throws ChatRefused with a 404 for a name that is not on the list.
 */
export function listReply(
  manners: Manners,
  model: string | undefined,
  context: TwinContext,
): TwinReply {
  const { listed, ownedBy, list } = manners.models
  const entries = listed.map((id): Body => entryOf(id, ownedBy))
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...manners.headers('answer', context.random) },
    body: JSON.stringify(model === undefined ? whole(entries, list) : one(entries, model)),
  }
}

function entryOf(id: string, ownedBy: string): Body {
  return { id, object: 'model', created: CREATED, owned_by: ownedBy }
}

function whole(entries: readonly Body[], list: Manners['models']['list']): unknown {
  return list ? list(entries) : { object: 'list', data: entries }
}

function one(entries: readonly Body[], model: string): Body {
  const found = entries.find(entry => entry.id === model)
  if (found) return found
  const text = `The model '${model}' does not exist`
  const details = { status: 404, param: 'model', code: 'model_not_found' }
  throw new ChatRefused(refusal('unknown-model', ['model'], text, details))
}
