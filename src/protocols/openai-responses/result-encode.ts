import type { Json, JsonObject } from '../../core/json.ts'
import type { ToolResultPart } from '../../core/message.ts'
import { encodePart } from './content-part.ts'
import { asString, placeOf, type Writing } from './text-content.ts'
import { ownExtras, restore } from './wire.ts'

/**
 * Writes the output of a call. Pictures and files stand in it as they are. `customs` holds the ids
 * of calls with free text.
 */
export function encodeResult(
  result: ToolResultPart,
  customs: ReadonlySet<string>,
  writing: Writing,
): JsonObject {
  const kept = ownExtras(result.extras)
  const custom = kept?.['$custom'] === true || customs.has(result.callId)
  const item: JsonObject = {
    type: custom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: result.callId,
    output: resultOutput(result, writing),
  }
  restore(item, kept)
  return item
}

function resultPath(result: ToolResultPart): string {
  return result.atPart === undefined
    ? placeOf(result.at)
    : `${placeOf(result.at)}.content[${result.atPart}]`
}

function resultOutput(result: ToolResultPart, writing: Writing): Json {
  const parts: JsonObject[] = []
  for (let i = 0; i < result.content.length; i++) {
    const part = result.content[i]
    const encoded = part && encodePart(part, `${resultPath(result)}.content[${i}]`, writing)
    if (encoded) parts.push(encoded)
  }
  if (result.isError === true) markError(parts, result, writing)
  return parts.length === 0 ? '' : (asString(parts, 'input_text') ?? parts)
}

/** There is no error flag on this wire; words at the head say it. */
function markError(parts: JsonObject[], result: ToolResultPart, writing: Writing): void {
  writing.losses.push({
    path: `${resultPath(result)}.is_error`,
    what: 'the error flag of a tool result, said in words',
    action: 'emulated',
    meaning: false,
  })
  const [first] = parts
  const text = first?.['text']
  if (!first) parts.push({ type: 'input_text', text: 'Error' })
  else if (typeof text !== 'string') parts.unshift({ type: 'input_text', text: 'Error:' })
  else if (!/^[\s"'{[]*error/i.test(text)) first['text'] = `Error: ${text}`
}
