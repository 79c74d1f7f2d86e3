import { isObject, type Json } from '../../core/json.ts'

/** What the house calls a setting, and what this protocol does. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['messages', 'input'],
  ['system', 'instructions'],
  ['max_tokens', 'max_output_tokens'],
  ['response_format', 'text.format'],
  ['reasoning_effort', 'reasoning.effort'],
  ['verbosity', 'text.verbosity'],
])

const FORMAT = 'response_format.json_schema'
const MESSAGE = /^messages\[(\d+)\](?:\.content\[(\d+)\])?(.*)$/

/**
 * Where a thing stands in a client's own body, of which an encoder told in the words of the house.
 * There a turn of the model is one message, and here it may be several items.
 */
export function placeOf(path: string, wire: Json): string {
  if (path.startsWith(FORMAT)) return `text.format${path.slice(FORMAT.length)}`
  const found = MESSAGE.exec(path)
  if (!found) return NAMES.get(path) ?? path.replace(/^system(?=[.[])/, 'instructions')
  const input = isObject(wire) ? wire['input'] : undefined
  if (!Array.isArray(input)) return 'input'
  const [, index = '', part, rest = ''] = found
  return part === undefined
    ? `input[${index}]${rest}`
    : placeIn(input, Number(index), Number(part)) + rest
}

/** The place of a part, counted from the item that its turn begins with. */
function placeIn(input: readonly Json[], first: number, part: number): string {
  let left = part
  for (let at = first; at < input.length; at++) {
    const item = input[at]
    const type = isObject(item) ? item['type'] : undefined
    if (typeof type === 'string' && type.endsWith('_output')) return `input[${at}].output[${left}]`
    const content =
      isObject(item) && (type ?? 'message') === 'message' ? item['content'] : undefined
    const parts = Array.isArray(content) ? content.length : 1
    if (left >= parts) left -= parts
    else if (Array.isArray(content)) return `input[${at}].content[${left}]`
    else return content === undefined ? `input[${at}]` : `input[${at}].content`
  }
  return `input[${first}]`
}
