import { isObject, type JsonObject } from '../../core/json.ts'
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  SystemMessage,
  UserMessage,
} from '../../core/message.ts'
import { encodePart } from './content-part.ts'
import { encodeReasoning, isOwnState, itemIdOf } from './reasoning.ts'
import { encodeResult } from './result-encode.ts'
import { asString, itemFields, joined, partFields, placeOf, type Writing } from './text-content.ts'
import { encodeCall } from './tool-call.ts'
import { NAME, ownExtras, restore } from './wire.ts'

/** The conversation in this wire's two places. */
export interface EncodedMessages {
  readonly instructions: string | undefined
  readonly items: JsonObject[]
}

/**
 * Writes the conversation as items; what cannot be said as it was goes to the losses. The first
 * system message becomes the instructions, unless it was an item before or `instructed` is false.
 */
export function encodeMessages(
  messages: readonly Message[],
  instructed: boolean,
  writing: Writing,
): EncodedMessages {
  const items: JsonObject[] = []
  const customs = customCalls(messages)
  const later: { readonly at: number; readonly item: JsonObject }[] = []
  const [first] = messages
  const lead = first?.role === 'system' && leads(first, messages, instructed, writing)
  for (let i = lead ? 1 : 0; i < messages.length; i++) {
    const message = messages[i]
    if (!message) continue
    while (later[0] && later[0].at < message.at) items.push(later.shift()?.item ?? {})
    if (message.role === 'tool') {
      const next = messages[i + 1]
      for (const result of message.content) {
        const item = encodeResult(result, customs, writing)
        // Where it stood behind other items, it goes back there.
        if (writing.own && next && result.at > next.at && next.at >= 0)
          later.push({ at: result.at, item })
        else items.push(item)
      }
    } else if (message.role === 'assistant') pushAssistant(items, message, writing)
    else items.push(...encodePlain(message, writing))
  }
  for (const { item } of later) items.push(item)
  return { instructions: lead && first ? joined(first.content) : undefined, items }
}

/** Whether a system message at the head becomes the instructions. */
function leads(
  first: SystemMessage,
  messages: readonly Message[],
  instructed: boolean,
  writing: Writing,
): boolean {
  if (writing.own) return first.at === -1
  // The vendor refuses a request without any input.
  return instructed && messages.some(message => message.role !== 'system')
}

/** The ids of calls with free text, whose outputs have a type of their own. */
function customCalls(messages: readonly Message[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const message of messages) {
    if (message.role !== 'assistant') continue
    for (const part of message.content)
      if (part.type === 'tool-call' && part.kind === 'custom') found.add(part.id)
  }
  return found
}

function partPath(at: number, index: number): string {
  return `${placeOf(at)}.content[${index}]`
}

/** Writes a system or user message: one item, or none if nothing of it can be said. */
function encodePlain(message: SystemMessage | UserMessage, writing: Writing): JsonObject[] {
  const kept = ownExtras(message.extras)
  const role = message.role === 'system' ? message.voice : message.role
  const parts: JsonObject[] = []
  const whole: JsonObject[] = []
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content[i]
    const encoded = part && encodePart(part, partPath(message.at, i), writing)
    if (!encoded) continue
    if (part.type === 'opaque' && kept?.['$item'] === true) whole.push(encoded)
    else parts.push(encoded)
  }
  if (whole.length > 0) return whole
  const item: JsonObject = { role, content: asString(parts, 'input_text') ?? parts }
  if (parts.length === 0) item['content'] = ''
  restore(item, kept)
  if (item['id'] !== undefined) item['type'] = 'message'
  return [item]
}

/** Writes the model's turn, part by part; texts of one item go back into one item. */
function pushAssistant(items: JsonObject[], message: AssistantMessage, writing: Writing): void {
  let words: WrittenWords | undefined
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content[i]
    if (!part) continue
    if (part.type === 'text' || part.type === 'refusal') {
      const fields = itemFields(part)
      if (!words || fields) {
        finishWords(items, words)
        words = { parts: [], fields: writing.own ? fields : undefined }
      }
      words.parts.push(encodeWords(part))
      continue
    }
    finishWords(items, words)
    words = undefined
    const item = encodeOther(part, partPath(message.at, i), writing)
    if (item) items.push(item)
  }
  finishWords(items, words)
}

interface WrittenWords {
  readonly parts: JsonObject[]
  readonly fields: JsonObject | undefined
}

/** Writes a part of the model's words. */
export function encodeWords(
  part: Extract<AssistantPart, { type: 'text' | 'refusal' }>,
): JsonObject {
  return part.type === 'text'
    ? { type: 'output_text', text: part.text, ...partFields(part) }
    : { type: 'refusal', refusal: part.text }
}

function finishWords(items: JsonObject[], words: WrittenWords | undefined): void {
  if (!words) return
  const item: JsonObject = { role: 'assistant' }
  item['content'] = asString(words.parts, 'output_text') ?? words.parts
  restore(item, words.fields)
  if (item['id'] !== undefined) {
    item['type'] = 'message'
    item['content'] = words.parts
  }
  items.push(item)
}

type OtherPart = Exclude<AssistantPart, { type: 'text' | 'refusal' }>

function encodeOther(part: OtherPart, path: string, writing: Writing): JsonObject | undefined {
  const { losses, own } = writing
  switch (part.type) {
    case 'reasoning':
      if (own ? part.state === undefined || isOwnState(part.state) : isOwnState(part.state))
        return encodeReasoning(part, own ? (itemIdOf(part) ?? part.state?.id) : undefined)
      losses.push({
        path,
        what: 'reasoning of an earlier turn',
        action: 'dropped',
        meaning: false,
      })
      return undefined
    case 'tool-call':
      return encodeCall(part)
    case 'opaque':
      if (part.protocol === NAME && isObject(part.value)) return part.value
      losses.push({ path, what: `a part of type ${part.kind}`, action: 'dropped', meaning: true })
      return undefined
    default:
      losses.push({
        path,
        what: `${part.type === 'image' ? 'a picture' : 'a sound'} that the model made`,
        action: 'dropped',
        meaning: true,
      })
      return undefined
  }
}
