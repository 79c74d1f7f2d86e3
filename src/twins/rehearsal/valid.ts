import { isJson, type Json, resolveReference } from './schema.ts'

const FORMATS: { readonly [format: string]: RegExp } = {
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  time: /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?$/i,
  'date-time':
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i,
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  uri: /^[a-z][a-z\d+.-]*:\S+$/i,
  url: /^[a-z][a-z\d+.-]*:\S+$/i,
  uuid: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
  ipv4: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/,
  hostname: /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/i,
}

const DEEPEST = 40

/** Whether a value is valid against a JSON Schema, in the keywords that tools use. */
export function accepts(
  schema: unknown,
  value: unknown,
  root: unknown = schema,
  depth = 0,
): boolean {
  if (typeof schema === 'boolean') return schema
  if (!isJson(schema) || depth > DEEPEST) return true
  const inner = (one: unknown, part: unknown): boolean => accepts(one, part, root, depth + 1)
  const reference = schema['$ref']
  if (typeof reference === 'string' && !inner(resolveReference(reference, root), value))
    return false
  if (value === null && schema['nullable'] === true) return true
  if ('type' in schema && !hasType(schema['type'], value)) return false
  if (Array.isArray(schema['enum']) && !schema['enum'].some(one => same(one, value))) return false
  if ('const' in schema && !same(schema['const'], value)) return false
  const list = (key: string): readonly unknown[] => (Array.isArray(schema[key]) ? schema[key] : [])
  if (!list('allOf').every(one => inner(one, value))) return false
  if (list('anyOf').length > 0 && !list('anyOf').some(one => inner(one, value))) return false
  if (list('oneOf').length > 0 && list('oneOf').filter(one => inner(one, value)).length !== 1)
    return false
  if ('not' in schema && inner(schema['not'], value)) return false
  if (typeof value === 'number') return number(schema, value)
  if (typeof value === 'string') return string(schema, value)
  if (Array.isArray(value)) return items(schema, value, inner)
  return !isJson(value) || members(schema, value, inner)
}

function hasType(type: unknown, value: unknown): boolean {
  if (Array.isArray(type)) return type.some(one => hasType(one, value))
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isJson(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof type !== 'string' || typeof value === type
}

function number(schema: Json, value: number): boolean {
  const limit = (key: string, holds: (limit: number) => boolean): boolean =>
    typeof schema[key] !== 'number' || holds(schema[key])
  return (
    limit('minimum', least => value >= least) &&
    limit('maximum', most => value <= most) &&
    limit('exclusiveMinimum', least => value > least) &&
    limit('exclusiveMaximum', most => value < most) &&
    limit('multipleOf', step => Math.abs(value / step - Math.round(value / step)) < 1e-9)
  )
}

function string(schema: Json, value: string): boolean {
  const length = [...value].length
  if (typeof schema['minLength'] === 'number' && length < schema['minLength']) return false
  if (typeof schema['maxLength'] === 'number' && length > schema['maxLength']) return false
  if (typeof schema['pattern'] === 'string' && compile(schema['pattern'])?.test(value) === false)
    return false
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined
  return format === undefined || format.test(value)
}

function items(
  schema: Json,
  value: readonly unknown[],
  inner: (one: unknown, part: unknown) => boolean,
): boolean {
  if (typeof schema['minItems'] === 'number' && value.length < schema['minItems']) return false
  if (typeof schema['maxItems'] === 'number' && value.length > schema['maxItems']) return false
  if (
    schema['uniqueItems'] === true &&
    new Set(value.map(one => JSON.stringify(one))).size < value.length
  )
    return false
  const places = schema['prefixItems'] ?? schema['items']
  if (Array.isArray(places)) {
    const rest = 'prefixItems' in schema ? schema['items'] : schema['additionalItems']
    return value.every((one, index) =>
      inner(index < places.length ? places[index] : (rest ?? true), one),
    )
  }
  return !('items' in schema) || value.every(one => inner(schema['items'], one))
}

function members(
  schema: Json,
  value: Json,
  inner: (one: unknown, part: unknown) => boolean,
): boolean {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  if (!required.every(name => typeof name !== 'string' || Object.hasOwn(value, name))) return false
  const count = Object.keys(value).length
  if (typeof schema['minProperties'] === 'number' && count < schema['minProperties']) return false
  if (typeof schema['maxProperties'] === 'number' && count > schema['maxProperties']) return false
  const properties = isJson(schema['properties']) ? schema['properties'] : {}
  const patterns = isJson(schema['patternProperties'])
    ? Object.entries(schema['patternProperties'])
    : []
  return Object.entries(value).every(([name, part]) => {
    const known = Object.hasOwn(properties, name)
    if (known && !inner(properties[name], part)) return false
    const matching = patterns.filter(([pattern]) => compile(pattern)?.test(name) === true)
    if (!matching.every(([, one]) => inner(one, part))) return false
    return known || matching.length > 0 || inner(schema['additionalProperties'] ?? true, part)
  })
}

/** A schema's pattern as a regular expression, or `undefined` where it is not one. */
export function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    try {
      return new RegExp(pattern)
    } catch {
      return undefined
    }
  }
}

/** Whether two JSON values are the same; the order of an object's members does not count. */
export function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other)
}

/** A text that two JSON values share exactly if they are the same. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isJson(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.keys(value)
    .sort()
    .map(key => `${JSON.stringify(key)}:${canonical(value[key])}`)
  return `{${members.join(',')}}`
}
