import { ToolgateError, type WirePath } from '../../core/error.ts'
import type { Extras } from '../../core/extras.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { MediaSource } from '../../core/message.ts'

/** The protocol's name, and its key in `extras`. */
export const NAME = 'openai-responses'

/** A value under construction: the same fields, still writable. */
export type Building<T> = { -readonly [K in keyof T]: T[K] }

/**
 * What this protocol left in `extras`. Keys that begin with `$` are notes of the codec to itself;
 * all others are fields of the wire, as they came.
 */
export function ownExtras(extras: Extras | undefined): JsonObject | undefined {
  return extras?.[NAME]
}

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

/** A path in this wire's own words: what the house calls messages is `input` here. */
function fieldPath(path: WirePath): WirePath {
  const [first, second] = path
  if (first !== 'messages') return path
  return second === -1 ? ['instructions'] : ['input', ...path.slice(1)]
}

/** How OpenAI writes the place of a parameter: `input[0].content[1].text`. */
export function parameter(path: WirePath): string {
  let text = ''
  for (const step of fieldPath(path)) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/**
 * A refusal of a client's request in the vendor's own sentence. `param` and `code` go into the
 * envelope as they are.
 */
export function refused(
  message: string,
  param: string | null,
  code: string | null,
  path: WirePath = [],
): ToolgateError {
  return new ToolgateError('invalid_value', message, {
    details: {
      path,
      protocol: NAME,
      vendor: { type: 'invalid_request_error', param, code },
    },
  })
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

/** What stands between texts that were apart: paragraphs of instructions, parts of a summary. */
export const BETWEEN = '\n\n'

/** Fields of items that only report, so that nothing is lost without them. */
const REPORTS: ReadonlySet<string> = new Set([
  'id',
  'status',
  'phase',
  'annotations',
  'logprobs',
  'created_by',
  'prompt_cache_breakpoint',
])

/** Whether a field says nothing that the model would read. */
export function isReport(key: string): boolean {
  return REPORTS.has(key)
}
