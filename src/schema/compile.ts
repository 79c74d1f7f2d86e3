import { dereference, type Schema, type SchemaDraft } from '@cfworker/json-schema'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { type OddPattern, oddPatterns, readPattern } from './pattern.ts'

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
  /** The patterns that it does not hold to. */
  readonly odd: readonly OddPattern[]
}

/** Keywords of which a single use may take any time, whatever the sizes. */
const UNBOUNDED = ['$ref', '$recursiveRef', 'pattern', 'patternProperties', 'format', 'uniqueItems']
const REFERENCES = ['$ref', '$recursiveRef']
/** Keywords by which a rule that lets more through may let less through. */
const TURNED = ['not', 'if', 'oneOf', 'contains']
/** Keywords whose values are no schemas, whatever they look like. */
const PLAIN = ['const', 'enum', 'default', 'example', 'examples', 'required', 'type']
/** Keywords that hold schemas by name: there a key is a name and no keyword. */
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

interface Tally {
  size: number
  bounded: boolean
  /** How many patterns could not be read; with `loose`, also what may lead to one. */
  doubts: number
  readonly loose: boolean
}

/**
 * Copies a schema for the validator, which writes into what it is given, takes `id` for an address
 * and throws on a pattern it cannot read: the copy has no such things. Without a pattern nothing may
 * be refused that was right with it, so what turns a rule around goes with the pattern inside of it.
 *
 * @throws whatever the validator throws on addresses that are malformed or stand twice.
 */
export function compileSchema(schema: JsonObject): Compiled {
  let tally: Tally = { size: 0, bounded: true, doubts: 0, loose: false }
  let copy: Schema & JsonObject = copySchema(schema, tally)
  const isOdd = tally.doubts > 0
  if (isOdd) {
    tally = { size: 0, bounded: true, doubts: 0, loose: true }
    copy = copySchema(schema, tally)
  }
  const { size, bounded } = tally
  const odd = isOdd ? oddPatterns(schema) : []
  return { schema: copy, draft: draftOf(schema), lookup: dereference(copy), size, bounded, odd }
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
    if (tally.loose && key.startsWith('unevaluated')) continue
    if (UNBOUNDED.includes(key)) tally.bounded = false
    if (tally.loose && REFERENCES.includes(key)) tally.doubts++
    const before = tally.doubts
    if (PLAIN.includes(key)) {
      tally.size += (JSON.stringify(value)?.length ?? 0) >> 3
      put(copy, key, value)
    } else if (key === 'pattern' && typeof value === 'string') {
      const read = readPattern(value)
      if (read.ok) put(copy, key, read.source)
      else tally.doubts++
    } else {
      const isMap = MAPS.includes(key) && isObject(value)
      const copied = isMap ? copyMap(key, value, tally) : copyValue(value, tally)
      if (tally.doubts === before || !TURNED.includes(key)) put(copy, key, copied)
      else if (key === 'oneOf' && !('anyOf' in node)) put(copy, 'anyOf', copied)
    }
  }
  return copy
}

function copyMap(keyword: string, map: JsonObject, tally: Tally): JsonObject {
  const copy: JsonObject = {}
  for (const [name, value] of Object.entries(map)) {
    if (keyword !== 'patternProperties') put(copy, name, copyValue(value, tally))
    else putPattern(copy, name, value, tally)
  }
  return copy
}

/** Any property may be one of a pattern that cannot be read. */
function putPattern(copy: JsonObject, name: string, value: Json | undefined, tally: Tally): void {
  const read = readPattern(name)
  if (!read.ok) tally.doubts++
  const key = read.ok ? read.source : ''
  const rule = read.ok ? (copyValue(value, tally) ?? true) : true
  // Two patterns may come to the same text.
  put(copy, key, Object.hasOwn(copy, key) ? { allOf: [copy[key] ?? true, rule] } : rule)
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
  return keyword === 'format' ? /^[a-z]+(-[a-z]+)*$/.test(text) : keyword !== 'id'
}
