import { isObject, type JsonObject } from '../../core/json.ts'
import type { AssistantPart, ReasoningPart, ToolCallPart } from '../../core/message.ts'
import type { EncodeContext } from '../protocol.ts'
import { encodeReasoning, isOwnState, itemIdOf } from './reasoning.ts'
import { itemFields, partFields } from './text-content.ts'
import { encodeCall, itemPrefix, writeSignature } from './tool-call.ts'
import { NAME, restore, textAt } from './wire.ts'

/** Letters of an item id after its prefix. */
const ID_LENGTH = 48

/** A new id of an item, in the vendor's style. */
export function newItemId(prefix: string, context: EncodeContext): string {
  return context.newId(prefix, ID_LENGTH)
}

/** Writes the parts of an answer as items. What was cut off is the last item. */
export function encodeItems(
  content: readonly AssistantPart[],
  status: string,
  context: EncodeContext,
): JsonObject[] {
  const items: JsonObject[] = []
  let words: JsonObject[] | undefined
  for (const part of content) {
    if (part.type === 'text' || part.type === 'refusal') {
      const fields = itemFields(part)
      if (!words || fields) {
        words = []
        items.push(messageItem(fields, words, context))
      }
      words.push(encodeAnswerWords(part))
      continue
    }
    words = undefined
    const item = encodeItem(part, context)
    if (item) items.push(item)
  }
  const last = items.at(-1)
  if (status === 'incomplete' && last?.['status'] === 'completed') last['status'] = status
  return items
}

/** A message item around its parts. */
export function messageItem(
  fields: JsonObject | undefined,
  content: JsonObject[],
  context: EncodeContext,
): JsonObject {
  const item: JsonObject = {
    id: textAt(fields ?? {}, 'id') || newItemId('msg_', context),
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content,
  }
  restore(item, fields)
  return item
}

/** Writes a part of the model's words as the vendor's answers have it. */
export function encodeAnswerWords(
  part: Extract<AssistantPart, { type: 'text' | 'refusal' }>,
): JsonObject {
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text }
  return {
    type: 'output_text',
    annotations: [],
    logprobs: [],
    text: part.text,
    ...partFields(part),
  }
}

function encodeItem(part: AssistantPart, context: EncodeContext): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning':
      return reasoningItem(part, context)
    case 'tool-call':
      return callItem(part, context)
    case 'opaque':
      return part.protocol === NAME && isObject(part.value) ? part.value : undefined
    case 'image':
    case 'audio':
      return placeholder(part.type, context)
    default:
      return undefined
  }
}

/** The item that a reasoning part is; its id is the vendor's where that was this protocol's. */
export function reasoningItem(part: ReasoningPart, context: EncodeContext): JsonObject {
  const own = isOwnState(part.state) ? part.state.id : undefined
  const id = itemIdOf(part) ?? own ?? newItemId('rs_', context)
  return encodeReasoning(part, id)
}

/** The item that a call is: with an id of its own beside the call's. */
export function callItem(part: ToolCallPart, context: EncodeContext): JsonObject {
  const written = encodeCall(part)
  const id = textAt(written, 'id') || newItemId(itemPrefix(part.kind), context)
  const item: JsonObject = { id, type: '', status: 'completed', ...written }
  item['id'] = id
  writeSignature(item, part.state)
  return item
}

/** What stands for a picture or sound, which an answer of this protocol cannot hold. */
export function placeholder(type: 'image' | 'audio', context: EncodeContext): JsonObject {
  const text = `[${type} left out: the protocol cannot carry it]`
  return messageItem(undefined, [encodeAnswerWords({ type: 'text', text })], context)
}
