import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ToolCallPart } from '../../core/message.ts'
import { sourceText } from '../../wire/json.ts'
import { type Place, string } from '../../wire/read.ts'
import {
  callSignature,
  isSignature,
  signatureContent,
  signatureState,
} from '../thought-signature.ts'
import { type Building, leftover, NAME, ownExtras, restore, textAt } from './wire.ts'

/** The fields of a call that are read; the rest is kept. */
const KNOWN = new Set([
  'type',
  'call_id',
  'name',
  'arguments',
  'input',
  'parsed_arguments',
  'extra_content',
  'thought_signature',
  'provider_specific_fields',
])

/** Whether an item is a call, and of which kind. */
export function callKind(type: string): ToolCallPart['kind'] | undefined {
  if (type === 'function_call') return 'function'
  return type === 'custom_tool_call' ? 'custom' : undefined
}

/**
 * What else stands on a call: its item id, and fields that only this protocol's vendors understand.
 * `read` takes them from an object: all of them in a request, those that say anything in an answer.
 */
export function callExtras(item: JsonObject, read: typeof leftover): JsonObject | undefined {
  const kept = read(item, KNOWN)
  if (kept?.['status'] !== 'completed') return kept
  delete kept['status']
  for (const _ in kept) return kept
  return undefined
}

/**
 * Reads a call of the history, strictly: the arguments are text.
 *
 * @throws ToolgateError with the path inside the item.
 */
export function decodeCall(item: JsonObject, kind: ToolCallPart['kind'], at: Place): ToolCallPart {
  const part: Building<ToolCallPart> = {
    type: 'tool-call',
    id: string(item, 'call_id', at),
    name: string(item, 'name', at),
    arguments: string(item, kind === 'custom' ? 'input' : 'arguments', at),
    kind,
  }
  return finish(part, item, leftover)
}

/** Adds what else stands on a call. */
export function finish(
  part: Building<ToolCallPart>,
  item: JsonObject,
  read: typeof leftover,
): ToolCallPart {
  const signature = callSignature(item)
  if (signature !== '') part.state = signatureState(signature)
  const kept = callExtras(item, read)
  if (kept) part.extras = { [NAME]: kept }
  return part
}

/** The text of arguments, which some vendors send as an object; `root` is the tree it is part of. */
export function argumentText(value: Json | undefined, root: Json): string {
  if (typeof value === 'string') return value
  if (isObject(value)) return sourceText(root, value)
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** A call id for a vendor that gave none: the same for the same answer, whole or streamed. */
export function mintedId(responseId: string, position: number): string {
  const tail = responseId.replace(/[^A-Za-z0-9]/g, '').slice(-24)
  return tail === '' ? `call_${position}` : `call_${tail}_${position}`
}

/** The beginning of an item id, by the kind of call (recorded, 2025 and 2026). */
export function itemPrefix(kind: ToolCallPart['kind']): string {
  return kind === 'custom' ? 'ctc_' : 'fc_'
}

/**
 * Writes a call as an item, without an id of its own if it had none. Arguments that are blank mean
 * none and become `{}`, which every client and vendor can parse.
 */
export function encodeCall(part: ToolCallPart): JsonObject {
  const custom = part.kind === 'custom'
  const item: JsonObject = { type: custom ? 'custom_tool_call' : 'function_call' }
  item['call_id'] = part.id
  item['name'] = part.name
  if (custom) item['input'] = part.arguments
  else item['arguments'] = part.arguments.trim() === '' ? '{}' : part.arguments
  restore(item, ownExtras(part.extras))
  return item
}

/** Puts a thought signature onto a call that goes to a client. */
export function writeSignature(item: JsonObject, state: ToolCallPart['state']): void {
  if (isSignature(state)) item['extra_content'] = signatureContent(state.data)
}

/** The item id that was kept of a call. */
export function callItemId(part: { readonly extras?: ToolCallPart['extras'] }): string {
  return textAt(ownExtras(part.extras) ?? {}, 'id')
}
