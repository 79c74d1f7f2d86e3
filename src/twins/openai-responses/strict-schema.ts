import { type StrictLimits, type StrictProblem, strictProblem } from '../json-schema-strict.ts'
import { isObject, type JsonObject } from './json.ts'

/** A function's schema as it counts, and whether it is enforced. */
export interface EffectiveSchema {
  readonly parameters: unknown
  readonly isStrict: boolean
}

/**
 * What leaving `strict` out means. The vendor tries strict mode, for which it closes all objects
 * and makes all their properties required, and falls back to no enforcement where the schema does
 * not allow it (openai-node 6.49 types and OpenAI guide "function calling", 2026-07; answers
 * recorded 2026-05 echo `strict: true` and an added `additionalProperties`). With `true` the schema
 * is checked as it is, and `false` and `null` mean no enforcement (recorded 2026-02 for `null`).
 */
export function effectiveSchema(
  parameters: unknown,
  strict: unknown,
  limits: StrictLimits,
): EffectiveSchema {
  if (strict !== undefined) return { parameters, isStrict: strict === true }
  if (!isObject(parameters)) return { parameters: parameters ?? null, isStrict: true }
  const closed = rewritten(parameters, closedObject)
  return strictFault(closed, limits) === undefined
    ? { parameters: closed, isStrict: true }
    : { parameters, isStrict: false }
}

/**
 * The first problem of a schema in strict mode. Unlike what is reported of Chat Completions,
 * `default` does no harm here (recorded 2025-08 for a function with `strict: true`).
 */
export function strictFault(schema: unknown, limits: StrictLimits): StrictProblem | undefined {
  return strictProblem(isObject(schema) ? rewritten(schema, withoutDefault) : schema, limits)
}

function withoutDefault(node: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(node).filter(([keyword]) => keyword !== 'default'))
}

/** An object with all its properties required, and closed unless it says something else. */
function closedObject(node: JsonObject): JsonObject {
  if (!isObject(node.properties) && !hasObjectType(node.type)) return node
  const properties = isObject(node.properties) ? node.properties : {}
  const required: readonly unknown[] = Array.isArray(node.required) ? node.required : []
  const missing = Object.keys(properties).filter(name => !required.includes(name))
  return {
    ...node,
    properties,
    required: [...required, ...missing],
    ...(node.additionalProperties === undefined && { additionalProperties: false }),
  }
}

function hasObjectType(type: unknown): boolean {
  return Array.isArray(type) ? type.includes('object') : type === 'object'
}

type Change = (node: JsonObject) => JsonObject

const MAPS_OF_SCHEMAS = ['properties', '$defs', 'definitions']
const LISTS_OF_SCHEMAS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']

/** A schema with every schema in it changed, the inner ones first. */
function rewritten(schema: JsonObject, change: Change): JsonObject {
  const members = Object.entries(schema).map(([keyword, value]) => [
    keyword,
    nested(keyword, value, change),
  ])
  return change(Object.fromEntries(members))
}

function nested(keyword: string, value: unknown, change: Change): unknown {
  const inner = (child: unknown) => (isObject(child) ? rewritten(child, change) : child)
  if (keyword === 'items') return inner(value)
  if (LISTS_OF_SCHEMAS.includes(keyword) && Array.isArray(value)) return value.map(inner)
  if (!MAPS_OF_SCHEMAS.includes(keyword) || !isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, inner(child)]))
}
