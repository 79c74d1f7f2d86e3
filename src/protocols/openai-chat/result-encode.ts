import type { Json, JsonObject } from '../../core/json.ts'
import type { ResultPart, TextPart, ToolMessage, ToolResultPart } from '../../core/message.ts'
import { encodePart } from './content-part.ts'
import { encodeTextPart, placeOf, textContent, type Writing, writeCache } from './text-content.ts'
import { ownExtras, restore } from './wire.ts'

/** Words in a tool message whose pictures follow in a message of their own. */
const NOTE = '[The rest of this result follows in the next user message.]'

/**
 * Writes the results of a turn, one message each. What of them may stand only in a user message is
 * given back, to follow after all of them. `names` holds the calls' names, if they are wanted.
 */
export function encodeResults(
  wire: JsonObject[],
  message: ToolMessage,
  names: ReadonlyMap<string, string> | undefined,
  writing: Writing,
): JsonObject[] {
  const moved: JsonObject[] = []
  for (const result of message.content) {
    const content = resultContent(result, moved, writing)
    const encoded: JsonObject = { role: 'tool', tool_call_id: result.callId, content }
    const name = names && (result.name ?? names.get(result.callId))
    if (name !== undefined) encoded['name'] = name
    restore(encoded, ownExtras(result.extras))
    writeCache(encoded, result.cache, writing.quirks)
    wire.push(encoded)
  }
  return moved
}

function resultPath(result: ToolResultPart): string {
  return result.atPart === undefined
    ? placeOf(result.at)
    : `${placeOf(result.at)}.content[${result.atPart}]`
}

function resultContent(result: ToolResultPart, moved: JsonObject[], writing: Writing): Json {
  const { quirks } = writing
  const parts: JsonObject[] = []
  let plain: TextPart[] | undefined = []
  let movedHere = 0
  for (let i = 0; i < result.content.length; i++) {
    const part = result.content[i]
    if (!part) continue
    if (part.type === 'text') {
      plain?.push(part)
      parts.push(encodeTextPart(part, quirks))
    } else if (part.type === 'opaque' || staysInResult(part, quirks.imagesInResults)) {
      plain = undefined
      const encoded = encodePart(part, `${resultPath(result)}.content[${i}]`, writing)
      if (encoded) parts.push(encoded)
    } else movedHere += move(part, result, i, moved, movedHere === 0, writing)
  }
  if (movedHere > 0) {
    const note = { type: 'text', text: NOTE } as const
    plain?.push(note)
    parts.push({ ...note })
  }
  if (result.isError === true) markError(parts, plain, result, writing)
  return plain ? textContent(plain, writing) : parts
}

function staysInResult(part: ResultPart, imagesInResults: boolean | undefined): boolean {
  return part.type === 'image' && imagesInResults === true
}

/** Puts a part of a result into the user message that follows; gives how many were put there. */
function move(
  part: ResultPart,
  result: ToolResultPart,
  index: number,
  moved: JsonObject[],
  first: boolean,
  writing: Writing,
): number {
  const path = `${resultPath(result)}.content[${index}]`
  const encoded = encodePart(part, path, writing)
  if (!encoded) return 0
  if (first) moved.push({ type: 'text', text: `[From the result of tool call ${result.callId}]` })
  moved.push(encoded)
  writing.losses.push({
    path,
    what: `${part.type === 'image' ? 'a picture' : `a part of type ${part.type}`} in a tool result, moved to a user message`,
    action: 'approximated',
    meaning: false,
  })
  return 1
}

/** There is no error flag on this wire; words at the head say it. */
function markError(
  parts: JsonObject[],
  plain: TextPart[] | undefined,
  result: ToolResultPart,
  writing: Writing,
): void {
  writing.losses.push({
    path: `${resultPath(result)}.is_error`,
    what: 'the error flag of a tool result, said in words',
    action: 'emulated',
    meaning: false,
  })
  const first = plain?.[0]
  if (!plain) parts.unshift({ type: 'text', text: 'Error:' })
  else if (!first) plain.push({ type: 'text', text: 'Error' })
  else if (!/^[\s"'{[]*error/i.test(first.text))
    plain[0] = { ...first, text: `Error: ${first.text}` }
}
