import { isObject, type Json, type JsonObject } from './json.ts'
import { objectOf, objectsOf, textOf, textsOf } from './request.ts'

/** Keywords that mean the same in JSON Schema. */
const SAME = [
  'title',
  'description',
  'default',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const

/**
 * Says a schema of the vendor's dialect in JSON Schema, for the twin's model. `nullable` becomes a
 * second type, and the formats `enum`, `int32` and their like are dropped.
 */
export function liftSchema(schema: JsonObject): JsonObject {
  const lifted: { [keyword: string]: Json } = {}
  const type = textOf(schema, 'type')?.toLowerCase()
  const isNullable = schema['nullable'] === true
  if (type !== undefined && type !== 'type_unspecified') {
    lifted['type'] = isNullable ? [type, 'null'] : type
  }
  for (const keyword of SAME) {
    const value = schema[keyword]
    if (value !== undefined) lifted[keyword] = value
  }
  if (textOf(schema, 'format') === 'date-time') lifted['format'] = 'date-time'
  const words = textsOf(schema, 'enum')
  if (words.length > 0) lifted['enum'] = isNullable ? [...words, null] : words
  const required = textsOf(schema, 'required')
  if (required.length > 0) lifted['required'] = required
  const properties = objectOf(schema, 'properties')
  if (properties) {
    lifted['properties'] = Object.fromEntries(
      orderOf(properties, schema).map(name => [name, liftChild(properties[name])]),
    )
  }
  const items = objectOf(schema, 'items')
  if (items) lifted['items'] = liftSchema(items)
  const anyOf = objectsOf(schema, 'anyOf')
  if (anyOf.length > 0) {
    lifted['anyOf'] = [...anyOf.map(liftSchema), ...(isNullable ? [{ type: 'null' }] : [])]
  }
  return lifted
}

function liftChild(child: Json | undefined): JsonObject {
  return isObject(child) ? liftSchema(child) : {}
}

function orderOf(properties: JsonObject, schema: JsonObject): readonly string[] {
  const wanted = textsOf(schema, 'propertyOrdering').filter(name => Object.hasOwn(properties, name))
  const rest = Object.keys(properties).filter(name => !wanted.includes(name))
  return [...wanted, ...rest]
}
