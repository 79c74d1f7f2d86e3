import { CONNECTORS, VERBS } from './lexicon.ts'
import { DETERMINERS, isContent, type Mention, type MentionKind } from './mention.ts'
import { isAbbreviation, type Token } from './words.ts'

/** Of more lists, or of more members, only so many are read. */
const MOST = 60
const ORDINALS = /^(?:first|second|third|fourth|fifth|last)$/
const JOINS = /^(?:,|and|or|&|\/|vs|versus|plus)$/

/**
 * The enumerations of a message (`A, B and C`; `in A and in B`; `5, 10 and 15 years`), read from
 * several sets of mentions. Members that repeat an earlier one are left out.
 */
export function findLists(
  tokens: readonly Token[],
  sets: readonly (readonly Mention[])[],
): Mention[][] {
  const all = sets.flatMap(set => sequences(tokens, set)).map(distinct)
  const lists = all.filter(list => list.length > 2 || (list.length === 2 && spoken(tokens, list)))
  return lists
    .slice(0, MOST)
    .filter(
      (list, index) =>
        !lists.slice(0, index).some(earlier => list.every(one => earlier.includes(one))),
    )
}

function distinct(list: readonly Mention[]): Mention[] {
  const byText = new Map<string, Mention>()
  for (const one of list)
    if (!byText.has(one.text.toLowerCase())) byText.set(one.text.toLowerCase(), one)
  return [...byText.values()].slice(0, MOST)
}

/** Two members need a word that joins them, unless they are figures: `Paris, arizona` is no list. */
function spoken(tokens: readonly Token[], list: readonly Mention[]): boolean {
  const [one, other] = list
  if (one === undefined || other === undefined) return false
  return one.kind !== 'name' && one.kind !== 'phrase'
    ? true
    : tokens.slice(one.to, other.from).some(token => token.text !== ',' && JOINS.test(token.lower))
}

/** Sequences of like mentions with only list words between, where a repeated lead counts as nothing. */
function sequences(tokens: readonly Token[], mentions: readonly Mention[]): Mention[][] {
  const out: Mention[][] = []
  let list: Mention[] = []
  for (const one of mentions) {
    const [first, last] = [list[0], list.at(-1)]
    if (last !== undefined && one.from < last.to) continue
    if (
      first !== undefined &&
      last !== undefined &&
      (list.length < 2 || !closes(tokens, list.at(-2), last) || closes(tokens, last, one)) &&
      alike(last, one) &&
      linked(tokens, first, last, one)
    ) {
      list.push(one)
      continue
    }
    if (list.length > 1) out.push(list)
    list = [one]
  }
  if (list.length > 1) out.push(list)
  return out
}

/** Whether `and` or `or` stands between two members, after which a mere comma adds no more. */
function closes(
  tokens: readonly Token[],
  one: Mention | undefined,
  other: Mention | undefined,
): boolean {
  if (one === undefined || other === undefined) return false
  return tokens.slice(one.to, other.from).some(token => /^(?:and|or|&)$/.test(token.lower))
}

function alike(one: Mention, other: Mention): boolean {
  const words = (kind: MentionKind): boolean =>
    kind === 'name' || kind === 'phrase' || kind === 'id'
  return one.kind === other.kind || (words(one.kind) && words(other.kind))
}

function linked(tokens: readonly Token[], first: Mention, last: Mention, next: Mention): boolean {
  const gap = tokens.slice(last.to, next.from)
  if (gap.length === 0 || gap.length > 9) return false
  const repeated = new Set(tokens.slice(Math.max(0, first.from - 6), first.from).map(wordOf))
  const unit = unitAfter(tokens, last)
  // Figures of different things are no list: `3 bedrooms and 2 bathrooms`.
  if (last.kind === 'number' && unit !== undefined && unit !== unitAfter(tokens, next)) return false
  let joins = false
  for (const [index, token] of gap.entries()) {
    const word = wordOf(token)
    if (JOINS.test(token.lower)) joins = true
    else if (token.text === '.' && isAbbreviation(gap[index - 1] ?? tokens[last.to - 1])) continue
    else if (token.kind === 'mark' || token.lower === 'between' || VERBS.has(token.lower))
      return false
    else if (
      !CONNECTORS.has(token.lower) &&
      !DETERMINERS.test(token.lower) &&
      !ORDINALS.test(token.lower) &&
      !repeated.has(word) &&
      word !== unit
    )
      return false
  }
  return joins
}

function wordOf(token: Token): string {
  return token.stem || token.lower
}

function unitAfter(tokens: readonly Token[], one: Mention): string | undefined {
  const after = tokens[one.to]
  return isContent(after) ? after?.stem : undefined
}
