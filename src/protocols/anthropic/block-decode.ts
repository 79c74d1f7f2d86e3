import type { ToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type {
  AssistantPart,
  ReasoningPart,
  ResultPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../core/message.ts'
import { sourceText } from '../../wire/json.ts'
import {
  asObject,
  optionalBoolean,
  type Place,
  place,
  string,
  wrongType,
  wrongValue,
} from '../../wire/read.ts'
import { decodeDocument, decodeImage, opaque } from './content-part.ts'
import { decodeSignature, redactedState } from './reasoning.ts'
import {
  type Building,
  decodeCache,
  keepUnknown,
  NAME,
  ownExtras,
  type Reading,
  unknownField,
} from './wire.ts'

const TEXT_FIELDS: ReadonlySet<string> = new Set(['type', 'text', 'citations'])
const CALL_FIELDS: ReadonlySet<string> = new Set(['type', 'id', 'name', 'input'])
const RESULT_FIELDS: ReadonlySet<string> = new Set(['type', 'tool_use_id', 'content', 'is_error'])
const THINKING_FIELDS: ReadonlySet<string> = new Set(['type', 'thinking', 'signature'])
const REDACTED_FIELDS: ReadonlySet<string> = new Set(['type', 'data'])

type Turn = 'user' | 'assistant'

/** Reads a block of a user message that is no result. `at` is the block's place. */
export function decodeUserPart(block: JsonObject, at: Place, reading: Reading): UserPart {
  const type = string(block, 'type', at)
  switch (type) {
    case 'text':
      return decodeText(block, at, place(type, at), 'user', reading)
    case 'image':
      return decodeImage(block, at, reading)
    case 'document':
      return decodeDocument(block, at, reading)
    case 'tool_use':
    case 'server_tool_use':
    case 'thinking':
    case 'redacted_thinking':
      throw misplaced(type, 'assistant', at)
    default:
      return opaque(type, block)
  }
}

/** Reads a block of an assistant message. `at` is the block's place. */
export function decodeAssistantPart(block: JsonObject, at: Place, reading: Reading): AssistantPart {
  const type = string(block, 'type', at)
  switch (type) {
    case 'text':
      return decodeText(block, at, place(type, at), 'assistant', reading)
    case 'tool_use':
      return decodeCall(block, at, reading)
    case 'thinking':
    case 'redacted_thinking':
      return decodeThinking(block, type, at, reading)
    case 'image':
      return decodeImage(block, at, reading)
    case 'tool_result':
      throw misplaced(type, 'user', at)
    case 'document':
      // Refused since the newer version (Claude docs, "API versions", 2026-10).
      if (reading.version === '2026-10-21') throw misplaced(type, 'user', at)
      return opaque(type, block)
    default:
      return opaque(type, block)
  }
}

/** The vendor names the message, not the block. */
function misplaced(type: string, role: 'user' | 'assistant', block: Place): ToolgateError {
  return wrongValue(block.up?.up, `\`${type}\` blocks can only be in \`${role}\` messages`)
}

/** Reads a text block. `inside` is the place its fields are named by, `at` that of the block. */
export function decodeText(
  block: JsonObject,
  at: Place,
  inside: Place,
  turn: Turn | undefined,
  reading: Reading,
): TextPart {
  const part: Building<TextPart> = { type: 'text', text: string(block, 'text', inside) }
  const cache = decodeCache(block, inside)
  if (cache) part.cache = cache
  const extras = keepUnknown(block, TEXT_FIELDS, at, reading)
  if (extras) part.extras = extras
  const citations = block['citations']
  if (Array.isArray(citations) && citations.length > 0) {
    // Refused since the newer version (Claude docs, "API versions", 2026-10).
    if (turn === 'user' && reading.version === '2026-10-21') {
      throw unknownField(place('citations', inside))
    }
    part.extras = { [NAME]: { ...ownExtras(extras), citations } }
  } else if (citations !== undefined && citations !== null && !Array.isArray(citations)) {
    throw wrongType(place('citations', inside), 'an array', citations)
  }
  return part
}

function decodeCall(block: JsonObject, at: Place, reading: Reading): ToolCallPart {
  const inside = place('tool_use', at)
  const id = string(block, 'id', inside)
  const name = string(block, 'name', inside)
  const input = asObject(block['input'], place('input', inside))
  const part: Building<ToolCallPart> = {
    type: 'tool-call',
    id,
    name,
    arguments: sourceText(reading.root, input),
    kind: 'function',
  }
  const cache = decodeCache(block, inside)
  if (cache) part.cache = cache
  const extras = keepUnknown(block, CALL_FIELDS, at, reading)
  if (extras) part.extras = extras
  return part
}

/** Reads a piece of reasoning; a `thinking` block without a signature is unsigned. */
function decodeThinking(
  block: JsonObject,
  type: 'thinking' | 'redacted_thinking',
  at: Place,
  reading: Reading,
): ReasoningPart {
  const inside = place(type, at)
  let part: Building<ReasoningPart>
  if (type === 'thinking') {
    part = { type: 'reasoning', text: string(block, 'thinking', inside) }
    const signature = block['signature']
    if (signature !== undefined && signature !== null) {
      const state = decodeSignature(string(block, 'signature', inside))
      if (state) part.state = state
    }
  } else {
    part = { type: 'reasoning', text: '', state: redactedState(string(block, 'data', inside)) }
  }
  const known = type === 'thinking' ? THINKING_FIELDS : REDACTED_FIELDS
  const extras = keepUnknown(block, known, at, reading)
  if (extras) part.extras = extras
  return part
}

/** Reads a `tool_result` block; the indices are those of its message and of itself in it. */
export function decodeResult(
  block: JsonObject,
  index: number,
  indexInside: number,
  at: Place,
  reading: Reading,
): ToolResultPart {
  const inside = place('tool_result', at)
  const part: Building<ToolResultPart> = {
    type: 'tool-result',
    callId: string(block, 'tool_use_id', inside),
    content: decodeResultContent(block['content'], place('content', inside), reading),
    at: index,
    atPart: indexInside,
  }
  if (optionalBoolean(block, 'is_error', inside)) part.isError = true
  const cache = decodeCache(block, inside)
  if (cache) part.cache = cache
  const extras = keepUnknown(block, RESULT_FIELDS, at, reading)
  if (extras) part.extras = extras
  return part
}

function decodeResultContent(
  content: Json | undefined,
  at: Place,
  reading: Reading,
): readonly ResultPart[] {
  if (content === undefined || content === null || content === '') return []
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw wrongType(at, 'a string or an array', content)
  return content.map((entry, i) => decodeResultPart(entry, place(i, at), reading))
}

function decodeResultPart(entry: Json, at: Place, reading: Reading): ResultPart {
  const block = asObject(entry, at)
  const type = string(block, 'type', at)
  switch (type) {
    case 'text':
      return decodeText(block, at, place(type, at), undefined, reading)
    case 'image':
      return decodeImage(block, at, reading)
    case 'document':
      return decodeDocument(block, at, reading)
    default:
      return opaque(type, block)
  }
}
