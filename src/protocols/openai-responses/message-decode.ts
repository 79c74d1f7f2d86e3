import type { Json, JsonObject } from '../../core/json.ts'
import type {
  AssistantPart,
  Message,
  ResultPart,
  SystemMessage,
  TextPart,
  ToolResultPart,
  UserMessage,
  UserPart,
} from '../../core/message.ts'
import { asObject, type Place, place, string, wrongType, wrongValue } from '../../wire/read.ts'
import { decodePart, decodeText, wrongPart } from './content-part.ts'
import { ConversationOrder } from './conversation-order.ts'
import { refuseUnheld } from './held.ts'
import { decodeReasoning } from './reasoning.ts'
import { bind, type Reading } from './text-content.ts'
import { callKind, decodeCall } from './tool-call.ts'
import { type Building, leftover, NAME, ownExtras } from './wire.ts'

const ROLES = ['assistant', 'system', 'developer', 'user'] as const

const KNOWN_MESSAGE = new Set(['type', 'role', 'content'])
const KNOWN_OUTPUT = new Set(['type', 'call_id', 'output'])
const KNOWN_OUTPUT_TEXT = new Set(['type', 'text', 'parsed'])

/** Items that a client adds, and that end the model's turn, without a place in the model. */
const CLIENT_ITEMS: ReadonlySet<string> = new Set([
  'additional_tools',
  'apply_patch_call_output',
  'compaction_trigger',
  'computer_call_output',
  'local_shell_call_output',
  'mcp_approval_response',
  'program_output',
  'shell_call_output',
])

const INPUT = place('input')

/** How an item without a type is to be read (live answers, 2026-08-31). */
function typeOf(item: JsonObject, at: Place): string {
  if (item['type'] !== undefined && item['type'] !== null) return string(item, 'type', at)
  const nameless = item['role'] === undefined || item['role'] === null
  return nameless && typeof item['id'] === 'string' ? 'item_reference' : 'message'
}

/**
 * Reads the items of the conversation. What the model said in a row (reasoning, text, calls) is one
 * message; an output goes to its calls, wherever it stood, since nothing else may come between.
 * With `continues` the vendor holds what came before, and outputs may answer calls from there.
 *
 * @throws ToolgateError with the path of the item.
 */
export function decodeItems(
  list: readonly Json[],
  continues: boolean,
  reading: Reading,
): Message[] {
  const order = new ConversationOrder(continues)
  for (let i = 0; i < list.length; i++) {
    const at = place(i, INPUT)
    const item = asObject(list[i], at)
    const type = typeOf(item, at)
    const kind = callKind(type)
    if (kind) {
      const call = decodeCall(item, kind, at)
      leaveParsed(item, 'parsed_arguments', reading)
      bind(ownExtras(call.extras), at, reading)
      order.said(call, i)
    } else if (type === 'message') decodeMessage(order, item, i, at, reading)
    else if (type === 'function_call_output' || type === 'custom_tool_call_output')
      order.answered(decodeResult(item, type, i, at, reading), item)
    else if (type === 'reasoning') {
      const part = decodeReasoning(item)
      bind(ownExtras(part.extras), at, reading)
      order.said(part, i)
    } else decodeOther(order, item, type, i, at, reading)
  }
  return order.messages
}

/** What OpenAI's own package parsed and left beside the text, where its vendor refuses it (6.49). */
function leaveParsed(from: JsonObject, field: string, reading: Reading): void {
  if (from[field] !== undefined) reading.mustEncode = true
}

/** An item that only this protocol knows, on the side of whoever made it. */
function decodeOther(
  order: ConversationOrder,
  item: JsonObject,
  type: string,
  index: number,
  at: Place,
  reading: Reading,
): void {
  if (type === 'item_reference') {
    const id = string(item, 'id', at)
    // What it stands for is with whoever holds the answer that it was in.
    const refusal = () => refuseUnheld(type, id)
    reading.bound.push({ path: `input[${index}]`, what: type, weight: 'required', refusal })
    order.hasReferences = true
  }
  const isClients =
    CLIENT_ITEMS.has(type) || (type === 'tool_search_output' && item['execution'] === 'client')
  if (isClients) order.added(type, item, index)
  else order.said({ type: 'opaque', protocol: NAME, kind: type, value: item }, index)
}

function decodeMessage(
  order: ConversationOrder,
  item: JsonObject,
  index: number,
  at: Place,
  reading: Reading,
): void {
  const role = string(item, 'role', at)
  switch (role) {
    case 'assistant':
      decodeAssistant(order, item, index, at, reading)
      break
    case 'user': {
      const content = userContent(item['content'], place('content', at), reading)
      const found: Building<UserMessage> = { role, content, at: index }
      order.add(keep(found, item, at, reading))
      break
    }
    case 'system':
    case 'developer': {
      const content = texts(item['content'], place('content', at), reading)
      const found: Building<SystemMessage> = { role: 'system', voice: role, content, at: index }
      order.add(keep(found, item, at, reading))
      break
    }
    default:
      // The vendor names the item, not its role (live answers, 2026-08-30).
      throw wrongValue(at, `'${role}' is not a role`, {
        allowed: ROLES,
        value: role,
      })
  }
}

/** Keeps what else stands on a message item. */
function keep<T extends Building<Message>>(
  into: T,
  item: JsonObject,
  at: Place,
  reading: Reading,
): T {
  const kept = leftover(item, KNOWN_MESSAGE)
  if (!kept) return into
  into.extras = { [NAME]: kept }
  bind(kept, at, reading)
  return into
}

function wrongContent(content: Json | undefined, at: Place): Error {
  return wrongType(at, 'one of an array of objects or string', content)
}

function userContent(content: Json | undefined, at: Place, reading: Reading): UserPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw wrongContent(content, at)
  return content.map((part, i) => decodePart(part, place(i, at), reading))
}

/** Content that may be only text. */
function texts(content: Json | undefined, at: Place, reading: Reading): TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw wrongContent(content, at)
  return content.map((value, i) => {
    const partAt = place(i, at)
    const part = asObject(value, partAt)
    const type = string(part, 'type', partAt)
    if (type !== 'input_text') throw wrongPart(type, partAt, ['input_text'])
    return decodeText(part, partAt, reading)
  })
}

/** Reads the model's words; the first part of an item carries what else stands on the item. */
function decodeAssistant(
  order: ConversationOrder,
  item: JsonObject,
  index: number,
  at: Place,
  reading: Reading,
): void {
  let fields = leftover(item, KNOWN_MESSAGE)
  bind(fields, at, reading)
  if (!fields && order.endsInText) fields = {}
  const parts = assistantContent(item['content'], place('content', at), reading)
  for (const part of parts) {
    if (fields) {
      part.extras = { [NAME]: { ...ownExtras(part.extras), $message: fields } }
      fields = undefined
    }
    order.said(part, index)
  }
}

type Words = Building<Extract<AssistantPart, { type: 'text' | 'refusal' }>>

function assistantContent(content: Json | undefined, at: Place, reading: Reading): Words[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw wrongContent(content, at)
  return content.map((value, i): Words => {
    const partAt = place(i, at)
    const part = asObject(value, partAt)
    const type = string(part, 'type', partAt)
    if (type === 'refusal') return { type, text: string(part, 'refusal', partAt) }
    if (type !== 'output_text') throw wrongPart(type, partAt, ['output_text', 'refusal'])
    const text: Words = { type: 'text', text: string(part, 'text', partAt) }
    leaveParsed(part, 'parsed', reading)
    const kept = leftover(part, KNOWN_OUTPUT_TEXT)
    if (kept) {
      text.extras = { [NAME]: kept }
      bind(kept, partAt, reading)
    }
    return text
  })
}

function decodeResult(
  item: JsonObject,
  type: string,
  index: number,
  at: Place,
  reading: Reading,
): ToolResultPart {
  const result: Building<ToolResultPart> = {
    type: 'tool-result',
    callId: string(item, 'call_id', at),
    content: resultContent(item['output'], place('output', at), reading),
    at: index,
  }
  let kept = leftover(item, KNOWN_OUTPUT)
  bind(kept, at, reading)
  // The call itself may be with the vendor, and then only this tells its kind.
  if (type === 'custom_tool_call_output') kept = { ...kept, $custom: true }
  if (kept) result.extras = { [NAME]: kept }
  return result
}

/** A text or parts. An empty text is no part at all. */
function resultContent(output: Json | undefined, at: Place, reading: Reading): ResultPart[] {
  if (typeof output === 'string') return output === '' ? [] : [{ type: 'text', text: output }]
  if (!Array.isArray(output)) throw wrongContent(output, at)
  return output.map((part, i) => decodePart(part, place(i, at), reading))
}
