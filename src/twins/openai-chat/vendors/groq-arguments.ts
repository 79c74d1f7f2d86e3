import { isRecord, itemsOf, recordOf } from '../json.ts'

/**
 * What is wrong with a call's arguments, in the words of Groq's validator: for the whole object
 * first, then by place (recorded 2026-02 for missing and additional properties; the other texts
 * are those of the Go library that it uses, from memory). Empty if nothing is.
 */
export function argumentErrors(value: unknown, schema: unknown): string[] {
  return errorsAt(value, recordOf(schema), '', recordOf(schema))
}

type Schema = { readonly [keyword: string]: unknown }

function errorsAt(value: unknown, schema: Schema, place: string, root: Schema): string[] {
  const target = resolve(schema, root)
  const types = typesOf(target)
  if (types.length > 0 && !types.some(type => hasType(value, type))) {
    return [at(place, `expected ${types.join(' or ')}, but got ${typeName(value)}`)]
  }
  return [
    ...valueErrors(value, target, place),
    ...objectErrors(value, target, place, root),
    ...arrayErrors(value, target, place, root),
    ...unionErrors(value, target, place, root),
  ]
}

function valueErrors(value: unknown, schema: Schema, place: string): string[] {
  const errors: string[] = []
  const allowed = Array.isArray(schema.enum) ? schema.enum.map(item => JSON.stringify(item)) : []
  if (allowed.length > 0 && !allowed.includes(JSON.stringify(value))) {
    errors.push(at(place, `value must be one of ${allowed.join(', ')}`))
  }
  if ('const' in schema && JSON.stringify(schema.const) !== JSON.stringify(value)) {
    errors.push(at(place, `value must be ${JSON.stringify(schema.const)}`))
  }
  if (typeof value === 'number') {
    const { minimum, maximum } = schema
    if (typeof minimum === 'number' && value < minimum) {
      errors.push(at(place, `must be >= ${minimum} but found ${value}`))
    }
    if (typeof maximum === 'number' && value > maximum) {
      errors.push(at(place, `must be <= ${maximum} but found ${value}`))
    }
  }
  return errors
}

function objectErrors(value: unknown, schema: Schema, place: string, root: Schema): string[] {
  if (!isRecord(value)) return []
  const properties = recordOf(schema.properties)
  const missing = itemsOf(schema.required)
    .map(String)
    .filter(name => !Object.hasOwn(value, name))
  const strange = Object.keys(value).filter(name => !Object.hasOwn(properties, name))
  const errors: string[] = []
  if (missing.length > 0) errors.push(at(place, `missing properties: ${quoted(missing)}`))
  if (schema.additionalProperties === false && strange.length > 0) {
    errors.push(at(place, `additionalProperties ${quoted(strange)} not allowed`))
  }
  for (const [name, child] of Object.entries(properties)) {
    if (!Object.hasOwn(value, name)) continue
    errors.push(...errorsAt(value[name], recordOf(child), `${place}/${name}`, root))
  }
  return errors
}

function arrayErrors(value: unknown, schema: Schema, place: string, root: Schema): string[] {
  if (!Array.isArray(value)) return []
  const errors: string[] = []
  const { minItems, maxItems } = schema
  if (typeof minItems === 'number' && value.length < minItems) {
    errors.push(at(place, `minimum ${minItems} items required, but found ${value.length} items`))
  }
  if (typeof maxItems === 'number' && value.length > maxItems) {
    errors.push(at(place, `maximum ${maxItems} items required, but found ${value.length} items`))
  }
  for (const [index, item] of value.entries()) {
    errors.push(...errorsAt(item, recordOf(schema.items), `${place}/${index}`, root))
  }
  return errors
}

function unionErrors(value: unknown, schema: Schema, place: string, root: Schema): string[] {
  const errors: string[] = []
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const branches = itemsOf(schema[keyword]).map(recordOf)
    if (branches.length === 0) continue
    const fitting = branches.filter(branch => errorsAt(value, branch, place, root).length === 0)
    if (fitting.length === 0) errors.push(at(place, `${keyword} failed`))
  }
  for (const branch of itemsOf(schema.allOf)) {
    errors.push(...errorsAt(value, recordOf(branch), place, root))
  }
  return errors
}

function resolve(schema: Schema, root: Schema): Schema {
  const name = /^#\/(\$defs|definitions)\/(.+)$/.exec(String(schema.$ref))
  if (!name) return schema
  const [, group = '', key = ''] = name
  return recordOf(recordOf(root[group])[key])
}

function typesOf({ type }: Schema): string[] {
  return Array.isArray(type) ? type.map(String) : typeof type === 'string' ? [type] : []
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isRecord(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

function at(place: string, text: string): string {
  return place === '' ? text : `\`${place}\`: ${text}`
}

function quoted(names: readonly string[]): string {
  return names.map(name => `'${name}'`).join(', ')
}
