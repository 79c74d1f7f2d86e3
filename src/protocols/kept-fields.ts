import { isObject, type Json, type JsonObject } from '../core/json.ts'
import type { MediaSource } from '../core/message.ts'

/** A value under construction: the same fields, still writable. */
export type Building<T> = { -readonly [K in keyof T]: T[K] }

/** Whether a key is a note of the codec. A field of the wire that begins with `$` gets one more. */
export function isNote(key: string): boolean {
  return key.charCodeAt(0) === DOLLAR && key.charCodeAt(1) !== DOLLAR
}

const DOLLAR = 36

/** Keeps a field as it came, under a key that no note has. */
export function keepField(into: JsonObject, key: string, value: Json): void {
  // As a name of a field it is a trap, and nobody's field.
  if (key === '__proto__') return
  into[key.charCodeAt(0) === DOLLAR ? `$${key}` : key] = value
}

/** The fields of an object that are not known; `null` counts as absent. */
export function leftover(from: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let found: JsonObject | undefined
  for (const key in from) {
    const value = from[key]
    if (known.has(key) || value === null || value === undefined) continue
    found ??= {}
    keepField(found, key, value)
  }
  return found
}

/** Like `leftover`, without empty lists and objects: an answer is full of them. */
export function filledLeftover(
  from: JsonObject,
  known: ReadonlySet<string>,
): JsonObject | undefined {
  let found: JsonObject | undefined
  for (const key in from) {
    const value = from[key]
    if (known.has(key) || !isFilled(value)) continue
    found ??= {}
    keepField(found, key, value)
  }
  return found
}

/** Whether a value says anything: not `null`, not an empty list, not an empty object. */
export function isFilled(value: Json | undefined): value is Json {
  if (value === null || value === undefined) return false
  if (typeof value !== 'object') return true
  if (Array.isArray(value)) return value.length > 0
  for (const _ in value) return true
  return false
}

/** Puts kept fields back where they stood; the codec's own notes stay out. */
export function restore(into: JsonObject, kept: JsonObject | undefined): void {
  if (!kept) return
  for (const key in kept) {
    const value = kept[key]
    if (value === undefined || isNote(key)) continue
    into[key.charCodeAt(0) === DOLLAR ? key.slice(1) : key] = value
  }
}

/** An object under `key`, or nothing; for answers, where a wrong type is passed over. */
export function objectAt(from: JsonObject, key: string): JsonObject | undefined {
  const value = from[key]
  return isObject(value) ? value : undefined
}

/** A string under `key`, or the empty one; for answers, where a wrong type is passed over. */
export function textAt(from: JsonObject, key: string): string {
  const value = from[key]
  return typeof value === 'string' ? value : ''
}

/** Where the bytes of a URL are: inside it if it is a base64 `data:` URL. */
export function sourceOfUrl(url: string): MediaSource {
  if (url.startsWith('data:')) {
    const comma = url.indexOf(',')
    const head = comma === -1 ? '' : url.slice(5, comma)
    if (head.endsWith(';base64'))
      return { kind: 'base64', mediaType: head.slice(0, -7), data: url.slice(comma + 1) }
  }
  return { kind: 'url', url }
}

/** A `data:` URL. `data` is standard base64. */
export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`
}
