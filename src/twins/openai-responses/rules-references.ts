import { Rejection, reject } from './error.ts'
import { textOf } from './json.ts'
import { type Item, type ResponsesRequest, readItem } from './request.ts'
import { unseal } from './seal.ts'
import type { ResponseStore } from './store.ts'

/**
 * Replaces references by what they stand for, and checks that reasoning items can be read: by
 * their encrypted content, or by their id out of the store.
 */
export function resolveItems(request: ResponsesRequest, store: ResponseStore): readonly Item[] {
  const items = request.items.map(item => {
    if (item.type === 'reasoning') checkReasoningItem(item, request, store)
    if (item.type !== 'item_reference') return item
    const stored = store.findItem(item.id ?? '')
    if (!stored) return refuseUnknown(item.id ?? '', request)
    return readItem(stored.at, item.index)
  })
  refuseRepeated(items, request, store)
  return items
}

/** The id of a reasoning item: its own, or the one inside of its encrypted content. */
export function reasoningIdOf(item: Item): string | undefined {
  return item.id ?? unseal(textOf(item.at.encrypted_content) ?? '')?.itemId
}

/**
 * Texts from issues codex #8119 (2025-12), vscode-unify-chat-provider #178 and an incident report
 * of litellm (2026). An item with neither an id nor encrypted content says nothing, and passes.
 */
function checkReasoningItem(item: Item, request: ResponsesRequest, store: ResponseStore): void {
  const token = textOf(item.at.encrypted_content)
  if (token === undefined) {
    if (item.id !== undefined && !store.findItem(item.id)) refuseUnknown(item.id, request)
    return
  }
  const reason = reasonAgainst(token, item, request.organization)
  if (reason === undefined) return
  const subject = item.id === undefined ? clipped(token) : `for item ${item.id}`
  const said = `The encrypted content ${subject} could not be verified. Reason: ${reason}`
  reject(said, null, 'invalid_encrypted_content')
}

function reasonAgainst(token: string, item: Item, organization: string): string | undefined {
  const sealed = unseal(token)
  if (!sealed) return 'Encrypted content could not be decrypted or parsed.'
  if (sealed.organization !== organization) {
    return 'Encrypted content organization_id did not match the target organization.'
  }
  if (item.id !== undefined && item.id !== sealed.itemId) {
    return 'Encrypted content item_id did not match the target item id.'
  }
  return undefined
}

function clipped(token: string): string {
  return token.length > 8 ? `${token.slice(0, 4)}...${token.slice(-4)}` : token
}

/** Issue vercel/ai #7543, 2025-07. */
function refuseUnknown(id: string, { isStored }: ResponsesRequest): never {
  const advice = isStored
    ? ''
    : ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.'
  throw new Rejection(`Item with id '${id}' not found.${advice}`, { status: 404, param: 'input' })
}

/**
 * No item twice, counting those of the responses before (issues copilot-cli #3559, pi #5148 and
 * agent-framework #3295, 2026). Reasoning that is not stored may be repeated (probed by others
 * against the live API with `store: false`, 2026-09-10).
 */
function refuseRepeated(
  items: readonly Item[],
  { history }: ResponsesRequest,
  store: ResponseStore,
): void {
  const seen = new Set(history.flatMap(({ id }) => id ?? []))
  for (const { id, type } of items) {
    if (id === undefined) continue
    if (type === 'reasoning' && !store.findItem(id)) continue
    if (seen.has(id)) {
      const said = `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`
      reject(said, 'input')
    }
    seen.add(id)
  }
}
