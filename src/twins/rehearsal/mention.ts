import { CONNECTORS, FUNCTION_WORDS, PREPOSITIONS, TRAILERS } from './lexicon.ts'
import type { Token, TokenKind } from './words.ts'

/** What a mention is: a value that stands for itself, a proper name, or plain words. */
export type MentionKind = Exclude<TokenKind, 'word' | 'mark'> | 'name' | 'phrase'

/** Something in a message that could be the value of a parameter. */
export interface Mention {
  readonly kind: MentionKind
  /** Token positions, the end exclusive. */
  readonly from: number
  readonly to: number
  readonly text: string
  readonly number?: number
  readonly sign?: string
  readonly value?: unknown
  /** The preposition that leads to it, or empty. */
  readonly lead: string
  /** A capitalised word that merely opens a sentence. */
  readonly opening: boolean
}

/** Articles and the like, which may stand before a value. */
export const DETERMINERS =
  /^(?:the|a|an|my|our|your|his|her|their|its|this|these|those|some|any|all|both|each|every|following|same)$/

/** Whether a word has content of its own, so that it may be part of a value. */
export function isContent(token: Token | undefined): boolean {
  if (token?.kind !== 'word') return false
  const word = token.lower
  return (
    !FUNCTION_WORDS.has(word) &&
    !PREPOSITIONS.has(word) &&
    !CONNECTORS.has(word) &&
    !TRAILERS.has(word)
  )
}

/** Makes a mention of the tokens between two positions. */
export function mention(
  text: string,
  tokens: readonly Token[],
  kind: MentionKind,
  from: number,
  to: number,
): Mention {
  const first = tokens[from]
  const last = tokens[to - 1]
  const single = to - from === 1 && first !== undefined
  const raw =
    single && kind !== 'phrase' && kind !== 'name'
      ? first.text
      : text.slice(first?.start ?? 0, last?.end ?? 0)
  return {
    kind,
    from,
    to,
    text: kind === 'name' || kind === 'phrase' ? owned(raw, tokens[to]).replace(/\s+/g, ' ') : raw,
    lead: leadOf(tokens, from, kind === 'name' || kind === 'quoted'),
    opening: kind === 'name' && single && first.opening && !CODE_LIKE.test(first.text),
    ...(single && first.number !== undefined ? { number: first.number } : {}),
    ...(single && first.sign !== undefined ? { sign: first.sign } : {}),
    ...(single && first.kind === 'list' ? { value: first.value } : {}),
  }
}

/** Without the mark of the genitive where a noun follows; a name such as `Luigi's` keeps it. */
function owned(text: string, next: Token | undefined): string {
  return isContent(next) ? text.replace(/['’]s?$/, '') : text.replace(/['’]$/, '')
}

/** The preposition before a value; a name may have a noun between (`to my friend Ann`). */
function leadOf(tokens: readonly Token[], from: number, named: boolean): string {
  let nouns = named ? 1 : 0
  for (let at = from - 1; at >= Math.max(0, from - 4); at--) {
    const token = tokens[at]
    const word = token?.lower ?? ''
    if (PREPOSITIONS.has(word)) return word
    if (!DETERMINERS.test(word) && !(isContent(token) && nouns-- > 0)) return ''
  }
  return ''
}

/** Words that look like identifiers, which are names wherever they stand. */
export const CODE_LIKE = /\p{Ll}\p{Lu}|[_#/]|\w\.\w|\+\+$/u
