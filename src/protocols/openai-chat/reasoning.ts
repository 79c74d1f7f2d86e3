import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { AssistantPart, ReasoningPart, ReasoningState } from '../../core/message.ts'
import { optionalArray, optionalString, type Place } from '../../wire/read.ts'
import { type Building, leftover, NAME, objectAt, ownExtras, restore, textAt } from './wire.ts'

/** What stands between texts that were apart in the model's answer. */
export const BETWEEN = '\n\n'

/** The fields of a message that carry reasoning. */
export const REASONING_FIELDS = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
] as const

/** Formats of `reasoning_details` (OpenRouter documentation, "Reasoning Tokens"). */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ['anthropic-claude-v1', 'anthropic'],
  ['google-gemini-v1', 'google'],
  ['openai-responses-v1', 'openai'],
  ['azure-openai-responses-v1', 'openai'],
  ['xai-responses-v1', 'xai'],
])
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['anthropic', 'anthropic-claude-v1'],
  ['google', 'google-gemini-v1'],
  ['openai', 'openai-responses-v1'],
  ['xai', 'xai-responses-v1'],
])

const CONTENT = new Set(['text', 'summary', 'signature', 'data'])

/** The visible words of one of `reasoning_details`. */
export function detailText(detail: JsonObject): string {
  return textAt(detail, detail['type'] === 'reasoning.summary' ? 'summary' : 'text')
}

/** The state that one of `reasoning_details` carries. */
export function detailState(detail: JsonObject): ReasoningState | undefined {
  const signature = textAt(detail, 'signature')
  const data = signature || textAt(detail, 'data')
  if (data === '') return undefined
  const format = textAt(detail, 'format')
  const family = FAMILIES.get(format) ?? (format || 'unknown')
  const kind = signature ? 'signature' : family === 'anthropic' ? 'redacted' : 'encrypted'
  const id = textAt(detail, 'id')
  return id === '' ? { family, kind, data } : { family, kind, data, id }
}

/** What else a detail says: type, format, id and index, to be said again. */
export function detailTag(detail: JsonObject): JsonObject {
  return leftover(detail, CONTENT) ?? {}
}

/**
 * Whether a detail is a further fragment of an open block rather than a block of its own. Fragments
 * share type and index, and nothing follows a signature; encrypted data always comes whole. A
 * signature without text also closes plain text that came outside `reasoning_details`.
 */
export function continuesBlock(
  tag: JsonObject | undefined,
  signed: boolean,
  detail: JsonObject,
): boolean {
  if (signed || detail['type'] === 'reasoning.encrypted') return false
  if (!tag)
    return (
      detail['type'] === 'reasoning.text' &&
      detailText(detail) === '' &&
      textAt(detail, 'signature') !== ''
    )
  return tag['type'] === detail['type'] && (tag['index'] ?? 0) === (detail['index'] ?? 0)
}

/** The extras of a reasoning part that came as a detail. */
export function tagExtras(tag: JsonObject): { readonly [NAME]: JsonObject } {
  return { [NAME]: { $detail: tag } }
}

/**
 * Reads the reasoning of a message, from the richest of its carriers: `reasoning_details`
 * (OpenRouter), `thinking_blocks` (LiteLLM), then the plain `reasoning_content` or `reasoning`,
 * which repeats the words of the others. With `at` types are strict, without it odd ones are
 * passed over.
 */
export function decodeReasoning(message: JsonObject, at?: Place): ReasoningPart[] {
  const plain = plainText(message, at)
  const details = list(message, 'reasoning_details', at)
  if (details.length > 0) {
    const parts = detailParts(details, plain)
    if (parts.length > 0) return parts
  }
  const nested = objectAt(message, 'provider_specific_fields')
  const blocks = [
    ...list(message, 'thinking_blocks', at),
    ...(nested && message['thinking_blocks'] === undefined ? list(nested, 'thinking_blocks') : []),
  ]
  if (blocks.length > 0) {
    const parts = blockParts(blocks)
    if (parts.length > 0) return parts
  }
  return plain === '' ? [] : [{ type: 'reasoning', text: plain }]
}

function plainText(message: JsonObject, at: Place | undefined): string {
  if (!at) return textAt(message, 'reasoning_content') || textAt(message, 'reasoning')
  return (
    optionalString(message, 'reasoning_content', at) ||
    optionalString(message, 'reasoning', at) ||
    ''
  )
}

function list(message: JsonObject, key: string, at?: Place): JsonObject[] {
  const value = message[key]
  if (value === undefined || value === null) return []
  const items = at ? (optionalArray(message, key, at) ?? []) : Array.isArray(value) ? value : []
  return items.filter(isObject)
}

function detailParts(details: readonly JsonObject[], plain: string): ReasoningPart[] {
  const parts: Building<ReasoningPart>[] = []
  let open: Building<ReasoningPart> | undefined
  let tag: JsonObject | undefined
  if (plain !== '' && !details.some(detail => detailText(detail) !== '')) {
    open = { type: 'reasoning', text: plain }
    parts.push(open)
  }
  for (const detail of details) {
    const text = detailText(detail)
    const state = detailState(detail)
    if (!open || !continuesBlock(tag, open.state !== undefined, detail)) {
      if (text === '' && !state) continue
      open = { type: 'reasoning', text: '' }
      tag = undefined
      parts.push(open)
    }
    open.text += text
    if (state) open.state = state
    if (!tag) {
      tag = detailTag(detail)
      open.extras = tagExtras(tag)
    }
  }
  return parts
}

function blockParts(blocks: readonly JsonObject[]): ReasoningPart[] {
  const parts: ReasoningPart[] = []
  for (const block of blocks) {
    const signature = textAt(block, 'signature')
    const data = textAt(block, 'data')
    if (block['type'] === 'redacted_thinking' && data !== '') {
      const state = { family: 'anthropic', kind: 'redacted', data } as const
      parts.push({ type: 'reasoning', text: '', state })
    } else if (block['type'] === 'thinking') {
      const text = textAt(block, 'thinking')
      const state = { family: 'anthropic', kind: 'signature', data: signature } as const
      if (signature !== '') parts.push({ type: 'reasoning', text, state })
      else if (text !== '') parts.push({ type: 'reasoning', text })
    }
  }
  return parts
}

/** The words of Mistral's content part `thinking`: a text or a list of text parts. */
export function thinkingText(part: JsonObject): string {
  const thinking = part['thinking']
  if (typeof thinking === 'string') return thinking
  if (!Array.isArray(thinking)) return ''
  let text = ''
  for (const item of thinking) if (isObject(item)) text += textAt(item, 'text')
  return text
}

/** All visible reasoning of a message as one text. */
export function reasoningText(parts: readonly AssistantPart[]): string {
  let text = ''
  for (const part of parts) {
    if (part.type !== 'reasoning' || part.text === '') continue
    text += text === '' ? part.text : BETWEEN + part.text
  }
  return text
}

/**
 * Writes a part as `reasoning_details`, complete with its signature, so that a client can echo it:
 * nothing for plain text without state. `index` is used where the vendor gave none.
 */
export function reasoningDetails(
  text: string,
  state: ReasoningState | undefined,
  extras: ReasoningPart['extras'],
  index: number,
): JsonObject[] {
  const tag = objectAt(ownExtras(extras) ?? {}, '$detail')
  if (!state && (!tag || tag['type'] === 'reasoning.encrypted')) return []
  const encrypted = state !== undefined && state.kind !== 'signature'
  const type = tag?.['type'] ?? (encrypted ? 'reasoning.encrypted' : 'reasoning.text')
  const more: JsonObject = {
    format: tag?.['format'] ?? FORMATS.get(state?.family ?? '') ?? 'unknown',
    ...(state?.id === undefined ? {} : { id: state.id }),
    index,
  }
  restore(more, tag)
  const details: JsonObject[] = []
  if (encrypted && text !== '' && type === 'reasoning.encrypted')
    details.push({ ...more, type: 'reasoning.summary', summary: text })
  const detail: JsonObject = { ...more, type }
  if (type === 'reasoning.summary') detail['summary'] = text
  else if (type !== 'reasoning.encrypted') detail['text'] = text
  if (state) detail[encrypted ? 'data' : 'signature'] = state.data
  details.push(detail)
  return details
}

/** All details of a message, in order. Text without state is not among them. */
export function allDetails(parts: readonly AssistantPart[]): Json[] {
  const details: Json[] = []
  for (const part of parts)
    if (part.type === 'reasoning')
      details.push(...reasoningDetails(part.text, part.state, part.extras, details.length))
  return details
}
