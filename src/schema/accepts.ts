import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { textsIn, typeOfValue, typesOf } from './keywords.ts'
import { same } from './merge.ts'
import { steps } from './pointer.ts'

/** A schema, with the document that its references lead into. */
export interface Rooted {
  readonly schema: Json | undefined
  readonly root: JsonObject
}

const MOST_LEVELS = 64

/**
 * Whether a value has the shape that a schema asks for: types, fixed values, required and closed
 * properties, items, alternatives. Bounds and patterns are not looked at: it is only asked to tell
 * alternatives apart.
 */
export function accepts({ schema, root }: Rooted, value: Json, level = 0): boolean {
  if (!isObject(schema) || level > MOST_LEVELS) return schema !== false
  const inside = (node: Json | undefined, item: Json) =>
    accepts({ schema: node, root }, item, level + 1)
  const reference = schema['$ref']
  if (typeof reference === 'string' && !inside(follow(reference, root), value)) return false
  const types = typesOf(schema)
  const type = typeOfValue(value)
  const isTyped =
    types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))
  if (!isTyped && !(value === null && schema['nullable'] === true)) return false
  if ('const' in schema && !same(schema['const'], value)) return false
  const { enum: values, allOf, anyOf, oneOf } = schema
  if (Array.isArray(values) && !values.some(one => same(one, value))) return false
  if (Array.isArray(allOf) && !allOf.every(one => inside(one, value))) return false
  for (const branches of [anyOf, oneOf]) {
    if (Array.isArray(branches) && !branches.some(one => inside(one, value))) return false
  }
  if (Array.isArray(value)) {
    const items = schema['items']
    return !isObject(items) || value.every(item => inside(items, item))
  }
  return !isObject(value) || fitsObject(schema, value, inside)
}

function fitsObject(
  schema: JsonObject,
  value: JsonObject,
  inside: (node: Json | undefined, item: Json) => boolean,
): boolean {
  if (textsIn(schema['required']).some(name => !Object.hasOwn(value, name))) return false
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const extra = schema['additionalProperties']
  return Object.entries(value).every(([name, item]) => {
    if (item === undefined) return true
    if (Object.hasOwn(properties, name)) return inside(properties[name], item)
    if (extra === undefined || schema['patternProperties'] !== undefined) return true
    return inside(extra, item)
  })
}

/** What a reference into a document leads to; `undefined` if it leads nowhere, or elsewhere. */
export function follow(reference: string, root: JsonObject): Json | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined
  let at: Json | undefined = root
  for (const key of steps(reference)) {
    if (Array.isArray(at)) at = at[Number(key)]
    else if (isObject(at) && Object.hasOwn(at, key)) at = at[key]
    else return undefined
  }
  return at
}
