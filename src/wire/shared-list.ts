import { randomUUID } from 'node:crypto'
import { share } from '../core/derived.ts'
import { isObject, type Json } from '../core/json.ts'
import { MAX_DEPTH, parseJson } from './json.ts'
import { endOfValue, isDeeper } from './json-scan.ts'

/** Stands in a text where a known list was cut out; no client can know it. */
const MARK = `\u0000${randomUUID()}`
const MARK_TEXT = JSON.stringify(MARK)

/** Lists of fewer characters are parsed each time. */
const SHORTEST = 256
/** Lists whose first characters are alike are told apart one by one, up to so many. */
const HEAD = 160
const ALIKE = 8
/** So many places in a text are tried: each takes as long as parsing the whole of it. */
const MOST_TRIES = 4

interface KnownList {
  readonly text: string
  readonly list: Json[]
}

/**
 * Parses the bodies of requests. Agents send the same long list of tools with every request: one
 * that stands in the root under `key`, to the character as it stood there before, is parsed once,
 * and its tree is the same frozen object in all of them. The result is what `parseJson` gives.
 */
export class SharedLists {
  readonly #key: string
  readonly #quotedKey: string
  readonly #maxCharacters: number
  /** By the first characters; the one that was used last stands last. */
  readonly #known = new Map<string, readonly KnownList[]>()
  /** Beginnings that were met once: only what comes again is worth keeping. */
  readonly #met = new Set<string>()
  #characters = 0

  /** @param maxCharacters of all the lists that are kept. Default 8 Mi. */
  constructor(key: string, maxCharacters = 8 * 1024 * 1024) {
    this.#key = key
    this.#quotedKey = JSON.stringify(key)
    this.#maxCharacters = maxCharacters
  }

  /** Characters of the lists that are kept. */
  get characters(): number {
    return this.#characters
  }

  /** @throws ToolgateError `invalid_json` as `parseJson` does. */
  parse(text: string): Json {
    let left = MOST_TRIES
    for (let at = text.indexOf(this.#quotedKey); at !== -1 && left > 0; ) {
      const from = listAfter(text, at + this.#quotedKey.length)
      if (from !== -1 && text[at - 1] !== '\\') {
        const head = text.slice(from, from + HEAD)
        if (this.#met.has(head) || this.#known.has(head)) left--
        // `startsWith` takes four times as long as cutting and comparing.
        const known = this.#known
          .get(head)
          ?.find(one => text.slice(from, from + one.text.length) === one.text)
        const root = known ? this.#without(text, from, known) : this.#meet(text, from, head)
        if (root !== undefined) return root
      }
      at = text.indexOf(this.#quotedKey, at + this.#quotedKey.length)
    }
    return parseJson(text)
  }

  /** The tree of a text whose list is known; `undefined` if the list does not stand in the root. */
  #without(text: string, from: number, known: KnownList): Json | undefined {
    let root: Json
    try {
      root = parseJson(text.slice(0, from) + MARK_TEXT + text.slice(from + known.text.length))
    } catch {
      return undefined // the whole text is parsed then, and the error names the right place
    }
    if (!isObject(root) || root[this.#key] !== MARK) return undefined
    root[this.#key] = known.list
    return root
  }

  #meet(text: string, from: number, head: string): Json | undefined {
    if (head.length < HEAD) return undefined
    if (!this.#met.has(head)) {
      if (this.#met.size >= 1000) this.#met.clear()
      this.#met.add(copy(head))
      return undefined
    }
    const to = endOfValue(text, from)
    if (to - from < SHORTEST || to - from > this.#maxCharacters / 4) return undefined
    const own = copy(text.slice(from, to))
    let list: Json
    try {
      list = parseJson(own)
    } catch {
      return undefined
    }
    if (!Array.isArray(list) || isDeeper(own, MAX_DEPTH - 1)) return undefined
    const known = { text: own, list: share(freeze(list)) }
    const root = this.#without(text, from, known)
    if (root !== undefined) this.#keep(own.slice(0, HEAD), known)
    return root
  }

  #keep(head: string, known: KnownList): void {
    const alike = this.#known.get(head) ?? []
    const kept = alike.length < ALIKE ? alike : alike.slice(1)
    if (kept !== alike) this.#characters -= alike[0]?.text.length ?? 0
    this.#known.delete(head)
    this.#known.set(head, [...kept, known])
    this.#characters += known.text.length
    for (const [oldest, lists] of this.#known) {
      if (this.#characters <= this.#maxCharacters) return
      if (oldest === head) continue
      this.#known.delete(oldest)
      for (const { text } of lists) this.#characters -= text.length
    }
  }
}

/** Where the list begins that is the value of the key that ends at `at`; -1 if it is no list. */
function listAfter(text: string, at: number): number {
  const colon = afterSpace(text, at)
  if (text.charCodeAt(colon) !== 58) return -1
  const from = afterSpace(text, colon + 1)
  return text.charCodeAt(from) === 91 ? from : -1
}

function afterSpace(text: string, at: number): number {
  let here = at
  while (text.charCodeAt(here) <= 32) here++
  return here
}

/** A part of a text that does not keep the whole of it alive. */
function copy(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le')
}

/** Shared by many requests: whoever tries to change it must fail. */
function freeze<T extends Json | undefined>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}
