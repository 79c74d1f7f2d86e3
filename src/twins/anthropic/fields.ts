import { reject } from './error.ts'
import { isList, isObject, type Json, type JsonObject } from './json.ts'

/**
 * Checks one value. `path` is how the vendor names its place: `messages.0.content`.
 *
 * The words are those of answers seen between 2025 and 2026-10 (public bug reports of
 * claude-code, LibreChat, openclaw and others).
 *
 * @throws Rejection
 */
export type Check = (value: Json, path: string) => void

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

/** A member that may be left out. */
export function optional(check: Check): Member {
  return { check, isOptional: true }
}

/** Accepts null besides what `check` accepts. */
export function nullable(check: Check): Check {
  return (value, path) => {
    if (value !== null) check(value, path)
  }
}

/** A text, with limits on its length and form. */
export function text(
  limits: { readonly least?: number; readonly most?: number; readonly pattern?: RegExp } = {},
): Check {
  const { least, most, pattern } = limits
  return (value, path) => {
    if (typeof value !== 'string') return reject(`${path}: Input should be a valid string`)
    if (least !== undefined && value.length < least) {
      reject(`${path}: String should have at least ${counted(least, 'character')}`)
    }
    if (most !== undefined && value.length > most) {
      reject(`${path}: String should have at most ${counted(most, 'character')}`)
    }
    if (pattern && !pattern.test(value)) {
      reject(`${path}: String should match pattern '${pattern.source}'`)
    }
  }
}

/** A whole number, with a least value. */
export function integer(least?: number): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      return reject(`${path}: Input should be a valid integer`)
    }
    if (least !== undefined && value < least) {
      reject(`${path}: Input should be greater than or equal to ${least}`)
    }
  }
}

/** A number from 0 to 1. */
export const fraction: Check = (value, path) => {
  if (typeof value !== 'number') return reject(`${path}: Input should be a valid number`)
  if (value < 0 || value > 1) reject(`${path}: range: 0..1`)
}

/** True or false. */
export const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') reject(`${path}: Input should be a valid boolean`)
}

/** Any JSON value. */
export const anything: Check = () => {}

/** An object whose members nobody looks at. */
export const anyObject: Check = (value, path) => {
  if (!isObject(value)) reject(`${path}: Input should be an object`)
}

/** One of a few texts. */
export function oneOf(...choices: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !choices.includes(value)) {
      reject(`${path}: Input should be ${listed(choices)}`)
    }
  }
}

/** A list. */
export function listOf(check: Check, most?: number): Check {
  return (value, path) => {
    if (!isList(value)) return reject(`${path}: Input should be a valid array`)
    if (most !== undefined && value.length > most) {
      reject(
        `${path}: List should have at most ${most} items after validation, not ${value.length}`,
      )
    }
    for (const [index, item] of value.entries()) check(item, `${path}.${index}`)
  }
}

/** A text, or a list of parts. */
export function textOr(check: Check): Check {
  return (value, path) => {
    if (typeof value !== 'string') check(value, path)
  }
}

/** An object that has these members and no others. */
export function object(members: Members, complaint = 'Input should be an object'): Check {
  return (value, path) => {
    if (!isObject(value)) return reject(`${path}: ${complaint}`)
    checkMembers(value, members, path)
    refuseOthers(value, members, path)
  }
}

/** Looks at the members that are known. */
export function checkMembers(value: JsonObject, members: Members, path: string): void {
  for (const [name, { check, isOptional }] of Object.entries(members)) {
    const place = path === '' ? name : `${path}.${name}`
    const member = value[name]
    if (member !== undefined) check(member, place)
    else if (!isOptional) reject(`${place}: Field required`)
  }
}

/** Refuses the members that are not known. */
export function refuseOthers(value: JsonObject, members: Members, path: string): void {
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(members, name)) continue
    reject(`${path === '' ? name : `${path}.${name}`}: Extra inputs are not permitted`)
  }
}

/**
 * An object told apart by its `type`; the tag becomes a part of the path, as in
 * `messages.0.content.0.text.text`. Without a tag, `otherwise` is taken, if there is one.
 */
export function tagged(
  variants: { readonly [tag: string]: Members },
  otherwise?: string,
  /** Tags that are accepted but not listed in the vendor's answer. */
  unlisted: { readonly [tag: string]: Members } = {},
): Check {
  return (value, path) => {
    if (!isObject(value)) return reject(`${path}: Input should be an object`)
    const given = value['type']
    const tag = given === undefined || (given === null && otherwise) ? otherwise : given
    if (tag === undefined) return reject(`${path}.type: Field required`)
    const isKnown =
      typeof tag === 'string' && (Object.hasOwn(variants, tag) || Object.hasOwn(unlisted, tag))
    const members = isKnown ? (variants[tag] ?? unlisted[tag]) : undefined
    if (!members) {
      const expected = Object.keys(variants).sort().map(quoted).join(', ')
      return reject(
        `${path}: Input tag ${quoted(String(tag))} found using 'type' does not match any of the expected tags: ${expected}`,
      )
    }
    const place = `${path}.${String(tag)}`
    checkMembers(value, members, place)
    refuseOthers(value, { ...members, type: needed(anything) }, place)
  }
}

function quoted(word: string): string {
  return `'${word}'`
}

/** `'a'`, `'a' or 'b'`, `'a', 'b' or 'c'`. */
function listed(choices: readonly string[]): string {
  const last = quoted(choices.at(-1) ?? '')
  if (choices.length < 2) return last
  return `${choices.slice(0, -1).map(quoted).join(', ')} or ${last}`
}

function counted(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
