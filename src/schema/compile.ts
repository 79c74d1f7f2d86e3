import { dereference, type Schema, type SchemaDraft } from '@cfworker/json-schema'
import { isObject, type Json, type JsonObject } from '../core/json.ts'

/** A schema made ready for the validator. */
export interface Compiled {
  readonly schema: Schema & JsonObject
  readonly draft: SchemaDraft
  /** Every subschema by its address. */
  readonly lookup: ReturnType<typeof dereference>
  /** How many rules there are, roughly. */
  readonly size: number
  /** Whether the cost of a check follows from the size of the schema and of what is checked. */
  readonly bounded: boolean
}

/** Keywords of which a single use may take any time, whatever the sizes. */
const UNBOUNDED = ['$ref', '$recursiveRef', 'pattern', 'patternProperties', 'format', 'uniqueItems']
/** Keywords whose values are no schemas, whatever they look like. */
const PLAIN = ['const', 'enum', 'default', 'example', 'examples', 'required', 'type']
/** Keywords that hold schemas by name: there a key is a name and no keyword. */
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

interface Tally {
  size: number
  bounded: boolean
}

/**
 * Copies a schema for the validator, which writes into what it is given, takes `id` for an address
 * and throws on a pattern it cannot read: the copy has no such things.
 *
 * @throws whatever the validator throws on addresses that are malformed or stand twice.
 */
export function compileSchema(schema: JsonObject): Compiled {
  const tally: Tally = { size: 0, bounded: true }
  const copy: Schema & JsonObject = copySchema(schema, tally)
  return { schema: copy, draft: draftOf(schema), lookup: dereference(copy), ...tally }
}

/** The draft that `$schema` names; 2020-12 if it names none that is known. */
function draftOf(schema: JsonObject): SchemaDraft {
  const named = typeof schema['$schema'] === 'string' ? schema['$schema'] : ''
  if (named.includes('draft-04')) return '4'
  if (named.includes('draft-06') || named.includes('draft-07')) return '7'
  return named.includes('2019-09') ? '2019-09' : '2020-12'
}

function copySchema(node: JsonObject, tally: Tally): JsonObject {
  tally.size++
  const copy: JsonObject = {}
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string' && !isUsable(key, value)) continue
    if (UNBOUNDED.includes(key)) tally.bounded = false
    if (PLAIN.includes(key)) {
      tally.size += (JSON.stringify(value)?.length ?? 0) >> 3
      put(copy, key, value)
    } else if (MAPS.includes(key) && isObject(value)) put(copy, key, copyMap(key, value, tally))
    else put(copy, key, copyValue(value, tally))
  }
  return copy
}

function copyMap(keyword: string, map: JsonObject, tally: Tally): JsonObject {
  const copy: JsonObject = {}
  for (const [name, value] of Object.entries(map))
    if (keyword !== 'patternProperties' || isPattern(name)) put(copy, name, copyValue(value, tally))
  return copy
}

function copyValue(value: Json | undefined, tally: Tally): Json | undefined {
  if (Array.isArray(value)) return value.map(item => copyValue(item, tally) ?? null)
  return isObject(value) ? copySchema(value, tally) : value
}

/** Not `object[key] = value`: a property may be called `__proto__`. */
function put(object: JsonObject, key: string, value: Json | undefined): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

function isUsable(keyword: string, text: string): boolean {
  if (keyword === 'pattern') return isPattern(text)
  return keyword === 'format' ? /^[a-z]+(-[a-z]+)*$/.test(text) : keyword !== 'id'
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') !== undefined
  } catch {
    return false
  }
}
