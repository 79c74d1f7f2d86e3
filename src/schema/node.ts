import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { Unfit } from './dialect.ts'
import { typesOfLiterals } from './literals.ts'
import { same } from './merge.ts'

const OBJECT_WORDS = ['properties', 'required', 'additionalProperties', 'patternProperties']
const ARRAY_WORDS = ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']
const STRING_WORDS = ['pattern', 'minLength', 'maxLength', 'format']
const NUMBER_WORDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
/** Says the type of a node that other keywords give away. */
export function withType(node: JsonObject, values: readonly Json[] | undefined): JsonObject {
  if (node['type'] !== undefined) return node
  const has = (keywords: readonly string[]) => keywords.some(key => key in node)
  if (values) {
    const types = typesOfLiterals(values)
    const [only] = types
    return only === undefined ? node : { type: types.length === 1 ? only : [...types], ...node }
  }
  if (has(OBJECT_WORDS)) return { type: 'object', ...node }
  if (has(ARRAY_WORDS)) return { type: 'array', ...node }
  if (has(STRING_WORDS)) return { type: 'string', ...node }
  return has(NUMBER_WORDS) ? { type: 'number', ...node } : node
}

/** What a node says for people. */
export function notesOf(node: JsonObject): JsonObject {
  const { title, description, default: standard } = node
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(standard === undefined ? {} : { default: standard }),
  }
}

/** The keywords of a node that are about one type. */
export function keywordsOf(node: JsonObject, type: string): JsonObject {
  const about: { readonly [type: string]: readonly string[] } = {
    object: [...OBJECT_WORDS, 'minProperties', 'maxProperties', 'propertyNames'],
    array: ARRAY_WORDS,
    string: STRING_WORDS,
    number: NUMBER_WORDS,
    integer: NUMBER_WORDS,
  }
  const mine = about[type] ?? []
  return Object.fromEntries(Object.entries(node).filter(([key]) => mine.includes(key)))
}

/** Whether a schema takes `null` and nothing else. */
export function isNull(branch: Json): boolean {
  return isObject(branch) && (branch['type'] === 'null' || branch['const'] === null)
}

/** Alternatives in a dialect with a flag for null; beside an `anyOf` nothing may stand. */
export function nullableUnion(
  branches: JsonObject[],
  hasNull: boolean,
  notes: JsonObject,
): JsonObject {
  const [only] = branches
  const nullable = hasNull ? { nullable: true } : {}
  if (branches.length === 1 && only && !('anyOf' in only)) return { ...notes, ...only, ...nullable }
  const inner = branches.flatMap(one => (Array.isArray(one['anyOf']) ? one['anyOf'] : [one]))
  const list = inner.filter(isObject)
  const [first = {}, ...others] =
    hasNull && !list.some(one => one['type'] === 'NULL') ? [...list, { type: 'NULL' }] : list
  const { description } = notes
  const described =
    description === undefined || first['description'] !== undefined
      ? first
      : { ...first, description }
  return { anyOf: [described, ...others] }
}

/** One schema for several, each once. */
export function anyOfThese(branches: readonly Json[]): Json {
  const different = branches.filter((one, i) => branches.findIndex(other => same(other, one)) === i)
  const [only] = different
  return different.length === 1 && only !== undefined ? only : { anyOf: different }
}

/** Whether two lists hold the same names. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every(name => b.includes(name))
}

/** Whether every engine reads a pattern: legal, and without looking around or back. */
export function isPlainPattern(pattern: string): boolean {
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</.test(pattern)) return false
  try {
    return new RegExp(pattern, 'u') !== undefined
  } catch {
    return false
  }
}

/** Whether a keyword holds definitions, which are no part of the node they stand in. */
export function isDefinitions(key: string): boolean {
  return key === '$defs' || key === 'definitions'
}

/** Any value at all, where a schema must say its type and nothing may stand beside `anyOf`. */
export function anything(description: Json | undefined): JsonObject {
  const scalars = ['NUMBER', 'BOOLEAN', 'OBJECT', 'NULL'].map(type => ({ type }))
  const items = { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }, { type: 'OBJECT' }] }
  const text = { type: 'STRING', ...(typeof description === 'string' ? { description } : {}) }
  return { anyOf: [text, ...scalars, { type: 'ARRAY', items }] }
}

/**
 * For models that tell the objects of a union apart by their first property: gives each another one.
 *
 * @throws Unfit if there are not enough.
 */
export function apart(branches: readonly JsonObject[], at: string): JsonObject[] {
  const taken = new Set<string>()
  return branches.map(branch => {
    const properties = branch['properties']
    const names = isObject(properties) ? Object.keys(properties) : []
    if (!isObject(properties) || names.length === 0) return branch
    const first = names.find(name => !taken.has(name))
    if (first === undefined)
      throw new Unfit(at, 'has alternatives that cannot be told apart by their first property')
    taken.add(first)
    if (first === names[0]) return branch
    return { ...branch, properties: { [first]: properties[first], ...properties } }
  })
}

/** An exclusive bound as an inclusive one: exact for whole numbers. */
export function openBound(key: string, value: Json, types: readonly string[]) {
  if (typeof value !== 'number') return undefined
  const isExact = types.includes('integer') && !types.includes('number')
  if (key === 'exclusiveMinimum')
    return { key: 'minimum', value: isExact ? Math.floor(value) + 1 : value, isExact }
  if (key === 'exclusiveMaximum')
    return { key: 'maximum', value: isExact ? Math.ceil(value) - 1 : value, isExact }
  return undefined
}
