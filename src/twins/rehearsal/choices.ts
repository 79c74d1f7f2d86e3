import { followed, labelled, led, type Scope } from './evidence.ts'
import { FUNCTION_WORDS, GENERIC, PREPOSITIONS } from './lexicon.ts'
import { type Mention, mention } from './mention.ts'
import type { Parameter, Term } from './profile.ts'
import { identifierWords, stem } from './stem.ts'

/** A choice of a parameter that the message names. */
export interface ChoiceMatch {
  readonly choice: unknown
  readonly score: number
  readonly from: number
  readonly to: number
}

/** The choices of a parameter that the message names, best first, none overlapping another. */
export function matchChoices(parameter: Parameter, scope: Scope): ChoiceMatch[] {
  const found: ChoiceMatch[] = []
  for (const term of parameter.choices) found.push(...occurrences(term, parameter, scope))
  found.sort(
    (one, other) =>
      other.score - one.score ||
      other.to - other.from - (one.to - one.from) ||
      one.from - other.from,
  )
  const kept: ChoiceMatch[] = []
  for (const one of found) {
    if (
      !kept.some(
        other => (one.from < other.to && other.from < one.to) || one.choice === other.choice,
      )
    )
      kept.push(one)
  }
  const best = kept[0]?.score ?? 0
  return kept.filter(one => one.score >= best - 1.6).sort((one, other) => one.from - other.from)
}

function occurrences(term: Term, parameter: Parameter, scope: Scope): ChoiceMatch[] {
  const { tokens, text } = scope.message
  const out: ChoiceMatch[] = []
  const { value: choice, words, stems } = term
  if (words.length === 0) return out
  for (let at = scope.from; at < scope.to; at++) {
    const length = run(stems, words, scope, at)
    const token = tokens[at]
    if (token === undefined) break
    let score = 0
    let end = at + 1
    if (length > 0) {
      score = 3.6 + 0.5 * words.length
      end = at + length
      if (words.length === 1)
        score -= /^\d+$/.test(String(choice)) ? 2.6 : doubt(String(choice), token.text)
    } else if (words.length === 1) score = partly(words[0] ?? '', token.lower, token.kind)
    if (score <= 0) continue
    const span: Mention = mention(text, tokens, 'phrase', at, end)
    score += 0.5 * labelled(parameter, span, scope) + 0.4 * followed(parameter, span, scope)
    // `EUR to USD`: the preposition tells apart two parameters with the same choices.
    if (/^(?:from|to|into)$/.test(span.lead)) score += led(parameter, span, scope)
    if (tokens.slice(at, end).every(one => scope.profile.nameStems.has(one.stem))) score -= 1.6
    out.push({ choice, score, from: at, to: end })
  }
  if (out.length === 0 && words.length > 1) out.push(...scattered(choice, stems, scope))
  return out
}

/** How many tokens from a position say the words of a choice, or 0. */
function run(stems: readonly string[], words: readonly string[], scope: Scope, at: number): number {
  const { tokens } = scope.message
  let used = 0
  let word = 0
  while (word < words.length) {
    const token = tokens[at + used]
    if (token === undefined || at + used >= scope.to) return 0
    if (token.lower === words[word] || (token.stem !== '' && token.stem === stems[word])) word++
    else if (token.number !== undefined && String(token.number) === words[word]) word++
    else {
      const parts = token.kind === 'mark' ? [] : identifierWords(token.text)
      if (parts.length < 2 || !parts.every((part, index) => stem(part) === stems[word + index])) {
        if (used > 0 && token.kind === 'mark' && /^[-_/,]$/.test(token.text)) {
          used++
          continue
        }
        return 0
      }
      word += parts.length
    }
    used++
  }
  return used
}

/** How doubtful a one-word match is: short words, and words that mean something else in any sentence. */
function doubt(choice: string, word: string): number {
  if (choice.length <= 2 && choice !== word) return 4
  if (choice.length <= 1) return 2.5
  const lower = choice.toLowerCase()
  if (FUNCTION_WORDS.has(lower) || PREPOSITIONS.has(lower)) return choice === word ? 1.5 : 4
  return GENERIC.has(lower) && choice !== word ? 1.5 : 0
}

/** A word that begins like a choice, or a choice that begins like the word. */
function partly(choice: string, word: string, kind: string): number {
  if (kind === 'quoted') return word === choice ? 4.5 : 0
  if (kind !== 'word' || choice.length < 4 || word.length < 4 || FUNCTION_WORDS.has(word)) return 0
  if (choice.startsWith(word) && word.length * 2 >= choice.length) return 3
  if (word.startsWith(choice)) return 2.8
  const shared = Math.min(choice.length, word.length) - 1
  return shared >= 5 && choice.slice(0, shared) === word.slice(0, shared) ? 2.6 : 0
}

/** A choice of several words that stand apart in the message. */
function scattered(choice: unknown, stems: readonly string[], scope: Scope): ChoiceMatch[] {
  const { tokens } = scope.message
  const telling = stems.filter(
    one => !GENERIC.has(one) && !PREPOSITIONS.has(one) && !FUNCTION_WORDS.has(one),
  )
  if (telling.length === 0) return []
  const places = telling.map(one =>
    tokens.findIndex((token, at) => at >= scope.from && at < scope.to && token.stem === one),
  )
  if (places.some(place => place < 0)) {
    return []
  }
  const from = Math.min(...places)
  const to = Math.max(...places) + 1
  return to - from > telling.length + 4 ? [] : [{ choice, score: 3, from, to }]
}

/** An example value of the description that a mention holds, with the score it earns. */
export function matchHints(
  parameter: Parameter,
  one: Mention,
  scope: Scope,
): { text: string; score: number; span: Mention }[] {
  if (one.kind !== 'phrase' && one.kind !== 'name') return []
  const inside: Scope = { ...scope, from: one.from, to: one.to }
  return parameter.hintTerms.flatMap(({ value, words, stems }) => {
    const hint = String(value)
    if (
      words.length === 0 ||
      hint.length < 2 ||
      GENERIC.has(hint.toLowerCase()) ||
      FUNCTION_WORDS.has(hint.toLowerCase())
    )
      return []
    for (let from = one.from; from < one.to; from++) {
      const length = run(stems, words, inside, from)
      if (length === 0) continue
      const span = mention(scope.message.text, scope.message.tokens, one.kind, from, from + length)
      const text = parameter.literals.includes(hint) ? hint : span.text
      return [{ text, score: 3.2 + 0.4 * labelled(parameter, span, scope), span }]
    }
    return []
  })
}
