import { searchFor } from './search.ts'
import type { Span } from './text-rule.ts'

/** Where an address ends: blanks, quotes, and what markdown and HTML put after it. */
const STOP = '\\s<>"\'`)\\]}|'
/** What an address begins with. It goes on to where it ends. */
const ADDRESS = new RegExp(
  [
    // With a scheme that a browser fetches or opens. It takes `https:/host` and `https:\host` too.
    '(?<![A-Za-z0-9+.-])(?:https?|wss?|ftp):',
    '(?<![A-Za-z0-9+.-])(?:javascript|vbscript|data|file|blob|mailto|tel):(?=[^\\s])',
    // Without one: `//host` after what opens a link, and `www.`.
    `(?<=[("'=<>:]\\s{0,3})(?:/{2,12}|[\\\\/]{2})[^${STOP}\\\\/]`,
    `(?<![A-Za-z0-9./@-])www\\.[^${STOP}.]`,
  ].join('|'),
  'gi',
)

/** A name of an attribute of HTML that holds an address. */
const NAME =
  '[\\s"\'/](?:href|src|srcset|action|formaction|poster|background|data|ping|content|cite|xlink:href)\\s{0,2}=\\s?'
/** Where something begins that a link of markdown leads to, or an attribute of HTML. */
const DESTINATION = new RegExp(
  `(?<=\\]\\(|\\]:)|(?<=${NAME}")(?=[^"])|(?<=${NAME}')(?=[^'])|(?<=${NAME})(?=[^\\s"'<>])`,
  'gi',
)
/** Most characters of an attribute in quotes. */
const MOST_QUOTED = 4000

/** The first stretch of a kind at or after a place. */
type Find = (text: string, from: number) => Span | undefined

/**
 * Finds addresses as they stand in a text. What it has found is kept, so that it is read once even
 * where one begins inside of another, and another inside of that.
 */
export function addressFinder(): Find {
  const head = searchFor(ADDRESS)
  const endOf = runEnd(new RegExp(`[${STOP}]`, 'g'))
  return (text, from) => {
    const found = head(text, from)
    return found && { start: found.start, end: endOf(text, found.end) }
  }
}

/**
 * Finds what links of markdown and attributes of HTML lead to, as it is written: with its blanks,
 * its entities, and its brackets. It keeps what it has found, too.
 */
export function destinationFinder(): Find {
  const head = searchFor(DESTINATION)
  const bareEnd = runEnd(/[\s"'<>]/g)
  const linkEnd = markdownEnd()
  return (text, from) => {
    const found = head(text, from)
    if (!found) return undefined
    const { start } = found
    const before = text[start - 1] ?? ''
    if (before === '(' || before === ':') return { start, end: linkEnd(text, start) }
    if (before !== '"' && before !== "'") return { start, end: bareEnd(text, start) }
    const quote = text.slice(start, start + MOST_QUOTED).indexOf(before)
    return { start, end: quote === -1 ? Math.min(text.length, start + MOST_QUOTED) : start + quote }
  }
}

/** Tells where a run of characters ends that a pattern stops; the last run is not read twice. */
function runEnd(stop: RegExp): (text: string, from: number) => number {
  let last = { text: '', start: 0, end: 0 }
  return (text, from) => {
    const isInside = last.start <= from && from <= last.end && last.text === text
    if (!isInside) last = { text, start: from, end: next(stop, text, from) }
    return last.end
  }
}

const SEEN = /\S/g
const MARK = /[\s<>()]/g
const IN_ANGLES = /<[^<>\n]*>?/y
const IN_BRACKETS = /[^\s<>()]*(?:\([^\s<>()]*\)?[^\s<>()]*)*/y

/**
 * Tells where the destination of a markdown link ends: at a blank, an angle, or a closing bracket
 * that it has not opened. Of brackets in brackets the inner ones alone count as opened.
 */
function markdownEnd(): (text: string, from: number) => number {
  let last = { text: '', start: 0, end: 0 }
  return (text, from) => {
    const start = next(SEEN, text, from)
    if (text[start] === '<') return match(IN_ANGLES, text, start)
    const mark = next(MARK, text, start)
    // Behind the next bracket that opens, nothing tells it from one that began before.
    const isInside = last.start <= start && mark < last.end && last.text === text
    if (text[mark] !== '(') return mark
    if (!isInside) {
      last = { text, start, end: match(IN_BRACKETS, text, start) }
    }
    return last.end
  }
}

/** The first place from another on that a pattern matches, or the end of the text. */
function next(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? text.length
}

/** Where the match of a sticky pattern ends that begins at a place. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
