import type { Json, JsonObject } from '../../core/json.ts'
import type {
  AssistantMessage,
  Message,
  SystemMessage,
  TextPart,
  ToolCallPart,
  UserMessage,
} from '../../core/message.ts'
import { DUMMY_SIGNATURE, isSignature, signatureState } from '../thought-signature.ts'
import { encodePart } from './content-part.ts'
import { allDetails, reasoningText } from './reasoning.ts'
import { encodeResults } from './result-encode.ts'
import {
  encodeTextPart,
  isPlain,
  placeOf,
  textContent,
  type Writing,
  writeCache,
} from './text-content.ts'
import { dropSignature, encodeCall, writeSignature } from './tool-call.ts'
import { ownExtras, restore } from './wire.ts'

/** What stands between a result and a user message where the vendor wants an answer first. */
const BRIDGE = 'OK.'

/** Writes the conversation; what cannot be said as it was goes to the losses. */
export function encodeMessages(messages: readonly Message[], writing: Writing): JsonObject[] {
  const wire: JsonObject[] = []
  const names = writing.quirks.toolMessageName === true ? callNames(messages) : undefined
  const isSigned = writing.quirks.thoughtSignatures === 'required'
  const turn = isSigned ? messages.findLastIndex(({ role }) => role === 'user') : messages.length
  for (const [index, message] of messages.entries()) {
    switch (message.role) {
      case 'system':
        wire.push(encodeSystem(message, writing))
        break
      case 'user':
        pushUser(wire, encodeUser(message, writing), message.at, writing)
        break
      case 'assistant': {
        const encoded = encodeAssistant(message, index > turn, writing)
        if (encoded) wire.push(encoded)
        break
      }
      case 'tool': {
        const moved = encodeResults(wire, message, names, writing)
        if (moved.length > 0) pushUser(wire, { role: 'user', content: moved }, message.at, writing)
        break
      }
    }
  }
  return wire
}

function partPath(at: number, index: number): string {
  return `${placeOf(at)}.content[${index}]`
}

function callNames(messages: readonly Message[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const message of messages) {
    if (message.role !== 'assistant') continue
    for (const part of message.content) if (part.type === 'tool-call') names.set(part.id, part.name)
  }
  return names
}

function encodeSystem(message: SystemMessage, writing: Writing): JsonObject {
  const role = writing.quirks.systemRole ?? message.voice
  if (role === 'user')
    writing.losses.push({
      path: placeOf(message.at),
      what: 'instructions, sent as a user message',
      action: 'approximated',
      meaning: true,
    })
  const wire: JsonObject = { role, content: textContent(message.content, writing) }
  restore(wire, ownExtras(message.extras))
  return wire
}

function encodeUser(message: UserMessage, writing: Writing): JsonObject {
  const wire: JsonObject = { role: 'user', content: userContent(message, writing) }
  restore(wire, ownExtras(message.extras))
  return wire
}

function userContent(message: UserMessage, writing: Writing): Json {
  const { content, at } = message
  const [first] = content
  if (content.length === 1 && first?.type === 'text' && isPlain(first, writing.quirks))
    return first.text
  const parts: Json[] = []
  for (let i = 0; i < content.length; i++) {
    const part = content[i]
    const encoded = part && encodePart(part, partPath(at, i), writing)
    if (encoded) parts.push(encoded)
  }
  return parts.length === 0 ? '' : parts
}

/** Adds a user message; some vendors want the model's answer between it and a tool's result. */
function pushUser(wire: JsonObject[], message: JsonObject, at: number, writing: Writing): void {
  if (writing.quirks.noUserAfterTool === true && wire.at(-1)?.['role'] === 'tool') {
    wire.push({ role: 'assistant', content: BRIDGE })
    writing.losses.push({
      path: placeOf(at),
      what: 'a user message after a tool result, with an answer put between them',
      action: 'emulated',
      meaning: false,
    })
  }
  wire.push(message)
}

/**
 * Writes an assistant's turn; nothing if all it held was reasoning that does not go back.
 * `isCurrent`: it belongs to the running turn, whose signatures are checked.
 */
function encodeAssistant(
  message: AssistantMessage,
  isCurrent: boolean,
  writing: Writing,
): JsonObject | undefined {
  const { quirks } = writing
  const parts = sortParts(message, isCurrent, writing)
  const wire: JsonObject = { role: 'assistant' }
  if (parts.content.length > 0) wire['content'] = assistantText(parts, writing)
  else if (parts.calls.length > 0 || parts.refusal !== '')
    wire['content'] = quirks.nullContent === false ? '' : null
  else wire['content'] = ''
  if (parts.refusal !== '') wire['refusal'] = parts.refusal
  const reasoning = writeReasoning(wire, message, parts.calls.length > 0, writing)
  if (reasoning === 'dropped' && wire['content'] === '' && parts.calls.length === 0)
    return undefined
  if (parts.calls.length > 0) wire['tool_calls'] = parts.calls
  restore(wire, ownExtras(message.extras))
  return wire
}

interface SortedParts {
  readonly content: Json[]
  /** The text parts of `content`, if it has no others. */
  readonly texts: TextPart[]
  readonly calls: Json[]
  refusal: string
  /** Whether text stood apart, with a call between. */
  apart: boolean
}

/** Sorts an assistant's parts into the fields they have here: text first, then the calls. */
function sortParts(message: AssistantMessage, isCurrent: boolean, writing: Writing): SortedParts {
  const sorted: SortedParts = { content: [], texts: [], calls: [], refusal: '', apart: false }
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content[i]
    switch (part?.type) {
      case 'text':
        if (sorted.calls.length > 0) sorted.apart = true
        sorted.texts.push(part)
        sorted.content.push(encodeTextPart(part, writing.quirks))
        break
      case 'refusal':
        sorted.refusal += part.text
        break
      case 'tool-call': {
        const call = encodeCall(part)
        sign(call, part, isCurrent && sorted.calls.length === 0, partPath(message.at, i), writing)
        writeCache(call, part.cache, writing.quirks)
        sorted.calls.push(call)
        break
      }
      case 'opaque':
      case 'image':
      case 'audio':
        encodeOther(sorted, part, partPath(message.at, i), writing)
        break
    }
  }
  if (sorted.apart)
    writing.losses.push({
      path: placeOf(message.at),
      what: 'text after a tool call, moved before it',
      action: 'approximated',
      meaning: false,
    })
  return sorted
}

/**
 * Puts the signature of a call where the vendor wants it. One that wants it on the first call of
 * each step of the running turn gets the documented stand-in where there is none.
 */
function sign(
  call: JsonObject,
  part: ToolCallPart,
  isChecked: boolean,
  path: string,
  { quirks, losses }: Writing,
): void {
  const { thoughtSignatures = 'none' } = quirks
  if (isSignature(part.state)) {
    if (thoughtSignatures !== 'none') writeSignature(call, part.state)
    else dropSignature(call)
    if (thoughtSignatures === 'none' && quirks.reasoningDetails !== true)
      losses.push({
        path,
        what: 'the thought signature of a call, which this vendor does not take',
        action: 'dropped',
        meaning: false,
      })
  } else if (thoughtSignatures === 'required' && isChecked) {
    writeSignature(call, signatureState(DUMMY_SIGNATURE))
    losses.push({
      path,
      what: 'a call without its thought signature got the documented stand-in',
      action: 'approximated',
      meaning: false,
    })
  }
}

function encodeOther(
  sorted: SortedParts,
  part: Extract<AssistantMessage['content'][number], { type: 'opaque' | 'image' | 'audio' }>,
  path: string,
  writing: Writing,
): void {
  if (part.type === 'opaque') {
    const encoded = encodePart(part, path, writing)
    if (encoded) sorted.content.push(encoded)
  } else
    writing.losses.push({
      path,
      what: `${part.type === 'image' ? 'a picture' : 'a sound'} that the model made`,
      action: 'dropped',
      meaning: true,
    })
}

/** What the model said in one go was perhaps cut in mid-sentence, so nothing is put between. */
function assistantText(parts: SortedParts, writing: Writing): Json {
  if (parts.texts.length < parts.content.length) return parts.content
  return textContent(parts.texts, writing, parts.apart ? '\n\n' : '')
}

/** Writes the reasoning of a turn in the fields that the vendor wants back; else it is dropped. */
function writeReasoning(
  wire: JsonObject,
  message: AssistantMessage,
  calls: boolean,
  writing: Writing,
): 'kept' | 'dropped' {
  const { quirks, losses } = writing
  const echo = quirks.reasoningEcho === true && calls
  const field = quirks.reasoningField ?? (echo ? 'reasoning_content' : undefined)
  const text = field === undefined ? '' : reasoningText(message.content)
  if (field !== undefined && (text !== '' || echo)) wire[field] = text
  if (quirks.reasoningDetails === true) {
    const details = [...allDetails(message.content), ...callDetails(message)]
    if (details.length > 0) wire['reasoning_details'] = details
    return 'kept'
  }
  const index = message.content.findIndex(part => part.type === 'reasoning')
  if (field !== undefined || index < 0) return 'kept'
  losses.push({
    path: partPath(message.at, index),
    what: 'reasoning of an earlier turn',
    action: 'dropped',
    meaning: false,
  })
  return 'dropped'
}

/** Signatures of calls as details, whose id is the call's (OpenRouter's form for Gemini). */
function callDetails(message: AssistantMessage): Json[] {
  const details: Json[] = []
  for (const part of message.content) {
    if (part.type !== 'tool-call' || !isSignature(part.state)) continue
    const { data } = part.state
    const said = message.content.some(
      other => other.type === 'reasoning' && other.state?.data === data,
    )
    if (!said)
      details.push({
        type: 'reasoning.encrypted',
        data,
        format: 'google-gemini-v1',
        id: part.id,
        index: details.length,
      })
  }
  return details
}
