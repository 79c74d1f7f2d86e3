import type { JsonObject } from '../../core/json.ts'
import type { AssistantPart, TextPart, ToolResultPart, UserPart } from '../../core/message.ts'
import { encodeMedia } from './content-part.ts'
import { encodeReasoning } from './reasoning.ts'
import { encodeCall } from './tool-call.ts'
import { cachePoint, lose, NAME, resultPath, type Writing } from './wire.ts'

/** Writes a part of an assistant message; nothing for what is left out, which is reported. */
export function encodeAssistantPart(
  part: AssistantPart,
  path: string,
  writing: Writing,
): JsonObject[] {
  switch (part.type) {
    case 'reasoning':
      return encodeReasoning(part, path, writing)
    case 'refusal':
      return encodeText({ type: 'text', text: part.text }, path, writing)
    case 'tool-call':
      return encodeCall(part, path, writing)
    case 'image':
    case 'audio':
      lose(writing, path, 'an answer of the model can hold no media here', 'dropped', true)
      return [{ text: `[${part.type} left out]` }]
    default:
      return encodeUserPart(part, path, writing)
  }
}

/** Writes a part that may stand in a user message. */
export function encodeUserPart(part: UserPart, path: string, writing: Writing): JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part, path, writing)
    case 'opaque':
      if (part.protocol === NAME && typeof part.value === 'object' && part.value) {
        return Array.isArray(part.value) ? [] : [part.value]
      }
      lose(writing, path, `\`${part.kind}\` belongs to another protocol`, 'dropped', true)
      return []
    default:
      return encodeMedia(part, path, writing)
  }
}

/** Writes a text; nothing for blank text, which the vendor refuses. */
export function encodeText(part: TextPart, path: string, writing: Writing): JsonObject[] {
  if (part.text.trim() === '') {
    if (part.text !== '') lose(writing, path, 'a blank text was left out', 'dropped', false)
    return []
  }
  return [{ text: part.text }, ...cachePoint(part.cache, path, writing)]
}

/** Writes a result. A failure must say something; an empty success need not. */
export function encodeResult(part: ToolResultPart, writing: Writing): JsonObject[] {
  const path = resultPath(part)
  const { imagesInResults, resultStatus } = writing.quirks
  const content = part.content.flatMap((inner, i) => {
    const place = `${path}.content[${i}]`
    const isMedia = inner.type === 'image' || inner.type === 'document'
    if (!isMedia || imagesInResults === true) return withoutPoints(inner, place, writing)
    const what = `the model takes no ${inner.type}s in results`
    lose(writing, place, what, 'dropped', true)
    return [{ text: `[${inner.type} left out: ${what}]` }]
  })
  const toolResult: JsonObject = { toolUseId: part.callId, content }
  if (part.isError) {
    if (content.length === 0) {
      content.push({ text: 'The tool failed and said nothing.' })
      lose(writing, path, 'a failure without a text was given one', 'repaired', false)
    } else if (resultStatus === false) {
      content.unshift({ text: 'The tool failed.' })
      lose(writing, path, 'a failure was marked in words', 'approximated', false)
    }
    if (resultStatus !== false) toolResult['status'] = 'error'
  }
  return [{ toolResult }, ...cachePoint(part.cache, path, writing)]
}

/** Inside a result no cache point may stand. */
function withoutPoints(
  part: ToolResultPart['content'][number],
  path: string,
  writing: Writing,
): JsonObject[] {
  const quirks = { ...writing.quirks, cachePoints: false }
  return encodeUserPart(part, path, { ...writing, quirks })
}
