import { createRequire } from 'node:module'
import type { Guardrail } from './guardrail.ts'
import { escaped, firstMatch } from './search.ts'
import { type TextRuleOptions, textRule } from './text-rule.ts'

// Loaded with the first pattern: it is the largest thing here, and most guards have none.
type Library = typeof import('re2js')
let library: Library | undefined

function loadLibrary(): Library {
  if (!library) {
    const loaded: Library = createRequire(import.meta.url)('re2js')
    library = loaded
  }
  return library
}

/** What `keywords()` can be told. */
export interface KeywordsOptions extends TextRuleOptions {
  /** Default `keywords`. */
  readonly name?: string
  /** Whether `A` and `a` are two letters. Default false. */
  readonly caseSensitive?: boolean
}

/**
 * Finds words and phrases that stand by themselves: `art` is not found in `party`. Default action:
 * `refuse`.
 *
 * @throws Error for an empty list or an empty word
 */
export function keywords(words: readonly string[], options: KeywordsOptions = {}): Guardrail {
  if (words.length === 0 || words.some(word => word.trim() === ''))
    throw new Error('keywords: give at least one word, and no empty one')
  const longestFirst = [...words].sort((one, other) => other.length - one.length)
  // Composed and not, for the same letter can be written both ways.
  const written = new Set(
    longestFirst.flatMap(word => [word.normalize('NFC'), word.normalize('NFD')]),
  )
  const choice = [...written].map(word => escaped(word).replace(/\s+/g, '[\\s_-]{1,8}')).join('|')
  const letter = '[\\p{L}\\p{N}]'
  const pattern = new RegExp(
    // An underscore is part of a name, and else the emphasis of markdown.
    `(?<!${letter}_?)(?:${choice})(?!_?${letter})`,
    options.caseSensitive ? 'gu' : 'giu',
  )
  return textRule({
    ...options,
    name: options.name ?? 'keywords',
    kind: 'a forbidden word',
    defaultAction: 'refuse',
    // Two more than the longest: whether a word ends there is seen at what follows.
    lookBehind: Math.max(...[...written].map(longest)) + 2,
    find: (text, from) => firstMatch(pattern, text, from),
  })
}

/** Characters of a word where each of its blanks is as long as it may be. */
function longest(word: string): number {
  return word.length + 7 * (word.match(/\s/g)?.length ?? 0)
}

/** What `pattern()` can be told. */
export interface PatternOptions extends TextRuleOptions {
  readonly name: string
  /** What it finds, for reasons and replacements. Default: the name. */
  readonly kind?: string
  /** Whether `A` and `a` are one letter. Default false. */
  readonly ignoreCase?: boolean
  /**
   * Characters within which a match shows: the longest beginning that is no match yet, and one more.
   * A match itself may be longer. Default 256.
   */
  readonly lookBehind?: number
}

/**
 * Finds what a pattern in RE2's syntax matches, in time linear in the text: there is no pattern that
 * makes it hang, and no back-reference or look-around. Default action: `refuse`.
 *
 * @throws Error if the pattern cannot be read, or matches the empty text
 */
export function pattern(source: string, options: PatternOptions): Guardrail {
  const { name, ignoreCase, lookBehind = 256 } = options
  const { RE2JS } = loadLibrary()
  let compiled: ReturnType<typeof RE2JS.compile>
  try {
    compiled = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`pattern '${name}': ${why}`, { cause })
  }
  if (compiled.matcher('').find())
    throw new Error(`pattern '${name}': it matches the empty text, and so everywhere`)
  return textRule({
    ...options,
    kind: options.kind ?? name,
    defaultAction: 'refuse',
    lookBehind,
    find(text, from) {
      const matcher = compiled.matcher(text)
      return matcher.find(from) ? { start: matcher.start(), end: matcher.end() } : undefined
    },
  })
}

/** What `canary()` can be told. */
export interface CanaryOptions extends TextRuleOptions {}

/**
 * Finds strings that were planted, in a system prompt or a data set, to show that they leak: as they
 * are, in any case, and with blanks, dashes, the like or what is not seen between their letters. Default
 * action: `refuse`, at the output and at arguments.
 */
export function canary(strings: readonly string[], options: CanaryOptions = {}): Guardrail {
  const letters = strings.map(text => [...text.replace(/[\s\p{DI}._-]/gu, '')])
  if (letters.length === 0 || letters.some(({ length }) => length < 6))
    throw new Error('canary: give at least one string, each of 6 characters or more')
  const search = new RegExp(letters.map(spacedOut).join('|'), 'giu')
  return textRule({
    ...options,
    name: 'canary',
    kind: 'a planted string',
    points: options.points ?? ['output', 'tool-arguments'],
    defaultAction: 'refuse',
    // What is between two letters has up to four characters, each of two units.
    lookBehind: 10 * Math.max(...letters.map(({ length }) => length)),
    find: (text, from) => firstMatch(search, text, from),
  })
}

/** A pattern of letters with something between them; what they are themselves is not between. */
function spacedOut(letters: readonly string[]): string {
  const unseen = '\\s\\p{DI}\\p{M}'
  const isWord = (letter = '') => /[\p{L}\p{N}]/u.test(letter)
  return letters
    .map((letter, at) => {
      if (at === 0) return escaped(letter)
      const marks = isWord(letter) && isWord(letters[at - 1])
      const more = marks ? '._\\-\\u2010-\\u2015\\u2212*|,:;/\\\\+~' : ''
      return `[${unseen}${more}]{0,4}${escaped(letter)}`
    })
    .join('')
}
