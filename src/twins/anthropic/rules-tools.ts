import { reject } from './error.ts'
import { isObject, type Json } from './json.ts'
import { type DeclaredTool, type MessagesRequest, objectOf } from './request.ts'
import { fitsDialect, oddPropertyName, PROPERTY_NAME } from './schema-dialect.ts'
import { judgeStrict, type StrictCost } from './strict-schema.ts'

/** Rules on tools, their schemas and the choice among them. */
export function checkTools(request: MessagesRequest): void {
  for (const tool of request.tools) {
    if (tool.type === 'custom') checkSchema(tool)
  }
  refuseRepeatedNames(request)
  refuseDeferredCache(request)
  checkStrictness(request)
  checkChoice(request)
}

function checkSchema({ index, at }: DeclaredTool): void {
  const schema = objectOf(at, 'input_schema')
  const path = `tools.${index}.custom.input_schema`
  if (!schema) return
  // Sources: public reports of 2025 and 2026 about MCP servers, such as Codewhale issue #4329.
  if (['oneOf', 'allOf', 'anyOf'].some(keyword => keyword in schema)) {
    reject(`${path}: input_schema does not support oneOf, allOf, or anyOf at the top level`)
  }
  if (!fitsDialect(schema)) {
    reject(
      `${path}: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at https://docs.claude.com/en/docs/tool-use.`,
    )
  }
  if (oddPropertyName(schema) !== undefined) {
    reject(`${path}.properties: Property keys should match pattern '${PROPERTY_NAME.source}'`)
  }
}

/** Source: LibreChat issue #13162, 2026. */
function refuseRepeatedNames({ tools }: MessagesRequest): void {
  const names = tools.flatMap(({ name }) => (name === undefined ? [] : [name]))
  if (new Set(names).size < names.length) reject('tools: Tool names must be unique.')
}

/** Source: pydantic-ai, Anthropic model, 2026-08. */
function refuseDeferredCache({ tools }: MessagesRequest): void {
  if (tools.some(({ isDeferred, at }) => isDeferred && isObject(at['cache_control']))) {
    reject('Tools with defer_loading cannot use prompt caching')
  }
}

const MOST_STRICT = 20
const MOST_OPTIONALS = 24
const MOST_UNIONS = 16
/** The vendor's own ceiling is not published; this one only stops what could not pass. */
const MOST_PROPERTIES = 500

/** Sources: genkit issue #5230, inbox-zero issue #2323, anthropic-sdk-typescript issue #885. */
function checkStrictness({ tools, body }: MessagesRequest): void {
  const strict = tools.filter(({ type, isStrict }) => type === 'custom' && isStrict)
  if (strict.length > MOST_STRICT) {
    reject(
      `Too many strict tools (${strict.length}). The maximum number of strict tools supported is ${MOST_STRICT}. Try reducing the number of tools marked as strict.`,
    )
  }
  const costs = strict.map(({ index, at }) =>
    costOf(at['input_schema'] ?? {}, `tools.${index}.custom`),
  )
  const config = objectOf(body, 'output_config')
  const format = config && objectOf(config, 'format')
  const older = objectOf(body, 'output_format')
  if (format) costs.push(costOf(format['schema'] ?? {}, 'output_config.format.schema'))
  if (older) costs.push(costOf(older['schema'] ?? {}, 'output_format.schema'))
  refuseCosts(costs)
}

function costOf(schema: Json, path: string): StrictCost {
  const verdict = judgeStrict(schema)
  if ('fault' in verdict) reject(`${path}: ${verdict.fault}`)
  return verdict.cost
}

/** Refuses strict schemas that cost too much together. @throws Rejection */
export function refuseCosts(costs: readonly StrictCost[]): void {
  const sum = (name: keyof StrictCost) => costs.reduce((total, cost) => total + cost[name], 0)
  if (sum('optionals') > MOST_OPTIONALS) {
    reject(
      `Schemas contains too many optional parameters (${sum('optionals')}), which would make grammar compilation inefficient. Reduce the number of optional parameters in your tool schemas (limit: ${MOST_OPTIONALS}).`,
    )
  }
  if (sum('unions') > MOST_UNIONS) {
    // Reports quote the beginning and the end of this sentence; its middle is a guess.
    reject(
      `Schemas contains too many parameters with union types (${sum('unions')} parameters with type arrays or anyOf), which would make grammar compilation inefficient. Reduce the number of nullable or union-typed parameters (limit: ${MOST_UNIONS}).`,
    )
  }
  if (sum('properties') > MOST_PROPERTIES) {
    reject(
      'The compiled grammar is too large, which would cause performance issues. Simplify your tool schemas or reduce the number of strict tools.',
    )
  }
}

/** Sources: measured against the live API by others, 2026-09-04. */
function checkChoice({ choice, tools, model }: MessagesRequest): void {
  if (!choice) return
  const { type, name } = choice
  if (type === 'tool' && !tools.some(tool => tool.name === name)) {
    reject(`Tool '${name}' not found in provided tools`)
  }
  if (tools.length === 0) {
    reject(`tool_choice.${type} may only be specified while providing tools`)
  }
  if ((type === 'any' || type === 'tool') && model.forcedChoiceComplaint !== undefined) {
    reject(model.forcedChoiceComplaint)
  }
}
