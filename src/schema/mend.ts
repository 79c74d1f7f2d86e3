import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { type Coercion, coerceArguments, type PropertyCoercion } from './coerce.ts'
import { textsIn } from './keywords.ts'
import { steps } from './pointer.ts'
import type { Problem } from './problems.ts'
import { checkArguments, type Verdict } from './validate.ts'

/** Arguments as they were checked, and what had to be mended for it. */
export interface Mended {
  /** The very text that came in, if nothing was mended. */
  readonly text: string
  readonly verdict: Verdict
  /** What was mended, in a few words each; empty if nothing was, or if it did not help. */
  readonly mended: readonly string[]
}

const MOST_ROUNDS = 3

/**
 * Checks arguments, and mends what can be mended without guessing: no text at all, a code fence, a
 * comma too many, JSON inside of a text, a number or a truth value as text or the reverse, `null`
 * for a property that may be left out. All that is right keeps its very text. What would still break
 * the schema comes back as it was.
 *
 * @throws ToolgateError as `checkArguments` does.
 */
export function mendArguments(schema: JsonObject | undefined, text: string): Mended {
  const first = checkArguments(schema, text)
  if (first.ok && text.trim() !== '') return { text, verdict: first, mended: [] }
  const mended: string[] = []
  let current = mendSyntax(text, mended)
  let verdict = checkArguments(schema, current)
  for (let round = 0; !verdict.ok && schema && round < MOST_ROUNDS; round++) {
    const value = parse(current)
    if (!isObject(value)) break
    const coercion = cureFor(verdict.problems, value, schema, mended)
    const next = coerceArguments(current, coercion)
    if (next === current) break
    current = next
    verdict = checkArguments(schema, current)
  }
  return verdict.ok ? { text: current, verdict, mended } : { text, verdict: first, mended: [] }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Text that is no JSON object as the one it was meant to be; itself if that is not certain. */
function mendSyntax(text: string, mended: string[]): string {
  const trimmed = text.replace(/^\uFEFF/, '').trim()
  if (trimmed === '' || trimmed === 'null') {
    mended.push('no arguments as {}')
    return '{}'
  }
  const value = parse(text)
  if (isObject(value)) return text
  if (typeof value === 'string') {
    mended.push('JSON inside of a text')
    return value.trim() === '' ? '{}' : mendSyntax(value, mended)
  }
  const fence = /^```[a-zA-Z]*\s*([\s\S]*?)\s*```$/.exec(trimmed)
  if (fence?.[1] !== undefined) {
    mended.push('a code fence around the arguments')
    return mendSyntax(fence[1], mended)
  }
  const fewer = withoutLastCommas(trimmed)
  if (isObject(parse(fewer))) {
    mended.push(fewer === trimmed ? 'a mark before the arguments' : 'a comma too many')
    return fewer
  }
  return text
}

/** Leaves out commas before a closing bracket, outside of texts. */
function withoutLastCommas(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/gs, found => (found === ',' ? '' : found))
}

/** What turns the values that problems are about into what was asked for. */
function cureFor(
  problems: readonly Problem[],
  value: JsonObject,
  schema: JsonObject,
  mended: string[],
): Coercion {
  const root: Coercion = {}
  for (const problem of problems) {
    const keys = steps(problem.path)
    const found = at(value, keys)
    const cure = curePart(problem, found, keys, schema)
    if (!cure) continue
    graft(root, keys, value, cure.part)
    mended.push(`${problem.path} ${cure.what}`)
  }
  return root
}

interface Cure {
  readonly part: PropertyCoercion
  readonly what: string
}

function curePart(
  { rule, expected }: Problem,
  found: Json | undefined,
  keys: readonly string[],
  schema: JsonObject,
): Cure | undefined {
  if (typeof found === 'string') {
    const inner = parse(found)
    if (inner === undefined || typeof inner === 'string') return undefined
    if (rule === 'type' && !suits(inner, expected.split(' or '))) return undefined
    if (!['type', 'enum', 'const', 'anyOf', 'oneOf'].includes(rule)) return undefined
    if (typeof inner === 'number' && !/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(found.trim()))
      return undefined
    return {
      part: { inner: { words: new Map([[found, found.trim()]]) } },
      what: 'as JSON and not as text',
    }
  }
  if (found === null && rule !== 'required' && mayBeAbsent(schema, keys))
    return { part: { absent: true }, what: 'left out where it was null' }
  const isScalar = typeof found === 'number' || typeof found === 'boolean'
  if (isScalar && rule === 'type' && expected.split(' or ').includes('string'))
    return { part: { inner: { asText: true } }, what: 'as text' }
  return undefined
}

function suits(value: Json, types: readonly string[]): boolean {
  if (value === null) return types.includes('null')
  if (Array.isArray(value)) return types.includes('array')
  if (typeof value !== 'number') return types.includes(typeof value)
  return types.includes('number') || (types.includes('integer') && Number.isInteger(value))
}

/** Whether plain properties lead to a place, and the last one is not required. */
function mayBeAbsent(schema: JsonObject, keys: readonly string[]): boolean {
  let node: Json | undefined = schema
  for (const [i, key] of keys.entries()) {
    if (!isObject(node)) return false
    const { items, properties, required }: JsonObject = node
    const named: JsonObject = isObject(properties) ? properties : {}
    const property: Json | undefined = Object.hasOwn(named, key) ? named[key] : undefined
    if (i === keys.length - 1) return property !== undefined && !textsIn(required).includes(key)
    node = property ?? (/^\d+$/.test(key) ? items : undefined)
  }
  return false
}

function at(value: Json, keys: readonly string[]): Json | undefined {
  let node: Json | undefined = value
  for (const key of keys) {
    if (Array.isArray(node)) node = node[Number(key)]
    else node = isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined
  }
  return node
}

/** Puts the cure of one place into the cure of the whole. */
function graft(root: Coercion, keys: readonly string[], value: Json, part: PropertyCoercion): void {
  let coercion = root
  let node: Json | undefined = value
  for (const [i, key] of keys.entries()) {
    const isLast = i === keys.length - 1
    if (Array.isArray(node)) {
      const inner: Coercion = coercion.items ?? {}
      coercion.items = isLast ? { ...inner, ...merge(inner, part.inner) } : inner
      coercion = inner
      node = node[Number(key)]
      continue
    }
    const properties: Map<string, PropertyCoercion> = new Map(coercion.properties)
    coercion.properties = properties
    const known = properties.get(key)
    const inner: Coercion = known?.inner ?? {}
    const absent = (isLast && part.absent) || known?.absent
    properties.set(key, {
      inner: isLast ? { ...inner, ...merge(inner, part.inner) } : inner,
      ...(absent ? { absent } : {}),
    })
    coercion = inner
    node = isObject(node) ? node[key] : undefined
  }
}

function merge(one: Coercion, other: Coercion | undefined): Coercion {
  const words = new Map([...(one.words ?? []), ...(other?.words ?? [])])
  return { ...other, ...(words.size > 0 ? { words } : {}) }
}
