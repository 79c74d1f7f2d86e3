/** A JSON type name. */
export type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'null'

/** A JSON Schema read once: references followed, `allOf` merged, `null` alternatives taken apart. */
export interface Schema {
  /** Empty means any type. `null` is never in it. */
  readonly types: ReadonlySet<TypeName>
  readonly nullable: boolean
  readonly description: string
  readonly choices?: readonly unknown[]
  readonly fallback?: unknown
  readonly examples: readonly unknown[]
  readonly properties: ReadonlyMap<string, Schema>
  readonly required: ReadonlySet<string>
  readonly items?: Schema
  /** Items of a fixed-length array, in order. */
  readonly places: readonly Schema[]
  /** The alternatives of `anyOf` or `oneOf`, without `null`. */
  readonly variants: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly step?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minItems?: number
  readonly maxItems?: number
  /** No two items may be the same. */
  readonly distinct?: boolean
}

/** A JSON object. */
export type Json = { readonly [key: string]: unknown }

const TYPES: readonly TypeName[] = [
  'string',
  'number',
  'integer',
  'boolean',
  'array',
  'object',
  'null',
]
const DEEPEST = 8

/** Whether a value is a JSON object. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typeNames(value: unknown): TypeName[] {
  const names = Array.isArray(value) ? value : [value]
  return TYPES.filter(type => names.includes(type))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Follows a local reference (`#/$defs/x`); anything else gives `undefined`. */
export function resolveReference(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined
  let at: unknown = root
  for (const step of reference
    .slice(1)
    .split('/')
    .filter(part => part !== '')) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    at = isJson(at) ? at[key] : Array.isArray(at) ? at[Number(key)] : undefined
  }
  return at
}

/** Brings references and `allOf` into one plain object. */
function flatten(raw: unknown, root: unknown, depth: number): Json {
  if (!isJson(raw) || depth > DEEPEST) return {}
  let out: Json = raw
  if (typeof raw['$ref'] === 'string') {
    const { $ref: _, ...rest } = raw
    out = { ...flatten(resolveReference(raw['$ref'], root), root, depth + 1), ...rest }
  }
  if (Array.isArray(out['allOf'])) {
    for (const part of out['allOf']) out = merged(out, flatten(part, root, depth + 1))
  }
  return out
}

function merged(base: Json, more: Json): Json {
  const required = [...array(base['required']), ...array(more['required'])]
  const both = {
    ...(isJson(base['properties']) ? base['properties'] : {}),
    ...(isJson(more['properties']) ? more['properties'] : {}),
  }
  return {
    ...more,
    ...base,
    ...(required.length > 0 ? { required } : {}),
    ...(Object.keys(both).length > 0 ? { properties: both } : {}),
  }
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Numeric and textual limits, each only where it is stated. */
function limits(flat: Json): Partial<Schema> {
  const number = (key: string): number | undefined =>
    typeof flat[key] === 'number' ? flat[key] : undefined
  const whole = typeNames(flat['type']).includes('integer')
  const above = number('exclusiveMinimum')
  const below = number('exclusiveMaximum')
  const minimum = above === undefined ? number('minimum') : above + (whole ? 1 : 1e-6)
  const maximum = below === undefined ? number('maximum') : below - (whole ? 1 : 1e-6)
  const entries: [string, unknown][] = [
    ['minimum', minimum],
    ['maximum', maximum],
    ['step', number('multipleOf')],
    ['minLength', number('minLength')],
    ['maxLength', number('maxLength')],
    ['minItems', number('minItems')],
    ['maxItems', number('maxItems')],
    ['pattern', typeof flat['pattern'] === 'string' ? flat['pattern'] : undefined],
    ['format', typeof flat['format'] === 'string' ? flat['format'] : undefined],
    ['distinct', flat['uniqueItems'] === true ? true : undefined],
    ['fallback', flat['default']],
  ]
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** Reads a raw JSON Schema. What is not understood is left out; nothing throws. */
export function readSchema(raw: unknown, root: unknown = raw, depth = 0): Schema {
  const flat = flatten(raw, root, depth)
  const alternatives = [...array(flat['anyOf']), ...array(flat['oneOf'])]
  const isNull = (one: unknown): boolean =>
    isJson(one) && (one['type'] === 'null' || one['const'] === null)
  const named = typeNames(flat['type'])
  const real = alternatives.filter(one => !isNull(one))
  const nullable =
    named.includes('null') || real.length < alternatives.length || flat['nullable'] === true
  const only = real[0]
  if (real.length === 1 && only !== undefined) {
    const { anyOf: _a, oneOf: _o, ...rest } = flat
    const inner = readSchema(merged(rest, flatten(only, root, depth + 1)), root, depth + 1)
    return { ...inner, nullable: nullable || inner.nullable }
  }
  const deeper = (one: unknown): Schema => readSchema(one, root, depth + 1)
  const properties =
    isJson(flat['properties']) && depth < DEEPEST ? Object.entries(flat['properties']) : []
  const choices = Array.isArray(flat['enum'])
    ? flat['enum']
    : 'const' in flat
      ? [flat['const']]
      : undefined
  const places = array(
    flat['prefixItems'] ?? (Array.isArray(flat['items']) ? flat['items'] : undefined),
  )
  const types = new Set(named.filter(type => type !== 'null'))
  if (types.size === 0 && properties.length > 0) types.add('object')
  return {
    types,
    nullable,
    description: [text(flat['title']), text(flat['description'])]
      .filter(part => part !== '')
      .join('. '),
    ...(choices === undefined ? {} : { choices }),
    examples:
      'example' in flat ? [...array(flat['examples']), flat['example']] : array(flat['examples']),
    properties: new Map(properties.map(([name, one]) => [name, deeper(one)])),
    required: new Set(array(flat['required']).filter(name => typeof name === 'string')),
    ...(isJson(flat['items']) && depth < DEEPEST ? { items: deeper(flat['items']) } : {}),
    places: depth < DEEPEST ? places.map(deeper) : [],
    variants: depth < DEEPEST ? real.map(deeper) : [],
    ...limits(flat),
  }
}
