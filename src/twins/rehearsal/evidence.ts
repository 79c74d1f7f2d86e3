import { CONNECTORS, LEADS, PREPOSITIONS } from './lexicon.ts'
import type { Mention } from './mention.ts'
import type { Message } from './message.ts'
import { isRequestVerb } from './phrases.ts'
import type { Parameter, Profile } from './profile.ts'
import { identifierWords, stem } from './stem.ts'
import type { Token } from './words.ts'

/** Where a value is looked for: one message, one tool, and the token positions that count. */
export interface Scope {
  readonly message: Message
  readonly profile: Profile
  readonly from: number
  readonly to: number
  /** The day that today is, if the conversation says so: YYYY-MM-DD. */
  readonly now?: string
}

/** The score of a mention that cannot be the value. */
export const IMPOSSIBLE = Number.NEGATIVE_INFINITY

const LINKS =
  /^(?:is|are|was|were|be|of|as|=|:|to|the|a|an|with|at|by|for|in|equals?|equal|named|called|titled|like|\(|being|set|from|about|over|under|above|below|than|least|most|exactly|approximately|around|up|no|more|less|fewer|minimum|maximum|\$|-)$/
const TIGHT =
  /^(?:is|are|was|be|of|as|=|:|the|a|an|equals?|equal|named|called|titled|being|\(|-|\$)$/

/** How well the words right before a mention name the parameter: 0 to 5. */
export function labelled(parameter: Parameter, mention: Mention, scope: Scope): number {
  const { tokens } = scope.message
  let at = mention.from - 1
  let ease = 1
  for (let skipped = 0; skipped < 5 && at >= scope.from; skipped++, at--) {
    const token = tokens[at]
    if (token === undefined || !LINKS.test(token.lower)) break
    // `cases about X` hardly names X, where `a budget under 5` does name 5.
    if (!TIGHT.test(token.lower)) ease = mention.number === undefined ? 0.35 : 0.6
  }
  return Math.max(covered(parameter, labelWords(parameter, tokens, at, scope.from)) * 5 * ease, 0)
}

/** Up to five content words that end at a position, nearest first. */
function labelWords(
  parameter: Parameter,
  tokens: readonly Token[],
  at: number,
  from: number,
): string[] {
  const own = identifierWords(parameter.name)
  const out: string[] = []
  for (let index = at; index >= from && out.length < 5; index--) {
    const token = tokens[index]
    if (token === undefined) break
    if (CONNECTORS.has(token.lower)) break
    // A verb is no label, unless the parameter is called so and no sentence begins with it (`count 3`).
    if (isRequestVerb(tokens, index) && (token.opening || !own.includes(token.lower))) break
    if (token.kind === 'word' && !PREPOSITIONS.has(token.lower)) out.push(token.stem)
    else if (!/^(?:of|for|to)$/.test(token.lower)) break
  }
  return out
}

/** The share of the name's stems found among words, if one of the two nearest is among them. */
function covered(parameter: Parameter, words: readonly string[]): number {
  if (parameter.stems.length === 0) return 0
  const near = words.slice(0, 2)
  if (!near.some(word => matches(parameter.stems, word))) return 0
  const found = parameter.stems.filter(one => words.some(word => matches([one], word)))
  return (
    (found.length / parameter.stems.length) *
    (words[0] !== undefined && matches(parameter.stems, words[0]) ? 1 : 0.8)
  )
}

/** Whether a word is one of the stems, or a clear abbreviation of one, or the other way round. */
function matches(stems: readonly string[], word: string): boolean {
  return stems.some(
    one =>
      one === word ||
      (one.length >= 3 &&
        word.length >= 3 &&
        (word.startsWith(one) || (one.startsWith(word) && word.length >= 4))),
  )
}

/** How well the words right after a mention name the parameter (`5 nights`, `Italian cuisine`): 0 to 4. */
export function followed(parameter: Parameter, mention: Mention, scope: Scope): number {
  const words: string[] = []
  let index = mention.to
  for (; index < scope.to && words.length < 2; index++) {
    const token = scope.message.tokens[index]
    if (token === undefined || token.kind !== 'word') {
      if (token?.text === '-' && words.length === 0) continue
      break
    }
    if (PREPOSITIONS.has(token.lower) && token.lower !== 'of') break
    if (token.lower !== 'of') words.push(token.stem)
  }
  // A noun with a value of its own right after it names that one (`'X' version 2`).
  const next = scope.message.tokens[index]
  if (
    words.length === 0 ||
    (mention.number === undefined &&
      next !== undefined &&
      next.kind !== 'word' &&
      next.kind !== 'mark')
  )
    return 0
  const found = parameter.stems.filter(one => words.some(word => matches([one], word)))
  if (found.length > 0) return 4 * Math.max(found.length / parameter.stems.length, 0.6)
  const last = words[0] ?? ''
  return parameter.described.has(last)
    ? 1.6
    : words[1] !== undefined && parameter.described.has(words[1])
      ? 1.1
      : 0
}

/** How well the words near a mention fit the parameter's name and description: 0 to about 3. */
export function nearby(parameter: Parameter, mention: Mention, scope: Scope): number {
  const { tokens } = scope.message
  let score = 0
  let weight = 1
  for (let index = mention.from - 1; index >= Math.max(scope.from, mention.from - 8); index--) {
    const token = tokens[index]
    if (token === undefined || (token.kind === 'mark' && /[.;!?,]/.test(token.text))) weight *= 0.5
    else if (token.kind === 'word') {
      if (matches(parameter.stems, token.stem)) score += 1.4 * weight
      else if (parameter.described.has(token.stem) && token.stem.length > 3) score += 0.5 * weight
      if (CONNECTORS.has(token.lower)) weight *= 0.5
      weight *= 0.85
    } else weight *= 0.6
  }
  return Math.min(score, 3)
}

/** How well the preposition before a mention suits the parameter's roles. */
export function led(parameter: Parameter, mention: Mention, scope: Scope): number {
  if (mention.lead === '') return 0
  if (NAMING.test(mention.lead)) return named(parameter, mention, scope)
  let best = parameter.roles.size === 0 ? 0.5 : 0
  for (const role of parameter.roles) best = Math.max(best, LEADS[role]?.[mention.lead] ?? 0)
  if (!parameter.required && mention.kind === 'phrase') best *= 0.6
  if (
    parameter.stems.includes(stem(mention.lead)) ||
    parameter.name.toLowerCase().startsWith(mention.lead)
  ) {
    best = Math.max(best, 3)
  }
  const { roles } = parameter
  if (roles.has('source') && !roles.has('target') && mention.lead === 'to') best -= 3
  if (roles.has('target') && !roles.has('source') && mention.lead === 'from') best -= 3
  return best
}

const NAMING = /^(?:called|named|titled|entitled)$/
const NAMES: ReadonlySet<string> = new Set(
  'name title label heading subject nickname'.split(' ').map(stem),
)

/** `an issue titled X` names the thing itself: its title, or the parameter that is called like it. */
function named(parameter: Parameter, mention: Mention, scope: Scope): number {
  const { tokens } = scope.message
  let at = mention.from - 1
  while (at > scope.from && tokens[at]?.lower !== mention.lead) at--
  const noun = tokens[at - 1]?.stem ?? ''
  if (parameter.stems.includes(noun)) return 4
  return parameter.stems.some(word => NAMES.has(word)) ? 3.5 : 0
}

/** What it adds that `of` or `for` ties a mention to a noun of the tool's own (`the status of X`). */
export function ofTool(mention: Mention, scope: Scope): number {
  if (mention.lead !== 'of' && mention.lead !== 'for') return 0
  const { tokens } = scope.message
  let at = mention.from - 1
  while (at > scope.from && tokens[at]?.lower !== mention.lead) at--
  const noun = tokens[at - 1]?.stem ?? ''
  return scope.profile.nameStems.has(noun) ? 1.2 : scope.profile.describedStems.has(noun) ? 0.7 : 0
}
