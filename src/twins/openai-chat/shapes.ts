import { isRecord } from './json.ts'

/** What may stand at one place of a body. */
export type Shape =
  | {
      readonly is: 'string'
      readonly least?: number
      readonly most?: number
      readonly pattern?: string
      readonly values?: readonly string[]
    }
  | { readonly is: 'integer' | 'number'; readonly least?: number; readonly most?: number }
  | { readonly is: 'boolean' }
  | { readonly is: 'array'; readonly of: Shape; readonly least?: number; readonly most?: number }
  | { readonly is: 'object'; readonly fields: Fields }
  | { readonly is: 'map'; readonly of: Shape; readonly most?: number; readonly longestKey?: number }
  | {
      readonly is: 'tagged'
      readonly tag: string
      readonly variants: { readonly [tag: string]: Fields }
    }
  | { readonly is: 'either'; readonly shapes: readonly Shape[] }
  | { readonly is: 'json' }

/** One field of an object. */
export interface Field {
  readonly shape: Shape
  readonly required?: boolean
  readonly nullable?: boolean
}

/** The fields of an object by name; every other name is unknown. */
export type Fields = { readonly [name: string]: Field }

/** How strictly a vendor reads: whether unknown names, and `null` for an optional field, pass. */
export interface Reading {
  readonly unknown: 'refused' | 'ignored'
  readonly nulls: 'typed' | 'absent'
}

/** A field that must be there. */
export const must = (shape: Shape): Field => ({ shape, required: true })
/** A field that may be left out. */
export const may = (shape: Shape): Field => ({ shape })
/** A field that may be left out or `null`. */
export const orNull = (shape: Shape): Field => ({ shape, nullable: true })

/** Any text. */
export const text: Shape = { is: 'string' }
/** `true` or `false`. */
export const flag: Shape = { is: 'boolean' }
/** Anything at all. */
export const json: Shape = { is: 'json' }
/** Text out of a list of words. */
export const oneOf = (...values: string[]): Shape => ({ is: 'string', values })
/** A list. */
export const listOf = (of: Shape, least?: number, most?: number): Shape => ({
  is: 'array',
  of,
  ...(least !== undefined && { least }),
  ...(most !== undefined && { most }),
})
/** An object with these fields. */
export const object = (fields: Fields): Shape => ({ is: 'object', fields })
/** One of several shapes that differ in their JSON type. */
export const either = (...shapes: Shape[]): Shape => ({ is: 'either', shapes })

/** Whether a value is of a shape's JSON type; what is in it is not looked at. */
export function fits(value: unknown, shape: Shape): boolean {
  switch (shape.is) {
    case 'string':
    case 'boolean':
      return typeof value === shape.is
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'array':
      return Array.isArray(value)
    case 'object':
    case 'map':
    case 'tagged':
      return isRecord(value)
    case 'either':
      return shape.shapes.some(option => fits(value, option))
    case 'json':
      return true
  }
}

/** A shape in the words of a type error: `a string`, `one of a string or array of objects`. */
export function noun(shape: Shape): string {
  switch (shape.is) {
    case 'integer':
      return 'an integer'
    case 'number':
      return 'a decimal'
    case 'array': {
      const { is } = shape.of
      const items = is === 'string' ? 'strings' : is === 'integer' ? 'integers' : 'objects'
      return `an array of ${items}`
    }
    case 'string':
    case 'boolean':
      return `a ${shape.is}`
    case 'either':
      return `one of ${eitherWords(shape.shapes)}`
    default:
      return 'an object'
  }
}

/** `a string or array of objects`: the article comes once (issue pydantic-ai #2653, 2025-08). */
function eitherWords(shapes: readonly Shape[]): string {
  const [first = '', ...rest] = shapes.map(noun)
  return [first, ...rest.map(words => words.replace(/^an? /, ''))].join(' or ')
}

/** What a value is, in the words of a type error: `an integer`, `a string`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal'
  if (typeof value === 'boolean') return 'a boolean'
  return typeof value === 'string' ? 'a string' : 'an object'
}
