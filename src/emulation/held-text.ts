/**
 * A step of a reader that is handed its text in pieces: it yields when it needs more, and returns
 * what it found. Plain generators, driven by hand: a reader is begun only where a call may begin.
 */
export type Step<T> = Generator<undefined, T, undefined>

/** Text that is held back because a call may begin with it. It grows until its readers are done. */
export class HeldText {
  #all: string
  #last: string
  #lastAt = 0
  /** Whether nothing more will come. */
  ended = false

  constructor(text: string) {
    this.#all = text
    this.#last = text
  }

  /** Adds a piece. Only the new piece is looked at from here on, so that this costs no copying. */
  add(text: string): void {
    this.#lastAt = this.#all.length
    this.#all += text
    this.#last = text
  }

  get length(): number {
    return this.#all.length
  }

  /** The UTF-16 code at a place; NaN beyond the end. */
  codeAt(at: number): number {
    return at >= this.#lastAt ? this.#last.charCodeAt(at - this.#lastAt) : this.#all.charCodeAt(at)
  }

  slice(from: number, to?: number): string {
    return this.#all.slice(from, to)
  }
}

const SPACE = 32
const NEW_LINE = 10

/** Reads held text from its beginning. Every reading method leaves `at` behind what it read. */
export class TextReader {
  readonly #held: HeldText
  at = 0

  constructor(held: HeldText) {
    this.#held = held
  }

  /** The next code without reading it, or -1 at the end of all text. */
  *peek(): Step<number> {
    while (this.at >= this.#held.length) {
      if (this.#held.ended) return -1
      yield
    }
    return this.#held.codeAt(this.at)
  }

  /** Reads `word`, or reads nothing; gives up at the first letter that differs. */
  *literal(word: string): Step<boolean> {
    const from = this.at
    for (let i = 0; i < word.length; i++) {
      if ((yield* this.peek()) !== word.charCodeAt(i)) {
        this.at = from
        return false
      }
      this.at++
    }
    return true
  }

  /** Reads the first of the words that stands here. */
  *anyOf(words: readonly string[]): Step<string | undefined> {
    for (const word of words) if (yield* this.literal(word)) return word
    return undefined
  }

  /** Passes over white space. */
  *space(): Step<void> {
    for (;;) {
      const code = yield* this.peek()
      if (code === -1 || !isSpace(code)) return
      this.at++
    }
  }

  /** Passes over blanks; whether the line ends there. The line's end itself is not read. */
  *lineEnd(): Step<boolean> {
    for (;;) {
      const code = yield* this.peek()
      if (code === -1 || code === NEW_LINE) return true
      if (!isSpace(code)) return false
      this.at++
    }
  }

  /** The text before `marker`, which is read too; nothing if it never comes. */
  *until(marker: string): Step<string | undefined> {
    const from = this.at
    const first = marker.charCodeAt(0)
    let matched = 0
    for (;;) {
      while (this.at < this.#held.length) {
        const code = this.#held.codeAt(this.at++)
        // No marker holds its first letter twice, so a mismatch can only begin it anew.
        if (code === marker.charCodeAt(matched)) matched++
        else matched = code === first ? 1 : 0
        if (matched === marker.length) return this.#held.slice(from, this.at - marker.length)
      }
      if (this.#held.ended) return undefined
      yield
    }
  }

  /**
   * One of `names`, up to a letter that no name goes on with; gives up as soon as no name begins
   * like that. Of two names the longer one is taken.
   */
  *oneName(names: Iterable<string>): Step<string | undefined> {
    const from = this.at
    let left = [...names]
    let found: string | undefined
    for (;;) {
      const size = this.at - from
      found = left.find(name => name.length === size) ?? found
      left = left.filter(name => name.length > size)
      if (left.length === 0) break
      const code = yield* this.peek()
      left = left.filter(name => name.charCodeAt(size) === code)
      if (left.length === 0) break
      this.at++
    }
    this.at = found === undefined ? from : from + found.length
    return found
  }

  /** The letters up to one that `pattern` does not take, at most `max`. */
  *word(pattern: RegExp, max: number): Step<string> {
    const from = this.at
    while (this.at - from < max) {
      const code = yield* this.peek()
      if (code === -1 || !pattern.test(String.fromCharCode(code))) break
      this.at++
    }
    return this.#held.slice(from, this.at)
  }

  /** The text between a place and where the reader stands. */
  since(from: number): string {
    return this.#held.slice(from, this.at)
  }

  /** Reads to the end of a JSON string whose opening quote has been read; false if it is none. */
  *restOfString(): Step<boolean> {
    for (;;) {
      while (this.at < this.#held.length) {
        const code = this.#held.codeAt(this.at++)
        if (code === QUOTE) return true
        if (code < SPACE) return false
        if (code === BACKSLASH) {
          if ((yield* this.peek()) === -1) return false
          this.at++
        }
      }
      if (this.#held.ended) return false
      yield
    }
  }
}

const QUOTE = 34
const BACKSLASH = 92

function isSpace(code: number): boolean {
  return code === SPACE || (code >= 9 && code <= 13)
}
