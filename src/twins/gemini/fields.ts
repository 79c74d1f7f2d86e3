import { isList, isObject, type Json, type JsonObject } from './json.ts'

/** One thing that is wrong with a body; `place` is empty at its root. */
export interface Violation {
  readonly place: string
  readonly text: string
}

/** What a reading shares: the package that types are named by, and all that was found wrong. */
export interface Reading {
  readonly package: string
  readonly violations: Violation[]
}

/** Where a value stands: its own place, the place around it and the name it goes by there. */
export interface Spot {
  readonly place: string
  readonly around: string
  readonly name: string
}

/** A kind of value. `read` gives it in one spelling, or `undefined` when it is wrong. */
export interface Kind {
  /** Whether a list may stand for one value. */
  readonly takesLists?: true
  read(value: Json, spot: Spot, reading: Reading): Json | undefined
}

/** A field of a message. */
export interface Field {
  readonly kind: Kind
  readonly arity: 'one' | 'many' | 'map'
}

/** The fields of a message by their names with underscores. */
export interface Fields {
  readonly [name: string]: Field
}

/** A field that holds one value. */
export function one(kind: Kind): Field {
  return { kind, arity: 'one' }
}

/** A field that holds a list. One value by itself counts as a list of one, as the vendor has it. */
export function many(kind: Kind): Field {
  return { kind, arity: 'many' }
}

/** A field that holds values by name. */
export function mapOf(kind: Kind): Field {
  return { kind, arity: 'map' }
}

/** The spelling with capitals, in which a message is given back. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * A message: an object with these fields, each in either spelling. Of the fields in `oneOf` at most
 * one may be set. `null` counts as absent.
 *
 * The complaints are worded as Google's JSON front does it (answers quoted in CLIProxyAPI issue #97
 * and zed issue #44875, 2025, and others).
 */
export function message(
  type: string,
  fields: () => Fields,
  oneOf: { readonly name: string; readonly members: readonly string[] } | undefined = undefined,
): Kind {
  let known: ReadonlyMap<string, readonly [name: string, field: Field]> | undefined
  return {
    read(value, spot, reading) {
      if (!isObject(value))
        return complainOfType(
          value,
          spot,
          `type.googleapis.com/${reading.package}.${type}`,
          reading,
        )
      known ??= new Map(
        Object.entries(fields()).flatMap(([name, field]) => [
          [name, [name, field] as const] as const,
          [camelCase(name), [name, field] as const] as const,
        ]),
      )
      return readMembers(value, spot.place, known, oneOf, reading)
    },
  }
}

function readMembers(
  value: JsonObject,
  place: string,
  known: ReadonlyMap<string, readonly [name: string, field: Field]>,
  oneOf: { readonly name: string; readonly members: readonly string[] } | undefined,
  reading: Reading,
): JsonObject {
  const members: { [name: string]: Json } = {}
  let chosen: string | undefined
  for (const [given, member] of Object.entries(value)) {
    const found = known.get(given)
    if (!found) complainOfName(given, place, 'Cannot find field.', reading)
    if (!found || member === undefined || member === null) continue
    const [name, field] = found
    if (oneOf?.members.includes(name)) {
      if (chosen !== undefined && chosen !== name) {
        const text = `oneof field '${oneOf.name}' is already set. Cannot set '${given}'`
        complain(`Invalid value at '${place}' (oneof), ${text}`, place, reading)
        continue
      }
      chosen = name
    }
    const spot = { place: place ? `${place}.${name}` : name, around: place, name: given }
    const read = readField(field, member, spot, reading)
    if (read !== undefined) members[camelCase(name)] = read
  }
  return members
}

function readField(
  { kind, arity }: Field,
  value: Json,
  spot: Spot,
  reading: Reading,
): Json | undefined {
  if (arity === 'one') return readOne(kind, value, spot, reading)
  if (arity === 'many') {
    if (!isList(value)) return asList(kind.read(value, spot, reading))
    return value.flatMap((item, index) => {
      if (item === null) return []
      const place = `${spot.place}[${index}]`
      return asList(readOne(kind, item, { ...spot, place }, reading)) ?? []
    })
  }
  if (!isObject(value)) return readOne(kind, value, spot, reading)
  const entries = Object.entries(value).flatMap(([name, member], index) => {
    if (member === undefined || member === null) return []
    const around = `${spot.place}[${index}]`
    const read = readOne(kind, member, { place: `${around}.value`, around, name }, reading)
    return read === undefined ? [] : [[name, read] as const]
  })
  return Object.fromEntries(entries)
}

function asList(value: Json | undefined): readonly Json[] | undefined {
  return value === undefined ? undefined : [value]
}

function readOne(kind: Kind, value: Json, spot: Spot, reading: Reading): Json | undefined {
  if (isList(value) && !kind.takesLists) {
    complainOfName(
      spot.name,
      spot.around,
      'Proto field is not repeating, cannot start list.',
      reading,
    )
    return undefined
  }
  return kind.read(value, spot, reading)
}

/** A value that is neither an object nor a list. */
function scalar(type: string, read: (value: Json) => Json | undefined): Kind {
  return {
    read(value, spot, reading) {
      if (isObject(value)) {
        const { around, name } = spot
        const text = 'Starting an object on a scalar field'
        complain(`Invalid value at '${around}' (${name}), ${text}`, around, reading)
        return undefined
      }
      return read(value) ?? complainOfType(value, spot, type, reading)
    },
  }
}

/** A text. */
export const text: Kind = scalar('TYPE_STRING', value =>
  typeof value === 'string' ? value : undefined,
)

/** True or false, also as a text. */
export const flag: Kind = scalar('TYPE_BOOL', value => {
  if (value === 'true' || value === 'false') return value === 'true'
  return typeof value === 'boolean' ? value : undefined
})

/** A whole number of 32 bits, also as a text. */
export const int32: Kind = scalar('TYPE_INT32', value => wholeNumber(value, 2 ** 31))

/** A whole number of 64 bits, also as a text; read as a number. */
export const int64: Kind = scalar('TYPE_INT64', value => wholeNumber(value, 2 ** 63))

/** A number, also as a text. */
export const double: Kind = scalar('TYPE_DOUBLE', numberIn)

/** A number of less precision, also as a text. */
export const float: Kind = scalar('TYPE_FLOAT', numberIn)

function numberIn(value: Json): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function wholeNumber(value: Json, limit: number): number | undefined {
  const number = numberIn(value)
  const isFit = number !== undefined && Number.isInteger(number)
  return isFit && number >= -limit && number < limit ? number : undefined
}

/** Base64 in either alphabet, padded or not. Source: recorded requests of 2026. */
export const bytes: Kind = {
  read(value, spot, reading) {
    if (typeof value !== 'string')
      return scalar('TYPE_BYTES', () => undefined).read(value, spot, reading)
    if (isBase64(value)) return value
    const text = `Invalid value at '${spot.place}' (TYPE_BYTES), Base64 decoding failed for ${JSON.stringify(value)}`
    complain(text, spot.place, reading)
    return undefined
  },
}

function isBase64(value: string): boolean {
  const bare = value.replace(/={1,2}$/, '')
  return /^[A-Za-z0-9+/_-]*$/.test(bare) && bare.length % 4 !== 1
}

/** One of a few words, in any case, or its number; given back in capitals. */
export function enumOf(type: string, words: readonly string[]): Kind {
  return {
    read(value, spot, reading) {
      if (typeof value === 'number' && Number.isInteger(value))
        return words[value] ?? words[0] ?? ''
      const word = typeof value === 'string' ? value.toUpperCase().replaceAll('-', '_') : undefined
      if (word !== undefined && words.includes(word)) return word
      return complainOfType(value, spot, `type.googleapis.com/${reading.package}.${type}`, reading)
    },
  }
}

/** A JSON object that is kept as it was sent. */
export const struct: Kind = {
  read(value, spot, reading) {
    if (isObject(value)) return value
    return complainOfType(value, spot, 'type.googleapis.com/google.protobuf.Struct', reading)
  },
}

/** Any JSON value, kept as it was sent. */
export const anything: Kind = { takesLists: true, read: value => value }

/** A message whose fields nobody looks at. */
export function opaque(type: string): Kind {
  return {
    read(value, spot, reading) {
      if (isObject(value)) return value
      return complainOfType(value, spot, `type.googleapis.com/${reading.package}.${type}`, reading)
    },
  }
}

function complainOfType(value: Json, { place }: Spot, type: string, reading: Reading): undefined {
  complain(`Invalid value at '${place}' (${type}), ${JSON.stringify(value)}`, place, reading)
}

function complainOfName(name: string, around: string, reason: string, reading: Reading): void {
  const where = around === '' ? '' : ` at '${around}'`
  const text = `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}${where}: ${reason}`
  complain(text, around, reading)
}

function complain(text: string, place: string, { violations }: Reading): void {
  violations.push({ place, text })
}
