import { mergeDates } from './dates.ts'
import { mergeNumbers } from './numbers.ts'
import { stem } from './stem.ts'

/** What a token is: a plain word, a mark, or a value that its form alone shows. */
export type TokenKind =
  | 'word'
  | 'number'
  | 'ordinal'
  | 'quoted'
  | 'url'
  | 'email'
  | 'path'
  | 'date'
  | 'time'
  | 'id'
  | 'code'
  | 'list'
  | 'mark'

/** One piece of a message: a word, a mark, or something that is one value as it stands. */
export interface Token {
  readonly kind: TokenKind
  /** As written, without quotation marks. */
  readonly text: string
  readonly lower: string
  /** Empty for all but words. */
  readonly stem: string
  /** Offsets into the message. */
  readonly start: number
  readonly end: number
  /** Begins with a capital letter. */
  readonly capital: boolean
  /** The first word of a sentence, where a capital says nothing. */
  readonly opening: boolean
  /** Of a number or ordinal. */
  readonly number?: number
  /** `%` or a currency sign written on a number, or the month and day of a date. */
  readonly sign?: string
  /** Of a bracketed list or a braced object. */
  readonly value?: unknown
}

type Maker = (match: RegExpExecArray) => Partial<Token> & { kind: TokenKind }

const inner = (match: RegExpExecArray): string =>
  match.slice(1).find(part => part !== undefined) ?? match[0]

/** In the order they are tried. All are sticky. */
const RULES: readonly (readonly [RegExp, Maker])[] = [
  [
    /```(?:\w*\n)?([\s\S]*?)```|`([^`\n]+)`/y,
    match => ({ kind: 'quoted', text: inner(match).trim() }),
  ],
  [
    /"([^"\n]{1,2000})"|“([^”]{1,2000})”|«\s*([^»]{1,2000}?)\s*»|「([^」]{1,2000})」/y,
    match => ({ kind: 'quoted', text: inner(match) }),
  ],
  [
    /(?<![\p{L}\d])['‘]((?:[^'’\n]|['’](?=\p{L})){1,600}?)['’](?![\p{L}\d])/uy,
    match => ({ kind: 'quoted', text: inner(match) }),
  ],
  [
    /(?:https?|ftp|wss?|file):\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]|www\.[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/iy,
    () => ({ kind: 'url' }),
  ],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/y, () => ({ kind: 'email' })],
  [/[[{]/y, () => ({ kind: 'list' })],
  [/\(\s*[-+]?\d+(?:\.\d+)?(?:\s*,\s*[-+]?\d+(?:\.\d+)?)+\s*\)/y, () => ({ kind: 'list' })],
  [
    /(?<![\w.])(?:[A-Za-z]:[\\/](?!\/)[^\s"'`,;?!]*|~?\/[\w.@-]+(?:\/[\w.@-]*)*|\.{1,2}\/[\w.@/-]+|[\w-]+(?:\/[\w.-]+)*\/[\w-]+\.\w{1,5}|[\w-]+\.(?=[a-z])[a-z0-9]{2,4}(?![\w.(]))/y,
    match => pathOf(match[0]),
  ],
  [
    /\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?![\d-])|\d{4}[/.]\d{1,2}[/.]\d{1,2}(?![\d.])|\d{1,2}[/.]\d{1,2}[/.]\d{4}(?!\d)|\d{1,2}\/\d{1,2}\/\d{2}(?!\d)/y,
    () => ({ kind: 'date' }),
  ],
  [
    /\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?|\d{1,2}\s?(?:[ap]\.m\.|[ap]m\b)/iy,
    () => ({ kind: 'time' }),
  ],
  [
    /\+\d{1,3}[-. ]?\(?\d{1,4}\)?(?:[-. ]?\d{2,5}){2,4}|\(\d{3}\) ?\d{3}[-. ]\d{4}|\d{3}[-. ]\d{3}[-. ]\d{4}(?!\d)/y,
    () => ({ kind: 'id', sign: 'phone' }),
  ],
  [
    /#[A-Za-z0-9][\w-]*/y,
    match => ({
      kind: 'id',
      text: match[0].slice(1),
      sign: '#',
      ...(/^#\d{1,15}$/.test(match[0]) ? { number: Number(match[0].slice(1)) } : {}),
    }),
  ],
  [
    /(?:[A-Za-z0-9.]|\([^()\n]{1,40}\))+(?:\s?(?:\*\*|[-+*/^=])\s?(?:[A-Za-z0-9.]|\([^()\n]{1,40}\))+)+/y,
    match => expressionOf(match[0]),
  ],
  [
    /\d+(?:\.\d+){2,}(?![\w])|\d+\/\d+(?![\w/])|\d{4}-(?:\d{4}|\d{2})(?![\w-])|\d{3,}-\d{2,}(?![\w-])|\d{4,}[A-Z]+(?!\w)|\d+\/[A-Za-z]+\d[\w-]*/y,
    () => ({ kind: 'id' }),
  ],
  [
    /(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?!\d+(?:st|nd|rd|th|k|m|[A-Za-z°]{1,3}|[a-z]+)\b)(?!\d+(?:[.,]\d+)?-)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*(?![\w'])/y,
    () => ({ kind: 'id' }),
  ],
  [/(?:\d+-)+\d*[a-z]+(?:-[a-z0-9]+)+(?!\w)|\d+(?:-\d+){2,}(?!\w)/iy, () => ({ kind: 'id' })],
  [
    /(?<![\w.])([-+−]?)\s?([$€£¥₹₩₽]?)\s?(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(\.\d+)?(e[-+]?\d+)?(?:(k|m|bn|mn|tn|[KMB](?<=[$€£¥₹][\d.,]+[KMB]))(?![\p{L}\d]))?(\s?%|\s?€|\s?£)?/uy,
    numberOf,
  ],
  [
    /(?:\p{Lu}\.){2,}|(?<![\w/.])[A-Za-z][\w.-]+\/[A-Za-z][\w-]+(?![\w/])/uy,
    () => ({ kind: 'word' }),
  ],
  [
    /[\p{L}\p{M}_][\p{L}\p{M}\p{N}_]*(?:(?:['’&-]|\.(?=[\p{L}_]))[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*)*(?:\+\+|#(?!\w))?/uy,
    () => ({ kind: 'word' }),
  ],
]

const MULTIPLES: { readonly [suffix: string]: number } = {
  k: 1e3,
  m: 1e6,
  mn: 1e6,
  b: 1e9,
  bn: 1e9,
  tn: 1e12,
}

function numberOf(match: RegExpExecArray): Partial<Token> & { kind: TokenKind } {
  const [
    ,
    minus = '',
    currency = '',
    whole = '',
    fraction = '',
    power = '',
    suffix = '',
    after = '',
  ] = match
  const size = Number(`${whole.replaceAll(',', '')}${fraction}${power}`)
  // `m` after plain digits is a unit (metres, minutes) unless money is meant.
  const multiple =
    suffix === '' || (suffix === 'm' && currency === '')
      ? 1
      : (MULTIPLES[suffix.toLowerCase()] ?? 1)
  const sign = currency || after.trim()
  const number = (minus === '-' || minus === '−' ? -size : size) * multiple
  return { kind: 'number', number, ...(sign === '' ? {} : { sign }) }
}

function pathOf(text: string): Partial<Token> & { kind: TokenKind } {
  return { kind: /^(?:e\.g|i\.e)$/i.test(text) ? 'word' : 'path', text: text.replace(/\.$/, '') }
}

/** An expression must show an operator that prose does not use; else it is read again as words. */
function expressionOf(text: string): Partial<Token> & { kind: TokenKind } {
  const odd =
    /[\^*=]|\d[A-Za-z]\s?[-+]|\)\s?[-+/]|[A-Za-z)\d]\s?\+\s?[\dA-Za-z(]|\d\s[-/]\s\d/.test(text)
  const paired = /^[A-Za-z_]\w{0,30}=[^=]*$|^[A-Za-z]{2,}\s[-+]\d/.test(text)
  return { kind: odd && !paired && !/^\d{4}-/.test(text) ? 'code' : 'mark' }
}

/** After so many brackets that do not close, no more are looked into. */
const BRACKETS = 30

/** Cuts a message into tokens: values that stand for themselves first, then words, then marks. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let opening = true
  const tries = { left: BRACKETS }
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      if (text[at] === '\n') {
        tokens.push(token(text, at, at + 1, { kind: 'mark' }, false))
        opening = true
      }
      at++
      continue
    }
    const next = scan(text, at, opening, tries)
    tokens.push(next)
    opening = opensNext(tokens, opening)
    at = next.end
  }
  return mergeDates(mergeNumbers(tokens))
}

/** Whether the next word begins a sentence. A full stop after an initial or a title does not end one. */
function opensNext(tokens: readonly Token[], opening: boolean): boolean {
  const last = tokens.at(-1)
  if (last?.kind !== 'mark') return false
  if (last.text === '.' && isAbbreviation(tokens.at(-2))) return false
  return /^[.!?:;\n•*-]$/.test(last.text) || (opening && last.text !== ',')
}

/** Whether a word is an initial or a title, after which a full stop ends no sentence. */
export function isAbbreviation(word: Token | undefined): boolean {
  return (
    word !== undefined &&
    /^(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Prof|Inc|LLC|Ltd|Co|Corp|Jr|Sr|Ave|Blvd|Rd|vs|No|e\.g|i\.e|(?:\p{Lu}\.)+\p{Lu})$/u.test(
      word.text,
    )
  )
}

function scan(text: string, at: number, opening: boolean, tries: { left: number }): Token {
  for (const [rule, make] of RULES) {
    rule.lastIndex = at
    const match = rule.exec(text)
    if (match === null || match[0] === '') continue
    const made = make(match)
    if (made.kind === 'mark') continue
    if (made.kind === 'list') {
      const list = tries.left > 0 ? bracketed(text, at) : undefined
      if (list === undefined) {
        tries.left--
        continue
      }
      return token(text, at, list.end, { kind: 'list', value: list.value }, opening)
    }
    const unquoted = made.kind === 'quoted' ? { ...made, ...insideQuotes(made.text ?? '') } : made
    return token(text, at, at + match[0].length, unquoted, opening)
  }
  const width = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  return token(text, at, at + width, { kind: 'mark' }, opening)
}

const PLAIN: ReadonlySet<TokenKind> = new Set(['email', 'url', 'date', 'time', 'id'])

/** What stands in quotation marks may be an address, a date, an id or a number all the same. */
function insideQuotes(inner: string): Partial<Token> {
  if (inner.length > 100 || /^['"`“‘«「]/.test(inner)) return {}
  const [only, second] = tokenize(inner)
  if (only === undefined || second !== undefined || only.text !== inner) return {}
  if (PLAIN.has(only.kind))
    return { kind: only.kind, ...(only.number === undefined ? {} : { number: only.number }) }
  return only.kind === 'number' && only.number !== undefined ? { number: only.number } : {}
}

/** Makes a token of the letters between two offsets. */
export function token(
  source: string,
  start: number,
  end: number,
  made: Partial<Token> & { kind: TokenKind },
  opening: boolean,
): Token {
  const text = made.text ?? source.slice(start, end)
  return {
    lower: text.toLowerCase(),
    stem: made.kind === 'word' ? stem(text) : '',
    capital: /^\p{Lu}/u.test(text),
    start,
    end,
    opening,
    ...made,
    text,
  }
}

/** Reads a bracketed list or braced object that begins at an offset, if it closes. */
function bracketed(text: string, at: number): { end: number; value: unknown } | undefined {
  let depth = 0
  for (let end = at; end < text.length && end - at < 2000; end++) {
    const letter = text[end] ?? ''
    if ('[{('.includes(letter)) depth++
    else if (']})'.includes(letter) && --depth === 0) {
      const value = literal(text.slice(at, end + 1))
      return value === undefined ? undefined : { end: end + 1, value }
    }
  }
  return undefined
}

function literal(text: string): unknown {
  for (const attempt of [
    text,
    text.replaceAll('(', '[').replaceAll(')', ']'),
    text.replaceAll("'", '"'),
  ]) {
    try {
      return JSON.parse(attempt)
    } catch {
      // Not JSON as it stands; the next reading may be.
    }
  }
  if (text.startsWith('{')) return undefined
  const inside = text.slice(1, -1)
  if (/[[\]{}]/.test(inside)) return undefined
  return inside.split(',').map(item => {
    const bare = item.trim().replace(/^['"`]|['"`]$/g, '')
    return bare !== '' && Number.isFinite(Number(bare)) ? Number(bare) : bare
  })
}
