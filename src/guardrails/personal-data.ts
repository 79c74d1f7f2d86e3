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

const KINDS: Readonly<Record<PersonalKind, Kind>> = {
  card: {
    kind: 'a card number',
    pattern: /(?<!\d[ \u00a0.-]?)\d(?:[ \u00a0.-]?\d){12,}/g,
    lookBehind: 28,
    judge: (text, { start, end }) => (hasCard(text.slice(start, end)) ? end : undefined),
  },
  iban: {
    kind: 'an IBAN',
    pattern: /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \u00a0-]?[A-Za-z0-9]){11,40}/g,
    lookBehind: 72,
    judge: ibanEnd,
  },
  email: {
    kind: 'an e-mail address',
    pattern:
      /(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![A-Za-z0-9-])/g,
    lookBehind: 132,
    judge: (_, { end }) => end,
  },
  phone: {
    kind: 'a telephone number',
    pattern:
      /(?<![\w+])\+[1-9](?:[ \u00a0()./-]{0,2}\d){7,}|(?<![\w(])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)/g,
    lookBehind: 32,
    // At most 15 digits: ITU-T E.164.
    judge: (text, { start, end }) =>
      digitsOf(text.slice(start, end)).length <= 15 ? end : undefined,
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

function digitsOf(text: string): string {
  return text.replace(/\D/g, '')
}

/** First digits and lengths of the large networks' cards (ISO/IEC 7812 ranges, November 2026). */
const CARD =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5\d{15}|2[2-7]\d{14}|3[47]\d{13}|35\d{14}|3[0689]\d{12}|6\d{15,18})$/

/** Whether groups of digits hold a card number: 13 to 19 digits that begin and end with a group. */
function hasCard(text: string): boolean {
  const groups = text.split(/\D/)
  for (let first = 0; first < groups.length; first++) {
    let digits = ''
    for (const group of groups.slice(first)) {
      digits += group
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
