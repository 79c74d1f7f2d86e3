import type { Token } from './words.ts'

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const RELATIVE = /^(?:today|tonight|tomorrow|yesterday)$/
const NEAR = /^(?:next|this|last|coming|upcoming|past)$/
const SPAN = /^(?:week|month|year|weekend|quarter|morning|afternoon|evening|night)$/

function month(token: Token | undefined): number {
  if (token?.kind !== 'word' || (!token.capital && token.lower.length < 4)) return -1
  const name = token.lower
  if (name === 'may' && !token.capital) return -1
  return MONTHS.findIndex(
    full =>
      full === name ||
      (name.length >= 3 && (name === full.slice(0, 3) || name === 'sept') && full.startsWith(name)),
  )
}

function isDay(token: Token | undefined): boolean {
  const number = token?.number ?? 0
  return (
    (token?.kind === 'number' || token?.kind === 'ordinal') &&
    Number.isInteger(number) &&
    number >= 1 &&
    number <= 31 &&
    token.sign === undefined
  )
}

function isYear(token: Token | undefined): boolean {
  return token?.kind === 'number' && /^[12]\d{3}$/.test(token.text)
}

/** Joins the words of a date into one token: `March 13th, 2023`, `10 March`, `July 2022`, `next Friday`. */
export function mergeDates(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at]
    if (token === undefined) break
    const length = dateLength(tokens, at)
    if (length === 0) {
      out.push(token)
      at++
      continue
    }
    const parts = tokens.slice(at, at + length)
    const text = parts
      .map(part => part.text)
      .join(' ')
      .replaceAll(' ,', ',')
    out.push({
      ...token,
      kind: 'date',
      text,
      lower: text.toLowerCase(),
      stem: '',
      end: parts.at(-1)?.end ?? token.end,
    })
    at += length
  }
  return out
}

function dateLength(tokens: readonly Token[], at: number): number {
  const first = tokens[at]
  const lower = (offset: number): string => tokens[at + offset]?.lower ?? ''
  if (month(first) >= 0) {
    let length = isDay(tokens[at + 1]) ? 2 : 1
    if (isYear(tokens[at + length])) return length + 1
    if (lower(length) === ',' && isYear(tokens[at + length + 1])) return length + 2
    if (lower(length) === 'of' && isYear(tokens[at + length + 1])) return length + 2
    if (length === 1 && lower(1) === 'the' && isDay(tokens[at + 2])) length = 3
    return length > 1 ? length : 0
  }
  if (isDay(first)) {
    const gap = lower(1) === 'of' ? 2 : 1
    if (month(tokens[at + gap]) < 0) return 0
    const comma = lower(gap + 1) === ',' ? 1 : 0
    return isYear(tokens[at + gap + 1 + comma]) ? gap + 2 + comma : gap + 1
  }
  if (first?.kind !== 'word') return 0
  if (RELATIVE.test(first.lower)) return 1
  if (WEEKDAYS.includes(first.lower)) return 1
  if (NEAR.test(first.lower) && (WEEKDAYS.includes(lower(1)) || SPAN.test(lower(1)))) return 2
  return 0
}

function iso(year: number, monthIndex: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, monthIndex, day))
  if (date.getUTCMonth() !== monthIndex || date.getUTCDate() !== day) return undefined
  return date.toISOString().slice(0, 10)
}

/**
 * A written date as YYYY-MM-DD, if it is complete or `now` (YYYY-MM-DD) completes it.
 * Day and month in figures are read month first, as American English does, unless that cannot be.
 */
export function isoDate(text: string, now?: string): string | undefined {
  const full = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/.exec(text)
  if (full !== null) return iso(Number(full[1]), Number(full[2]) - 1, Number(full[3]))
  const figures = /^(\d{1,2})[/.](\d{1,2})[/.](\d{2,4})$/.exec(text)
  if (figures !== null) {
    const year = Number(figures[3]) + (figures[3]?.length === 2 ? 2000 : 0)
    const [one, two] = [Number(figures[1]), Number(figures[2])]
    return (text.includes('.') ? undefined : iso(year, one - 1, two)) ?? iso(year, two - 1, one)
  }
  const words = text.toLowerCase().split(/[\s,]+/)
  const monthIndex = MONTHS.findIndex(name =>
    words.some(word => word.length >= 3 && name.startsWith(word.replace('sept', 'sep'))),
  )
  if (monthIndex < 0) return relative(words, now)
  const numbers = words.map(word => Number.parseInt(word, 10)).filter(number => number > 0)
  const year =
    numbers.find(number => number > 31) ?? (now === undefined ? undefined : Number(now.slice(0, 4)))
  const day = numbers.find(number => number <= 31) ?? 1
  return year === undefined ? undefined : iso(year, monthIndex, day)
}

function relative(words: readonly string[], now: string | undefined): string | undefined {
  if (now === undefined) return undefined
  const base = Date.parse(`${now}T00:00:00Z`)
  if (Number.isNaN(base)) return undefined
  const shifted = (days: number): string =>
    new Date(base + days * 86_400_000).toISOString().slice(0, 10)
  const last = words.at(-1) ?? ''
  if (last === 'today' || last === 'tonight') return shifted(0)
  if (last === 'tomorrow') return shifted(1)
  if (last === 'yesterday') return shifted(-1)
  const weekday = WEEKDAYS.indexOf(last)
  if (weekday < 0) return undefined
  const ahead = (weekday - new Date(base).getUTCDay() + 7) % 7
  if (words[0] === 'last') return shifted(ahead === 0 ? -7 : ahead - 7)
  return shifted(ahead === 0 ? 7 : ahead)
}

/** The day that a text says today is, such as a system prompt's `Today is 2024-06-01`. */
export function statedToday(text: string): string | undefined {
  const said =
    /(?:today(?:'s date)?|current date|date today|the date)(?:\s+is)?\s*[:=]?\s*(?:\w+day,?\s+)?([^.;\n]{4,30})/i.exec(
      text,
    )
  return said === null ? undefined : isoDate((said[1] ?? '').trim())
}

/** A time of day as HH:MM:SS, if the text is one. */
export function isoTime(text: string): string | undefined {
  const match = /^(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*([ap])?\.?m?\.?$/i.exec(text.trim())
  if (match === null) return undefined
  const half = match[4]?.toLowerCase()
  let hour = Number(match[1])
  if (half === 'p' && hour < 12) hour += 12
  if (half === 'a' && hour === 12) hour = 0
  if (hour > 23 || Number(match[2] ?? 0) > 59) return undefined
  return `${String(hour).padStart(2, '0')}:${match[2] ?? '00'}:${match[3] ?? '00'}`
}

/**
 * A written date or time in the form that a description spells out (`YYYY-MM-DD`, `MM/DD/YYYY`,
 * `HH:MM`), or the text as it is. A missing year is that of `now`, else that of `year`.
 */
export function asDescribed(
  text: string,
  description: string,
  now: string | undefined,
  year: string | undefined,
): string {
  const form = /(?:YYYY[-/.]MM[-/.]DD|MM[-/.]DD[-/.]YYYY|DD[-/.]MM[-/.]YYYY)/i.exec(
    description,
  )?.[0]
  if (form !== undefined) {
    const base =
      now ??
      (year === undefined || !/[a-z]{3}/i.test(text) || relativeWord(text)
        ? undefined
        : `${year}-01-01`)
    const date = isoDate(text, base)
    if (date !== undefined) {
      const [y = '', m = '', d = ''] = date.split('-')
      return form.toUpperCase().replace('YYYY', y).replace('MM', m).replace('DD', d)
    }
  }
  const clock = /HH:MM(?::SS)?/i.exec(description)?.[0]
  const time = clock === undefined ? undefined : isoTime(text)
  return time === undefined ? text : time.slice(0, clock?.length ?? 5)
}

function relativeWord(text: string): boolean {
  const words = text.toLowerCase().split(' ')
  return (
    RELATIVE.test(words[0] ?? '') || NEAR.test(words[0] ?? '') || WEEKDAYS.includes(words[0] ?? '')
  )
}

/** The first year that a text names in a date, such as the example of a description. */
export function yearIn(text: string): string | undefined {
  return /(?<![\d.])((?:19|20)\d{2})(?!\d)/.exec(text)?.[1]
}
