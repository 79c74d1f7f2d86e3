import type { Json, JsonObject } from '../src/core/json.ts'

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Says arguments as a model would that was told this schema and meant these values: `null` for what
 * must be there and is not, texts where only texts may be fixed, the names that it was told. Written
 * from the rules of the dialects, and shares nothing with what lowers and coerces.
 */
export function sayInDialect(meant: Json, schema: Json | undefined): Json {
  if (!isObject(schema)) return meant
  const { properties } = schema
  if (isObject(properties) && isWrap(properties, meant)) {
    return { value: say(meant, properties['value'], schema) }
  }
  return say(meant, schema, schema)
}

/** Whether the arguments were put into a property of their own. */
function isWrap(properties: JsonObject, meant: Json): boolean {
  const names = Object.keys(properties)
  if (names.length !== 1 || names[0] !== 'value') return false
  return !isObject(meant) || (!('value' in meant) && Object.keys(meant).length > 0)
}

function say(meant: Json, given: Json | undefined, root: JsonObject): Json {
  const schema = followed(given, root)
  if (!isObject(schema)) return meant
  const { anyOf, enum: words } = schema
  if (Array.isArray(anyOf)) {
    for (const branch of anyOf) {
      const said = say(meant, branch, root)
      if (fits(said, branch, root)) return said
    }
    return meant
  }
  if (Array.isArray(words) && !words.includes(meant)) {
    const word = meant === '' ? '(empty)' : JSON.stringify(meant)
    return words.includes(word) ? word : meant
  }
  if (Array.isArray(meant)) return meant.map(item => say(item, schema['items'], root))
  return isObject(meant) ? sayObject(meant, schema, root) : meant
}

function sayObject(meant: JsonObject, schema: JsonObject, root: JsonObject): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const said: [string, Json | undefined][] = Object.entries(meant).map(([name, value]) => {
    const plain = name.replace(/[^a-zA-Z0-9_.-]/g, '_').slice(0, 60)
    const told = name in properties || !(plain in properties) ? name : plain
    return [told, value === undefined ? value : say(value, properties[told], root)]
  })
  const names = new Set(said.map(([name]) => name))
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
  for (const name of required) {
    if (!names.has(name) && fits(null, properties[name], root)) said.push([name, null])
  }
  return Object.fromEntries(said)
}

function followed(given: Json | undefined, root: JsonObject): Json | undefined {
  let node = given
  for (let i = 0; i < 20 && isObject(node) && typeof node['$ref'] === 'string'; i++) {
    let target: Json | undefined = root
    for (const step of node['$ref'].split('/').slice(1))
      target = isObject(target) ? target[decodeURIComponent(step)] : undefined
    node = target
  }
  return node
}

/** Whether a value keeps the shape of a schema: types, fixed values, properties, items. */
function fits(value: Json, given: Json | undefined, root: JsonObject): boolean {
  const schema = followed(given, root)
  if (!isObject(schema)) return schema !== false
  const { type, anyOf, enum: words, properties, required, items } = schema
  if (Array.isArray(anyOf)) return anyOf.some(branch => fits(value, branch, root))
  if (Array.isArray(words) && !words.includes(value)) return false
  if ('const' in schema && schema['const'] !== value) return false
  const types = (Array.isArray(type) ? type : type === undefined ? [] : [type]).map(one =>
    String(one).toLowerCase(),
  )
  if (value === null && schema['nullable'] === true) return true
  if (types.length > 0 && !types.some(one => isType(value, one))) return false
  if (Array.isArray(value)) return value.every(item => fits(item, items, root))
  if (!isObject(value) || !isObject(properties)) return true
  if (Array.isArray(required) && required.some(name => !(String(name) in value))) return false
  if (
    schema['additionalProperties'] === false &&
    Object.keys(value).some(name => !(name in properties))
  )
    return false
  return Object.entries(value).every(
    ([name, item]) =>
      !(name in properties) || item === undefined || fits(item, properties[name], root),
  )
}

function isType(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}
