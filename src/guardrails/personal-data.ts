import type { Guardrail } from './guardrail.ts'
import { ibanLength } from './iban.ts'
import { firstMatch } from './search.ts'
import { checkValue, type Span, type TextRuleOptions, textRule } from './text-rule.ts'

/** The kinds of personal data that are known. */
export const PERSONAL_KINDS = ['card', 'iban', 'email', 'phone'] as const
/** One of them. */
export type PersonalKind = (typeof PERSONAL_KINDS)[number]

/** What `personalData()` can be told. */
export interface PersonalDataOptions extends TextRuleOptions {
  /** Default: all. */
  readonly kinds?: readonly PersonalKind[]
}

interface Kind {
  readonly kind: string
  readonly pattern: RegExp
  /** Characters until the pattern matches, and one more to see that it ends. */
  readonly lookBehind: number
  judge(text: string, span: Span): number | undefined
}

/** What parts groups of digits: blanks but no new line, and dashes of all kinds. */
const GAP = '(?:[^\\S\\r\\n]|[.·_\\u2010-\\u2015\\u2212-]){0,3}'
/** Zeros of the digits that cards are written with: ASCII, of full width, of some other scripts. */
const ZEROS = [0x30, 0xff10, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50]
const DIGIT = `[${ZEROS.map(zero => `\\u{${zero.toString(16)}}-\\u{${(zero + 9).toString(16)}}`).join('')}]`
/** Letters of addresses. Others would take words along where no blanks part them. */
const LETTER = '\\w\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}'
const AT = '(?:[@＠]|%40|&#0?64;|&#[xX]40;|&commat;)'

const KINDS: Readonly<Record<PersonalKind, Kind>> = {
  card: {
    kind: 'a card number',
    pattern: new RegExp(`(?<!${DIGIT}${GAP})${DIGIT}(?:${GAP}${DIGIT}){12,}`, 'gu'),
    lookBehind: 52,
    judge: (text, { start, end }) => (hasCard(inAscii(text.slice(start, end))) ? end : undefined),
  },
  iban: {
    kind: 'an IBAN',
    pattern: new RegExp(
      `(?<![A-Za-z0-9])[A-Za-z]{2}${GAP}\\d${GAP}\\d(?:${GAP}[A-Za-z0-9]){11,40}`,
      'gu',
    ),
    lookBehind: 72,
    judge: ibanEnd,
  },
  email: {
    kind: 'an e-mail address',
    pattern: new RegExp(
      `(?<![${LETTER}.%+-])[${LETTER}.%+-]{1,64}${AT}[${LETTER}-]{1,63}(?:\\.[${LETTER}-]{1,63}){1,8}(?![${LETTER}-])`,
      'gu',
    ),
    lookBehind: 140,
    judge: (_, { end }) => end,
  },
  phone: {
    kind: 'a telephone number',
    pattern:
      /(?<![\w+])(?:[+＋]|00(?=[1-9]\d{0,2}[ \u00a0()./-]))[1-9](?:[ \u00a0()./-]{0,2}\d){7,}|(?<![\w(])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)/g,
    lookBehind: 32,
    judge: phoneEnd,
  },
}

/**
 * Finds personal data: card numbers with a right check digit (Luhn), IBANs with a right check number
 * (mod 97) and the length of their country, e-mail addresses, and telephone numbers in international
 * or North American form. Default action: `rewrite`.
 */
export function personalData(options: PersonalDataOptions = {}): Guardrail {
  const chosen = PERSONAL_KINDS.filter(name => options.kinds?.includes(name) ?? true)
  const rules = chosen.flatMap(name => {
    const { kind, pattern, lookBehind, judge } = KINDS[name]
    const find = (text: string, from: number) => firstMatch(pattern, text, from)
    return (
      textRule({
        ...options,
        name: 'personal-data',
        kind,
        defaultAction: 'rewrite',
        lookBehind,
        find,
        judge,
      }).text ?? []
    )
  })
  return {
    name: 'personal-data',
    points: options.points ?? ['input', 'output', 'tool-arguments', 'tool-result'],
    text: rules,
    check: ({ value }) => checkValue(rules, value),
  }
}

/** At most 15 digits, without the `00` that stands for a plus: ITU-T E.164. */
const MOST_DIGITS = 15
const FEWEST_DIGITS = 8

/** Where a telephone number ends that other groups of digits may follow. */
function phoneEnd(text: string, { start, end }: Span): number | undefined {
  let digits = text.startsWith('00', start) ? -2 : 0
  let last: number | undefined
  for (let at = start; at < end; at++) {
    if (!isDigit(text[at])) continue
    digits++
    const isGroup = at + 1 === end || !isDigit(text[at + 1])
    if (isGroup && digits >= FEWEST_DIGITS && digits <= MOST_DIGITS) last = at + 1
  }
  return last
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}

/** A text with its digits as those of ASCII. */
function inAscii(text: string): string {
  return text.replace(new RegExp(DIGIT, 'gu'), digit => {
    const code = digit.charCodeAt(0)
    return String(code - (ZEROS.find(zero => code >= zero && code <= zero + 9) ?? 0))
  })
}

/** First digits and lengths of the large networks' cards (ISO/IEC 7812 ranges, November 2026). */
const CARD =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5\d{15}|2[2-7]\d{14}|3[47]\d{13}|35\d{14}|3[0689]\d{12}|6\d{15,18})$/

/** Whether groups of digits hold a card number: 13 to 19 digits that begin and end with a group. */
function hasCard(text: string): boolean {
  const groups = text.split(/\D/)
  for (let first = 0; first < groups.length; first++) {
    let digits = ''
    // Not a copy of the rest: with thousands of groups, each would cost the whole.
    for (let last = first; last < groups.length; last++) {
      digits += groups[last]
      if (digits.length > 19) break
      if (CARD.test(digits) && isLuhn(digits)) return true
    }
  }
  return false
}

/** ISO/IEC 7812-1, annex B. */
function isLuhn(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const value = index % 2 === 0 ? digit : digit * 2
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** Where an IBAN ends that begins a stretch, which may hold words after it. */
function ibanEnd(text: string, { start, end }: Span): number | undefined {
  const length = ibanLength(text.slice(start, start + 2).toUpperCase())
  let compact = ''
  for (let at = start; at < end; at++) {
    const character = text[at] ?? ''
    if (/[A-Za-z0-9]/.test(character)) compact += character.toUpperCase()
    if (compact.length !== length) continue
    return isIban(compact) ? at + 1 : undefined
  }
  return undefined
}

/** ISO 13616-1: the first four characters to the end, letters as 10 to 35, and 1 is left of 97. */
function isIban(compact: string): boolean {
  let rest = 0
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}
