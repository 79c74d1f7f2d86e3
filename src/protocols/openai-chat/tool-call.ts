import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ReasoningState, ToolCallPart } from '../../core/message.ts'
import { sourceText } from '../../wire/json.ts'
import { asObject, type Place, place, string } from '../../wire/read.ts'
import {
  callSignature,
  isSignature,
  type MessageSignatures,
  signatureState,
} from '../thought-signature.ts'
import { type Building, leftover, NAME, objectAt, ownExtras, restore } from './wire.ts'

const KNOWN = new Set([
  'id',
  'index',
  'type',
  'function',
  'custom',
  'extra_content',
  'thought_signature',
  'provider_specific_fields',
  'cache_control',
])
const KNOWN_FUNCTION = new Set([
  'name',
  'arguments',
  'parsed_arguments',
  'thought_signature',
  'provider_specific_fields',
  'extra_content',
])

/**
 * What else stands on a call: fields that only this protocol's vendors understand. `read` takes them
 * from an object: all of them in a request, those that say anything in an answer.
 */
export function callExtras(call: JsonObject, read: typeof leftover): JsonObject | undefined {
  let extras = read(call, KNOWN)
  const inner = objectAt(call, 'function')
  const innerExtras = inner && read(inner, KNOWN_FUNCTION)
  if (innerExtras) {
    extras ??= {}
    extras['$function'] = innerExtras
  }
  const content = objectAt(call, 'extra_content')
  if (content && carriesMore(content)) {
    extras ??= {}
    extras['extra_content'] = content
  }
  return extras
}

/** Whether `extra_content` holds more than the signature, which has its own place. */
function carriesMore(content: JsonObject): boolean {
  for (const key in content) {
    const value = content[key]
    if (key !== 'google' || !isObject(value)) return true
    for (const inner in value) if (inner !== 'thought_signature') return true
  }
  return false
}

/**
 * Reads a call of the history, strictly: the arguments are text. `signatures` are those that stand
 * on its message.
 *
 * @throws ToolgateError with the path inside `tool_calls`.
 */
export function decodeCall(
  value: Json,
  at: Place,
  signatures: MessageSignatures | undefined,
  isFirst: boolean,
): ToolCallPart {
  const call = asObject(value, at)
  const custom = call['type'] === 'custom' || (isObject(call['custom']) && !call['function'])
  const key = custom ? 'custom' : 'function'
  const inner = asObject(call[key], place(key, at))
  const innerAt = place(key, at)
  const part: Building<ToolCallPart> = {
    type: 'tool-call',
    id: string(call, 'id', at),
    name: string(inner, 'name', innerAt),
    arguments: string(inner, custom ? 'input' : 'arguments', innerAt),
    kind: custom ? 'custom' : 'function',
  }
  const signature = callSignature(call) || (signatures?.of(part.id, isFirst) ?? '')
  if (signature !== '') part.state = signatureState(signature)
  const mark = call['cache_control']
  if (isObject(mark)) part.cache = typeof mark['ttl'] === 'string' ? { ttl: mark['ttl'] } : {}
  const extras = callExtras(call, leftover)
  if (extras) part.extras = { [NAME]: extras }
  return part
}

/**
 * Whether a call has fields that clients add while they stream, and that the vendor refuses in a
 * request: its place in the list, or its arguments parsed (openai-node 6.49).
 */
export function hasStreamFields(call: JsonObject): boolean {
  return (
    call['index'] !== undefined || objectAt(call, 'function')?.['parsed_arguments'] !== undefined
  )
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

/**
 * Writes a call. Arguments that are blank mean none and become `{}`, which every client and vendor
 * can parse (litellm issue #5063).
 */
export function encodeCall(part: ToolCallPart): JsonObject {
  const kept = ownExtras(part.extras)
  const call: JsonObject = { id: part.id, type: part.kind }
  if (part.kind === 'custom') call['custom'] = { name: part.name, input: part.arguments }
  else {
    const inner: JsonObject = {
      name: part.name,
      arguments: part.arguments.trim() === '' ? '{}' : part.arguments,
    }
    if (kept) restore(inner, objectAt(kept, '$function'))
    call['function'] = inner
  }
  restore(call, kept)
  return call
}

/** Puts a thought signature onto a written call, beside what else `extra_content` may hold. */
export function writeSignature(call: JsonObject, state: ReasoningState | undefined): void {
  if (!isSignature(state)) return
  const content = objectAt(call, 'extra_content')
  const google = content && objectAt(content, 'google')
  call['extra_content'] = { ...content, google: { ...google, thought_signature: state.data } }
}

/** Takes a thought signature off a written call; what else `extra_content` holds stays. */
export function dropSignature(call: JsonObject): void {
  const content = objectAt(call, 'extra_content')
  const google = content && objectAt(content, 'google')
  if (google?.['thought_signature'] === undefined) return
  const { thought_signature: _, ...rest } = google
  call['extra_content'] = { ...content, google: rest }
}
