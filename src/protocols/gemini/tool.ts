import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type { FunctionTool, Tool } from '../../core/request.ts'
import { asObject, optionalString, type Place, pathOf, place, string } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import { liftSchema } from './schema-lift.ts'
import {
  type Building,
  camel,
  leftover,
  listAt,
  lose,
  NAME,
  ownExtras,
  type Reading,
  refuseNote,
  restore,
  type Writing,
} from './wire.ts'

const DECLARATION_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'parameters',
  'parametersJsonSchema',
])

/** As the vendor's live answers have it; the SDK says 128 (gemini-cli issue #7869, 2025). */
export const TOOL_NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/
/** The most characters of a tool's name. */
export const MAX_NAME = 64

/** Reads `tools`: the functions of all entries, and each tool that the vendor runs itself. */
export function decodeTools(list: readonly Json[], reading: Reading): Tool[] {
  const at = place('tools')
  const tools: Tool[] = []
  for (let i = 0; i < list.length; i++) {
    const toolPlace = place(i, at)
    const wire = camel(asObject(list[i], toolPlace))
    for (const key in wire) {
      const value = wire[key]
      if (value === undefined || value === null) continue
      if (key === 'functionDeclarations') {
        const declarations = listAt(wire, key, toolPlace) ?? []
        const declarationsPlace = place(key, toolPlace)
        for (let j = 0; j < declarations.length; j++) {
          tools.push(decodeFunction(declarations[j], place(j, declarationsPlace), reading))
        }
        continue
      }
      refuseNote(key, toolPlace)
      tools.push({ kind: 'server', protocol: NAME, type: key, name: key, value })
    }
  }
  return tools
}

function decodeFunction(entry: Json | undefined, at: Place, reading: Reading): FunctionTool {
  const wire = camel(asObject(entry, at))
  const name = string(wire, 'name', at)
  if (!TOOL_NAME.test(name) || name.length > MAX_NAME) throw badName(name, place('name', at))
  const tool: Building<FunctionTool> = { kind: 'function', name }
  const description = optionalString(wire, 'description', at)
  if (description !== undefined) tool.description = description
  let extras = leftover(wire, DECLARATION_FIELDS, at, reading, weigh)
  const { parameters, parametersJsonSchema } = wire
  if (parametersJsonSchema !== undefined && parametersJsonSchema !== null) {
    tool.parameters = asObject(parametersJsonSchema, place('parametersJsonSchema', at))
  } else if (parameters !== undefined && parameters !== null) {
    const schema = asObject(parameters, place('parameters', at))
    tool.parameters = liftSchema(schema)
    extras = { ...extras, $parameters: schema }
  }
  if (extras) tool.extras = { [NAME]: extras }
  return tool
}

/** What a function answers is a note to the model; the rest belongs to live sessions. */
function weigh(key: string): BoundField['weight'] {
  return key === 'response' || key === 'responseJsonSchema' ? 'hint' : 'meaning'
}

function badName(name: string, at: Place): ToolgateError {
  const path = pathOf(at)
  return new ToolgateError('invalid_tool_name', `'${name}' is not a legal name of a tool.`, {
    details: { path, names: [name] },
  })
}

/** Writes a tool as `[key, value]` of an entry of `tools`; functions go under one key together. */
export function encodeServerTool(
  tool: Tool,
  path: string,
  writing: Writing,
): JsonObject | undefined {
  if (tool.kind === 'server' && tool.protocol === NAME) return { [tool.type]: tool.value }
  const what =
    tool.kind === 'server'
      ? `\`${tool.type}\` is a tool that another vendor runs`
      : 'this protocol has no tools with free text'
  lose(writing, path, what, 'dropped', true)
  return undefined
}

/**
 * Writes a function. Its schema goes as JSON Schema, which every model from 2.0 on takes whole; a
 * schema that the client wrote in the vendor's own dialect goes back as it was.
 */
export function encodeFunction(tool: FunctionTool, quirks: Quirks): JsonObject {
  const wire: JsonObject = { name: tool.name }
  if (tool.description !== undefined) wire['description'] = tool.description
  const own = ownExtras(tool.extras)
  const written = own?.['$parameters']
  if (isObject(written)) wire['parameters'] = written
  else if (tool.parameters && quirks.toolSchema === 'gemini-schema')
    wire['parameters'] = tool.parameters
  else if (tool.parameters) wire['parametersJsonSchema'] = tool.parameters
  return restore(wire, own)
}
