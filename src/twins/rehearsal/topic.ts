import { endsSentence } from './clauses.ts'
import type { Scope } from './evidence.ts'
import { labelled } from './evidence.ts'
import {
  CONNECTORS,
  FUNCTION_WORDS,
  PREPOSITIONS,
  QUESTION_WORDS,
  TRAILERS,
  VERBS,
} from './lexicon.ts'
import { isContent } from './mention.ts'
import type { Parameter } from './profile.ts'
import { stem } from './stem.ts'

/** Words for a free text parameter. */
export interface FoundText {
  readonly text: string
  readonly strength: number
  readonly from: number
  readonly to: number
}

interface Span {
  readonly from: number
  readonly to: number
}

/** Finds the words that a free text parameter asks for: what is quoted, what follows a colon, or the topic. */
export function readText(
  parameter: Parameter,
  scope: Scope,
  taken: readonly Span[],
): FoundText | undefined {
  return (
    quotedText(parameter, scope, taken) ??
    announcedText(parameter, scope, taken) ??
    topicText(scope, taken)
  )
}

function quotedText(
  parameter: Parameter,
  scope: Scope,
  taken: readonly Span[],
): FoundText | undefined {
  const { mentions } = scope.message
  const quotes = mentions.filter(
    one =>
      one.kind === 'quoted' &&
      one.from >= scope.from &&
      one.to <= scope.to &&
      !taken.some(span => one.from < span.to && span.from < one.to),
  )
  const best = quotes.reduce<(typeof quotes)[number] | undefined>(
    (one, other) =>
      one === undefined || labelled(parameter, other, scope) > labelled(parameter, one, scope)
        ? other
        : one,
    undefined,
  )
  if (best === undefined) return undefined
  return {
    text: best.text,
    strength: 3 + labelled(parameter, best, scope) * 0.4,
    from: best.from,
    to: best.to,
  }
}

/** Text after a colon, after `saying` and the like, or after `that` right behind a value; for a reason, after `because`. */
function announcedText(
  parameter: Parameter,
  scope: Scope,
  taken: readonly Span[],
): FoundText | undefined {
  const { tokens } = scope.message
  const about = parameter.stems.some(word => THEMES.has(word))
  const opener = parameter.stems.some(word => REASONS.has(word)) ? BECAUSE : about ? ABOUT : SAYING
  for (let at = scope.from + 1; at < scope.to - 1; at++) {
    const token = tokens[at]
    const word = token?.lower ?? ''
    const colon = word === ':' && (token?.end ?? 0) < (tokens[at + 1]?.start ?? 0)
    const that = word === 'that' && taken.some(span => span.to === at && span.to > span.from)
    if (!colon && !that && !opener.test(word)) continue
    const from = /^(?:that|of|to)$/.test(tokens[at + 1]?.lower ?? '') ? at + 2 : at + 1
    if (about && scope.profile.nameStems.has(tokens[from]?.stem ?? '')) continue
    const next = taken.find(span => span.from > at && span.to > span.from)
    if (next !== undefined && !about) return undefined
    const lead =
      next === undefined ? scope.to : isLead(scope, next.from - 1) ? next.from - 1 : next.from
    const end = about ? Math.min(lead, sentenceEndAfter(scope, from)) : lead
    const found = spanText(scope, from, end, 3.2)
    if (found !== undefined) return found
  }
  return undefined
}

const SAYING = /^(?:saying|says|say|reading|stating)$/
const BECAUSE = /^(?:because|due|since)$/
const ABOUT = /^(?:about|regarding|concerning|on)$/
const THEMES: ReadonlySet<string> = new Set(['topic', 'subject', 'theme'].map(stem))
const REASONS: ReadonlySet<string> = new Set(
  ['reason', 'cause', 'purpose', 'explanation'].map(stem),
)

/** What the message is about: all after the request's own words, without courtesies and without what others took. */
function topicText(scope: Scope, taken: readonly Span[]): FoundText | undefined {
  let start = topicStart(scope)
  // What another parameter took at the very beginning is not the topic.
  for (
    let at = taken.find(span => span.from <= start && start < span.to);
    at !== undefined;
    at = taken.find(span => span.from <= start && start < span.to)
  )
    start = at.to
  let end = sentenceEndAfter(scope, start)
  // A prepositional phrase that another parameter took is cut off, with its preposition.
  for (const span of taken) {
    if (span.to <= span.from || span.from <= start) continue
    let from = span.from
    while (from > start && isLead(scope, from - 1)) from--
    if (from > start && from < end) end = from
  }
  end = withoutTool(scope, start, end)
  return start >= end ? undefined : spanText(scope, start, end, 1.6)
}

/** Without a phrase at the end that only says where to look: `on`, `in` or `from` and the tool's own name. */
function withoutTool(scope: Scope, start: number, end: number): number {
  const { tokens } = scope.message
  let at = end
  while (at > start && tokens[at - 1]?.kind === 'mark') at--
  let from = at
  while (from > start && scope.profile.nameStems.has(tokens[from - 1]?.stem ?? '')) from--
  if (from === at) return end
  while (from > start && /^(?:the|my|our)$/.test(tokens[from - 1]?.lower ?? '')) from--
  return from > start && /^(?:on|in|from|using|via|with)$/.test(tokens[from - 1]?.lower ?? '')
    ? from - 1
    : end
}

/** A topic ends with its sentence. */
function sentenceEndAfter(scope: Scope, start: number): number {
  const { tokens } = scope.message
  for (let at = start; at < scope.to; at++) if (endsSentence(tokens, at)) return at
  return scope.to
}

function isLead(scope: Scope, at: number): boolean {
  const word = scope.message.tokens[at]?.lower ?? ''
  return (
    PREPOSITIONS.has(word) ||
    CONNECTORS.has(word) ||
    /^(?:the|a|an|my|max|maximum|limit|top|first)$/.test(word)
  )
}

const LEADS_ON = /^(?:for|about|on|up|out|regarding|to)$/

/** Where the topic begins: after the request's verb, its objects that only name the tool, and a preposition. */
function topicStart(scope: Scope): number {
  const { tokens } = scope.message
  const { nameStems, describedStems } = scope.profile
  let start = scope.from
  let sawVerb = false
  let wasOwn = false
  for (let at = scope.from; at < scope.to; at++) {
    const token = tokens[at]
    if (token === undefined) break
    const word = token.lower
    const verb = VERBS.has(word) && (!sawVerb || nameStems.has(token.stem))
    if (verb) sawVerb = true
    const own =
      token.kind === 'word' &&
      !token.capital &&
      (nameStems.has(token.stem) || describedStems.has(token.stem))
    // What a search verb leads to may be a question: `look up who won`.
    const asked = QUESTION_WORDS.has(word) && !sawVerb
    const small =
      asked ||
      (!QUESTION_WORDS.has(word) && (FUNCTION_WORDS.has(word) || CONNECTORS.has(word))) ||
      LEADS_ON.test(word) ||
      (word === 'of' && wasOwn)
    if (!verb && !own && !small && token.kind !== 'mark') break
    start = at + 1
    wasOwn = own
  }
  // An article belongs to the topic (`the history of the telephone`).
  if (start > scope.from && /^(?:the|a|an)$/.test(tokens[start - 1]?.lower ?? '')) start--
  return start < scope.to ? start : scope.from
}

function spanText(scope: Scope, from: number, to: number, strength: number): FoundText | undefined {
  const { tokens, text } = scope.message
  let end = to
  while (end > from) {
    const last = tokens[end - 1]
    if (
      last === undefined ||
      !(last.kind === 'mark' ? /^[.!?,;:\n]$/.test(last.text) : isTrailer(scope, end - 1))
    )
      break
    end--
  }
  const [first, last] = [tokens[from], tokens[end - 1]]
  if (first === undefined || last === undefined || end <= from) return undefined
  if (
    !tokens
      .slice(from, end)
      .some(token => token.kind !== 'mark' && (token.kind !== 'word' || isContent(token)))
  )
    return undefined
  const words = text.slice(first.start, last.end).trim()
  return words === '' ? undefined : { text: words, strength, from, to: end }
}

function isTrailer(scope: Scope, at: number): boolean {
  const word = scope.message.tokens[at]?.lower ?? ''
  return (
    (TRAILERS.has(word) && word !== 'you') ||
    (word === 'you' && scope.message.tokens[at - 1]?.lower === 'thank') ||
    CONNECTORS.has(word) ||
    /^(?:for|me|us)$/.test(word)
  )
}

/** The raw text for a tool that takes free text: a code block or quotation, what follows a colon, or all. */
export function rawText(text: string): string {
  const fenced = /```(?:\w*\n)?([\s\S]*?)```/.exec(text)?.[1] ?? /`([^`\n]+)`/.exec(text)?.[1]
  if (fenced !== undefined) return fenced.trim()
  const quoted = /"([^"\n]{2,})"|“([^”]{2,})”/.exec(text)
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? ''
  const announced = /:\s+(\S[\s\S]*)$/.exec(text)?.[1]
  return (announced ?? text).trim()
}
