import type { Json, JsonObject } from '../../core/json.ts'
import type { CustomTool, FunctionTool, ServerTool, Tool } from '../../core/request.ts'
import {
  asObject,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  type Place,
  pathOf,
  place,
  string,
} from '../../wire/read.ts'
import { bind, type Reading, type Writing } from './text-content.ts'
import { type Building, leftover, NAME, ownExtras, parameter, restore, textAt } from './wire.ts'

const KNOWN_FUNCTION = new Set(['type', 'name', 'description', 'parameters', 'strict'])
const KNOWN_CUSTOM = new Set(['type', 'name', 'description', 'format'])

const TOOLS = place('tools')

/**
 * Reads `tools`. An empty list is the same as none.
 *
 * @throws ToolgateError with the path of the tool.
 */
export function decodeTools(body: JsonObject, reading: Reading): Tool[] {
  const list = optionalArray(body, 'tools')
  return list ? list.map((value, i) => decodeTool(value, place(i, TOOLS), reading)) : []
}

function decodeTool(value: Json, at: Place, reading: Reading): Tool {
  const tool = asObject(value, at)
  const type = string(tool, 'type', at)
  if (type === 'function') return decodeFunction(tool, at, reading)
  if (type === 'custom') return decodeCustom(tool, at, reading)
  return { kind: 'server', protocol: NAME, type, name: serverName(tool, type), value: tool }
}

/** What a choice calls a tool that the vendor runs: its type, and for a server of many its label. */
function serverName(tool: JsonObject, type: string): string {
  return textAt(tool, 'server_label') || textAt(tool, 'name') || type
}

/**
 * Reads a function. `strict: null` means no enforcement, and without `strict` the vendor enforces
 * what it can (OpenAI guide "function calling", 2026-07), which no other protocol does by itself.
 */
function decodeFunction(tool: JsonObject, at: Place, reading: Reading): FunctionTool {
  const found: Building<FunctionTool> = { kind: 'function', name: string(tool, 'name', at) }
  const description = optionalString(tool, 'description', at)
  if (description !== undefined) found.description = description
  const parameters = optionalObject(tool, 'parameters', at)
  if (parameters) found.parameters = parameters
  const strict = tool['strict'] === null ? false : optionalBoolean(tool, 'strict', at)
  if (strict !== undefined) found.strict = strict
  else
    reading.bound.push({
      path: `${parameter(pathOf(at))}.strict`,
      what: 'strict arguments where the schema allows it',
      weight: 'hint',
    })
  let kept = leftover(tool, KNOWN_FUNCTION)
  bind(kept, at, reading)
  if (tool['parameters'] === null) kept = { ...kept, parameters: null }
  if (kept) found.extras = { [NAME]: kept }
  return found
}

function decodeCustom(tool: JsonObject, at: Place, reading: Reading): CustomTool {
  const found: Building<CustomTool> = { kind: 'custom', name: string(tool, 'name', at) }
  const description = optionalString(tool, 'description', at)
  if (description !== undefined) found.description = description
  const format = optionalObject(tool, 'format', at)
  if (format?.['type'] === 'grammar') {
    const formatAt = place('format', at)
    found.grammar = {
      syntax: string(format, 'syntax', formatAt),
      definition: string(format, 'definition', formatAt),
    }
  }
  const kept = leftover(tool, KNOWN_CUSTOM)
  if (kept) {
    found.extras = { [NAME]: kept }
    bind(kept, at, reading)
  }
  return found
}

/**
 * Writes the tools in the client's order. A tool that a vendor of another protocol runs itself is
 * left out, with a loss.
 */
export function encodeTools(tools: readonly Tool[], writing: Writing): Json[] {
  const wire: Json[] = []
  for (let i = 0; i < tools.length; i++) {
    const tool = tools[i]
    if (!tool) continue
    const encoded = encodeTool(tool, `tools[${i}]`, writing)
    if (encoded !== undefined) wire.push(encoded)
  }
  return wire
}

function encodeTool(tool: Tool, path: string, writing: Writing): Json | undefined {
  switch (tool.kind) {
    case 'function':
      return encodeFunction(tool, path, writing)
    case 'custom':
      return encodeCustom(tool)
    case 'server':
      return encodeServer(tool, path, writing)
  }
}

function encodeServer(tool: ServerTool, path: string, writing: Writing): Json | undefined {
  if (tool.protocol === NAME) return tool.value
  writing.losses.push({
    path,
    what: `the server tool ${tool.name}`,
    action: 'dropped',
    meaning: true,
  })
  return undefined
}

/** Writes a function. For a request of another protocol `strict` is always said: the defaults differ. */
function encodeFunction(tool: FunctionTool, path: string, writing: Writing): JsonObject {
  const { own, quirks, losses } = writing
  const wire: JsonObject = { type: 'function', name: tool.name }
  if (tool.description !== undefined) wire['description'] = tool.description
  if (tool.parameters) wire['parameters'] = encodeParameters(tool.parameters, own)
  else if (!own) wire['parameters'] = { type: 'object', properties: {} }
  const strict = tool.strict ?? (own ? undefined : false)
  if (quirks.strictTools !== false) {
    if (strict !== undefined) wire['strict'] = strict
  } else if (strict === true)
    losses.push({ path: `${path}.strict`, what: 'strict', action: 'dropped', meaning: true })
  restore(wire, ownExtras(tool.extras))
  return wire
}

/**
 * A schema of another protocol gets the `properties` that OpenAI demands of an object. It says no
 * more with an empty list than without (spring-ai issue #4776).
 */
function encodeParameters(parameters: JsonObject, own: boolean): JsonObject {
  const bare = parameters['type'] === 'object' && parameters['properties'] === undefined
  return bare && !own ? { ...parameters, properties: {} } : parameters
}

function encodeCustom(tool: CustomTool): JsonObject {
  const wire: JsonObject = { type: 'custom', name: tool.name }
  if (tool.description !== undefined) wire['description'] = tool.description
  if (tool.grammar) wire['format'] = { type: 'grammar', ...tool.grammar }
  restore(wire, ownExtras(tool.extras))
  return wire
}
