/**
 * Why a schema cannot be enforced, in OpenAI's words. It follows a sentence that names the schema,
 * unless it is `whole`.
 */
export interface StrictProblem {
  readonly text: string
  readonly whole?: boolean
}

/** How large a strict schema may be. */
export interface StrictLimits {
  /** Properties of all objects together. */
  readonly properties: number
  /** Objects inside objects. */
  readonly levels: number
  /** Whether the objects of an `anyOf` must begin with different properties. */
  readonly distinctUnions: boolean
}

/** Values of all enums together, and characters of all names and values (vendor guide, 2026-07). */
const MOST_ENUM_VALUES = 1000
const MOST_CHARACTERS = 120_000

/** Keywords outside of the subset that strict mode knows (vendor guide, 2026-07). */
const NOT_PERMITTED = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'prefixItems',
  'contains',
  'minContains',
  'maxContains',
  'uniqueItems',
  'minLength',
  'maxLength',
  'default',
]

const FORMATS = [
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
]

type Node = { readonly [keyword: string]: unknown }
type Context = readonly string[]

interface Walk {
  readonly limits: StrictLimits
  readonly definitions: Node
  properties: number
  enumValues: number
  characters: number
}

/**
 * Checks a schema against OpenAI's strict mode: every object closed and all its properties
 * required, no composition but `anyOf` below the root, `$ref` alone, and limits of size. Returns
 * the first problem (texts from issues openai-agents-mcp #2, mysql-mcp #5, dotnet/extensions
 * #6302, ellmer #671; texts of the size limits are from memory), or nothing.
 */
export function strictProblem(schema: unknown, limits: StrictLimits): StrictProblem | undefined {
  if (!isNode(schema)) return rootProblem(schema)
  if (schema.type !== 'object' || schema.anyOf !== undefined) return rootProblem(schema)
  const walk: Walk = {
    limits,
    definitions: { ...nodeOf(schema.definitions), ...nodeOf(schema.$defs) },
    properties: 0,
    enumValues: 0,
    characters: 0,
  }
  return nodeProblem(schema, [], 0, walk) ?? definitionsProblem(schema, walk) ?? sizeProblem(walk)
}

/**
 * Checks what OpenAI asks of any schema of a tool, strict or not: an object at the root, `items`
 * for arrays (issue aichat #1049) and `properties` for objects (issue spring-ai #4776).
 */
export function looseProblem(schema: unknown): StrictProblem | undefined {
  if (!isNode(schema) || schema.type !== 'object') return rootProblem(schema)
  return shapeProblem(schema, [])
}

function rootProblem(schema: unknown): StrictProblem {
  const type = isNode(schema) ? schema.type : undefined
  if (type === 'object') return problemAt([], "'anyOf' is not permitted.")
  const found = typeof type === 'string' ? type : Array.isArray(type) ? listText(type) : 'None'
  return { text: `schema must be a JSON Schema of 'type: "object"', got 'type: "${found}"'.` }
}

function nodeProblem(
  node: Node,
  context: Context,
  level: number,
  walk: Walk,
): StrictProblem | undefined {
  if (typeof node.$ref === 'string') return refProblem(node, context, walk)
  const banned = NOT_PERMITTED.find(keyword => node[keyword] !== undefined)
  if (banned !== undefined) return problemAt(context, `'${banned}' is not permitted.`)
  if (typeof node.format === 'string' && !FORMATS.includes(node.format)) {
    return problemAt(context, `'${node.format}' is not a valid format.`)
  }
  if (!('type' in node || 'anyOf' in node || 'enum' in node || 'const' in node)) {
    return problemAt(context, `schema must have a 'type' key.`)
  }
  countValues(node, walk)
  return (
    objectProblem(node, context, level, walk) ??
    arrayProblem(node, context, level, walk) ??
    unionProblem(node, context, level, walk)
  )
}

function refProblem(node: Node, context: Context, walk: Walk): StrictProblem | undefined {
  const others = Object.keys(node).filter(key => key !== '$ref')
  if (others.length > 0) {
    const keys = others.map(key => `'${key}'`).join(', ')
    return problemAt(context, `$ref cannot have keywords {${keys}}.`)
  }
  const name = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(String(node.$ref))?.[1]
  if (node.$ref === '#' || (name !== undefined && name in walk.definitions)) return undefined
  return problemAt(
    context,
    `reference to component '${String(node.$ref)}' which was not found in the schema.`,
  )
}

function objectProblem(
  node: Node,
  context: Context,
  level: number,
  walk: Walk,
): StrictProblem | undefined {
  if (!hasType(node, 'object')) return undefined
  if (node.additionalProperties !== false) {
    return problemAt(context, `'additionalProperties' is required to be supplied and to be false.`)
  }
  const properties = nodeOf(node.properties)
  const names = Object.keys(properties)
  const required = Array.isArray(node.required) ? node.required.map(String) : []
  const missing = names.find(name => !required.includes(name))
  if (missing !== undefined) {
    return problemAt(
      context,
      `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`,
    )
  }
  const extra = required.find(name => !Object.hasOwn(properties, name))
  if (extra !== undefined) {
    return problemAt(
      context,
      `'required' is required to be supplied and to be an array including every key in properties. Extra required key '${extra}' supplied.`,
    )
  }
  const deeper = level + 1
  if (deeper > walk.limits.levels) {
    return { text: `${deeper} levels of nesting exceeds limit of ${walk.limits.levels}.` }
  }
  walk.properties += names.length
  for (const name of names) {
    walk.characters += name.length
    const problem = childProblem(properties[name], [...context, 'properties', name], deeper, walk)
    if (problem !== undefined) return problem
  }
  return undefined
}

function arrayProblem(
  node: Node,
  context: Context,
  level: number,
  walk: Walk,
): StrictProblem | undefined {
  if (!hasType(node, 'array')) return undefined
  if (node.items === undefined) return problemAt(context, `array schema missing items.`)
  return childProblem(node.items, [...context, 'items'], level, walk)
}

function unionProblem(
  node: Node,
  context: Context,
  level: number,
  walk: Walk,
): StrictProblem | undefined {
  if (!Array.isArray(node.anyOf)) return undefined
  const branches: readonly unknown[] = node.anyOf
  for (const [index, branch] of branches.entries()) {
    const problem = childProblem(branch, [...context, 'anyOf', String(index)], level, walk)
    if (problem !== undefined) return problem
  }
  if (!walk.limits.distinctUnions) return undefined
  const firsts = branches.flatMap(branch => firstProperty(branch, walk) ?? [])
  if (new Set(firsts).size === firsts.length) return undefined
  const text = "Invalid schema: Objects provided via 'anyOf' must not share identical first keys."
  return { text, whole: true }
}

function firstProperty(branch: unknown, walk: Walk): string | undefined {
  const node = nodeOf(branch)
  const name = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(String(node.$ref))?.[1]
  const target = name === undefined ? node : nodeOf(walk.definitions[name])
  return Object.keys(nodeOf(target.properties))[0]
}

function childProblem(
  value: unknown,
  context: Context,
  level: number,
  walk: Walk,
): StrictProblem | undefined {
  if (isNode(value)) return nodeProblem(value, context, level, walk)
  return problemAt(context, `schema must have a 'type' key.`)
}

function definitionsProblem(schema: Node, walk: Walk): StrictProblem | undefined {
  for (const keyword of ['$defs', 'definitions']) {
    for (const [name, definition] of Object.entries(nodeOf(schema[keyword]))) {
      walk.characters += name.length
      const problem = childProblem(definition, [keyword, name], 1, walk)
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function sizeProblem(walk: Walk): StrictProblem | undefined {
  const { properties } = walk.limits
  if (walk.properties > properties) {
    return { text: `${walk.properties} parameters exceeds limit of ${properties}.` }
  }
  if (walk.enumValues > MOST_ENUM_VALUES) {
    return { text: `${walk.enumValues} enum values exceeds limit of ${MOST_ENUM_VALUES}.` }
  }
  if (walk.characters > MOST_CHARACTERS) {
    return {
      text: `${walk.characters} characters of names and enum values exceeds limit of ${MOST_CHARACTERS}.`,
    }
  }
  return undefined
}

function shapeProblem(node: Node, context: Context): StrictProblem | undefined {
  if (node.type === 'object' && node.properties === undefined && context.length === 0) {
    return problemAt(context, `object schema missing properties.`)
  }
  if (node.type === 'array' && node.items === undefined) {
    return problemAt(context, `array schema missing items.`)
  }
  for (const [name, child] of Object.entries(nodeOf(node.properties))) {
    const problem = isNode(child)
      ? shapeProblem(child, [...context, 'properties', name])
      : undefined
    if (problem !== undefined) return problem
  }
  if (isNode(node.items)) return shapeProblem(node.items, [...context, 'items'])
  if (!Array.isArray(node.anyOf)) return undefined
  for (const [index, branch] of node.anyOf.entries()) {
    const at = [...context, 'anyOf', String(index)]
    const problem = isNode(branch) ? shapeProblem(branch, at) : undefined
    if (problem !== undefined) return problem
  }
  return undefined
}

function countValues(node: Node, walk: Walk): void {
  const values: readonly unknown[] = Array.isArray(node.enum)
    ? node.enum
    : node.const === undefined
      ? []
      : [node.const]
  if (Array.isArray(node.enum)) walk.enumValues += values.length
  for (const value of values) walk.characters += String(value).length
}

/** Names a place as OpenAI does: a Python tuple, with the comma that a single item needs. */
function problemAt(context: Context, text: string): StrictProblem {
  const items = context.map(step => `'${step}'`).join(', ')
  return { text: `In context=(${items}${context.length === 1 ? ',' : ''}), ${text}` }
}

function listText(types: readonly unknown[]): string {
  return `[${types.map(type => `'${String(type)}'`).join(', ')}]`
}

function hasType(node: Node, type: string): boolean {
  return Array.isArray(node.type) ? node.type.includes(type) : node.type === type
}

function nodeOf(value: unknown): Node {
  return isNode(value) ? value : {}
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
