import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { follow } from './accepts.ts'
import { SILENT, typesOf } from './keywords.ts'
import { mergeSchemas, same } from './merge.ts'

/** What stands beside a union without narrowing it. */
const NOTES: ReadonlySet<string> = new Set([
  ...[
    'title',
    'description',
    'default',
    'examples',
    'example',
    'deprecated',
    '$defs',
    'definitions',
  ],
  ...SILENT,
])
/** Keywords of alternatives that only say which properties must be there. */
const CONDITIONS = ['required', 'not', 'dependentRequired', 'minProperties', 'maxProperties']

const MOST_STEPS = 20

/** Takes a keyword that cannot stay, to be told in words. */
export type Tell = (keyword: string, value: Json) => void

/**
 * Says a node with `anyOf` as its only composition, and with nothing beside that but notes: `allOf`
 * is put together, `oneOf` becomes `anyOf`, and what stands beside alternatives goes into each. What
 * cannot be said so is told in words. The same object comes back if there was nothing to do.
 */
export function simplify(given: JsonObject, root: JsonObject, tell: Tell): JsonObject {
  let node = given
  for (let step = 0; node['allOf'] !== undefined && step < MOST_STEPS; step++) {
    node = withoutAllOf(node, root, tell)
  }
  const { oneOf, ...others } = node
  if (Array.isArray(oneOf)) {
    tell('oneOf', oneOf.length)
    if (others['anyOf'] === undefined) node = { ...others, anyOf: oneOf }
    else node = others
  }
  return Array.isArray(node['anyOf']) ? spread(node, node['anyOf'], root, tell) : node
}

function withoutAllOf(node: JsonObject, root: JsonObject, tell: Tell): JsonObject {
  const { allOf, ...rest } = node
  const parts = Array.isArray(allOf) ? allOf.filter(isObject) : []
  const [only] = parts
  // The habit of generators for a reference with a description: it stays a reference.
  if (
    parts.length === 1 &&
    only &&
    '$ref' in only &&
    Object.keys(rest).every(key => NOTES.has(key))
  )
    return { ...only, ...rest }
  let merged: JsonObject | undefined = rest
  for (const part of parts) {
    const resolved = resolve(part, root)
    merged = merged && resolved && mergeSchemas(resolved, merged)
  }
  if (merged) return merged
  tell('allOf', parts)
  return rest
}

/** A schema without its reference: what that leads to, with what stands beside it. */
export function resolve(given: JsonObject, root: JsonObject): JsonObject | undefined {
  let node: JsonObject | undefined = given
  for (let step = 0; node && typeof node['$ref'] === 'string' && step < MOST_STEPS; step++) {
    const { $ref, ...beside }: JsonObject = node
    const target: Json | undefined = follow(String($ref), root)
    node = isObject(target) ? mergeSchemas(target, beside) : undefined
  }
  return node && typeof node['$ref'] === 'string' ? undefined : node
}

function spread(
  node: JsonObject,
  branches: readonly Json[],
  root: JsonObject,
  tell: Tell,
): JsonObject {
  const { anyOf, ...rest } = node
  const names = Object.keys(rest)
  const base = Object.fromEntries(names.filter(key => !NOTES.has(key)).map(key => [key, rest[key]]))
  if (branches.every(branch => isCondition(branch))) {
    tell('anyOf', branches.map(plain))
    return rest
  }
  if (Object.keys(base).length === 0) {
    const [only] = branches
    return branches.length === 1 && isObject(only) && !('$ref' in only)
      ? { ...only, ...rest }
      : node
  }
  const merged: JsonObject[] = []
  for (const branch of branches) {
    const resolved = isObject(branch) ? resolve(branch, root) : undefined
    const both = resolved && mergeSchemas(base, resolved)
    if (both) merged.push(both)
    else if (!resolved || !isDisjoint(base, resolved)) {
      tell('anyOf', branches.map(plain))
      return rest
    }
  }
  const notes = Object.fromEntries(names.filter(key => NOTES.has(key)).map(key => [key, rest[key]]))
  const [first] = merged
  if (!first) return rest
  if (merged.every(one => same(one, first))) return { ...first, ...notes }
  return { ...notes, anyOf: merged }
}

/** Whether an alternative says nothing but which properties must be there. */
export function isCondition(branch: Json): boolean {
  return (
    isObject(branch) &&
    Object.keys(branch).length > 0 &&
    Object.keys(branch).every(
      key =>
        CONDITIONS.includes(key) || NOTES.has(key) || (key === 'type' && branch[key] === 'object'),
    )
  )
}

function isDisjoint(one: JsonObject, other: JsonObject): boolean {
  const [a, b] = [typesOf(one), typesOf(other)]
  return a.length > 0 && b.length > 0 && !a.some(type => b.includes(type))
}

function plain(branch: Json): Json {
  return branch
}
