import type { JsonObject } from '../../core/json.ts'
import type { FunctionTool, Tool } from '../../core/request.ts'
import { cachePoint, lose, type Writing } from './wire.ts'

/** Writes a tool, and the cache point behind it; nothing for one that has no form on this wire. */
export function encodeTool(tool: Tool, path: string, writing: Writing): JsonObject[] {
  if (tool.kind === 'function') {
    const wire = { toolSpec: encodeFunction(tool, path, writing) }
    return [wire, ...cachePoint(tool.cache, path, writing)]
  }
  const what =
    tool.kind === 'custom'
      ? 'this protocol has no tools with free text'
      : `\`${tool.type}\` is a tool that another vendor runs`
  lose(writing, path, what, 'dropped', true)
  return []
}

function encodeFunction(tool: FunctionTool, path: string, writing: Writing): JsonObject {
  const wire: JsonObject = { name: tool.name }
  // An empty description is refused.
  if (tool.description) wire['description'] = tool.description
  wire['inputSchema'] = { json: encodeSchema(tool, path, writing) }
  if (!tool.strict) return wire
  if (writing.quirks.strictTools === false) {
    const what = 'this model cannot be held to the schema of a tool'
    lose(writing, `${path}.strict`, what, 'dropped', true)
  } else wire['strict'] = true
  return wire
}

/** The schema as it is, but for the root's type, which the vendor insists on. */
function encodeSchema(tool: FunctionTool, path: string, writing: Writing): JsonObject {
  const schema = tool.parameters
  if (!schema) return { type: 'object' }
  if (schema['type'] !== undefined) return schema
  if (Object.keys(schema).length > 0) {
    const what = 'the schema did not say that its root is an object'
    lose(writing, `${path}.parameters`, what, 'repaired', false)
  }
  return { type: 'object', ...schema }
}
