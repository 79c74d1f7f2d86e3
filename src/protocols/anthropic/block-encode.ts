import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AssistantPart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../core/message.ts'
import { encodeMedia } from './content-part.ts'
import { encodeReasoning, isOwnState } from './reasoning.ts'
import { callBlock, objectArguments } from './tool-call.ts'
import { encodeCache, lose, NAME, ownExtras, restore, resultPath, type Writing } from './wire.ts'

/** Writes a part of an assistant message; `undefined` for what is left out, which is reported. */
export function encodeAssistantPart(
  part: AssistantPart,
  path: string,
  writing: Writing,
): Json | undefined {
  switch (part.type) {
    case 'reasoning':
      return encodeThinking(part, path, writing)
    case 'refusal':
      return encodeText({ type: 'text', text: part.text }, path, writing)
    case 'tool-call':
      return encodeCall(part, path, writing)
    default:
      return encodeUserPart(part, path, writing)
  }
}

/** Writes a part that may stand in a user message or a result. */
export function encodeUserPart(part: UserPart, path: string, writing: Writing): Json | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, path, writing)
    case 'opaque':
      if (part.protocol === NAME) return part.value
      lose(writing, path, `\`${part.kind}\` belongs to another protocol`, 'dropped', true)
      return undefined
    default:
      return encodeMedia(part, path, writing)
  }
}

/** Writes a text block; `undefined` for blank text, which the vendor refuses. */
export function encodeText(part: TextPart, path: string, writing: Writing): JsonObject | undefined {
  if (part.text.trim() === '') {
    if (part.text !== '') lose(writing, path, 'a blank text was left out', 'dropped', false)
    return undefined
  }
  const block: JsonObject = { type: 'text', text: part.text }
  if (part.cache) block['cache_control'] = encodeCache(part.cache)
  return restore(block, ownExtras(part.extras))
}

/** Only a signature of the family itself is worth anything, and the vendor refuses any other. */
function encodeThinking(
  part: ReasoningPart,
  path: string,
  writing: Writing,
): JsonObject | undefined {
  if (isOwnState(part.state)) return encodeReasoning(part)
  const whose = part.state ? 'of another family' : 'without a signature'
  lose(writing, path, `reasoning ${whose} was left out`, 'dropped', false)
  return undefined
}

function encodeCall(part: ToolCallPart, path: string, writing: Writing): JsonObject {
  let input: Json = { input: part.arguments }
  if (part.kind === 'function') {
    const read = objectArguments(part.arguments)
    if (read.form !== 'whole') {
      const what = 'the arguments were no JSON object'
      lose(writing, `${path}.arguments`, what, 'repaired', false)
    }
    input = read.input
  }
  const block = callBlock(part, input)
  if (part.cache && !block['cache_control']) block['cache_control'] = encodeCache(part.cache)
  return block
}

/** Writes a result. Without content it is legal; with an empty text it is not. */
export function encodeResult(part: ToolResultPart, writing: Writing): JsonObject {
  const block: JsonObject = { type: 'tool_result', tool_use_id: part.callId }
  const path = resultPath(part)
  const content: Json[] = []
  for (const [i, inner] of part.content.entries()) {
    const innerBlock = encodeUserPart(inner, `${path}.content[${i}]`, writing)
    if (innerBlock !== undefined) content.push(innerBlock)
  }
  const isError = part.isError === true && markFailure(content, path, writing)
  if (content.length > 0) block['content'] = plainText(content) ?? content
  if (isError) block['is_error'] = true
  if (part.cache) block['cache_control'] = encodeCache(part.cache)
  return restore(block, ownExtras(part.extras))
}

/**
 * Makes the content of a failed result such as the vendor takes beside `is_error`: text alone.
 * Returns whether the flag may stand; if not, the failure is said in words.
 */
function markFailure(content: Json[], path: string, writing: Writing): boolean {
  if (writing.isOwn) return true
  if (content.length === 0) {
    content.push({ type: 'text', text: 'The tool failed and said nothing.' })
    lose(writing, path, 'a failure without a text was given one', 'repaired', false)
    return true
  }
  if (content.every(block => isObject(block) && block['type'] === 'text')) return true
  content.unshift({ type: 'text', text: 'The tool failed.' })
  const what = 'a failure that is more than text was marked in words'
  lose(writing, path, what, 'approximated', false)
  return false
}

/** The text of content that is one text block and nothing more. */
export function plainText(content: readonly Json[]): string | undefined {
  const [only] = content
  if (content.length !== 1 || !isObject(only) || only['type'] !== 'text') return undefined
  const text = only['text']
  return typeof text === 'string' && Object.keys(only).length === 2 ? text : undefined
}
