import { isObject, type Json, type JsonObject } from '../../core/json.ts'

const TYPES: { readonly [type: string]: string } = {
  STRING: 'string',
  NUMBER: 'number',
  INTEGER: 'integer',
  BOOLEAN: 'boolean',
  ARRAY: 'array',
  OBJECT: 'object',
  NULL: 'null',
}

/** Counts that the vendor's JSON also writes as text. */
const COUNTS: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minLength',
  'maxLength',
])

/**
 * Turns a schema of the vendor's own dialect into JSON Schema: types in lower case, `nullable` as a
 * type, counts as numbers, names with capitals. Source: Google Gen AI SDK 2.32, `Schema`, 2026.
 */
export function liftSchema(schema: JsonObject): JsonObject {
  const lifted: JsonObject = {}
  let isNullable = false
  for (const given in schema) {
    const value = schema[given]
    if (value === undefined || value === null || given === '__proto__') continue
    const key = given.replace(/(?<=[a-z])_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (key === 'nullable') isNullable = value === true || value === 'true'
    else if (key === 'propertyOrdering') continue
    else if (key === 'example') lifted['examples'] = [value]
    else lifted[key] = liftKeyword(key, value)
  }
  if (lifted['type'] === undefined && 'type' in lifted) delete lifted['type']
  return isNullable ? nullable(lifted) : lifted
}

function liftKeyword(key: string, value: Json): Json | undefined {
  if (key === 'type') return typeof value === 'string' ? typeOf(value) : value
  if (COUNTS.has(key) && typeof value === 'string') return Number(value)
  if (key === 'properties' && isObject(value)) {
    const properties: JsonObject = {}
    for (const name in value) {
      if (name === '__proto__') continue
      const property = value[name]
      properties[name] = isObject(property) ? liftSchema(property) : property
    }
    return properties
  }
  if (key === 'items' && isObject(value)) return liftSchema(value)
  if (key === 'anyOf' && Array.isArray(value)) {
    return value.map(option => (isObject(option) ? liftSchema(option) : option))
  }
  return value
}

function typeOf(type: string): string | undefined {
  const word = type.toUpperCase()
  if (word === 'TYPE_UNSPECIFIED') return undefined
  return Object.hasOwn(TYPES, word) ? TYPES[word] : type.toLowerCase()
}

function nullable(schema: JsonObject): JsonObject {
  const { type, anyOf, enum: words } = schema
  if (Array.isArray(words) && !words.includes(null)) schema['enum'] = [...words, null]
  if (typeof type === 'string' && type !== 'null') schema['type'] = [type, 'null']
  if (Array.isArray(anyOf)) schema['anyOf'] = [...anyOf, { type: 'null' }]
  return schema
}
