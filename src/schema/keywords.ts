import { isObject, type Json, type JsonObject } from '../core/json.ts'

/** Keywords that hold one schema. */
export const ONE_SCHEMA: ReadonlySet<string> = new Set([
  ...['additionalProperties', 'unevaluatedProperties', 'propertyNames', 'contains', 'not', 'if'],
  ...['then', 'else', 'items', 'additionalItems', 'unevaluatedItems', 'contentSchema'],
])
/** Keywords that hold a list of schemas. */
export const SCHEMA_LIST: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
/** Keywords that hold schemas by name: there a key is a name and no keyword. */
export const SCHEMA_MAP: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'],
])
/** Keywords that say nothing about values; `title` and `description` are for the model to read. */
export const SILENT: ReadonlySet<string> = new Set([
  ...['$schema', '$id', 'id', '$anchor', '$dynamicAnchor', '$comment', '$vocabulary'],
])

/**
 * Applies `change` to every schema right inside of a node. The same object comes back if none of
 * them changed, so that what needs no work stays what it is.
 */
export function mapSchemas(
  node: JsonObject,
  change: (schema: JsonObject) => JsonObject,
): JsonObject {
  let out: JsonObject | undefined
  for (const key in node) {
    const value = node[key]
    const mapped = mapKeyword(key, value, change)
    if (mapped === value) continue
    out ??= { ...node }
    out[key] = mapped
  }
  return out ?? node
}

function mapKeyword(
  key: string,
  value: Json | undefined,
  change: (schema: JsonObject) => JsonObject,
): Json | undefined {
  const one = (item: Json | undefined) => (isObject(item) ? change(item) : item)
  if (Array.isArray(value)) {
    if (!SCHEMA_LIST.has(key) && key !== 'items') return value
    const list = value.map(item => one(item) ?? null)
    return list.some((item, i) => item !== value[i]) ? list : value
  }
  if (!isObject(value)) return value
  if (ONE_SCHEMA.has(key)) return change(value)
  return SCHEMA_MAP.has(key) ? mapValues(value, one) : value
}

/** An object with other values; the same object if none differs. Keys may be any text. */
export function mapValues(
  map: JsonObject,
  change: (value: Json | undefined, key: string) => Json | undefined,
): JsonObject {
  const entries = Object.entries(map).map(([key, value]) => [key, change(value, key)] as const)
  return entries.some(([key, value]) => value !== map[key]) ? Object.fromEntries(entries) : map
}

/** The names of the types of a node, as far as it says them. */
export function typesOf(node: JsonObject): readonly string[] {
  const type = node['type']
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? type.filter(one => typeof one === 'string') : []
}

/** The texts of a list, such as `required`. */
export function textsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : []
}

/** The type of a value in the words of JSON Schema; a whole number is an `integer`. */
export function typeOfValue(value: Json | undefined): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
