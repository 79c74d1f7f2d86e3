import { ToolgateError, type WirePath } from '../core/error.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'

/** A place in a body, as a chain towards the root: free to build, walked only for an error. */
export interface Place {
  readonly up: Place | undefined
  readonly key: string | number
}

/** The place of `key` inside `up`; without `up`, a key of the body itself. */
export function place(key: string | number, up?: Place): Place {
  return { up, key }
}

/** The keys from the root down to a place. */
export function pathOf(at: Place | undefined): WirePath {
  const path: (string | number)[] = []
  for (let step = at; step; step = step.up) path.push(step.key)
  return path.reverse()
}

/** A path as the error's own text says it; a protocol words `details.path` in its own way. */
function say(path: WirePath): string {
  return path.length === 0 ? 'body' : path.join('.')
}

/** How errors name the type of a value: `an object`, `a string`, `null`, ... */
export function typeName(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  switch (typeof value) {
    case 'string':
      return 'a string'
    case 'number':
      return Number.isInteger(value) ? 'an integer' : 'a decimal'
    case 'boolean':
      return 'a boolean'
    default:
      return 'an object'
  }
}

/** `missing_field`: something required is not there. Each protocol words it from `details`. */
export function missing(at: Place): ToolgateError {
  const path = pathOf(at)
  return new ToolgateError('missing_field', `Missing ${say(path)}`, { details: { path } })
}

/** `invalid_type`; `expected` is such as `a string`, `an array of objects`. */
export function wrongType(
  at: Place | undefined,
  expected: string,
  found: Json | undefined,
): ToolgateError {
  const path = pathOf(at)
  return new ToolgateError(
    'invalid_type',
    `${say(path)}: expected ${expected}, found ${typeName(found)}`,
    { details: { path, expected, found: typeName(found) } },
  )
}

/** `invalid_value`; `why` completes the sentence `path: …`. `allowed` lists the legal values. */
export function wrongValue(
  at: Place | undefined,
  why: string,
  more: { allowed?: readonly string[]; value?: Json } = {},
): ToolgateError {
  const path = pathOf(at)
  return new ToolgateError('invalid_value', `${say(path)}: ${why}`, {
    details: { path, why, ...more },
  })
}

/** The value as an object. @throws `missing_field`, `invalid_type` */
export function asObject(value: Json | undefined, at?: Place): JsonObject {
  if (isObject(value)) return value
  if (value === undefined && at) throw missing(at)
  throw wrongType(at, 'an object', value)
}

/** The value as an array. @throws `missing_field`, `invalid_type` */
export function asArray(value: Json | undefined, at: Place): Json[] {
  if (Array.isArray(value)) return value
  throw value === undefined ? missing(at) : wrongType(at, 'an array', value)
}

/** The value as a string. @throws `missing_field`, `invalid_type` */
export function asString(value: Json | undefined, at: Place): string {
  if (typeof value === 'string') return value
  throw value === undefined ? missing(at) : wrongType(at, 'a string', value)
}

/** A required string under `key`. */
export function string(from: JsonObject, key: string, at?: Place): string {
  const value = from[key]
  return typeof value === 'string' ? value : asString(value, place(key, at))
}

/** A string under `key`; absent and `null` read as `undefined`. */
export function optionalString(from: JsonObject, key: string, at?: Place): string | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : asString(value, place(key, at))
}

/** A finite number under `key`; absent and `null` read as `undefined`. */
export function optionalNumber(from: JsonObject, key: string, at?: Place): number | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number') throw wrongType(place(key, at), 'a decimal', value)
  // `1e999` is JSON, but reads as a number that JSON cannot write again.
  if (Number.isFinite(value)) return value
  throw wrongValue(place(key, at), 'the number is too large')
}

/** A whole number under `key`; absent and `null` read as `undefined`. */
export function optionalInteger(from: JsonObject, key: string, at?: Place): number | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw wrongType(place(key, at), 'an integer', value)
}

/** A boolean under `key`; absent and `null` read as `undefined`. */
export function optionalBoolean(from: JsonObject, key: string, at?: Place): boolean | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value
  throw wrongType(place(key, at), 'a boolean', value)
}

/** An object under `key`; absent and `null` read as `undefined`. */
export function optionalObject(from: JsonObject, key: string, at?: Place): JsonObject | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  return isObject(value) ? value : asObject(value, place(key, at))
}

/** An array under `key`; absent and `null` read as `undefined`. */
export function optionalArray(from: JsonObject, key: string, at?: Place): Json[] | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  return Array.isArray(value) ? value : asArray(value, place(key, at))
}

/** An array of strings under `key`; absent and `null` read as `undefined`. */
export function optionalStrings(from: JsonObject, key: string, at?: Place): string[] | undefined {
  const value = optionalArray(from, key, at)
  return value?.map((item, i) =>
    typeof item === 'string' ? item : asString(item, place(i, place(key, at))),
  )
}

/** One of a few words under `key`; absent and `null` read as `undefined`. */
export function optionalWord<const T extends string>(
  from: JsonObject,
  key: string,
  words: readonly T[],
  at?: Place,
): T | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  const text = asString(value, place(key, at))
  const word = words.find(candidate => candidate === text)
  if (word !== undefined) return word
  throw wrongValue(place(key, at), `'${text}' is not one of ${words.join(', ')}`, {
    allowed: words,
    value: text,
  })
}
