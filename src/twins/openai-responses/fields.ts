import { reject, rejectMissing } from './error.ts'
import { isObject, type JsonObject } from './json.ts'
import { kindOf, listed } from './wording.ts'

/**
 * Checks one value. `path` is how the vendor names its place: `input[0].content`.
 *
 * The words are those of answers that others measured or quoted between 2025 and 2026-09.
 *
 * @throws Rejection
 */
export type Check = (value: unknown, path: string) => void

/** A member of an object: its check, and whether it may be left out. */
export interface Member {
  readonly check: Check
  readonly isOptional: boolean
}

/** The members that an object may have, in the order in which they are looked at. */
export interface Members {
  readonly [name: string]: Member
}

/** A member that must be there. */
export function needed(check: Check): Member {
  return { check, isOptional: false }
}

/** A member that may be left out; `null` counts as left out, in all of this API. */
export function optional(check: Check): Member {
  return { check, isOptional: true }
}

/** Turns down a value of the wrong type. */
export function rejectType(value: unknown, path: string, expected: string): never {
  const text = `Invalid type for '${path}': expected ${expected}, but got ${kindOf(value)} instead.`
  reject(text, path, 'invalid_type')
}

/** Turns down a word that is not on a list. */
export function rejectWord(word: string, path: string, values: readonly string[]): never {
  const text = `Invalid value: '${word}'. Supported values are: ${listed(values)}.`
  reject(text, path, 'invalid_value')
}

/** A text, with limits on its length and form. */
export function text(
  limits: { readonly least?: number; readonly most?: number; readonly pattern?: string } = {},
): Check {
  const { least = 0, most = Infinity, pattern } = limits
  const form = pattern === undefined ? undefined : new RegExp(pattern)
  return (value, path) => {
    if (typeof value !== 'string') return rejectType(value, path, 'a string')
    if (value.length < least) {
      const said = `Invalid '${path}': empty string. Expected a string with minimum length ${least}, but got an empty string instead.`
      reject(said, path, 'empty_string')
    }
    if (value.length > most) {
      const said = `Invalid '${path}': string too long. Expected a string with maximum length ${most}, but got a string with length ${value.length} instead.`
      reject(said, path, 'string_above_max_length')
    }
    if (form && !form.test(value)) {
      const said = `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern '${pattern}'.`
      reject(said, path, 'invalid_value')
    }
  }
}

/** A whole number within limits. */
export function integer(least?: number, most?: number): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      return rejectType(value, path, 'an integer')
    }
    checkRange(value, path, 'integer', least, most)
  }
}

/** A number within limits. */
export function decimal(least: number, most: number): Check {
  return (value, path) => {
    if (typeof value !== 'number') return rejectType(value, path, 'a decimal')
    checkRange(value, path, 'decimal', least, most)
  }
}

function checkRange(
  value: number,
  path: string,
  word: 'integer' | 'decimal',
  least = -Infinity,
  most = Infinity,
): void {
  if (value >= least && value <= most) return
  const isBelow = value < least
  const [side, sign, bound] = isBelow
    ? ['below minimum', '>=', least]
    : ['above maximum', '<=', most]
  const said = `Invalid '${path}': ${word} ${side} value. Expected a value ${sign} ${bound}, but got ${value} instead.`
  reject(said, path, `${word}_${isBelow ? 'below_min' : 'above_max'}_value`)
}

/** True or false. */
export const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') rejectType(value, path, 'a boolean')
}

/** Any JSON value. */
export const anything: Check = () => {}

/** An object whose members nobody looks at. */
export const anyObject: Check = (value, path) => {
  if (!isObject(value)) rejectType(value, path, 'an object')
}

/** One of a few words. */
export function oneOf(...values: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string') rejectType(value, path, `one of ${listed(values, 'or')}`)
    if (!values.includes(value)) rejectWord(value, path, values)
  }
}

/** A list; `noun` is what the vendor calls it. */
export function listOf(check: Check, noun = 'an array of objects', most = Infinity): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return rejectType(value, path, noun)
    if (value.length > most) {
      const said = `Invalid '${path}': array too long. Expected an array with maximum length ${most}, but got an array with length ${value.length} instead.`
      reject(said, path, 'array_above_max_length')
    }
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`)
  }
}

/** An object that has these members and no others. */
export function object(members: Members): Check {
  return (value, path) => {
    if (!isObject(value)) return rejectType(value, path, 'an object')
    checkMembers(value, members, path)
    refuseOthers(value, members, path)
  }
}

/** Looks at the members that are known. */
export function checkMembers(value: JsonObject, members: Members, path: string): void {
  for (const [name, { check, isOptional }] of Object.entries(members)) {
    const place = path === '' ? name : `${path}.${name}`
    const member = value[name]
    if (isOptional ? member !== undefined && member !== null : member !== undefined) {
      check(member, place)
    } else if (!isOptional) rejectMissing(place)
  }
}

/** Refuses the members that are not known. */
export function refuseOthers(value: JsonObject, members: Members, path: string): void {
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(members, name)) continue
    const place = path === '' ? name : `${path}.${name}`
    reject(`Unknown parameter: '${place}'.`, place, 'unknown_parameter')
  }
}

/** An object told apart by its `type`; each variant's members stand beside it. */
export function tagged(variants: { readonly [tag: string]: Members }): Check {
  return (value, path) => {
    if (!isObject(value)) return rejectType(value, path, 'an object')
    const tag = value.type
    if (tag === undefined) rejectMissing(`${path}.type`)
    if (typeof tag !== 'string') rejectType(tag, `${path}.type`, 'a string')
    const members = Object.hasOwn(variants, tag) ? variants[tag] : undefined
    if (!members) return rejectWord(tag, `${path}.type`, Object.keys(variants))
    checkMembers(value, members, path)
    refuseOthers(value, { ...members, type: needed(anything) }, path)
  }
}
