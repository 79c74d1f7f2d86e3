import type { Random } from '../random.ts'
import { isRecord } from '../shape.ts'

/** Texts that are no JSON object, or none at all. */
const BROKEN = ['', ' ', '{', '{"n":', '{"n":1', '{"n":1}}', '[]', 'null', '1', '"n"', '\u0000']
/** Objects with something in them that few expect. */
const ODD = [
  '{}',
  '{"n":1e999}',
  '{"n":1,"n":2}',
  '{"n":1,"__proto__":{"n":2}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `{"n":1,"x":"${'y'.repeat(20_000)}"}`,
]

/** Draws the text of a call's arguments: one half fits the schema as far as can be told. */
export function drawArguments(random: Random, schema: unknown): string {
  const kind = random.below(12)
  const fitting = JSON.stringify(valueFor(random, schema, schema, 0))
  if (kind < 6) return fitting
  if (kind < 8) return JSON.stringify(spoiled(random, JSON.parse(fitting)))
  if (kind < 9) return fitting.slice(0, random.below(fitting.length))
  if (kind < 10) return random.pick(BROKEN)
  if (kind < 11) return random.pick(ODD)
  return String.fromCharCode(...Array.from({ length: random.below(30) }, () => random.below(65536)))
}

/** Changes one thing in a value: a field gone, of another type, or one too many. */
function spoiled(random: Random, value: unknown): unknown {
  const wrong = random.pick([null, '1', 1.5, true, [], [1], {}, -1, 2 ** 53])
  if (!isRecord(value)) return wrong
  const name = random.pick([...Object.keys(value), 'no_such_field'])
  const { [name]: old, ...others } = value
  if (random.below(3) === 0) return others
  return { ...others, [name]: isRecord(old) && random.below(2) ? spoiled(random, old) : wrong }
}

/** Levels of a schema that are filled; below them a value is as short as can be. */
const DEPTH = 4

/** The longest list and text that are made because a schema wants them as long. */
const MOST_ITEMS = 100
const MOST_LENGTH = 10_000

/** A value for a schema by its types, lists of values and limits; patterns are left to chance. */
function valueFor(random: Random, schema: unknown, root: unknown, depth: number): unknown {
  if (!isRecord(schema)) return depth === 0 ? {} : 'x'
  const { const: only, enum: values, $ref } = schema
  if (only !== undefined) return only
  if (Array.isArray(values) && values.length > 0) return random.pick<unknown>(values)
  if (typeof $ref === 'string' && depth < 2 * DEPTH)
    return valueFor(random, definition(root, $ref), root, depth + 1)
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const list = schema[key]
    if (Array.isArray(list) && list.length > 0 && depth < 2 * DEPTH)
      return valueFor(random, random.pick<unknown>(list), root, depth + 1)
  }
  const types = Array.isArray(schema['type']) ? schema['type'] : [schema['type']]
  const type: unknown = types.length > 0 ? random.pick<unknown>(types) : undefined
  switch (type ?? (isRecord(schema['properties']) || depth === 0 ? 'object' : 'string')) {
    case 'object':
      return objectFor(random, schema, root, depth)
    case 'array': {
      const least = Math.min(MOST_ITEMS, limit(schema, 'minItems', 0))
      const length = depth < DEPTH ? least + random.below(3) : least
      return Array.from({ length }, () => valueFor(random, schema['items'], root, depth + 1))
    }
    case 'integer':
    case 'number': {
      const least = limit(schema, 'minimum', 0)
      return least + random.below(Math.max(1, Math.min(4, limit(schema, 'maximum', 3) - least + 1)))
    }
    case 'boolean':
      return random.below(2) === 0
    case 'null':
      return null
    default:
      return textFor(random, schema)
  }
}

function objectFor(
  random: Random,
  schema: { readonly [key: string]: unknown },
  root: unknown,
  depth: number,
): unknown {
  const { properties, required } = schema
  const wanted = Array.isArray(required) ? required : []
  const described = isRecord(properties) ? properties : {}
  const names = Object.keys(described).filter(
    name => wanted.includes(name) || (depth < DEPTH && random.below(2) === 0),
  )
  return Object.fromEntries(
    names.map(name => [name, valueFor(random, described[name], root, depth + 1)]),
  )
}

function textFor(random: Random, schema: { readonly [key: string]: unknown }): string {
  const text = random.pick(['x', 'Tokyo', 'a b', '2026-01-31', 'ä@example.com'])
  const least = Math.min(MOST_LENGTH, limit(schema, 'minLength', 0))
  return text.padEnd(least, 'x').slice(0, limit(schema, 'maxLength', MOST_LENGTH))
}

function limit(schema: { readonly [key: string]: unknown }, key: string, other: number): number {
  const value = schema[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : other
}

/** What a reference within the schema points at. */
function definition(root: unknown, reference: string): unknown {
  let found: unknown = root
  for (const step of reference.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    found = isRecord(found) ? found[key] : undefined
  }
  return found
}
