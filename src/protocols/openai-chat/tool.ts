import { Derived, isShared, share } from '../../core/derived.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { BoundField, Loss } from '../../core/loss.ts'
import type { CustomTool, FunctionTool, Tool } from '../../core/request.ts'
import { writeOnce } from '../../wire/json.ts'
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
import type { Quirks } from '../quirks.ts'
import { type Reading, readCache, type Writing, writeCache } from './text-content.ts'
import {
  type Building,
  leftover,
  NAME,
  objectAt,
  ownExtras,
  parameter,
  refused,
  restore,
} from './wire.ts'

const KNOWN_TOOL = new Set(['type', 'function', 'custom', 'cache_control'])
const KNOWN_FUNCTION = new Set(['name', 'description', 'parameters', 'strict'])
const KNOWN_CUSTOM = new Set(['name', 'description', 'format'])

const TOOLS = place('tools')
const FUNCTIONS = place('functions')

/** What a request says about its tools. */
export interface DecodedTools {
  readonly tools: readonly Tool[]
  /** Whether they came in the deprecated field `functions`. */
  readonly legacy: boolean
}

/**
 * Reads `tools`, or the deprecated `functions`. An empty list is the same as none.
 *
 * @throws ToolgateError with the path of the tool.
 */
export function decodeTools(body: JsonObject, reading: Reading): DecodedTools {
  const list = optionalArray(body, 'tools')
  const functions = optionalArray(body, 'functions')
  if (functions && functions.length > 0) {
    if (list && list.length > 0)
      throw refused(
        "Invalid value for 'functions': 'functions' is not allowed together with 'tools'.",
        'functions',
        null,
        ['functions'],
      )
    const tools = functions.map((value, i) => decodeFunction(value, place(i, FUNCTIONS), reading))
    return { tools, legacy: true }
  }
  if (!list) return { tools: [], legacy: false }
  const { tools, bound } = DECODED.of(list, decodeList)
  if (bound.length > 0) reading.bound.push(...bound)
  return { tools, legacy: false }
}

/** Lists of tools, and what their reading found that is bound to this protocol. */
const DECODED = new Derived<
  Json[],
  { readonly tools: readonly Tool[]; readonly bound: readonly BoundField[] }
>()

function decodeList(list: Json[]): { tools: readonly Tool[]; bound: readonly BoundField[] } {
  const bound: BoundField[] = []
  const tools = list.map((value, i) => decodeTool(value, place(i, TOOLS), { bound }))
  return { tools: isShared(list) ? share(tools) : tools, bound }
}

function decodeTool(value: Json, at: Place, reading: Reading): Tool {
  const tool = asObject(value, at)
  // Mistral's clients leave the type out.
  const type =
    tool['type'] === undefined && tool['function'] !== undefined
      ? 'function'
      : string(tool, 'type', at)
  if (type === 'function')
    return finish(
      decodeFunction(tool['function'], place('function', at), reading),
      tool,
      at,
      reading,
    )
  if (type === 'custom')
    return finish(decodeCustom(tool['custom'], place('custom', at), reading), tool, at, reading)
  // Compatible vendors run tools of their own here; the name is only for messages about them.
  return { kind: 'server', protocol: NAME, type, name: type, value: tool }
}

/** Adds what stands beside the definition: a cache mark, and fields that are not known. */
function finish<T extends Building<FunctionTool> | Building<CustomTool>>(
  found: T,
  tool: JsonObject,
  at: Place,
  reading: Reading,
): T {
  const cache = readCache(tool)
  if (cache && found.kind === 'function') found.cache = cache
  const kept = leftover(tool, KNOWN_TOOL)
  if (kept) {
    bind(kept, at, reading)
    found.extras = { [NAME]: { ...ownExtras(found.extras), ...kept } }
  }
  return found
}

function bind(kept: JsonObject, at: Place, reading: Reading): void {
  for (const key in kept)
    reading.bound.push({ path: `${parameter(pathOf(at))}.${key}`, what: key, weight: 'meaning' })
}

function decodeFunction(
  value: Json | undefined,
  at: Place,
  reading: Reading,
): Building<FunctionTool> {
  const definition = asObject(value, at)
  const found: Building<FunctionTool> = { kind: 'function', name: string(definition, 'name', at) }
  const description = optionalString(definition, 'description', at)
  if (description !== undefined) found.description = description
  const parameters = optionalObject(definition, 'parameters', at)
  if (parameters) found.parameters = parameters
  const strict = optionalBoolean(definition, 'strict', at)
  if (strict !== undefined) found.strict = strict
  const kept = leftover(definition, KNOWN_FUNCTION)
  if (kept) {
    found.extras = { [NAME]: { $inner: kept } }
    bind(kept, at, reading)
  }
  return found
}

function decodeCustom(value: Json | undefined, at: Place, reading: Reading): Building<CustomTool> {
  const definition = asObject(value, at)
  const found: Building<CustomTool> = { kind: 'custom', name: string(definition, 'name', at) }
  const description = optionalString(definition, 'description', at)
  if (description !== undefined) found.description = description
  const format = optionalObject(definition, 'format', at)
  if (format?.['type'] === 'grammar') {
    const grammarAt = place('grammar', place('format', at))
    const grammar = asObject(format['grammar'], grammarAt)
    found.grammar = {
      syntax: string(grammar, 'syntax', grammarAt),
      definition: string(grammar, 'definition', grammarAt),
    }
  }
  const kept = leftover(definition, KNOWN_CUSTOM)
  if (kept) {
    found.extras = { [NAME]: { $inner: kept } }
    bind(kept, at, reading)
  }
  return found
}

/** The tools of shared lists as they were written for vendors with such quirks. */
const ENCODED = new Derived<readonly Tool[], Map<Quirks, { wire: Json[]; losses: Loss[] }>>()

/**
 * Writes the tools in the client's order. A tool that a vendor of another protocol runs itself is
 * left out, with a loss.
 */
export function encodeTools(tools: readonly Tool[], writing: Writing): Json[] {
  if (!isShared(tools)) return encodeList(tools, writing)
  const written = ENCODED.of(tools, () => new Map())
  let known = written.get(writing.quirks)
  if (!known) {
    const losses: Loss[] = []
    known = { wire: writeOnce(encodeList(tools, { ...writing, losses })), losses }
    written.set(writing.quirks, known)
  }
  if (known.losses.length > 0) writing.losses.push(...known.losses)
  return known.wire
}

function encodeList(tools: readonly Tool[], writing: Writing): Json[] {
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
      if (tool.protocol === NAME) return tool.value
      writing.losses.push({
        path,
        what: `the server tool ${tool.name}`,
        action: 'dropped',
        meaning: true,
      })
      return undefined
  }
}

function encodeFunction(tool: FunctionTool, path: string, writing: Writing): JsonObject {
  const kept = ownExtras(tool.extras)
  const definition: JsonObject = { name: tool.name }
  if (tool.description !== undefined) definition['description'] = tool.description
  if (tool.parameters) definition['parameters'] = encodeParameters(tool.parameters, writing)
  if (tool.strict !== undefined) {
    if (writing.quirks.strictTools !== false) definition['strict'] = tool.strict
    else if (tool.strict)
      writing.losses.push({
        path: `${path}.strict`,
        what: 'strict',
        action: 'dropped',
        meaning: true,
      })
  }
  if (kept) restore(definition, objectAt(kept, '$inner'))
  const wire: JsonObject = { type: 'function', function: definition }
  restore(wire, kept)
  writeCache(wire, tool.cache, writing.quirks)
  return wire
}

/**
 * A schema of another protocol gets the `properties` that OpenAI demands of an object. It says no
 * more with an empty list than without. The error was `object schema missing properties`
 * (spring-ai issue #4776).
 */
function encodeParameters(parameters: JsonObject, writing: Writing): JsonObject {
  const bare = parameters['type'] === 'object' && parameters['properties'] === undefined
  return bare && !writing.own ? { ...parameters, properties: {} } : parameters
}

function encodeCustom(tool: CustomTool): JsonObject {
  const kept = ownExtras(tool.extras)
  const definition: JsonObject = { name: tool.name }
  if (tool.description !== undefined) definition['description'] = tool.description
  if (tool.grammar) {
    const { syntax, definition: rules } = tool.grammar
    definition['format'] = { type: 'grammar', grammar: { syntax, definition: rules } }
  }
  if (kept) restore(definition, objectAt(kept, '$inner'))
  const wire: JsonObject = { type: 'custom', custom: definition }
  restore(wire, kept)
  return wire
}
