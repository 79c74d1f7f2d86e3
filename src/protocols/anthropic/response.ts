import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AssistantPart,
  AudioPart,
  ImagePart,
  TextPart,
  ToolCallPart,
} from '../../core/message.ts'
import type { ModelResponse } from '../../core/response.ts'
import type { EncodeContext } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { opaque } from './content-part.ts'
import { decodeInBandError } from './error-decode.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { decodeReasoning, encodeReasoning } from './reasoning.ts'
import { callBlock, inputText, objectArguments } from './tool-call.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { type Building, NAME, ownExtras, restore, textAt } from './wire.ts'

/** Fields of an answer that the codec reads; the rest is kept. */
export const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'id',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
])
const TEXT_FIELDS: ReadonlySet<string> = new Set(['type', 'text'])
const CALL_FIELDS: ReadonlySet<string> = new Set(['type', 'id', 'name', 'input'])
const THINKING_FIELDS: ReadonlySet<string> = new Set(['type', 'thinking', 'signature'])
const REDACTED_FIELDS: ReadonlySet<string> = new Set(['type', 'data'])

/**
 * Reads a vendor's answer; unknown blocks are kept opaque and unknown fields as extras.
 *
 * @throws ToolgateError `vendor_contradiction` if it is no message, and the error itself if it is
 * one that came with a good status.
 */
export function decodeResponse(wire: Json, _quirks: Quirks): ModelResponse {
  if (!isObject(wire)) throw contradiction('the answer is not a JSON object')
  const content = wire['content']
  if (wire['type'] === 'error' || (isObject(wire['error']) && content === undefined)) {
    throw decodeInBandError(wire)
  }
  if (content !== undefined && content !== null && !Array.isArray(content)) {
    throw contradiction('the content of the answer is not a list')
  }
  const parts = decodeContent(content ?? [], wire)
  const hasCalls = parts.some(part => part.type === 'tool-call')
  const response: Building<ModelResponse> = {
    id: textAt(wire, 'id'),
    model: textAt(wire, 'model'),
    content: parts,
    finish: decodeFinish(wire, hasCalls),
  }
  const usage = wire['usage']
  if (isObject(usage)) response.usage = decodeUsage(usage)
  const extras = restOf(wire, MESSAGE_FIELDS)
  if (extras) response.extras = { [NAME]: extras }
  return response
}

/** `vendor_contradiction`: the vendor's answer contradicts its own protocol. */
export function contradiction(what: string): ToolgateError {
  return new ToolgateError('vendor_contradiction', `The vendor's answer cannot be read: ${what}.`, {
    origin: 'vendor',
  })
}

/** The fields of `from` that are neither known nor empty; `undefined` if there are none. */
export function restOf(from: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined
  for (const key in from) {
    const value = from[key]
    if (known.has(key) || value === null || value === undefined || key === '__proto__') continue
    // An empty list of citations is how a stream begins one.
    if (key === 'citations' && Array.isArray(value) && value.length === 0) continue
    rest ??= {}
    rest[key] = value
  }
  return rest
}

/** Reads the blocks of an answer. `root` is the body that exact texts are cut from. */
export function decodeContent(blocks: readonly Json[], root: Json): AssistantPart[] {
  const parts: AssistantPart[] = []
  for (const block of blocks) {
    const part = decodeBlock(block, root)
    if (part) parts.push(part)
  }
  return parts
}

function decodeBlock(block: Json, root: Json): AssistantPart | undefined {
  if (!isObject(block)) return undefined
  const type = textAt(block, 'type')
  switch (type) {
    case 'text': {
      const part: Building<TextPart> = { type: 'text', text: textAt(block, 'text') }
      const extras = blockExtras(block)
      if (extras) part.extras = { [NAME]: extras }
      return part
    }
    case 'thinking':
    case 'redacted_thinking': {
      const part = decodeReasoning(block)
      const extras = blockExtras(block)
      if (extras) part.extras = { [NAME]: extras }
      return part
    }
    case 'tool_use': {
      const part: Building<ToolCallPart> = {
        type: 'tool-call',
        id: textAt(block, 'id'),
        name: textAt(block, 'name'),
        arguments: inputText(block['input'], root),
        kind: 'function',
      }
      const extras = blockExtras(block)
      if (extras) part.extras = { [NAME]: extras }
      return part
    }
    default:
      return opaque(type, block)
  }
}

/** The unknown fields of a block. */
export function blockExtras(block: JsonObject): JsonObject | undefined {
  switch (block['type']) {
    case 'text':
      return restOf(block, TEXT_FIELDS)
    case 'tool_use':
      return restOf(block, CALL_FIELDS)
    case 'thinking':
      return restOf(block, THINKING_FIELDS)
    default:
      return restOf(block, REDACTED_FIELDS)
  }
}

/** The id of an answer: the vendor's if it has this protocol's form, else a new one. */
export function messageId(id: string, context: EncodeContext): string {
  return id.startsWith('msg_') ? id : context.newId('msg_', 24)
}

/** The model of an answer: what the vendor calls it, else what the client called it. */
export function messageModel(model: string, context: EncodeContext): string {
  return model === '' ? context.request.model : model
}

/**
 * Writes an answer for a client. A call whose arguments were cut off is left out, as the vendor
 * does; one with arguments that are no JSON object carries their text under `_raw`, so that the
 * client's own check fails on it and the model hears of it.
 *
 * @throws ToolgateError `malformed_call` if that is how the answer ended.
 */
export function encodeResponse(response: ModelResponse, context: EncodeContext): Json {
  const content: Json[] = []
  let hasCalls = false
  let isRefused = false
  for (const part of response.content) {
    if (part.type === 'refusal') isRefused = true
    const block = encodePart(part, response.finish.kind === 'length')
    if (block === undefined) continue
    if (part.type === 'tool-call') hasCalls = true
    content.push(block)
  }
  const stop = encodeFinish(response.finish, hasCalls, isRefused)
  const message: JsonObject = {
    id: messageId(response.id, context),
    type: 'message',
    role: 'assistant',
    model: messageModel(response.model, context),
    content,
    ...stop,
    usage: encodeUsage(response.usage),
  }
  return restore(message, ownExtras(response.extras))
}

/** What stands for a picture or sound, which an answer of this protocol cannot hold. */
export function placeholder(part: ImagePart | AudioPart): JsonObject {
  return { type: 'text', text: `[${part.type} left out: the protocol cannot carry it]` }
}

function encodePart(part: AssistantPart, isCut: boolean): Json | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal': {
      if (part.text === '') return undefined
      const block = { type: 'text', text: part.text }
      return part.type === 'text' ? restore(block, ownExtras(part.extras)) : block
    }
    case 'reasoning':
      return encodeReasoning(part)
    case 'tool-call':
      return encodeCall(part, isCut)
    case 'opaque':
      return part.protocol === NAME ? part.value : undefined
    default:
      return placeholder(part)
  }
}

function encodeCall(part: ToolCallPart, isCut: boolean): JsonObject | undefined {
  if (part.kind === 'custom') return callBlock(part, { input: part.arguments })
  const { input, form } = objectArguments(part.arguments)
  return isCut && form === 'wrapped' ? undefined : callBlock(part, input)
}
