import { randomUUID } from 'node:crypto'
import { ToolgateError } from '../core/error.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { endOfString, isDeeper } from './json-scan.ts'

/**
 * Levels of nesting that `parseJson` lets through. No vendor's API comes near it, and whatever
 * walks a tree of this depth by recursion is safe.
 */
export const MAX_DEPTH = 512

/**
 * Under these keys a parsed root keeps the text it came from, and where its objects stand in it,
 * unseen by whoever walks or copies it. Properties, because a weak map of all roots makes every
 * collection of garbage slower.
 */
const TEXT = Symbol('text')
const TABLE = Symbol('table')

/**
 * Parses JSON text and remembers the text, so that `sourceText` can give parts of it back exactly.
 *
 * @throws ToolgateError `invalid_json` with the parser's own words, or if the text is nested deeper
 * than `MAX_DEPTH`.
 */
export function parseJson(text: string): Json {
  let value: Json
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ToolgateError('invalid_json', `The body is not valid JSON: ${why}`, { cause })
  }
  if (typeof value === 'object' && value !== null) {
    if (isDeeper(text, MAX_DEPTH))
      throw new ToolgateError('invalid_json', `The body is nested deeper than ${MAX_DEPTH} levels.`)
    Object.defineProperty(value, TEXT, { value: text })
  }
  return value
}

/**
 * What does not survive `JSON.parse` and `JSON.stringify`: numbers of 16 digits and more, zeros at
 * the end of a fraction, exponents, very small fractions, minus zero, and keys that look like array
 * indices (they move to the front). Anchored on digits, which are rare, and bounded on both sides,
 * so that it is quick and linear. A match inside a string only costs the slower way.
 */
const FRAGILE =
  /\d(?:[\d.]{15}|(?:[\d.]{0,14}[eE][-+\d]|\d{0,14}\.\d{0,14}0(?!\d)|\.0{6})(?<=(?:^|[:,[\s])-?\d[-+\d.eE]{0,31})|(?<="\d{1,10})"\s*:)|-0(?![\d.])(?<=(?:^|[:,[\s])-0)|\\u003/

/**
 * The JSON text of `value`, a part of the tree that `parseJson` returned as `root`: as it was
 * written where re-writing would change it (big integers, `1.0`, key order), else compact. Of a key
 * written twice only the last value counts, as in `JSON.parse`.
 */
export function sourceText(root: Json, value: JsonObject): string {
  if (typeof root !== 'object' || root === null) return JSON.stringify(value)
  const known: unknown = Reflect.get(root, TABLE)
  if (known === null) return JSON.stringify(value)
  const table = known instanceof Map ? known : tableOf(root)
  const found: unknown = table?.get(value)
  return typeof found === 'string' ? found : JSON.stringify(value)
}

/** The table of a root, made when it is first asked for; `null` if re-writing changes nothing. */
function tableOf(root: JsonObject | Json[]): Map<object, string> | null {
  const text: unknown = Reflect.get(root, TEXT)
  const table = typeof text === 'string' && FRAGILE.test(text) ? sourceTable(text, root) : null
  Object.defineProperty(root, TABLE, { value: table })
  return table
}

/** Walks text and tree side by side, once, and notes the text of every object. */
function sourceTable(text: string, root: Json): Map<object, string> {
  const table = new Map<object, string>()
  let at = 0
  const space = () => {
    while (text.charCodeAt(at) <= 32) at++
  }
  const quoted = (): string => {
    const from = at
    at = endOfString(text, at)
    return text.slice(from, at)
  }
  const walk = (value: Json | undefined): void => {
    space()
    const from = at
    const opener = text[at]
    if (opener === '"') quoted()
    else if (opener === '{' || opener === '[') {
      at++
      const closer = opener === '{' ? '}' : ']'
      for (let i = 0; ; i++) {
        space()
        if (text[at] === ',') {
          at++
          space()
        }
        if (text[at] === closer) break
        if (opener === '[') walk(Array.isArray(value) ? value[i] : undefined)
        else {
          const key: string = JSON.parse(quoted())
          space()
          at++ // the colon
          walk(isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined)
        }
      }
      at++
      // With a key written twice the last one counts, and it is the last one that is noted.
      if (isObject(value) && opener === '{') table.set(value, oneLine(text.slice(from, at)))
    } else while (at < text.length && !',]} \n\r\t'.includes(text.charAt(at))) at++
  }
  walk(root)
  return table
}

/** In valid JSON a line end stands only between tokens; without any, the text fits every framing. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}

/** Keys that no client can know, so that nobody but `embed` can mark text as raw. */
const RAW = `\u0000${randomUUID()}`
const RAW_END = `\u0000${randomUUID()}`
const RAW_OPENS = `{${JSON.stringify(RAW)}:`
const RAW_CLOSES = `,${JSON.stringify(RAW_END)}:0}`

/**
 * Puts JSON text into a tree as a value; `stringifyJson`, and nothing else, writes the very text
 * where writing the parsed value would change it.
 *
 * @throws SyntaxError if the text is not valid JSON.
 */
export function embed(text: string): Json {
  const value: Json = JSON.parse(text)
  return FRAGILE.test(text) || isDeeper(text, MAX_DEPTH)
    ? { [RAW]: oneLine(text), [RAW_END]: 0 }
    : value
}

/** Lists that are sent again and again, written. */
interface Written {
  readonly text: string
  readonly bytes: Buffer
}

const written = new WeakMap<Json[], Written>()

/**
 * Marks a list that is sent again and again in the root of a body, so that `stringifyJson` and
 * `jsonBytes` write it only once. It must not be changed any more.
 */
export function writeOnce(list: Json[]): Json[] {
  const text = stringifyJson(list)
  written.set(list, { text, bytes: Buffer.from(text) })
  return list
}

/**
 * Writes a tree, with embedded texts as they are; a list marked by `writeOnce` comes last in the
 * root. The result holds no line end.
 */
export function stringifyJson(value: Json): string {
  const split = isObject(value) ? splitWritten(value) : undefined
  return split ? `${split.head}${split.list.text}}` : stringifyTree(value)
}

/** The UTF-8 bytes of what `stringifyJson` writes; a list marked by `writeOnce` is only copied. */
export function jsonBytes(value: Json): Buffer {
  const split = isObject(value) ? splitWritten(value) : undefined
  if (!split) return Buffer.from(stringifyTree(value))
  const { head, list } = split
  const at = Buffer.byteLength(head)
  const bytes = Buffer.allocUnsafe(at + list.bytes.length + 1)
  bytes.write(head)
  list.bytes.copy(bytes, at)
  bytes[bytes.length - 1] = 125 // the closing brace
  return bytes
}

/** The text up to a list that is written already; `undefined` if there is none. */
function splitWritten(root: JsonObject): { head: string; list: Written } | undefined {
  for (const key in root) {
    const value = root[key]
    const list = Array.isArray(value) ? written.get(value) : undefined
    if (list === undefined) continue
    const rest: JsonObject = {}
    for (const other in root) if (other !== key) rest[other] = root[other]
    const text = stringifyTree(rest).slice(0, -1)
    return { head: `${text}${text === '{' ? '' : ','}${JSON.stringify(key)}:`, list }
  }
  return undefined
}

function stringifyTree(value: Json): string {
  const text = JSON.stringify(value)
  let opens = text.indexOf(RAW_OPENS)
  if (opens === -1) return text
  let from = 0
  let out = ''
  while (opens !== -1) {
    const closes = text.indexOf(RAW_CLOSES, opens)
    const raw: string = JSON.parse(text.slice(opens + RAW_OPENS.length, closes))
    out += text.slice(from, opens) + raw
    from = closes + RAW_CLOSES.length
    opens = text.indexOf(RAW_OPENS, from)
  }
  return out + text.slice(from)
}

/** Parses text that may be broken; `undefined` if it is. Never throws. */
export function tryParseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
