import { FUNCTION_WORDS } from './lexicon.ts'
import type { Token } from './words.ts'

const SMALL = new Map(
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
   seventeen eighteen nineteen`
    .split(/\s+/)
    .map((word, value) => [word, value]),
)
const TENS = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index) => [word, (index + 2) * 10]),
)
const SCALES = new Map([
  ['hundred', 100],
  ['thousand', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
  ['dozen', 12],
])

/** Words after which `one` stands for a thing, not for a number. */
const PRONOUN_BEFORE =
  /^(?:the|that|this|which|each|every|another|no|any|some|other|first|last|new|old)$/

/**
 * Joins number words and scales into number tokens: `twenty five`, `two hundred`, `5 million`,
 * `3 percent`. Ordinals written with digits (`2nd`) become ordinals.
 */
export function mergeNumbers(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  for (let at = 0; at < tokens.length; ) {
    const read = spelled(tokens, at) ?? scaled(tokens, at)
    const token = tokens[at]
    if (token === undefined) break
    if (read === undefined) {
      out.push(percent(token, out) ?? token)
      at++
    } else {
      const last = tokens[read.end - 1] ?? token
      out.push({
        ...token,
        kind: 'number',
        text: tokens
          .slice(at, read.end)
          .map(part => part.text)
          .join(' '),
        stem: '',
        end: last.end,
        number: read.value,
        ...(token.sign === undefined ? {} : { sign: token.sign }),
      })
      at = read.end
    }
  }
  return out
}

/** Turns the word `percent` after a number into that number's sign. */
function percent(token: Token, out: Token[]): Token | undefined {
  const before = out.at(-1)
  if (before?.kind !== 'number') return undefined
  if (/^(?:percent|percentage|pct)$/.test(token.lower)) {
    out.pop()
    return { ...before, end: token.end, sign: '%' }
  }
  if (/^(?:st|nd|rd|th)$/.test(token.lower) && before.end === token.start) {
    out.pop()
    return { ...before, kind: 'ordinal', text: `${before.text}${token.text}`, end: token.end }
  }
  return undefined
}

function spelled(
  tokens: readonly Token[],
  from: number,
): { end: number; value: number } | undefined {
  const first = tokens[from]
  if (first?.kind !== 'word') return undefined
  const parts = first.lower.split('-')
  if (parts.length === 2) {
    const [tens, ones] = [TENS.get(parts[0] ?? ''), SMALL.get(parts[1] ?? '')]
    if (tens !== undefined && ones !== undefined) return grow(tokens, from + 1, tens + ones)
  }
  const tens = TENS.get(first.lower)
  const next = tokens[from + 1]
  if (tens !== undefined) {
    const ones = SMALL.get(next?.lower ?? '')
    return ones !== undefined && ones > 0 && ones < 10
      ? grow(tokens, from + 2, tens + ones)
      : grow(tokens, from + 1, tens)
  }
  const small = SMALL.get(first.lower)
  if (small === undefined) return undefined
  if (small === 1 && !countsOne(tokens, from)) return undefined
  return grow(tokens, from + 1, small)
}

/** Whether `one` counts: a plain noun follows and nothing before points at a thing. */
function countsOne(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + 1]
  if (
    next?.kind !== 'word' ||
    FUNCTION_WORDS.has(next.lower) ||
    /^(?:of|for|in|on|at|to|with)$/.test(next.lower)
  )
    return false
  return !PRONOUN_BEFORE.test(tokens[at - 1]?.lower ?? '')
}

/** Multiplies by the scales that follow and adds what a smaller number word adds: `five hundred twenty`. */
function grow(
  tokens: readonly Token[],
  from: number,
  start: number,
): { end: number; value: number } {
  let value = start
  let end = from
  for (
    let scale = SCALES.get(tokens[end]?.lower ?? '');
    scale !== undefined;
    scale = SCALES.get(tokens[end]?.lower ?? '')
  ) {
    value *= scale
    end++
  }
  if (end === from || value < 100) return { end, value }
  const rest = spelled(tokens, tokens[end]?.lower === 'and' ? end + 1 : end)
  return rest !== undefined && rest.value < value
    ? { end: rest.end, value: value + rest.value }
    : { end, value }
}

function scaled(tokens: readonly Token[], at: number): { end: number; value: number } | undefined {
  const token = tokens[at]
  if (token?.kind !== 'number' || token.number === undefined) return undefined
  const grown = grow(tokens, at + 1, token.number)
  return grown.end === at + 1 ? undefined : { ...grown, value: Number(grown.value.toPrecision(12)) }
}
