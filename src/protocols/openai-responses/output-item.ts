import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { AssistantPart, RefusalPart, TextPart, ToolCallPart } from '../../core/message.ts'
import { decodeReasoning } from './reasoning.ts'
import { argumentText, callKind, finish, mintedId } from './tool-call.ts'
import { type Building, filledLeftover, NAME, textAt } from './wire.ts'

const KNOWN_MESSAGE = new Set(['type', 'role', 'content'])
const KNOWN_WORDS = new Set(['type', 'text', 'refusal'])

/** A part of the model's words, still writable. */
export type Words = Building<TextPart> | Building<RefusalPart>

/** What an item is worth to the model of the house. */
export type ItemKind = 'message' | 'reasoning' | 'function' | 'custom' | 'other'

/** The kind of an item, by its type. */
export function kindOf(item: JsonObject): ItemKind {
  const type = textAt(item, 'type')
  if (type === 'message' || type === 'reasoning') return type
  return callKind(type) ?? 'other'
}

/** What stands on a message item beside its content; `completed` is how every item ends. */
export function messageFields(item: JsonObject): JsonObject {
  const fields = filledLeftover(item, KNOWN_MESSAGE) ?? {}
  if (fields['status'] === 'completed' || fields['status'] === 'in_progress')
    delete fields['status']
  return fields
}

/** What stands on a part of the model's words; `fields` are those of the item that it begins. */
export function wordsExtras(
  part: JsonObject,
  fields: JsonObject | undefined,
): { readonly [NAME]: JsonObject } | undefined {
  let kept = filledLeftover(part, KNOWN_WORDS)
  if (fields) kept = { ...kept, $message: fields }
  return kept && { [NAME]: kept }
}

/** Reads an item of an answer into the parts that it holds. `position` counts the calls before it. */
export function decodeItem(
  item: JsonObject,
  responseId: string,
  position: number,
  root: Json,
): AssistantPart[] {
  const kind = kindOf(item)
  switch (kind) {
    case 'message':
      return decodeMessage(item)
    case 'reasoning':
      return [decodeReasoning(item)]
    case 'function':
    case 'custom':
      return [decodeAnswerCall(item, kind, responseId, position, root)]
    default:
      return [{ type: 'opaque', protocol: NAME, kind: textAt(item, 'type'), value: item }]
  }
}

function decodeMessage(item: JsonObject): AssistantPart[] {
  const parts: AssistantPart[] = []
  let fields: JsonObject | undefined = messageFields(item)
  const content = item['content']
  if (!Array.isArray(content)) return parts
  for (const value of content) {
    if (!isObject(value)) continue
    const part = decodeWords(value, fields)
    parts.push(part ?? wholeItem(item, value))
    fields = undefined
  }
  return parts
}

/** Reads a part of the model's words; `undefined` if it is of another type. */
export function decodeWords(value: JsonObject, fields: JsonObject | undefined): Words | undefined {
  const type = textAt(value, 'type')
  let part: Words
  if (type === 'refusal') part = { type, text: textAt(value, 'refusal') }
  else if (type === 'output_text' || type === 'text')
    part = { type: 'text', text: textAt(value, 'text') }
  else return undefined
  const extras = wordsExtras(value, fields)
  if (extras) part.extras = extras
  return part
}

/** A part that only this protocol knows, as an item of its own. */
export function wholeItem(item: JsonObject, part: JsonObject): AssistantPart {
  const value = { ...item, content: [part] }
  return { type: 'opaque', protocol: NAME, kind: textAt(part, 'type'), value }
}

function decodeAnswerCall(
  item: JsonObject,
  kind: ToolCallPart['kind'],
  responseId: string,
  position: number,
  root: Json,
): ToolCallPart {
  const name = textAt(item, 'name')
  if (name === '') throw namelessCall()
  const part: Building<ToolCallPart> = {
    type: 'tool-call',
    id: textAt(item, 'call_id') || mintedId(responseId, position),
    name,
    arguments: argumentText(item[kind === 'custom' ? 'input' : 'arguments'], root),
    kind,
  }
  return finish(part, item, filledLeftover)
}

/** `malformed_call`: a call that nobody could answer. */
export function namelessCall(): ToolgateError {
  return new ToolgateError(
    'malformed_call',
    "The vendor's answer holds a tool call without a name.",
    { origin: 'vendor' },
  )
}
