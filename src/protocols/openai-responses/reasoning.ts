import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ReasoningPart, ReasoningState } from '../../core/message.ts'
import { packState, unpackState } from '../carried-state.ts'
import { BETWEEN, type Building, leftover, NAME, ownExtras, restore, textAt } from './wire.ts'

/** The family of models whose encrypted items go back over this wire as they are. */
export const FAMILY = 'openai'

const KNOWN = new Set(['type', 'summary', 'content', 'encrypted_content', 'extra_content'])

/** The text of a list of parts. */
function listText(list: Json | undefined): string {
  if (!Array.isArray(list)) return ''
  let text = ''
  let first = true
  for (const part of list) {
    if (!isObject(part)) continue
    if (!first) text += BETWEEN
    first = false
    text += textAt(part, 'text')
  }
  return text
}

/**
 * The state that stands in `encrypted_content`, the one field of a reasoning item that every client
 * sends back: OpenAI's own, or another family's that is carried in it.
 */
export function decodeState(data: string, id: string): ReasoningState {
  const carried = unpackState(data)
  if (carried) return carried
  const state: Building<ReasoningState> = { family: FAMILY, kind: 'encrypted', data }
  if (id !== '') state.id = id
  return state
}

/** What `encrypted_content` says of a state. */
export function encodeState(state: ReasoningState): string {
  if (state.family === FAMILY && state.kind === 'encrypted') return state.data
  return packState(state)
}

/**
 * Reads a reasoning item: its raw thoughts if they are shown, else their summary. Lists that the
 * text alone does not tell are kept as they came.
 */
export function decodeReasoning(item: JsonObject): ReasoningPart {
  const { summary, content } = item
  const thoughts = listText(content)
  const part: Building<ReasoningPart> = {
    type: 'reasoning',
    text: thoughts === '' ? listText(summary) : thoughts,
  }
  const data = textAt(item, 'encrypted_content')
  if (data !== '') part.state = decodeState(data, textAt(item, 'id'))
  const kept = leftover(item, KNOWN) ?? {}
  if (kept['status'] === 'completed') delete kept['status']
  if (Array.isArray(content) && content.length > 0) {
    kept['$content'] = content
    if (Array.isArray(summary) && summary.length > 0) kept['$summary'] = summary
  } else if (Array.isArray(summary) && !isPlainSummary(summary)) kept['$summary'] = summary
  for (const _ in kept) {
    part.extras = { [NAME]: kept }
    break
  }
  return part
}

/** Whether a summary says no more than the text read from it. */
function isPlainSummary(summary: readonly Json[]): boolean {
  if (summary.length !== 1) return summary.length === 0
  const [only] = summary
  if (!isObject(only) || textAt(only, 'text') === '') return false
  for (const key in only) if (key !== 'type' && key !== 'text') return false
  return true
}

/** The list that a text alone stands for. */
function summaryOf(text: string): Json[] {
  return text === '' ? [] : [{ type: 'summary_text', text }]
}

/**
 * Writes a reasoning item, under `id` or without any. The text is said by the summary, unless it
 * came as raw thoughts.
 */
export function encodeReasoning(part: ReasoningPart, id: string | undefined): JsonObject {
  const kept = ownExtras(part.extras)
  const item: JsonObject = { type: 'reasoning' }
  if (id !== undefined) item['id'] = id
  const content = kept?.['$content']
  const summary = kept?.['$summary']
  item['summary'] = Array.isArray(summary) ? summary : content ? [] : summaryOf(part.text)
  if (content !== undefined) item['content'] = content
  if (part.state) item['encrypted_content'] = encodeState(part.state)
  restore(item, kept)
  if (id === undefined) delete item['id']
  return item
}

/** The item id that a part had at this protocol's vendor. */
export function itemIdOf(part: { readonly extras?: ReasoningPart['extras'] }): string | undefined {
  return textAt(ownExtras(part.extras) ?? {}, 'id') || undefined
}

/** Whether a state is worth something to this protocol's vendors. */
export function isOwnState(state: ReasoningState | undefined): state is ReasoningState {
  return state?.family === FAMILY && state.kind === 'encrypted'
}
