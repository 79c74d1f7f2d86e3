import { isList, isObject, type Json, type JsonObject } from './json.ts'

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']

/** Keywords by what their value must be. Source: JSON Schema draft 2020-12, meta-schema. */
const SCHEMA_KEYWORDS = [
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]
const SCHEMA_LIST_KEYWORDS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const SCHEMA_MAP_KEYWORDS = ['$defs', 'dependentSchemas', 'patternProperties', 'properties']
const NUMBER_KEYWORDS = ['exclusiveMaximum', 'exclusiveMinimum', 'maximum', 'minimum']
const COUNT_KEYWORDS = [
  'maxContains',
  'maxItems',
  'maxLength',
  'maxProperties',
  'minContains',
  'minItems',
  'minLength',
  'minProperties',
]
const TEXT_KEYWORDS = ['$comment', '$id', '$ref', '$schema', 'description', 'format', 'title']
const FLAG_KEYWORDS = ['deprecated', 'readOnly', 'uniqueItems', 'writeOnly']

/**
 * Whether a schema fits the meta-schema of draft 2020-12, as far as the common keywords go. Old
 * habits that do not: `items` as a list, `exclusiveMinimum: true`, `required: true`.
 */
export function fitsDialect(schema: Json | undefined): boolean {
  if (typeof schema === 'boolean') return true
  if (!isObject(schema)) return false
  return Object.entries(schema).every(([name, value]) => {
    if (value === undefined) return true
    // The vendor's own types allow null for these two at the root.
    if (value === null && (name === 'properties' || name === 'required')) return true
    return fitsKeyword(name, value)
  })
}

function fitsKeyword(name: string, value: Json): boolean {
  if (SCHEMA_KEYWORDS.includes(name)) return fitsDialect(value)
  if (SCHEMA_LIST_KEYWORDS.includes(name)) {
    return isList(value) && value.length > 0 && value.every(fitsDialect)
  }
  if (SCHEMA_MAP_KEYWORDS.includes(name)) {
    return isObject(value) && Object.values(value).every(fitsDialect)
  }
  if (NUMBER_KEYWORDS.includes(name)) return typeof value === 'number'
  if (COUNT_KEYWORDS.includes(name)) return isCount(value)
  if (TEXT_KEYWORDS.includes(name)) return typeof value === 'string'
  if (FLAG_KEYWORDS.includes(name)) return typeof value === 'boolean'
  switch (name) {
    case 'type':
      return fitsType(value)
    case 'required':
      return isTextSet(value)
    case 'dependentRequired':
      return isObject(value) && Object.values(value).every(isTextSet)
    case 'enum':
    case 'examples':
      return isList(value)
    case 'multipleOf':
      return typeof value === 'number' && value > 0
    case 'pattern':
      return typeof value === 'string' && isPattern(value)
    default:
      return true
  }
}

function fitsType(value: Json): boolean {
  if (typeof value === 'string') return TYPES.includes(value)
  return isTextSet(value) && isList(value) && value.length > 0 && value.every(fitsType)
}

function isTextSet(value: Json | undefined): boolean {
  if (!isList(value) || !value.every(item => typeof item === 'string')) return false
  return new Set(value).size === value.length
}

function isCount(value: Json): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

function isPattern(value: string): boolean {
  try {
    new RegExp(value, 'u')
    return true
  } catch {
    // Engines differ in what they take; a pattern that plain mode reads is left alone.
    try {
      new RegExp(value)
      return true
    } catch {
      return false
    }
  }
}

/** Names of properties that the vendor takes. Source: many public reports, 2025 and 2026. */
export const PROPERTY_NAME = /^[a-zA-Z0-9_.-]{1,64}$/

/** The first name among a schema's own properties that is not taken. */
export function oddPropertyName(schema: JsonObject): string | undefined {
  const properties = schema['properties']
  if (!isObject(properties)) return undefined
  return Object.keys(properties).find(name => !PROPERTY_NAME.test(name))
}
