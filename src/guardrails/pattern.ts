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
  const choice = longestFirst.map(word => escaped(word).replace(/\s+/g, '\\s')).join('|')
  const letter = '[\\p{L}\\p{N}_]'
  const pattern = new RegExp(
    `(?<!${letter})(?:${choice})(?!${letter})`,
    options.caseSensitive ? 'gu' : 'giu',
  )
  return textRule({
    ...options,
    name: options.name ?? 'keywords',
    kind: 'a forbidden word',
    defaultAction: 'refuse',
    // One more than the longest: whether a word ends there is seen at what follows.
    lookBehind: Math.max(...words.map(word => word.length)) + 2,
    find: (text, from) => firstMatch(pattern, text, from),
  })
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
 * are, in any case, and with blanks, dashes or invisible characters between their letters. Default
 * action: `refuse`, at the output and at arguments.
 */
export function canary(strings: readonly string[], options: CanaryOptions = {}): Guardrail {
  if (strings.length === 0 || strings.some(text => text.length < 6))
    throw new Error('canary: give at least one string, each of 6 characters or more')
  const between = '[\\s\\u200b-\\u200f\\u2060-\\u2064\\ufeff\\u00ad._-]{0,3}'
  const sources = strings.map(text => [...text.replace(/[\s._-]/g, '')].map(escaped).join(between))
  const search = new RegExp(sources.join('|'), 'giu')
  return textRule({
    ...options,
    name: 'canary',
    kind: 'a planted string',
    points: options.points ?? ['output', 'tool-arguments'],
    defaultAction: 'refuse',
    lookBehind: 4 * Math.max(...strings.map(text => text.length)),
    find: (text, from) => firstMatch(search, text, from),
  })
}
