import { validate } from '@cfworker/json-schema'
import { ToolgateError } from '../core/error.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { type Compiled, compileSchema } from './compile.ts'
import type { OddPattern } from './pattern.ts'
import { excerpt } from './pointer.ts'
import { describeValue, type Problem, problem, toProblems } from './problems.ts'
import { schemaProblems } from './read.ts'
import { TimeLimitError, withinTime } from './time-limit.ts'

/** Arguments that keep their schema, parsed, or what is wrong with them. */
export type Verdict =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** How long one check may take, in milliseconds; an honest one takes a fraction of one. */
const TIME_LIMIT = 250
/** Below this product of rules and characters of arguments no tree of rules can take long. */
const SMALL = 1_000_000
const cache = new WeakMap<JsonObject, Compiled>()

/**
 * Checks the text of a call's arguments against the tool's JSON Schema: draft 2020-12 unless
 * `$schema` names draft 4, 6, 7 or 2019-09. Blank text means `{}`, and arguments are an object even
 * if the schema does not say so; without a schema any object will do. `format` is held to where it
 * is known. A pattern that `readPattern` cannot read is not held to: `unheldPatterns` tells of it.
 *
 * Schemas are strangers' work, so a check is stopped after 250 ms, whatever it is that takes long: a
 * pattern that backtracks, references that multiply, many items to compare. A schema is compiled
 * once; it must not be changed afterwards.
 *
 * @throws ToolgateError `invalid_value` if the schema is malformed, `unsupported` if it cannot be
 * checked in time or refers to another document.
 */
export function checkArguments(schema: JsonObject | undefined, text: string): Verdict {
  let value: Json = {}
  try {
    if (text.trim() !== '') value = JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return { ok: false, problems: [problem('', 'json', 'a JSON object', `broken text: ${why}`)] }
  }
  if (!isObject(value))
    return { ok: false, problems: [problem('', 'type', 'object', describeValue(value))] }
  if (schema === undefined) return { ok: true, value }
  const compiled = compile(schema)
  const check = () => problemsOf(compiled, value)
  try {
    const quick = compiled.bounded && compiled.size * text.length < SMALL
    const problems = quick ? check() : withinTime(TIME_LIMIT, check)
    return problems.length === 0 ? { ok: true, value } : { ok: false, problems }
  } catch (cause) {
    throw uncheckable(cause)
  }
}

/**
 * The patterns of a schema that `checkArguments` does not hold to, because they cannot be read.
 *
 * @throws ToolgateError as `checkArguments` does of the schema
 */
export function unheldPatterns(schema: JsonObject): readonly OddPattern[] {
  return compile(schema).odd
}

function problemsOf(compiled: Compiled, value: JsonObject): readonly Problem[] {
  const { schema, draft, lookup } = compiled
  const { valid, errors } = validate(value, schema, draft, lookup, false)
  if (valid) return []
  const follow = (node: JsonObject) => lookup[String(Reflect.get(node, '__absolute_ref__'))]
  const problems = toProblems(errors, { schema, value, follow })
  if (problems.length > 0) return problems
  return [problem('', 'schema', 'arguments that keep the schema', describeValue(value))]
}

function compile(schema: JsonObject): Compiled {
  const known = cache.get(schema)
  if (known) return known
  const [first] = schemaProblems(schema)
  if (first) {
    const place = first.path === '' ? 'its root' : first.path
    const message = `The tool's schema is malformed at ${place}: ${first.message}`
    throw new ToolgateError('invalid_value', message, { details: { rule: first.rule } })
  }
  try {
    const made = withinTime(TIME_LIMIT, () => compileSchema(schema))
    cache.set(schema, made)
    return made
  } catch (cause) {
    throw uncheckable(cause)
  }
}

function uncheckable(cause: unknown): ToolgateError {
  const say = (why: string) =>
    new ToolgateError('unsupported', `The tool's schema cannot be checked: ${why}`, { cause })
  if (cause instanceof TimeLimitError) return say(`it takes longer than ${TIME_LIMIT} ms.`)
  if (cause instanceof RangeError) return say('it refers to itself too often.')
  return say(cause instanceof Error ? excerpt(cause.message.split('\n', 1)[0] ?? '', 200) : '')
}
