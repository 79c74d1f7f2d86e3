import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { type SchemaBudget, type SchemaLimits, Unfit } from './dialect.ts'
import { textsIn, typesOf } from './keywords.ts'

/** What a schema costs where a vendor limits a request as a whole. */
export type SchemaCost = Omit<SchemaBudget, 'tools'>

interface Tally {
  properties: number
  levels: number
  enumValues: number
  characters: number
  optionals: number
  unions: number
}

/** @throws Unfit if a schema is larger than a dialect takes. */
export function checkSize(schema: JsonObject, limits: SchemaLimits): void {
  const size = tallyOf(schema)
  for (const [name, words] of [
    ['properties', 'properties'],
    ['levels', 'levels of objects'],
    ['enumValues', 'fixed values'],
    ['characters', 'characters of names and fixed values'],
  ] as const) {
    if (size[name] > limits[name])
      throw new Unfit('', `has ${size[name]} ${words}, and at most ${limits[name]} are taken`)
  }
}

/** What a schema adds to a request's sums. */
export function costOf(schema: JsonObject): SchemaCost {
  const { optionals, unions } = tallyOf(schema)
  return { optionals, unions }
}

function tallyOf(schema: JsonObject): Tally {
  const tally = { properties: 0, levels: 0, enumValues: 0, characters: 0, optionals: 0, unions: 0 }
  count(schema, 0, tally)
  return tally
}

function count(value: Json | undefined, level: number, tally: Tally): void {
  if (!isObject(value)) return
  const { enum: values, anyOf, items } = value
  const fixed = Array.isArray(values) ? values : 'const' in value ? [value['const']] : []
  if (Array.isArray(values)) tally.enumValues += values.length
  for (const one of fixed) tally.characters += String(one).length
  const deeper = typesOf(value).includes('object') ? level + 1 : level
  tally.levels = Math.max(tally.levels, deeper)
  countProperties(value, deeper, tally)
  count(items, deeper, tally)
  if (Array.isArray(anyOf)) for (const branch of anyOf) count(branch, deeper, tally)
  for (const place of ['$defs', 'definitions']) {
    const definitions = value[place]
    if (!isObject(definitions)) continue
    for (const [name, definition] of Object.entries(definitions)) {
      tally.characters += name.length
      count(definition, 1, tally)
    }
  }
}

function countProperties(node: JsonObject, level: number, tally: Tally): void {
  const { properties } = node
  if (!isObject(properties)) return
  const required = textsIn(node['required'])
  for (const [name, property] of Object.entries(properties)) {
    tally.properties++
    tally.characters += name.length
    if (!required.includes(name)) tally.optionals++
    if (isObject(property) && (Array.isArray(property['type']) || 'anyOf' in property))
      tally.unions++
    count(property, level, tally)
  }
}
