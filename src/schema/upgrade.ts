import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { mapSchemas, textsIn } from './keywords.ts'

/** Keywords of which `null` is a value like any other. */
const MAY_BE_NULL = ['const', 'default', 'examples', 'example']

/**
 * Says a schema of an older draft, or of OpenAPI 3.0, in the words of draft 2020-12: lists in
 * `items`, `exclusiveMinimum: true`, `required: true`, `nullable`, `dependencies`, keywords that are
 * `null`. Nothing is lost by it. The same object comes back if there is nothing to say anew.
 */
export function upgradeSchema(schema: JsonObject): JsonObject {
  let node = liftRequired(schema)
  node = mapSchemas(node, upgradeSchema)
  if (!isOld(node)) return node
  const out: JsonObject = {}
  for (const key of Object.keys(node)) {
    const value = node[key]
    if (value === null && !MAY_BE_NULL.includes(key)) continue
    put(out, key, value)
  }
  upgradeBounds(out)
  upgradeItems(out)
  upgradeDependencies(out)
  if (typeof out['required'] === 'boolean') delete out['required']
  if ('required' in out) out['required'] = [...new Set(textsIn(out['required']))]
  return upgradeNullable(out)
}

/** Whether a node itself says anything in older words. */
function isOld(node: JsonObject): boolean {
  const { items, multipleOf, required, exclusiveMinimum, exclusiveMaximum } = node
  const flags = [required, exclusiveMinimum, exclusiveMaximum]
  return (
    Array.isArray(items) ||
    ['additionalItems', 'nullable', 'dependencies'].some(key => key in node) ||
    flags.some(flag => typeof flag === 'boolean') ||
    (typeof multipleOf === 'number' && multipleOf <= 0) ||
    hasNulls(node) ||
    repeats(node)
  )
}

function hasNulls(node: JsonObject): boolean {
  return Object.keys(node).some(key => node[key] === null && !MAY_BE_NULL.includes(key))
}

function repeats(node: JsonObject): boolean {
  const names = textsIn(node['required'])
  return new Set(names).size < names.length
}

/** Draft 3: `required: true` in a property is the parent's list. */
function liftRequired(node: JsonObject): JsonObject {
  const properties = node['properties']
  if (!isObject(properties)) return node
  const lifted = Object.keys(properties).filter(name => {
    const property = properties[name]
    return isObject(property) && property['required'] === true
  })
  if (lifted.length === 0) return node
  return { ...node, required: [...new Set([...textsIn(node['required']), ...lifted])] }
}

function upgradeBounds(out: JsonObject): void {
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof out[flag] !== 'boolean') continue
    const isExclusive = out[flag] === true && out[bound] !== undefined
    delete out[flag]
    if (!isExclusive) continue
    out[flag] = out[bound]
    delete out[bound]
  }
  if (typeof out['multipleOf'] === 'number' && out['multipleOf'] <= 0) delete out['multipleOf']
}

function upgradeItems(out: JsonObject): void {
  const { items, additionalItems } = out
  if (Array.isArray(items)) {
    delete out['items']
    if (items.length > 0) out['prefixItems'] = items
    if (additionalItems !== undefined) out['items'] = additionalItems
  }
  delete out['additionalItems']
}

function upgradeDependencies(out: JsonObject): void {
  const { dependencies } = out
  delete out['dependencies']
  if (!isObject(dependencies)) return
  const names = Object.entries(dependencies).filter(([, value]) => Array.isArray(value))
  const schemas = Object.entries(dependencies).filter(([, value]) => !Array.isArray(value))
  if (names.length > 0) out['dependentRequired'] = Object.fromEntries(names)
  if (schemas.length > 0) out['dependentSchemas'] = Object.fromEntries(schemas)
}

function upgradeNullable(out: JsonObject): JsonObject {
  const { nullable, ...rest } = out
  if (nullable === undefined) return out
  return nullable === true ? withNull(rest) : rest
}

/** A schema that takes `null` besides what it takes; the same object if it does already. */
export function withNull(node: JsonObject): JsonObject {
  const { type, enum: values, anyOf } = node
  if (takesNull(node)) return node
  const more: JsonObject = {}
  if (Array.isArray(values)) more['enum'] = [...values, null]
  if (Array.isArray(anyOf)) return { ...node, anyOf: [...anyOf, { type: 'null' }] }
  const isPlain = !['const', '$ref', 'oneOf', 'allOf', 'not', 'if'].some(key => key in node)
  if (isPlain && typeof type === 'string') return { ...node, ...more, type: [type, 'null'] }
  if (isPlain && Array.isArray(type)) return { ...node, ...more, type: [...type, 'null'] }
  if (isPlain && Array.isArray(values)) return { ...node, ...more }
  const { description, title, ...rest } = node
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    anyOf: [rest, { type: 'null' }],
  }
}

/** Whether a schema says that it takes `null`; one that refers to another is taken not to. */
export function takesNull(node: Json | undefined): boolean {
  if (node === true) return true
  if (!isObject(node)) return false
  const { type, enum: values, anyOf, oneOf } = node
  if ('const' in node) return node['const'] === null
  if (Array.isArray(values) && !values.includes(null)) return false
  if (type !== undefined) return type === 'null' || (Array.isArray(type) && type.includes('null'))
  if (Array.isArray(anyOf)) return anyOf.some(takesNull)
  if (Array.isArray(oneOf)) return oneOf.some(takesNull)
  if ('$ref' in node || 'allOf' in node || 'not' in node) return false
  return Array.isArray(values) || !says(node)
}

/** Whether a node says anything of what type it is, if only by keywords that need one. */
function says(node: JsonObject): boolean {
  return ['properties', 'items', 'prefixItems', 'additionalProperties', 'pattern'].some(
    key => key in node,
  )
}

/** Not `object[key] = value`: a property may be called `__proto__`. */
export function put(object: JsonObject, key: string, value: Json | undefined): void {
  if (key !== '__proto__') object[key] = value
  else
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
}
