import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { SILENT, textsIn, typesOf } from './keywords.ts'
import { put } from './upgrade.ts'

/** Which of two bounds is the narrower one. */
const LARGER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const SMALLER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
/** Notes: where both say something, the second has the last word. */
const NOTES = ['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly']

/**
 * One schema that takes what both take; `undefined` where two keywords of one kind cannot be put
 * together, such as two patterns.
 */
export function mergeSchemas(one: JsonObject, other: JsonObject): JsonObject | undefined {
  const out: JsonObject = { ...one }
  for (const key of Object.keys(other)) {
    const [a, b] = [out[key], other[key]]
    if (key === 'additionalProperties' || key === 'properties') continue
    const merged = a === undefined || same(a, b) ? b : mergeKeyword(key, a, b)
    if (merged === undefined) return undefined
    put(out, key, merged)
  }
  return mergeProperties(one, other, out)
}

function mergeKeyword(key: string, a: Json, b: Json | undefined): Json | undefined {
  if (NOTES.includes(key) || SILENT.has(key)) return b
  if (key === 'type') return mergeTypes({ type: a }, { type: b })
  if (key === 'required') return [...new Set([...textsIn(a), ...textsIn(b)])]
  if (key === 'enum' && Array.isArray(a) && Array.isArray(b)) {
    const both = a.filter(value => b.some(item => same(value, item)))
    return both.length > 0 ? both : undefined
  }
  if (typeof a === 'number' && typeof b === 'number') {
    if (LARGER.includes(key)) return Math.max(a, b)
    if (SMALLER.includes(key)) return Math.min(a, b)
  }
  if ((key === '$defs' || key === 'definitions') && isObject(a) && isObject(b))
    return { ...a, ...b }
  if (key === 'items' && isObject(a) && isObject(b)) return mergeSchemas(a, b)
  if (key === 'uniqueItems') return a === true || b === true
  return undefined
}

function mergeTypes(one: JsonObject, other: JsonObject): Json | undefined {
  const [a, b] = [typesOf(one), typesOf(other)]
  const both = a.filter(type => b.includes(type) || (type === 'integer' && b.includes('number')))
  if (a.includes('number') && b.includes('integer')) both.push('integer')
  const [only] = both
  return both.length === 1 ? only : both.length > 0 ? [...new Set(both)] : undefined
}

/** Properties of both; a property that only one names must be let through by the other. */
function mergeProperties(
  one: JsonObject,
  other: JsonObject,
  out: JsonObject,
): JsonObject | undefined {
  const a = isObject(one['properties']) ? one['properties'] : undefined
  const b = isObject(other['properties']) ? other['properties'] : undefined
  const names = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])]
  const properties: JsonObject = {}
  for (const name of names) {
    const merged = mergeProperty(propertyOf(a, name), propertyOf(b, name))
    if (merged === undefined) return undefined
    put(properties, name, merged)
  }
  if (a || b) out['properties'] = properties
  const [extraOne, extraOther] = [one['additionalProperties'], other['additionalProperties']]
  if (extraOne === undefined && extraOther === undefined) return out
  const isClosed = extraOne === false || extraOther === false
  const extra = isClosed
    ? false
    : (mergeProperty(orAny(extraOne), orAny(extraOther)) ?? (extraOther || true))
  out['additionalProperties'] = extra
  return out
}

function orAny(extra: Json | undefined): Json | undefined {
  return extra === true ? undefined : extra
}

function propertyOf(properties: JsonObject | undefined, name: string): Json | undefined {
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined
}

function mergeProperty(a: Json | undefined, b: Json | undefined): Json | undefined {
  if (a === undefined || a === true) return b ?? a
  if (b === undefined || b === true) return a
  return isObject(a) && isObject(b) ? mergeSchemas(a, b) : undefined
}

/** Whether two values are the same JSON. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
