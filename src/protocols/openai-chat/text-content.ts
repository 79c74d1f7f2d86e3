import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { BoundField, Loss } from '../../core/loss.ts'
import type { CacheMark, TextPart } from '../../core/message.ts'
import { type Place, pathOf, string } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import { type Building, isNote, leftover, NAME, ownExtras, parameter, restore } from './wire.ts'

const KNOWN_TEXT = new Set(['type', 'text', 'cache_control'])

/** What a decoder of requests collects on its way. */
export interface Reading {
  readonly bound: BoundField[]
  /** Whether something was left out that says nothing, and that the vendor refuses. */
  mustEncode?: true
}

/** What an encoder of requests needs at every place. */
export interface Writing {
  readonly quirks: Quirks
  readonly losses: Loss[]
  /** Whether the request came over this protocol, so that file ids mean the same here. */
  readonly own: boolean
}

/**
 * The cache mark on a part: OpenAI's `prompt_cache_breakpoint`, or `cache_control`, which
 * OpenRouter and LiteLLM took over from Anthropic.
 */
export function readCache(from: JsonObject): CacheMark | undefined {
  const control = from['cache_control']
  if (isObject(control)) return typeof control['ttl'] === 'string' ? { ttl: control['ttl'] } : {}
  return isObject(from['prompt_cache_breakpoint']) ? {} : undefined
}

/** Writes a cache mark, where the vendor knows `cache_control`. It is a hint: no loss without. */
export function writeCache(into: JsonObject, cache: CacheMark | undefined, quirks: Quirks): void {
  if (!cache || quirks.cacheControl !== true) return
  into['cache_control'] =
    cache.ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: cache.ttl }
}

/** Lists what only this protocol's vendors understand of a part. */
export function bind(kept: JsonObject | undefined, at: Place, reading: Reading): void {
  if (!kept) return
  for (const key in kept) {
    const value = kept[key]
    const inner = isNote(key)
    const hint = inner || key === 'prompt_cache_breakpoint'
    const path = `${parameter(pathOf(at))}.${inner ? key.slice(1) : key}`
    const what = inner && isObject(value) ? Object.keys(value).join(', ') : key
    reading.bound.push({ path, what, weight: hint ? 'hint' : 'meaning' })
  }
}

/** Reads a part of a text; `undefined` if it is of another type. */
export function decodeTextPart(
  part: JsonObject,
  at: Place,
  reading: Reading,
): TextPart | undefined {
  if (part['type'] !== 'text') return undefined
  const text: Building<TextPart> = { type: 'text', text: string(part, 'text', at) }
  const cache = readCache(part)
  if (cache) text.cache = cache
  const kept = leftover(part, KNOWN_TEXT)
  if (kept) {
    text.extras = { [NAME]: kept }
    bind(kept, at, reading)
  }
  return text
}

/** Writes a text part in its long form. */
export function encodeTextPart(part: TextPart, quirks: Quirks): JsonObject {
  const wire: JsonObject = { type: 'text', text: part.text }
  restore(wire, ownExtras(part.extras))
  writeCache(wire, part.cache, quirks)
  return wire
}

/** Whether a text part says no more than its text, so that a string can hold it. */
export function isPlain(part: TextPart, quirks: Quirks): boolean {
  return !ownExtras(part.extras) && !(part.cache && quirks.cacheControl === true)
}

/** The losses' word for a message. */
export function placeOf(at: number): string {
  return at < 0 ? 'system' : `messages[${at}]`
}

/**
 * Text as one string where that says it all, else as parts if the vendor takes them, else as one
 * string with `between` between the parts.
 */
export function textContent(parts: readonly TextPart[], writing: Writing, between = '\n\n'): Json {
  const { quirks } = writing
  const [first] = parts
  if (!first) return ''
  if (parts.length === 1 && isPlain(first, quirks)) return first.text
  if (quirks.contentParts === false) return parts.map(part => part.text).join(between)
  return parts.map(part => encodeTextPart(part, quirks))
}
