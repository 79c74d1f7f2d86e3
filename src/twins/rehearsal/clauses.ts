import { PREPOSITIONS, QUESTION_WORDS, VERBS } from './lexicon.ts'
import type { Message } from './message.ts'
import { isRequestVerb } from './phrases.ts'
import { isAbbreviation, type Token } from './words.ts'

/** A stretch of a message, by token positions, the end exclusive. */
export interface Clause {
  readonly from: number
  readonly to: number
}

const JOINERS =
  /^(?:,|and|then|also|plus|finally|next|afterwards|after|but|while|lastly|secondly|thirdly|additionally|furthermore|moreover|that|well|as|;)$/
const RELATIVES = /^(?:who|which|where|when|whose)$/
const ASKING =
  /^(?:can|could|would|will|is|are|do|does|did|should|i|i'd|i'm|i'll|we|let's|please|if)$/

/**
 * Cuts a message where a new request may begin: at sentence ends, and after `and`, `then` or a comma
 * before a verb, a question word or a stretch built like the one before (`from A to B and from C to D`).
 * Cutting too often is harmless, since clauses that complete each other are put together again.
 */
export function readClauses(message: Message): Clause[] {
  const { tokens } = message
  const out: Clause[] = []
  let from = 0
  let end = sentenceEnd(tokens, 0)
  for (let at = 1; at <= tokens.length; at++) {
    const over = at >= end
    if (!over && !startsRequest(message, at) && !echoes(message, from, at, end)) continue
    const words = tokens.slice(from, at).filter(token => token.kind !== 'mark')
    // `Then` alone is no clause, but the beginning of one.
    if (!over && words.every(token => JOINERS.test(token.lower))) continue
    if (words.length > 0) out.push({ from, to: at })
    from = at
    if (over) end = sentenceEnd(tokens, at)
  }
  return out
}

/** The position after the mark that ends the sentence of a position. */
function sentenceEnd(tokens: readonly Token[], from: number): number {
  for (let at = from; at < tokens.length; at++) if (endsSentence(tokens, at)) return at + 1
  return tokens.length
}

/** Whether a sentence ends with a mark. */
export function endsSentence(tokens: readonly Token[], at: number): boolean {
  const mark = tokens[at]
  if (mark?.kind !== 'mark') return false
  if (/^[!?;。？！\n]$/.test(mark.text)) return true
  if (isAbbreviation(tokens[at - 1])) return false
  const next = tokens[at + 1]
  return mark.text === '.' && (next === undefined || next.opening || next.start > mark.end)
}

function startsRequest(message: Message, at: number): boolean {
  const { tokens } = message
  const here = tokens[at]
  const before = tokens[at - 1]
  if (
    here === undefined ||
    before === undefined ||
    !JOINERS.test(before.lower) ||
    JOINERS.test(here.lower)
  )
    return false
  if (insideList(message, at)) return false
  if (QUESTION_WORDS.has(here.lower)) return !RELATIVES.test(here.lower) || before.text !== ','
  if (ASKING.test(here.lower)) return true
  if (!VERBS.has(here.lower) || !isRequestVerb(tokens, at)) return false
  return before.text !== ',' || tokens.slice(0, at).some((_, index) => isRequestVerb(tokens, index))
}

/** Whether the rest of a sentence repeats the build of the stretch before: two prepositions, two values. */
function echoes(message: Message, from: number, at: number, end: number): boolean {
  const { tokens } = message
  const before = tokens[at - 1]
  if (before === undefined || !JOINERS.test(before.lower) || JOINERS.test(tokens[at]?.lower ?? ''))
    return false
  const leads = new Set(prepositionsIn(tokens, from, at))
  const shared = new Set(prepositionsIn(tokens, at, end).filter(word => leads.has(word)))
  return shared.size >= 2 && values(message, from, at) >= 2 && values(message, at, end) >= 2
}

function prepositionsIn(tokens: readonly Token[], from: number, to: number): string[] {
  return tokens
    .slice(from, to)
    .map(token => token.lower)
    .filter(word => word !== 'of' && PREPOSITIONS.has(word))
}

function values(message: Message, from: number, to: number): number {
  return message.mentions.filter(one => one.kind !== 'phrase' && one.from >= from && one.to <= to)
    .length
}

function insideList(message: Message, at: number): boolean {
  return message.lists.some(list => {
    const [first, last] = [list[0], list.at(-1)]
    return (
      first !== undefined &&
      last !== undefined &&
      first.from < at &&
      at < last.to &&
      list.some(one => one.from === at)
    )
  })
}

/** Whether a clause asks for something, rather than only stating a fact for another. */
export function isRequest(message: Message, clause: Clause): boolean {
  const { tokens } = message
  const asks = (at: number): boolean =>
    QUESTION_WORDS.has(tokens[at]?.lower ?? '') || isRequestVerb(tokens, at)
  for (let at = clause.from; at < clause.to; at++) if (asks(at)) return true
  const start = tokens[clause.from]
  return start !== undefined && !start.opening
}
