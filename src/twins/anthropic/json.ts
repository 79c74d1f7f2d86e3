/** A JSON value as it was read. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object as it was read. */
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** A text that was read, with the exact source of each object and list in it. */
export interface JsonDocument {
  readonly value: Json
  /** The source text of an object or list of this document, blanks and number spellings kept. */
  sourceOf(value: object): string
}

/** A text that is not JSON; `position` counts UTF-16 units from 0. */
export class JsonSyntaxError extends Error {
  readonly reason: string
  readonly position: number

  constructor(reason: string, position: number) {
    super(`${reason} at ${position}`)
    this.name = 'JsonSyntaxError'
    this.reason = reason
    this.position = position
  }
}

/** True for an object that is neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

const BLANK = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORDS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]
const DEEPEST = 512

/**
 * Reads a JSON text strictly and remembers where its objects stand, because numbers such as `1.0`
 * and long integers lose their spelling in a JavaScript value.
 *
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): JsonDocument {
  const spans = new WeakMap<object, readonly [number, number]>()
  let at = 0

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const skip = () => match(BLANK)
  const fail = (reason: string): never => {
    throw new JsonSyntaxError(reason, at)
  }
  const take = (sign: string): boolean => {
    if (text[at] !== sign) return false
    at += 1
    skip()
    return true
  }

  const readString = (): string => {
    const start = at
    let end = text.indexOf('"', at + 1)
    while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
    if (end < 0) fail('Unterminated string')
    try {
      const value: string = JSON.parse(text.slice(start, end + 1))
      at = end + 1
      return value
    } catch {
      return fail('Invalid string')
    }
  }
  const readMembers = (depth: number): JsonObject => {
    const members: [string, Json][] = []
    do {
      if (text[at] !== '"') fail('Expected a property name')
      const name = readString()
      skip()
      if (!take(':')) fail('Expected a colon')
      members.push([name, readValue(depth)])
    } while (take(','))
    if (text[at] !== '}') fail('Expected a comma or a closing brace')
    return Object.fromEntries(members)
  }
  const readItems = (depth: number): Json[] => {
    const items: Json[] = []
    do items.push(readValue(depth))
    while (take(','))
    if (text[at] !== ']') fail('Expected a comma or a closing bracket')
    return items
  }
  const readNested = (depth: number): JsonObject | Json[] => {
    if (depth > DEEPEST) fail('Nested too deeply')
    const start = at
    const isOpenBrace = text[at] === '{'
    at += 1
    skip()
    const isEmpty = text[at] === (isOpenBrace ? '}' : ']')
    const value = isOpenBrace
      ? isEmpty
        ? {}
        : readMembers(depth + 1)
      : isEmpty
        ? []
        : readItems(depth + 1)
    at += 1
    spans.set(value, [start, at])
    return value
  }
  const readValue = (depth: number): Json => {
    const value = readBare(depth)
    skip()
    return value
  }
  const readBare = (depth: number): Json => {
    const sign = text[at]
    if (sign === '{' || sign === '[') return readNested(depth)
    if (sign === '"') return readString()
    for (const [word, value] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length
        return value
      }
    }
    const number = match(NUMBER)
    return number !== undefined ? Number(number) : fail('Expected a value')
  }

  skip()
  const value = readValue(0)
  if (at < text.length) fail('Unexpected text after the value')
  return {
    value,
    sourceOf(part) {
      const span = spans.get(part)
      return span ? text.slice(span[0], span[1]) : JSON.stringify(part)
    },
  }
}

function isEscaped(text: string, position: number): boolean {
  let first = position
  while (text[first - 1] === '\\') first -= 1
  return (position - first) % 2 === 1
}

const SOURCE = Symbol('source')

/** A piece of JSON that is written as it stands. */
export interface JsonSource {
  readonly [SOURCE]: string
}

/** What `writeJson` writes: JSON in which parts may stand as source text; `undefined` is left out. */
export type Writable =
  | null
  | boolean
  | number
  | string
  | JsonSource
  | readonly Writable[]
  | { readonly [name: string]: Writable | undefined }

/** Wraps a text that is known to be JSON, so that it is spliced in unchanged. */
export function jsonSource(text: string): JsonSource {
  return { [SOURCE]: text }
}

/** Writes JSON without blanks, members in the order given. */
export function writeJson(value: Writable): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (SOURCE in value) return String(value[SOURCE])
  if (Array.isArray(value)) return `[${value.map(item => writeJson(item)).join(',')}]`
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${writeJson(member)}`],
  )
  return `{${members.join(',')}}`
}
