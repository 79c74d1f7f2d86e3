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
  /** The source text of one member or item of an object or list of this document. */
  sourceOfMember(parent: object, name: string): string | undefined
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
/** Protocol buffers nest no deeper. */
const DEEPEST = 100

type Span = readonly [start: number, end: number]

/**
 * Reads a JSON text strictly and remembers where its values stand, because numbers such as `1.0`
 * and long integers lose their spelling in a JavaScript value. The reasons for a refusal are worded
 * as the vendor's JSON reader does.
 *
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): JsonDocument {
  const reader = new Reader(text)
  const value = reader.readAll()
  return {
    value,
    sourceOf(part) {
      const span = reader.spans.get(part)
      return span ? text.slice(...span) : JSON.stringify(part)
    },
    sourceOfMember(parent, name) {
      const span = reader.memberSpans.get(parent)?.get(name)
      return span && text.slice(...span)
    },
  }
}

/** One reading of one text, from its start to its end. */
class Reader {
  /** Where each object and list stands. */
  readonly spans = new WeakMap<object, Span>()
  /** Where the members of each object and the items of each list stand. */
  readonly memberSpans = new WeakMap<object, ReadonlyMap<string, Span>>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  readAll(): Json {
    this.#match(BLANK)
    const value = this.#readValue(0)
    this.#match(BLANK)
    if (this.#at < this.#text.length) this.#fail('Parsing terminated before end of input.')
    return value
  }

  #readValue(depth: number): Json {
    const sign = this.#text[this.#at]
    if (sign === '{') return this.#readNested(depth, {}, places => this.#readMembers(depth, places))
    if (sign === '[') return this.#readNested(depth, [], places => this.#readItems(depth, places))
    if (sign === '"') return this.#readString()
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    const number = this.#match(NUMBER)
    return number !== undefined ? Number(number) : this.#fail('Expected a value.')
  }

  #readNested<T extends object>(
    depth: number,
    empty: T,
    read: (places: Map<string, Span>) => T,
  ): T {
    if (depth > DEEPEST) this.#fail('Message too deep. Max recursion depth reached.')
    const start = this.#at
    const places = new Map<string, Span>()
    this.#at += 1
    this.#match(BLANK)
    const isEmpty = this.#text[this.#at] === (Array.isArray(empty) ? ']' : '}')
    const value = isEmpty ? empty : read(places)
    this.#at += 1
    this.spans.set(value, [start, this.#at])
    this.memberSpans.set(value, places)
    return value
  }

  #readMembers(depth: number, places: Map<string, Span>): JsonObject {
    const members: [string, Json][] = []
    do {
      if (this.#text[this.#at] !== '"') this.#fail('Expected an object key or }.')
      const name = this.#readString()
      this.#match(BLANK)
      if (!this.#take(':')) this.#fail('Expected : between key:value pair.')
      members.push([name, this.#readPlaced(depth, name, places)])
    } while (this.#take(','))
    if (this.#text[this.#at] !== '}') this.#fail('Expected , or } after key:value pair.')
    return Object.fromEntries(members)
  }

  #readItems(depth: number, places: Map<string, Span>): readonly Json[] {
    const items: Json[] = []
    do items.push(this.#readPlaced(depth, String(items.length), places))
    while (this.#take(','))
    if (this.#text[this.#at] !== ']') this.#fail('Expected , or ] after array value.')
    return items
  }

  #readPlaced(depth: number, name: string, places: Map<string, Span>): Json {
    const start = this.#at
    const value = this.#readValue(depth + 1)
    places.set(name, [start, this.#at])
    this.#match(BLANK)
    return value
  }

  #readString(): string {
    const start = this.#at
    let end = this.#text.indexOf('"', start + 1)
    while (end >= 0 && isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1)
    if (end < 0) this.#fail('Closing quote expected in string.')
    try {
      const value: string = JSON.parse(this.#text.slice(start, end + 1))
      this.#at = end + 1
      return value
    } catch {
      return this.#fail('Invalid escape sequence.')
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false
    this.#at += 1
    this.#match(BLANK)
    return true
  }

  #fail(reason: string): never {
    const isAtEnd = this.#at >= this.#text.length
    throw new JsonSyntaxError(isAtEnd ? `Unexpected end of string. ${reason}` : reason, this.#at)
  }
}

function isEscaped(text: string, position: number): boolean {
  let first = position
  while (text[first - 1] === '\\') first -= 1
  return (position - first) % 2 === 1
}

/** The document of a text that is a JSON object; `undefined` if it is anything else. */
export function parseObject(text: string): (JsonDocument & { value: JsonObject }) | undefined {
  try {
    const document = parseJson(text)
    const { value } = document
    return isObject(value) ? { ...document, value } : undefined
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined
    throw error
  }
}
