import { type FieldFault, unable } from './faults.ts'
import { isList, isObject, type Json, type JsonObject } from './json.ts'
import { objectOf, objectsOf, textOf, textsOf } from './request.ts'
import type { SurfaceName } from './surface.ts'

/** What decides on a few of a schema's rules. */
export interface SchemaSetting {
  readonly surface: SurfaceName
  readonly generation: number
}

/**
 * What is wrong with a schema of the vendor's dialect whose fields are all known; the places are
 * those of the vendor's complaints, as in `parameters.properties[city].format`.
 *
 * Sources: knocklabs/agent-toolkit pull request #24 and LibreChat issue #6971, 2025; kibana pull
 * request #286302 and AIStudioToAPI issue #154, 2026. The words on number formats and on `properties`
 * are made after those on their siblings.
 */
export function schemaFaults(
  schema: JsonObject,
  place: string,
  setting: SchemaSetting,
): readonly FieldFault[] {
  const anyOf = objectsOf(schema, 'anyOf')
  const properties = Object.entries(objectOf(schema, 'properties') ?? {})
  const items = objectOf(schema, 'items')
  return [
    ...typeFaults(schema, place),
    ...formatFaults(schema, place, setting),
    ...enumFaults(schema, place),
    ...requiredFaults(schema, place),
    ...properties.flatMap(([name, child]) =>
      isObject(child) ? schemaFaults(child, `${place}.properties[${name}]`, setting) : [],
    ),
    // An empty `items` stands for anything (toolslm pull request #68, 2026-01).
    ...(items && Object.keys(items).length > 0
      ? schemaFaults(items, `${place}.items`, setting)
      : []),
    ...anyOf.flatMap((child, index) => schemaFaults(child, `${place}.any_of[${index}]`, setting)),
  ]
}

function typeOf(schema: JsonObject): string | undefined {
  const type = textOf(schema, 'type')
  return type === 'TYPE_UNSPECIFIED' ? undefined : type
}

function typeFaults(schema: JsonObject, place: string): FieldFault[] {
  const type = typeOf(schema)
  const faults: FieldFault[] = []
  if (type === undefined && objectsOf(schema, 'anyOf').length === 0) {
    const text = 'must be specified when not using one_of, any_of or all_of fields'
    faults.push({ place: `${place}.type`, text })
  }
  if (type === 'ARRAY' && !schema['items']) {
    faults.push({ place: `${place}.items`, text: 'missing field.' })
  }
  if (type !== 'ARRAY' && schema['items']) {
    const text = 'field predicate failed: $type == Type.ARRAY'
    faults.push({ place: `${place}.items`, text })
  }
  if (type !== 'OBJECT' && Object.keys(objectOf(schema, 'properties') ?? {}).length > 0) {
    const text = 'field predicate failed: $type == Type.OBJECT'
    faults.push({ place: `${place}.properties`, text })
  }
  return faults
}

const FORMATS: { readonly [type: string]: readonly string[] } = {
  STRING: ['enum', 'date-time'],
  NUMBER: ['float', 'double'],
  INTEGER: ['int32', 'int64'],
}

function formatFaults(
  schema: JsonObject,
  place: string,
  { surface, generation }: SchemaSetting,
): FieldFault[] {
  const type = typeOf(schema) ?? ''
  const format = textOf(schema, 'format')
  const known = FORMATS[type]
  if (!format || !known) return []
  if (format === 'enum' && generation >= 3 && textsOf(schema, 'enum').length === 0) {
    const text = 'should be non-empty for STRING type with enum format'
    return [{ place: `${place}.enum`, text }]
  }
  if (surface === 'vertex' || known.includes(format)) return []
  const [one, other] = known
  const text = `only '${one}' and '${other}' are supported for ${type} type`
  return [{ place: `${place}.format`, text }]
}

function enumFaults(schema: JsonObject, place: string): FieldFault[] {
  const words = textsOf(schema, 'enum')
  if (words.length === 0) return []
  if (typeOf(schema) !== 'STRING') {
    return [{ place: `${place}.enum`, text: 'only allowed for STRING type' }]
  }
  return words.flatMap((word, index) =>
    word === '' ? [{ place: `${place}.enum[${index}]`, text: 'cannot be empty' }] : [],
  )
}

function requiredFaults(schema: JsonObject, place: string): FieldFault[] {
  const properties = objectOf(schema, 'properties') ?? {}
  return textsOf(schema, 'required').flatMap((name, index) =>
    Object.hasOwn(properties, name)
      ? []
      : [{ place: `${place}.required[${index}]`, text: 'property is not defined' }],
  )
}

/**
 * What only Vertex says about a function's schema, with the path of the nearest property.
 *
 * Sources: directus/mcp issue #8, 2025-06; adk-go pull request #1085, 2026-06; tidebreak pull request
 * #1537, 2026-08.
 *
 * @throws Rejection
 */
export function checkVertexSchema(name: string, schema: JsonObject): void {
  if (typeOf(schema) !== 'OBJECT') {
    const reason = `\`${name}\` functionDeclaration \`parameters\` schema should be of type OBJECT`
    unable(reason, 'calling')
  }
  checkVertexNode(`\`${name}\` functionDeclaration`, schema, 'parameters')
}

function checkVertexNode(subject: string, schema: JsonObject, path: string): void {
  const anyOf = objectsOf(schema, 'anyOf')
  if (anyOf.length > 0 && Object.keys(schema).length > 1) {
    const rule = 'When using any_of, it must be the only field set'
    unable(
      `${subject} \`${path}\` schema specified other fields alongside any_of. ${rule}`,
      'calling',
    )
  }
  if (anyOf.length === 0 && typeOf(schema) === undefined) {
    unable(`${subject} \`${path}\` schema didn't specify the schema type field`, 'calling')
  }
  for (const [name, child] of Object.entries(objectOf(schema, 'properties') ?? {})) {
    if (isObject(child)) checkVertexNode(subject, child, `${path}.${name}`)
  }
  const items = objectOf(schema, 'items')
  for (const child of items ? [...anyOf, items] : anyOf) checkVertexNode(subject, child, path)
}

const SCHEMA_MAPS = ['properties', 'patternProperties', '$defs', 'definitions']
const SCHEMA_LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const SCHEMAS = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains']
/** What may stand beside a reference; definitions do not count as a part of the node. */
const BESIDE_REFERENCE = [
  '$ref',
  'description',
  'default',
  '$defs',
  'definitions',
  '$schema',
  '$id',
]

/**
 * The complaint about a JSON Schema, if there is one: a reference with company. Sources: OmniRoute
 * issue #461 and gcli2api pull request #374, 2026.
 */
export function jsonSchemaComplaint(schema: Json | undefined): string | undefined {
  if (!isObject(schema)) return undefined
  const reference = textOf(schema, '$ref')
  const isCrowded = Object.keys(schema).some(name => !BESIDE_REFERENCE.includes(name))
  if (reference !== undefined && isCrowded) {
    return `Schema.ref '${reference}' was set alongside unsupported fields.  If a schema node has Schema.ref set, then only description and default can be set alongside it; other fields they would be replaced by the expanded reference.`
  }
  for (const child of childrenOf(schema)) {
    const complaint = jsonSchemaComplaint(child)
    if (complaint !== undefined) return complaint
  }
  return undefined
}

function childrenOf(schema: JsonObject): readonly (Json | undefined)[] {
  return Object.entries(schema).flatMap(([keyword, value]): readonly (Json | undefined)[] => {
    if (SCHEMAS.includes(keyword)) return [value]
    if (SCHEMA_LISTS.includes(keyword)) return isList(value) ? value : []
    return SCHEMA_MAPS.includes(keyword) && isObject(value) ? Object.values(value) : []
  })
}
