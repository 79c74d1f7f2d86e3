import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { bareRoot } from './bare-root.ts'
import { type Coercion, isIdle, type PropertyCoercion } from './coerce.ts'
import type { Dialect } from './dialect.ts'
import { anthropic } from './dialects/anthropic.ts'
import { anthropicStrict } from './dialects/anthropic-strict.ts'
import { converse, converseBare, converseStrict } from './dialects/converse.ts'
import { geminiJson, geminiSchema } from './dialects/gemini.ts'
import { chatFunctions } from './dialects/openai-chat.ts'
import { chatStrict } from './dialects/openai-chat-strict.ts'
import { fitLoosely } from './loose.ts'
import { Lowering, type SchemaLoss } from './lowering.ts'
import { objectRoot, WRAP } from './root.ts'
import { simplify } from './simplify.ts'
import { checkSize } from './size.ts'
import { put, upgradeSchema } from './upgrade.ts'
import { Words } from './words.ts'

/** The dialects of JSON Schema that tools are declared in. */
export const DIALECTS = {
  'openai-chat': chatFunctions,
  'openai-chat-strict': chatStrict,
  anthropic,
  'anthropic-strict': anthropicStrict,
  converse,
  'converse-bare': converseBare,
  'converse-strict': converseStrict,
  'gemini-json': geminiJson,
  'gemini-schema': geminiSchema,
} as const satisfies Record<string, Dialect>

/** The name of a dialect. */
export type DialectName = keyof typeof DIALECTS

/** A tool's schema in a dialect. */
export interface Lowered {
  /** The same object as came in if it was within the dialect; `undefined`: no arguments. */
  readonly schema: JsonObject | undefined
  readonly losses: readonly SchemaLoss[]
  /** How arguments come back; absent if they fit the client's schema as they are. */
  readonly coercion?: Coercion
}

const CLOSED: JsonObject = { type: 'object', properties: {}, additionalProperties: false }

/**
 * Says the schema of a tool's arguments in a dialect. It must have been found well-formed by
 * `readToolSchema` or `schemaProblems`, apart from habits of older drafts.
 *
 * @throws Unfit if the dialect cannot say it without taking something away that arguments may hold.
 */
export function lowerSchema(given: JsonObject | undefined, dialect: Dialect): Lowered {
  if (given === undefined) {
    if (!dialect.closed) return { schema: undefined, losses: [] }
    return { schema: dialect.allRequired ? { ...CLOSED, required: [] } : CLOSED, losses: [] }
  }
  const losses: SchemaLoss[] = []
  const words = new Words()
  const tell = (keyword: string, value: Json) => {
    words.add(keyword, value)
    const meaning = dialect.closed && keyword !== 'oneOf'
    losses.push({ at: '', what: `${keyword} is told in words`, action: 'approximated', meaning })
  }
  const upgraded = dialect.upgrade ? upgradeSchema(given) : given
  const simple = dialect.rootUnions ? upgraded : simplify(upgraded, upgraded, tell)
  const { schema: root, wrapped } = objectRoot(words.describe(simple), dialect.rootUnions)
  if (wrapped) {
    const what = `arguments that are no plain object as the property '${WRAP}' of one`
    losses.push({ at: '', what, action: 'emulated', meaning: false })
  }
  const lowered = lowerRoot(root, dialect, losses)
  const coercion: Coercion = { ...lowered.coercion, ...(wrapped ? { unwrap: WRAP } : {}) }
  const schema = plainNames(lowered.schema, dialect, coercion)
  if (dialect.limits) checkSize(schema, dialect.limits)
  return {
    schema: dialect.types === 'nullable' && isBare(schema) ? undefined : schema,
    losses,
    ...(isIdle(coercion) ? {} : { coercion }),
  }
}

function lowerRoot(root: JsonObject, dialect: Dialect, losses: SchemaLoss[]) {
  if (dialect.keywords) {
    const lowering = new Lowering(dialect, root)
    const { schema, coercion } = lowering.lower()
    losses.push(...lowering.losses)
    let flat: Coercion = coercion ?? {}
    while (flat.same) flat = flat.same
    return { schema, coercion: flat }
  }
  const loose = fitLoosely(root, dialect, losses)
  const schema = dialect.bareRoot ? bareRoot(loose, losses) : loose
  const isWhole = !dialect.rootProperties || schema['properties'] !== undefined
  return { schema: isWhole ? schema : { ...schema, properties: {} }, coercion: {} }
}

/** Without any property there is nothing to declare. */
function isBare(schema: JsonObject): boolean {
  const properties = schema['properties']
  return !isObject(properties) || Object.keys(properties).length === 0
}

/** Properties of the root under names that the vendor takes; the coercion gives their own back. */
function plainNames(schema: JsonObject, dialect: Dialect, coercion: Coercion): JsonObject {
  const { properties } = schema
  const rule = dialect.propertyName
  if (!rule || !isObject(properties)) return schema
  const names = Object.keys(properties)
  if (names.every(name => rule.test(name))) return schema
  const taken = new Set(names)
  const renamed = new Map<string, string>()
  for (const name of names) {
    if (rule.test(name)) continue
    const stem = name.replace(/[^a-zA-Z0-9_.-]/g, '_').slice(0, 60) || 'property'
    let plain = stem
    for (let i = 2; taken.has(plain); i++) plain = `${stem}_${i}`
    taken.add(plain)
    renamed.set(name, plain)
  }
  const out: JsonObject = {}
  const coercions = new Map<string, PropertyCoercion>()
  for (const name of names) {
    const plain = renamed.get(name)
    put(out, plain ?? name, properties[name])
    const known = coercion.properties?.get(name)
    if (plain !== undefined) coercions.set(plain, { ...known, name })
    else if (known) coercions.set(name, known)
  }
  coercion.properties = coercions
  const { required } = schema
  const list = Array.isArray(required)
    ? { required: required.map(name => renamed.get(String(name)) ?? name) }
    : {}
  return { ...schema, properties: out, ...list }
}
