import { findLists } from './lists.ts'
import { type Mention, type MentionKind, mention } from './mention.ts'
import { findNames } from './names.ts'
import { compounds, findPhrases, moments } from './phrases.ts'
import { type Token, type TokenKind, tokenize } from './words.ts'

/** A message taken apart. `lists` are mentions that the message enumerates (`A, B and C`). */
export interface Message {
  readonly text: string
  readonly tokens: readonly Token[]
  readonly mentions: readonly Mention[]
  readonly lists: readonly (readonly Mention[])[]
}

const STRONG: ReadonlySet<string> = new Set([
  'quoted',
  'url',
  'email',
  'path',
  'date',
  'time',
  'id',
  'code',
  'list',
  'number',
  'ordinal',
])

/** Of a longer message, the middle is not read: what is asked stands at its beginning or end. */
const LONGEST = 16_000

/** Of more mentions, those in the middle are left out. */
const MOST = 400

/** Takes a message apart into tokens, mentions and lists of mentions. */
export function readMessage(raw: string): Message {
  // A message that stands in quotation marks as a whole is what stands inside.
  const bare = /^\s*"[^"]{40,}"\s*$/.test(raw) ? raw.trim().slice(1, -1) : raw
  const text =
    bare.length <= LONGEST ? bare : `${bare.slice(0, LONGEST / 2)}\n${bare.slice(-LONGEST / 2)}`
  const tokens = tokenize(text)
  const hard: Mention[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token !== undefined && STRONG.has(token.kind))
      hard.push(mention(text, tokens, hardKind(token.kind), at, at + 1))
  }
  const names = findNames(text, tokens)
  const phrases = findPhrases(text, tokens).filter(
    one => !names.some(name => name.from <= one.from && name.to >= one.to),
  )
  const firm = [...hard, ...names].sort(byPlace)
  // A name of one word may stand in a list of plain words, as the first of a sentence does.
  const soft = [...phrases, ...names.filter(name => name.to - name.from === 1)].sort(byPlace)
  const joined = [...compounds(text, tokens, phrases, names), ...moments(text, tokens, hard)]
  const all = [...firm, ...phrases, ...joined]
    .sort(byPlace)
    .filter((_, at, list) => at < MOST / 2 || at >= list.length - MOST / 2)
  return { text, tokens, mentions: all, lists: findLists(tokens, [firm, soft]) }
}

function byPlace(one: Mention, other: Mention): number {
  return one.from - other.from || other.to - one.to
}

function hardKind(kind: TokenKind): MentionKind {
  return kind === 'word' || kind === 'mark' ? 'phrase' : kind
}
