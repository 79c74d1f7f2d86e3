import { ToolgateError, type WirePath } from '../../core/error.ts'
import type { Extras } from '../../core/extras.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { BoundField, Loss } from '../../core/loss.ts'
import type { CacheMark, Message, ToolResultPart } from '../../core/message.ts'
import type { ModelRequest } from '../../core/request.ts'
import { optionalString, type Place, pathOf, place, wrongValue } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'

/** The protocol's name, and its key in `extras`. */
export const NAME = 'anthropic'

/** The API versions that exist. The newer one knows no sampling settings (Claude docs, 2026-10). */
export const VERSIONS = ['2023-06-01', '2026-10-21'] as const
/** One of the API versions. */
export type Version = (typeof VERSIONS)[number]

/** A value under construction: the same fields, still writable. */
export type Building<T> = { -readonly [K in keyof T]: T[K] }

/** What the readers of one request share. */
export interface Reading {
  /** The whole body, which exact texts are cut from. */
  readonly root: Json
  readonly version: Version
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
 * the headers `$version` and `$beta`, what stood inside other fields (`$thinking`), the blocks of
 * instructions that are no text (`$content`). All others are fields of the wire, as they came.
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

/** Whether a value says anything: not `null`, not `false`, not an empty list. */
export function isFilled(value: Json | undefined): value is Json {
  if (value === null || value === undefined || value === false) return false
  return !Array.isArray(value) || value.length > 0
}

/**
 * A place for a person to read: `messages[2].content[0].citations`. The tags that the vendor puts
 * into its paths (a name between an index and another name) are left out.
 */
export function pathText(path: WirePath): string {
  let text = ''
  for (const [i, key] of path.entries()) {
    if (typeof key === 'number') text += `[${key}]`
    else if (typeof path[i - 1] !== 'number' || typeof path[i + 1] !== 'string') {
      text += text === '' ? key : `.${key}`
    }
  }
  return text
}

/** Where a message stood, for losses. Messages from outside the list are the instructions. */
export function messagePath(message: Message): string {
  return message.at < 0 ? 'system' : `messages[${message.at}]`
}

/** Where a tool's result stood, for losses. */
export function resultPath(part: ToolResultPart): string {
  return part.atPart === undefined
    ? `messages[${part.at}]`
    : `messages[${part.at}].content[${part.atPart}]`
}

/** `unknown_field`: the vendor takes no such field there. */
export function unknownField(at: Place): ToolgateError {
  const path = pathOf(at)
  return new ToolgateError('unknown_field', `Unknown field ${path.join('.')}`, {
    details: { path },
  })
}

/**
 * The `type` of a tagged object, which must be one of `tags`.
 *
 * @throws ToolgateError `missing_field`, `invalid_value`
 */
export function readTag<const T extends string>(
  from: JsonObject,
  tags: readonly T[],
  at: Place,
): T {
  const given = from['type']
  const found = tags.find(tag => tag === given)
  if (found !== undefined) return found
  if (given === undefined) {
    const path = pathOf(place('type', at))
    throw new ToolgateError('missing_field', `Missing ${path.join('.')}`, { details: { path } })
  }
  const tag = typeof given === 'string' ? given : JSON.stringify(given)
  const expected = [...tags].sort().map(known => `'${known}'`)
  const why = `Input tag '${tag}' found using 'type' does not match any of the expected tags`
  throw wrongValue(at, `${why}: ${expected.join(', ')}`, { value: given })
}

/** Reads `cache_control` beside other fields, or in the body itself; absent and `null`: no mark. */
export function decodeCache(from: JsonObject, at?: Place): CacheMark | undefined {
  const wire = from['cache_control']
  if (wire === undefined || wire === null) return undefined
  const inside = place('cache_control', at)
  if (!isObject(wire)) throw wrongValue(inside, 'Input should be an object')
  readTag(wire, ['ephemeral'], inside)
  const ttl = optionalString(wire, 'ttl', place('ephemeral', inside))
  return ttl === undefined ? {} : { ttl }
}

/** Writes a cache mark. A life that only other vendors know becomes the default: it is a hint. */
export function encodeCache(mark: CacheMark): JsonObject {
  return mark.ttl === '5m' || mark.ttl === '1h'
    ? { type: 'ephemeral', ttl: mark.ttl }
    : { type: 'ephemeral' }
}

/** Whether a `cache_control` says no more than a `CacheMark` can hold. */
export function isPlainCache(wire: Json): boolean {
  if (!isObject(wire)) return true
  for (const key in wire) if (key !== 'type' && key !== 'ttl') return false
  return true
}

/**
 * The fields of `from` that are not among `known`, as extras; each that other protocols would miss
 * is listed in `reading.bound`. A `cache_control` is kept only if it says more than a mark can.
 */
export function keepUnknown(
  from: JsonObject,
  known: ReadonlySet<string>,
  at: Place,
  reading: Reading,
): Extras | undefined {
  let kept: JsonObject | undefined
  for (const key in from) {
    if (known.has(key)) continue
    const value = from[key]
    if (value === undefined) continue
    refuseNote(key, at)
    if (key === 'cache_control') {
      if (isPlainCache(value)) continue
    } else if (isFilled(value)) {
      const path = pathText(pathOf(place(key, at)))
      reading.bound.push({ path, what: key, weight: weigh(key, value) })
    }
    kept ??= {}
    kept[key] = value
  }
  return kept && { [NAME]: kept }
}

/**
 * Refuses, as the vendor does, a field that would pass for a note of the codec's own, or change
 * what an object is.
 *
 * @throws ToolgateError `unknown_field`
 */
export function refuseNote(key: string, at?: Place): void {
  if (key.charCodeAt(0) === 36 || key === '__proto__') throw unknownField(place(key, at))
}

/** What it is worth to carry a field of a message, block or tool that only this protocol has. */
function weigh(key: string, value: Json): BoundField['weight'] {
  switch (key) {
    case 'caller':
    case 'defer_loading':
    case 'eager_input_streaming':
    case 'input_examples':
    case 'output_config':
    case 'toolset_name':
    case 'transformations':
      return 'hint'
    case 'citations':
      // What the model cited is a note on old text; the switch changes the answer.
      return isObject(value) && value['enabled'] ? 'meaning' : 'hint'
    case 'allowed_callers':
      return Array.isArray(value) && value.includes('direct') ? 'hint' : 'meaning'
    default:
      return 'meaning'
  }
}
