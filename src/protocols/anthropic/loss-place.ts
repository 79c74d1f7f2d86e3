import { isObject, type Json } from '../../core/json.ts'

/** What the house calls a setting, and what this protocol does. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['stop', 'stop_sequences'],
  ['parallel_tool_calls', 'tool_choice.disable_parallel_tool_use'],
  ['response_format', 'output_config.format'],
  ['user', 'metadata.user_id'],
])

const FORMAT = 'response_format.json_schema'

/** What follows the format; that answers are held to it is not said there. */
function schemaOf(path: string): string {
  const rest = path.slice(FORMAT.length)
  return rest === '.strict' ? '' : rest
}

/** Where a thing stands in a client's own body, of which an encoder told in the words of the house. */
export function placeOf(path: string, wire: Json): string {
  if (path === 'reasoning_effort' || path === 'reasoning.effort')
    return isObject(wire) && isObject(wire['thinking']) ? 'thinking' : 'output_config.effort'
  if (path.startsWith(FORMAT)) return `output_config.format${schemaOf(path)}`
  return NAMES.get(path) ?? path.replace(/^(tools\[\d+\])\.parameters/, '$1.input_schema')
}
