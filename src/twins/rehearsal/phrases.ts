import { PREPOSITIONS, VERBS } from './lexicon.ts'
import { DETERMINERS, isContent, type Mention, mention } from './mention.ts'
import type { Token } from './words.ts'

/** Runs of content words, without a verb at the beginning. */
export function findPhrases(text: string, tokens: readonly Token[]): Mention[] {
  const out: Mention[] = []
  for (let at = 0; at < tokens.length; ) {
    if (!isContent(tokens[at])) {
      at++
      continue
    }
    let end = at + 1
    while (isContent(tokens[end]) && !breaksPhrase(tokens, end)) end++
    let start = at
    while (start < end && (isRequestVerb(tokens, start) || isPlainVerb(tokens, start))) start++
    if (end > start) out.push(mention(text, tokens, 'phrase', start, end))
    at = end
  }
  return out
}

/** `theory of evolution`: a phrase and what its `of` leads to, as one. */
export function compounds(
  text: string,
  tokens: readonly Token[],
  phrases: readonly Mention[],
  names: readonly Mention[],
): Mention[] {
  return phrases.flatMap(head => {
    if (tokens[head.to]?.lower !== 'of') return []
    const start = DETERMINERS.test(tokens[head.to + 1]?.lower ?? '') ? head.to + 2 : head.to + 1
    const tail = [...names, ...phrases].find(one => one.from === start)
    return tail === undefined ? [] : [mention(text, tokens, 'phrase', head.from, tail.to)]
  })
}

/** `tomorrow at 5pm`: a day and a time of day, as one. */
export function moments(
  text: string,
  tokens: readonly Token[],
  hard: readonly Mention[],
): Mention[] {
  return hard.flatMap((one, index) => {
    const next = hard[index + 1]
    const pair =
      next !== undefined &&
      ((one.kind === 'date' && next.kind === 'time') ||
        (one.kind === 'time' && next.kind === 'date'))
    if (
      !pair ||
      !tokens.slice(one.to, next.from).every(token => /^(?:at|on|,|the)$/.test(token.lower))
    )
      return []
    const whole = mention(text, tokens, 'phrase', one.from, next.to)
    return [
      {
        ...whole,
        kind: 'date',
        text: text.slice(tokens[one.from]?.start ?? 0, tokens[next.to - 1]?.end ?? 0),
      },
    ]
  })
}

/** A participle between a noun and a preposition (`events happening in`) ends the phrase before it. */
function breaksPhrase(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  if (before !== undefined && /['’]s$/.test(before.text)) return false
  const word = tokens[at]?.lower ?? ''
  return /(?:ing|ed)$/.test(word) && PREPOSITIONS.has(tokens[at + 1]?.lower ?? '')
}

const BEFORE_REQUEST =
  /^(?:please|you|i|we|to|and|then|also|can|could|would|will|help|me|us|let's|lets|just|or|should|kindly|finally|next|first|don't|not|must|may|might)$/

/** Whether a verb stands where a request begins. */
export function isRequestVerb(tokens: readonly Token[], at: number): boolean {
  const here = tokens[at]
  if (here?.kind !== 'word' || !VERBS.has(here.lower)) return false
  const before = tokens[at - 1]
  if (before === undefined || here.opening || before.kind === 'mark') return true
  return BEFORE_REQUEST.test(before.lower)
}

const SUBJECTS =
  /^(?:i|you|we|they|he|she|who|i'd|i'll|we'll|you'll|can|could|would|will|should|may|might|must|let's|please|cannot|don't|didn't|doesn't)$/

const BEFORE_INFINITIVE =
  /^(?:need|needs|want|wants|like|would|going|try|trying|help|have|has|how|able|plan|planning|love|wish|looking|order|decided|you|me|us|it|ready|time|way|where|what|when|hoping|hope|prefer|i|we)$/

/** Whether a word that may be no known verb stands where only a verb can: after `I`, `could`, `want to`. */
function isPlainVerb(tokens: readonly Token[], at: number): boolean {
  const here = tokens[at]
  if (here?.kind !== 'word' || here.capital) return false
  const before = tokens[at - 1]?.lower ?? ''
  if (SUBJECTS.test(before)) return true
  if (before === 'to') return BEFORE_INFINITIVE.test(tokens[at - 2]?.lower ?? '')
  // A gerund before an article is a verb (`interested in attending a play`).
  return /ing$/.test(here.lower) && DETERMINERS.test(tokens[at + 1]?.lower ?? '')
}
