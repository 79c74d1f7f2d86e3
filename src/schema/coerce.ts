import type { Json } from '../core/json.ts'
import { accepts, type Rooted } from './accepts.ts'

/**
 * How arguments in a dialect's words become arguments in the client's. Every field may be absent;
 * a coercion of no fields changes nothing.
 */
export interface Coercion {
  /** The JSON text of a value, by the word that stands for it. */
  words?: ReadonlyMap<string, string>
  properties?: ReadonlyMap<string, PropertyCoercion>
  items?: Coercion
  /** Whether a number or a truth value becomes the text of it. */
  asText?: true
  /** Alternatives: the first one whose result its own schema takes is the one that was meant. */
  options?: readonly Option[]
  /** The property that holds the arguments, which were no object. */
  unwrap?: string
  /** A coercion that is the same as this one: of a definition, which may refer to itself. */
  same?: Coercion
}

/** What becomes of a property. */
export interface PropertyCoercion {
  /** The client's name of it. */
  readonly name?: string
  /** Whether `null` means that it is not there. */
  readonly absent?: true
  readonly inner?: Coercion
}

/** One alternative, with the client's own schema of it. */
export interface Option extends Rooted {
  readonly coercion?: Coercion
}

/** Deeper than any honest arguments; what is deeper stays as it is. */
const MOST_LEVELS = 200

/**
 * Coerces the text of a call's arguments. All that need not change keeps its very text: numbers,
 * spaces, escapes and the order of keys. Text that is not JSON comes back as it is.
 */
export function coerceArguments(text: string, coercion: Coercion): string {
  try {
    JSON.parse(text)
  } catch {
    return text
  }
  return new Rewriter(text).value(coercion, 0)
}

/** Whether a coercion can change anything at all. */
export function isIdle(coercion: Coercion, seen: Set<Coercion> = new Set()): boolean {
  if (seen.has(coercion)) return true
  seen.add(coercion)
  const idle = (inner: Coercion | undefined) => inner === undefined || isIdle(inner, seen)
  const { words, properties, items, options, unwrap, same } = coercion
  if (unwrap !== undefined || coercion.asText || (words && words.size > 0)) return false
  for (const property of properties?.values() ?? []) {
    if (property.absent || property.name !== undefined || !idle(property.inner)) return false
  }
  return idle(items) && idle(same) && (options?.every(({ coercion: one }) => idle(one)) ?? true)
}

/** Walks JSON text that is known to be valid, and gives back each value's new text. */
class Rewriter {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(given: Coercion | undefined, level: number): string {
    this.#space()
    const from = this.#at
    let coercion = given
    while (coercion?.same) coercion = coercion.same
    if (!coercion || level > MOST_LEVELS) {
      this.#skip()
      return this.#text.slice(from, this.#at)
    }
    if (coercion.options) {
      this.#skip()
      return chosen(this.#text.slice(from, this.#at), coercion.options)
    }
    const opener = this.#text[from]
    if (opener === '{') return this.#object(coercion, level)
    if (opener === '[' && coercion.items) return this.#array(coercion.items, level)
    this.#skip()
    const text = this.#text.slice(from, this.#at)
    if (coercion.asText && opener !== '"' && text !== 'null' && opener !== '[')
      return JSON.stringify(text)
    return (opener === '"' && coercion.words?.get(JSON.parse(text))) || text
  }

  #object(coercion: Coercion, level: number): string {
    const from = this.#at
    const members: string[] = []
    let unwrapped: string | undefined
    let changed = false
    this.#at++
    for (let next = this.#next('}'); next; next = this.#next('}')) {
      const keyFrom = this.#at
      this.#skip()
      const key = this.#text.slice(keyFrom, this.#at)
      const name: string = JSON.parse(key)
      this.#space()
      this.#at++ // the colon
      this.#space()
      const middle = this.#text.slice(keyFrom + key.length, this.#at)
      const property = coercion.properties?.get(name)
      const valueFrom = this.#at
      const text = this.value(property?.inner, level + 1)
      if (name === coercion.unwrap) unwrapped = text
      const isAbsent = property?.absent === true && text === 'null'
      const newKey = property?.name === undefined ? key : JSON.stringify(property.name)
      changed ||= isAbsent || newKey !== key || text !== this.#text.slice(valueFrom, this.#at)
      if (!isAbsent) members.push(newKey + middle + text)
    }
    if (unwrapped !== undefined) return unwrapped
    return changed ? `{${members.join(',')}}` : this.#text.slice(from, this.#at)
  }

  #array(items: Coercion, level: number): string {
    const from = this.#at
    const list: string[] = []
    let changed = false
    this.#at++
    for (let next = this.#next(']'); next; next = this.#next(']')) {
      const itemFrom = this.#at
      const text = this.value(items, level + 1)
      changed ||= text !== this.#text.slice(itemFrom, this.#at)
      list.push(text)
    }
    return changed ? `[${list.join(',')}]` : this.#text.slice(from, this.#at)
  }

  /** Goes to the next item; `false` after the closing bracket, which is passed. */
  #next(closer: string): boolean {
    this.#space()
    if (this.#text[this.#at] === ',') {
      this.#at++
      this.#space()
    }
    if (this.#text[this.#at] !== closer) return true
    this.#at++
    return false
  }

  #space(): void {
    while (this.#text.charCodeAt(this.#at) <= 32) this.#at++
  }

  /** Passes one value, however deep it is. */
  #skip(): void {
    let depth = 0
    do {
      const letter = this.#text.charAt(this.#at)
      if (letter === '"') this.#skipString()
      else if (letter === '{' || letter === '[') {
        depth++
        this.#at++
      } else if (letter === '}' || letter === ']') {
        depth--
        this.#at++
      } else if (depth > 0) this.#at++
      else
        while (
          this.#at < this.#text.length &&
          !',]}'.includes(this.#text.charAt(this.#at)) &&
          this.#text.charCodeAt(this.#at) > 32
        )
          this.#at++
    } while (depth > 0)
  }

  #skipString(): void {
    this.#at++
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    this.#at++
  }
}

function chosen(text: string, options: readonly Option[]): string {
  for (const option of options) {
    const coerced = option.coercion ? coerceArguments(text, option.coercion) : text
    const value: Json = JSON.parse(coerced)
    if (accepts(option, value)) return coerced
  }
  return text
}
