import { isList, isObject, type Json, type JsonObject } from './json.ts'

/** What a strict schema costs; the vendor limits the sums over a request. */
export interface StrictCost {
  /** Properties that are not required, at any depth. */
  readonly optionals: number
  /** Properties with a list of types or with `anyOf`. */
  readonly unions: number
  /** All properties. */
  readonly properties: number
}

/** A schema's fault in the vendor's words, without the path, or what it costs. */
export type StrictVerdict = { readonly fault: string } | { readonly cost: StrictCost }

/** Formats that the grammar knows. Source: Anthropic SDK 1.11, transform-json-schema, 2026-11. */
const FORMATS = [
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'time',
  'uri',
  'uuid',
]

/** Keywords that no grammar is made of, by the type under which the vendor complains of them. */
const UNSUPPORTED: readonly (readonly [type: string, keywords: readonly string[]])[] = [
  ['array', ['contains', 'maxContains', 'maxItems', 'minContains', 'prefixItems', 'uniqueItems']],
  [
    'object',
    [
      'dependentRequired',
      'dependentSchemas',
      'maxProperties',
      'minProperties',
      'patternProperties',
      'propertyNames',
    ],
  ],
  ['string', ['maxLength', 'minLength', 'pattern']],
]
const BOUNDS = ['exclusiveMaximum', 'exclusiveMinimum', 'maximum', 'minimum', 'multipleOf']
const COMBINATORS = ['oneOf', 'not', 'if', 'then', 'else']

class Fault extends Error {}

/**
 * Checks a schema against the subset of strict tools and structured outputs.
 *
 * Sources: Anthropic SDK 1.11, transform-json-schema; Claude docs, "structured outputs", 2026; the
 * words as quoted in public reports of 2026 ("Schema type 'oneOf' is not supported" and others).
 */
export function judgeStrict(schema: Json): StrictVerdict {
  const cost = { optionals: 0, unions: 0, properties: 0 }
  try {
    if (isObject(schema)) refuseCycles(schema)
    walk(schema, cost)
    return { cost }
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message }
    throw error
  }
}

type Counter = { -readonly [name in keyof StrictCost]: number }

function walk(schema: Json | undefined, cost: Counter): void {
  if (!isObject(schema)) return
  for (const keyword of COMBINATORS) {
    if (keyword in schema) throw new Fault(`Schema type '${keyword}' is not supported`)
  }
  for (const type of typesOf(schema)) checkType(type, schema)
  refuseStructuredLiterals(schema)
  countProperties(schema, cost)
  for (const keyword of ['anyOf', 'allOf']) {
    const variants = schema[keyword]
    if (isList(variants)) for (const variant of variants) walk(variant, cost)
  }
  for (const keyword of ['$defs', 'definitions', 'properties']) {
    const children = schema[keyword]
    if (isObject(children)) for (const child of Object.values(children)) walk(child, cost)
  }
  walk(schema['items'], cost)
}

function typesOf(schema: JsonObject): readonly string[] {
  const type = schema['type']
  if (typeof type === 'string') return [type]
  if (isList(type)) return type.filter(item => typeof item === 'string')
  // Without a type, an object's keywords still say what it is.
  return 'properties' in schema ? ['object'] : []
}

function checkType(type: string, schema: JsonObject): void {
  if (type === 'object') checkClosed(schema)
  if (type === 'integer' || type === 'number') refuseKeywords(type, BOUNDS, schema)
  for (const [owner, keywords] of UNSUPPORTED) {
    if (owner === type) refuseKeywords(type, keywords, schema)
  }
  const least = schema['minItems']
  if (type === 'array' && least !== undefined && least !== 0 && least !== 1) {
    throw new Fault("For 'array' type, 'minItems' values other than 0 or 1 are not supported")
  }
  const format = schema['format']
  if (type === 'string' && typeof format === 'string' && !FORMATS.includes(format)) {
    throw new Fault(`For 'string' type, format '${format}' is not supported`)
  }
}

function checkClosed(schema: JsonObject): void {
  const extra = schema['additionalProperties']
  if (isObject(extra)) {
    throw new Fault(
      "For 'object' type, 'additionalProperties: object' is not supported. Please set 'additionalProperties' to false",
    )
  }
  if (extra !== false) {
    throw new Fault("For 'object' type, 'additionalProperties' must be explicitly set to false")
  }
}

function refuseKeywords(type: string, keywords: readonly string[], schema: JsonObject): void {
  const found = keywords.filter(keyword => keyword in schema)
  if (found.length === 0) return
  throw new Fault(
    found.length === 1
      ? `For '${type}' type, property '${found[0]}' is not supported`
      : `For '${type}' type, properties ${found.join(', ')} are not supported`,
  )
}

function refuseStructuredLiterals(schema: JsonObject): void {
  const values = schema['enum']
  const literals = isList(values) ? values : 'const' in schema ? [schema['const']] : []
  if (literals.some(value => typeof value === 'object' && value !== null)) {
    throw new Fault("'enum' and 'const' values must be strings, numbers, booleans or null")
  }
}

function countProperties(schema: JsonObject, cost: Counter): void {
  const properties = schema['properties']
  if (!isObject(properties)) return
  const required = schema['required']
  const names = isList(required) ? required : []
  for (const [name, property] of Object.entries(properties)) {
    cost.properties += 1
    if (!names.includes(name)) cost.optionals += 1
    if (isObject(property) && (isList(property['type']) || 'anyOf' in property)) cost.unions += 1
  }
}

/** Definitions must not lead back to themselves. */
function refuseCycles(schema: JsonObject): void {
  const links = new Map<string, readonly string[]>([['#', refsOf(schema, false)]])
  for (const keyword of ['$defs', 'definitions']) {
    const definitions = schema[keyword]
    if (!isObject(definitions)) continue
    for (const [name, definition] of Object.entries(definitions)) {
      links.set(`#/${keyword}/${name}`, refsOf(definition, true))
    }
  }
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name)
    if (start >= 0) {
      const cycle = [...trail.slice(start), name].map(shortName).join(' -> ')
      throw new Fault(
        `Circular reference detected in schema definitions: ${cycle}. Self-referencing or mutually-referencing definitions are not supported.`,
      )
    }
    for (const next of links.get(name) ?? []) visit(next, [...trail, name])
  }
  for (const name of links.keys()) visit(name, [])
}

function refsOf(schema: Json | undefined, isDefinition: boolean): string[] {
  if (isList(schema)) return schema.flatMap(item => refsOf(item, isDefinition))
  if (!isObject(schema)) return []
  const ref = schema['$ref']
  const own = typeof ref === 'string' ? [ref] : []
  const inner = Object.entries(schema).flatMap(([name, value]) => {
    const isHolder = !isDefinition && (name === '$defs' || name === 'definitions')
    return isHolder ? [] : refsOf(value, isDefinition)
  })
  return [...own, ...inner]
}

function shortName(ref: string): string {
  return ref === '#' ? ref : (ref.split('/').at(-1) ?? ref)
}
