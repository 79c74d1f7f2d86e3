import { Derived, isShared, share } from '../../core/derived.ts'
import { ToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type { FunctionTool, ServerTool, Tool } from '../../core/request.ts'
import {
  asObject,
  optionalBoolean,
  optionalString,
  type Place,
  pathOf,
  place,
  string,
} from '../../wire/read.ts'
import {
  type Building,
  decodeCache,
  encodeCache,
  keepUnknown,
  lose,
  NAME,
  ownExtras,
  type Reading,
  restore,
  type Writing,
} from './wire.ts'

const TOOL_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
])

/** As the vendor checks it since 2025; its documentation still says 64. */
export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/

/** Lists of tools, and what their reading found that is bound to this protocol. */
const DECODED = new Derived<
  readonly Json[],
  { readonly tools: readonly Tool[]; readonly bound: readonly BoundField[] }
>()

/** Reads `tools`. A tool with a type of its own belongs to the vendor. */
export function decodeTools(list: readonly Json[], reading: Reading): readonly Tool[] {
  const { tools, bound } = DECODED.of(list, () => {
    const bound: BoundField[] = []
    const tools = decodeList(list, { ...reading, bound })
    return { tools: isShared(list) ? share(tools) : tools, bound }
  })
  if (bound.length > 0) reading.bound.push(...bound)
  return tools
}

function decodeList(list: readonly Json[], reading: Reading): readonly Tool[] {
  const at = place('tools')
  return list.map((entry, i) => {
    const toolPlace = place(i, at)
    const wire = asObject(entry, toolPlace)
    const type = optionalString(wire, 'type', toolPlace)
    return type === undefined || type === 'custom'
      ? decodeFunction(wire, toolPlace, reading)
      : decodeServerTool(wire, type, toolPlace)
  })
}

function decodeFunction(wire: JsonObject, at: Place, reading: Reading): FunctionTool {
  const inside = place('custom', at)
  const name = string(wire, 'name', inside)
  if (!TOOL_NAME.test(name)) throw badName(name, place('name', inside))
  const tool: Building<FunctionTool> = { kind: 'function', name }
  const description = optionalString(wire, 'description', inside)
  if (description !== undefined) tool.description = description
  tool.parameters = asObject(wire['input_schema'], place('input_schema', inside))
  const strict = optionalBoolean(wire, 'strict', inside)
  if (strict !== undefined) tool.strict = strict
  const cache = decodeCache(wire, inside)
  if (cache) tool.cache = cache
  const extras = keepUnknown(wire, TOOL_FIELDS, at, reading)
  if (extras) tool.extras = extras
  return tool
}

function badName(name: string, at: Place): ToolgateError {
  const path = pathOf(at)
  const why = `String should match pattern '${TOOL_NAME.source}'`
  return new ToolgateError('invalid_tool_name', `${path.join('.')}: ${why}`, {
    details: { path, names: [name], why },
  })
}

/** A toolset goes by no name of its own; its type stands for it. */
function decodeServerTool(wire: JsonObject, type: string, at: Place): ServerTool {
  const name = optionalString(wire, 'name', place(type, at)) ?? type
  return { kind: 'server', protocol: NAME, type, name, value: wire }
}

/** Writes a tool; `undefined` for one that this wire has no form for, which is reported. */
export function encodeTool(tool: Tool, path: string, writing: Writing): Json | undefined {
  if (tool.kind === 'function') return encodeFunction(tool, path, writing)
  if (tool.kind === 'server' && tool.protocol === NAME) {
    return tool.value
  }
  const what =
    tool.kind === 'custom'
      ? 'this protocol has no tools with free text'
      : `\`${tool.type}\` is a tool that another vendor runs`
  lose(writing, path, what, 'dropped', true)
  return undefined
}

function encodeFunction(tool: FunctionTool, path: string, writing: Writing): JsonObject {
  const wire: JsonObject = { name: tool.name }
  if (tool.description !== undefined) wire['description'] = tool.description
  wire['input_schema'] = encodeSchema(tool, path, writing)
  if (tool.strict) {
    if (writing.quirks.strictTools === false) {
      const what = 'this model cannot be held to the schema of a tool'
      lose(writing, `${path}.strict`, what, 'dropped', true)
    } else wire['strict'] = true
  }
  if (tool.cache) wire['cache_control'] = encodeCache(tool.cache)
  return restore(wire, ownExtras(tool.extras))
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
