import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ResultPart,
  SystemMessage,
  TextPart,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
  UserMessage,
  UserPart,
} from '../../core/message.ts'
import {
  asObject,
  optionalArray,
  optionalObject,
  optionalString,
  type Place,
  place,
  string,
  wrongType,
  wrongValue,
} from '../../wire/read.ts'
import { MAP_FIELDS, messageSignatures } from '../thought-signature.ts'
import { decodePart } from './content-part.ts'
import { decodeReasoning, REASONING_FIELDS, thinkingText } from './reasoning.ts'
import { decodeTextPart, type Reading, readCache } from './text-content.ts'
import { decodeCall, hasStreamFields } from './tool-call.ts'
import { type Building, leftover, NAME, refused } from './wire.ts'

const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'] as const

const KNOWN_PLAIN = new Set(['role', 'content', 'cache_control'])
const KNOWN_TOOL = new Set(['role', 'content', 'cache_control', 'tool_call_id', 'name'])
const KNOWN_ASSISTANT = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'cache_control',
  'parsed',
  'provider_specific_fields',
  ...MAP_FIELDS,
  ...REASONING_FIELDS,
])

/** Fields of an answer's message, and their values where they say nothing. */
const SAYS_NOTHING: { readonly [name: string]: (value: Json) => boolean } = {
  role: value => value === 'assistant',
  refusal: value => value === null,
  annotations: value => value === null || (Array.isArray(value) && value.length === 0),
}

const CACHED = new Set(['text', 'image', 'document', 'tool-call'])

const MESSAGES = place('messages')

/** The state of one walk through the messages. */
interface Walk extends Reading {
  /** Calls in the deprecated form, which have no ids: what is given out here, by name. */
  readonly legacyCalls: { readonly id: string; readonly name: string; answered: boolean }[]
}

/**
 * Reads the conversation. Neighbouring tool messages become one; calls in the deprecated form get
 * the ids `call_fn_0`, `call_fn_1`, and so on.
 *
 * @throws ToolgateError with the path of the message.
 */
export function decodeMessages(list: readonly Json[], reading: Reading): Message[] {
  const walk: Walk = { bound: reading.bound, legacyCalls: [] }
  const messages: Message[] = []
  let results: ToolResultPart[] | undefined
  for (let i = 0; i < list.length; i++) {
    const at = place(i, MESSAGES)
    const message = asObject(list[i], at)
    const role = string(message, 'role', at)
    if (role === 'tool' || role === 'function') {
      const result =
        role === 'tool' ? decodeResult(message, i, at, walk) : legacyResult(message, i, at, walk)
      if (results) results.push(result)
      else {
        results = [result]
        const group: ToolMessage = { role: 'tool', content: results, at: i }
        messages.push(group)
      }
      continue
    }
    results = undefined
    messages.push(decodeMessage(message, role, i, at, walk))
  }
  if (walk.mustEncode) reading.mustEncode = true
  return messages
}

function decodeMessage(
  message: JsonObject,
  role: string,
  index: number,
  at: Place,
  walk: Walk,
): Message {
  switch (role) {
    case 'user':
      return decodeUser(message, index, at, walk)
    case 'assistant':
      return decodeAssistant(message, index, at, walk)
    case 'system':
    case 'developer':
      return decodeSystem(message, role, index, at, walk)
    default:
      throw wrongValue(place('role', at), `'${role}' is not a role`, {
        allowed: ROLES,
        value: role,
      })
  }
}

/** OpenAI's words for content that is not there (graphrag issue #1421, 2024-11). */
function noContent(index: number): Error {
  return refused(
    "Invalid value for 'content': expected a string, got null.",
    `messages.[${index}].content`,
    null,
    ['messages', index, 'content'],
  )
}

function wrongContent(content: Json, at: Place): Error {
  return wrongType(place('content', at), 'one of a string or array of objects', content)
}

/** Lists what only this protocol's vendors understand of a message. */
function keep<T extends Building<Message> | Building<ToolResultPart>>(
  into: T,
  message: JsonObject,
  known: ReadonlySet<string>,
  index: number,
  walk: Walk,
): T {
  const kept = leftover(message, known)
  if (!kept) return into
  into.extras = { [NAME]: kept }
  const assistant = message['role'] === 'assistant'
  for (const key in kept) {
    // Clients send back answers whole, with fields that only report; `audio` stands for content.
    const report = assistant && key !== 'name' && key !== 'prefix'
    const weight = key === 'audio' ? 'required' : report ? 'hint' : 'meaning'
    walk.bound.push({ path: `messages[${index}].${key}`, what: key, weight })
  }
  return into
}

/** A mark on the message as a whole (LiteLLM's form) stands for one on its last part. */
function markLast(parts: readonly (UserPart | AssistantPart)[], message: JsonObject): void {
  const cache = readCache(message)
  const last = parts.at(-1)
  if (cache && last && CACHED.has(last.type)) Object.assign(last, { cache })
}

function decodeSystem(
  message: JsonObject,
  voice: 'system' | 'developer',
  index: number,
  at: Place,
  walk: Walk,
): SystemMessage {
  const content = texts(message['content'], index, at, walk)
  markLast(content, message)
  const found: Building<SystemMessage> = { role: 'system', voice, content, at: index }
  return keep(found, message, KNOWN_PLAIN, index, walk)
}

/** Content that may be only text. */
function texts(content: Json | undefined, index: number, at: Place, walk: Walk): TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (content === undefined || content === null) throw noContent(index)
  if (!Array.isArray(content)) throw wrongContent(content, at)
  const contentAt = place('content', at)
  return content.map((value, i) => {
    const partAt = place(i, contentAt)
    const part = asObject(value, partAt)
    const text = decodeTextPart(part, partAt, walk)
    if (text) return text
    const type = string(part, 'type', partAt)
    throw wrongValue(place('type', partAt), `'${type}' cannot stand here`, {
      allowed: ['text'],
      value: type,
    })
  })
}

function decodeUser(message: JsonObject, index: number, at: Place, walk: Walk): UserMessage {
  const value = message['content']
  let content: UserPart[]
  if (typeof value === 'string') content = [{ type: 'text', text: value }]
  else if (value === undefined || value === null) throw noContent(index)
  else if (!Array.isArray(value)) throw wrongContent(value, at)
  else {
    const contentAt = place('content', at)
    content = value.map((part, i) => decodePart(part, place(i, contentAt), walk))
  }
  markLast(content, message)
  const found: Building<UserMessage> = { role: 'user', content, at: index }
  return keep(found, message, KNOWN_PLAIN, index, walk)
}

function decodeAssistant(
  message: JsonObject,
  index: number,
  at: Place,
  walk: Walk,
): AssistantMessage {
  const content: AssistantPart[] = decodeReasoning(message, at)
  assistantContent(content, message['content'], at, walk)
  const refusal = optionalString(message, 'refusal', at)
  if (refusal !== undefined && refusal !== '') content.push({ type: 'refusal', text: refusal })
  const calls = optionalArray(message, 'tool_calls', at)
  if (calls) {
    const callsAt = place('tool_calls', at)
    const signatures = messageSignatures(message)
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i] ?? null
      content.push(decodeCall(call, place(i, callsAt), signatures, i === 0))
      if (isObject(call) && hasStreamFields(call)) walk.mustEncode = true
    }
  }
  const legacy = optionalObject(message, 'function_call', at)
  if (legacy) content.push(legacyCall(legacy, place('function_call', at), walk))
  markLast(content, message)
  if (message['parsed'] !== undefined) walk.mustEncode = true
  if (content.length === 0 && !isSaid(message)) throw noContent(index)
  const found: Building<AssistantMessage> = { role: 'assistant', content, at: index }
  return keep(found, message, KNOWN_ASSISTANT, index, walk)
}

/** Whether a message without parts says something: an empty text does, and so does a sound. */
function isSaid(message: JsonObject): boolean {
  const content = message['content']
  return typeof content === 'string' || Array.isArray(content) || isObject(message['audio'])
}

function assistantContent(
  into: AssistantPart[],
  content: Json | undefined,
  at: Place,
  walk: Walk,
): void {
  if (content === undefined || content === null || content === '') return
  if (typeof content === 'string') {
    into.push({ type: 'text', text: content })
    return
  }
  if (!Array.isArray(content)) throw wrongContent(content, at)
  const contentAt = place('content', at)
  for (let i = 0; i < content.length; i++) {
    const partAt = place(i, contentAt)
    const part = withoutEmptyFields(asObject(content[i], partAt), walk)
    const text = decodeTextPart(part, partAt, walk)
    if (text) into.push(text)
    else into.push(otherAssistantPart(part, partAt))
  }
}

/** A text without fields of its message, which OpenAI's own package for agents (0.14) leaves in it. */
function withoutEmptyFields(part: JsonObject, walk: Walk): JsonObject {
  if (part['type'] !== 'text') return part
  let kept = part
  for (const name in SAYS_NOTHING) {
    const value = part[name]
    if (value === undefined || !SAYS_NOTHING[name]?.(value)) continue
    const { [name]: _, ...rest } = kept
    kept = rest
    walk.mustEncode = true
  }
  return kept
}

function otherAssistantPart(part: JsonObject, at: Place): AssistantPart {
  const type = string(part, 'type', at)
  if (type === 'refusal') return { type: 'refusal', text: string(part, 'refusal', at) }
  if (type === 'thinking') return { type: 'reasoning', text: thinkingText(part) }
  return { type: 'opaque', protocol: NAME, kind: type, value: part }
}

function legacyCall(call: JsonObject, at: Place, walk: Walk): ToolCallPart {
  const id = `call_fn_${walk.legacyCalls.length}`
  const name = string(call, 'name', at)
  walk.legacyCalls.push({ id, name, answered: false })
  return { type: 'tool-call', id, name, arguments: string(call, 'arguments', at), kind: 'function' }
}

function decodeResult(message: JsonObject, index: number, at: Place, walk: Walk): ToolResultPart {
  const result: Building<ToolResultPart> = {
    type: 'tool-result',
    callId: string(message, 'tool_call_id', at),
    content: resultContent(message['content'], index, at, walk),
    at: index,
  }
  const name = optionalString(message, 'name', at)
  if (name !== undefined) result.name = name
  const cache = readCache(message)
  if (cache) result.cache = cache
  return keep(result, message, KNOWN_TOOL, index, walk)
}

/** The result of a call in the deprecated form: the oldest one of that name without an answer. */
function legacyResult(message: JsonObject, index: number, at: Place, walk: Walk): ToolResultPart {
  const name = string(message, 'name', at)
  const call = walk.legacyCalls.find(candidate => candidate.name === name && !candidate.answered)
  if (call) call.answered = true
  const content =
    message['content'] === null ? [] : resultContent(message['content'], index, at, walk)
  const callId = call?.id ?? `call_fn_${walk.legacyCalls.length}`
  const result: Building<ToolResultPart> = { type: 'tool-result', callId, name, content, at: index }
  return keep(result, message, KNOWN_TOOL, index, walk)
}

/** Text, and what some vendors take besides it. An empty text is no part at all. */
function resultContent(
  content: Json | undefined,
  index: number,
  at: Place,
  walk: Walk,
): ResultPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (content === undefined || content === null) throw noContent(index)
  if (!Array.isArray(content)) throw wrongContent(content, at)
  const contentAt = place('content', at)
  return content.map((part, i) => decodePart(part, place(i, contentAt), walk))
}
