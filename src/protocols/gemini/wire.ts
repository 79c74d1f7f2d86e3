import { ToolgateError } from '../../core/error.ts'
import type { Extras } from '../../core/extras.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { BoundField, Loss } from '../../core/loss.ts'
import type { Message, ToolResultPart } from '../../core/message.ts'
import type { ModelRequest } from '../../core/request.ts'
import { asArray, optionalNumber, type Place, pathOf, place, wrongType } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'

/** The protocol's name, and its key in `extras`. */
export const NAME = 'gemini'

/** A value under construction: the same fields, still writable. */
export type Building<T> = { -readonly [K in keyof T]: T[K] }

/** What the readers of one request share. */
export interface Reading {
  /** The whole body, which exact texts are cut from. */
  readonly root: Json
  readonly bound: BoundField[]
}

/** What the writers of one request share. */
export interface Writing {
  readonly request: ModelRequest
  readonly quirks: Quirks
  readonly losses: Loss[]
  /** Whether the client speaks this protocol too, so that the vendor may judge its settings. */
  readonly isOwn: boolean
}

/** Notes a loss. */
export function lose(
  writing: Writing,
  path: string,
  what: string,
  action: Loss['action'],
  meaning: boolean,
): void {
  writing.losses.push({ path, what, action, meaning })
}

/**
 * What this protocol left in `extras`. Keys that begin with `$` are notes of the codec to itself:
 * what stood inside other fields (`$generationConfig`, `$functionCall`), forms that the canonical
 * model does not tell apart (`$mode`, `$wrap`), and schemas as they were written (`$parameters`).
 * All others are fields of the wire, in the spelling with capitals.
 */
export function ownExtras(extras: Extras | undefined): JsonObject | undefined {
  return extras?.[NAME]
}

/** Puts kept fields back where they stood; the codec's own notes stay out. */
export function restore(into: JsonObject, kept: JsonObject | undefined): JsonObject {
  if (!kept) return into
  for (const key in kept) {
    if (key.charCodeAt(0) === 36) continue
    const value = kept[key]
    if (value !== undefined) into[key] = value
  }
  return into
}

/** A string under `key`, or the empty one; for answers, where a wrong type is passed over. */
export function textAt(from: JsonObject, key: string): string {
  const value = from[key]
  return typeof value === 'string' ? value : ''
}

/** An object under `key`; for answers and notes, where a wrong type is passed over. */
export function objectAt(from: JsonObject, key: string): JsonObject | undefined {
  const value = from[key]
  return isObject(value) ? value : undefined
}

/** Whether a value says anything: not `null`, not `false`, not an empty list. */
export function isFilled(value: Json | undefined): value is Json {
  if (value === null || value === undefined || value === false) return false
  return !Array.isArray(value) || value.length > 0
}

/**
 * A message of the wire with its own fields in the spelling with capitals; what is inside them is
 * untouched. The vendor takes both spellings of every field (recorded traffic, 2026).
 */
export function camel(from: JsonObject): JsonObject {
  let hasLines = false
  for (const key in from) {
    if (key.includes('_')) {
      hasLines = true
      break
    }
  }
  if (!hasLines) return from
  const renamed: JsonObject = {}
  for (const key in from) {
    const value = from[key]
    if (key === '__proto__' || value === undefined) continue
    renamed[camelKey(key)] = value
  }
  return renamed
}

function camelKey(key: string): string {
  // A line at the head is part of the name (`_responseJsonSchema`).
  return key.replace(/(?<=.)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** The spelling with underscores, in which the vendor names places. */
export function snakeKey(key: string): string {
  return key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

/**
 * A list under `key`; one message by itself counts as a list of one, as the vendor has it. Absent
 * and `null` read as `undefined`.
 */
export function listAt(from: JsonObject, key: string, at?: Place): Json[] | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return value
  return isObject(value) ? [value] : asArray(value, place(key, at))
}

/** A message under `key`, in the spelling with capitals; absent and `null` read as `undefined`. */
export function messageAt(from: JsonObject, key: string, at?: Place): JsonObject | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  if (isObject(value)) return camel(value)
  throw wrongType(place(key, at), 'an object', value)
}

/** A number under `key`, also as a text, which the vendor's JSON allows. */
export function numberAt(from: JsonObject, key: string, at?: Place): number | undefined {
  const value = from[key]
  if (typeof value === 'string' && value.trim() !== '') {
    const read = Number(value)
    if (Number.isFinite(read)) return read
  }
  return optionalNumber(from, key, at)
}

/** A whole number under `key`, also as a text. */
export function integerAt(from: JsonObject, key: string, at?: Place): number | undefined {
  const value = numberAt(from, key, at)
  if (value === undefined || Number.isInteger(value)) return value
  throw wrongType(place(key, at), 'an integer', value)
}

/** A place for a person to read: `contents[2].parts[0].videoMetadata`. */
export function pathText(at: Place): string {
  let text = ''
  for (const key of pathOf(at)) {
    if (typeof key === 'number') text += `[${key}]`
    else text += text === '' ? key : `.${key}`
  }
  return text
}

/** Where a message stood, for losses. Messages from outside the list are the instructions. */
export function messagePath(message: Message, writing: Writing): string {
  if (message.at < 0) return writing.isOwn ? 'systemInstruction' : 'system'
  return `${writing.isOwn ? 'contents' : 'messages'}[${message.at}]`
}

/** The path of a part of a message, for losses. */
export function partPath(path: string, index: number, writing: Writing): string {
  return `${path}.${writing.isOwn ? 'parts' : 'content'}[${index}]`
}

/** Where a tool's result stood, for losses. */
export function resultPath(part: ToolResultPart, writing: Writing): string {
  const path = `${writing.isOwn ? 'contents' : 'messages'}[${part.at}]`
  return part.atPart === undefined ? path : partPath(path, part.atPart, writing)
}

/**
 * Refuses, as the vendor does, a field that would pass for a note of the codec's own, or change
 * what an object is.
 *
 * @throws ToolgateError `unknown_field`
 */
export function refuseNote(key: string, at?: Place): void {
  if (key.charCodeAt(0) !== 36 && key !== '__proto__') return
  const path = pathOf(place(key, at))
  throw new ToolgateError('unknown_field', `Unknown field ${path.join('.')}`, { details: { path } })
}

/**
 * The fields of `from` that are not among `known`; each that other protocols would miss is listed
 * in `reading.bound`, with the weight that `weigh` gives it.
 */
export function leftover(
  from: JsonObject,
  known: ReadonlySet<string>,
  at: Place | undefined,
  reading: Reading,
  weigh: (key: string, value: Json) => BoundField['weight'],
): JsonObject | undefined {
  let kept: JsonObject | undefined
  for (const key in from) {
    if (known.has(key)) continue
    const value = from[key]
    if (value === undefined) continue
    refuseNote(key, at)
    if (isFilled(value)) {
      reading.bound.push({ path: pathText(place(key, at)), what: key, weight: weigh(key, value) })
    }
    kept ??= {}
    kept[key] = value
  }
  return kept
}

/** The fields of `from` that are neither known nor empty; for answers. */
export function restOf(from: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined
  for (const key in from) {
    const value = from[key]
    if (known.has(key) || value === null || value === undefined || key === '__proto__') continue
    rest ??= {}
    rest[key] = value
  }
  return rest
}
