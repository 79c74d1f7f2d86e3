import { fill } from './fill.ts'
import { type Fillings, overlaps } from './filling.ts'
import { FAMILIES, GENERIC, QUESTION_WORDS, VERBS } from './lexicon.ts'
import { isContent } from './mention.ts'
import type { Message } from './message.ts'
import type { Profile } from './profile.ts'
import { pairs, stem, unspaced } from './stem.ts'

/** The tools of one request, with how common each stem is among them. */
export interface Catalog {
  readonly profiles: readonly Profile[]
  readonly spread: ReadonlyMap<string, number>
}

/** How well one tool suits a stretch of a message. */
export interface Ranked {
  readonly profile: Profile
  readonly score: number
  /** The part of the score that words of this tool alone gave, not words that any tool has. */
  readonly specific: number
  /** The share of the required parameters that the stretch surely fills, from 0 to 1. */
  readonly filled: number
  /** Whether the message uses a verb of the tool's name, or one like it that says more than `get`. */
  readonly verb: boolean
  /** Whether the message looks for something and the tool searches. */
  readonly search: boolean
  /** The words that spoke for the tool. */
  readonly because: readonly string[]
}

const GENERIC_STEMS: ReadonlySet<string> = new Set([...GENERIC].map(stem))
const VERB_STEMS: ReadonlySet<string> = new Set([...VERBS].map(stem))
const FAMILY_OF: ReadonlyMap<string, readonly number[]> = familyIndex()

/** The first two families: words for looking for something, and for getting it. */
const SEEKING = 0
const GETTING = 1
/** Verbs that any request may use. */
const VAGUE: ReadonlySet<string> = new Set(
  'get give show find check list search tell look see'.split(' ').map(stem),
)
/** Words for getting that also ask to look for something. */
const SHOWING: ReadonlySet<string> = new Set('show list display view get'.split(' ').map(stem))

function familyIndex(): Map<string, number[]> {
  const out = new Map<string, number[]>()
  FAMILIES.forEach((family, index) => {
    for (const word of family) out.set(stem(word), [...(out.get(stem(word)) ?? []), index])
  })
  return out
}

/** Gathers the tools of a request. */
export function readCatalog(profiles: readonly Profile[]): Catalog {
  const spread = new Map<string, number>()
  for (const profile of profiles) {
    const all = new Set([
      ...profile.nameStems,
      ...profile.describedStems,
      ...profile.parameterStems,
      ...profile.choiceStems,
    ])
    for (const one of all) spread.set(one, (spread.get(one) ?? 0) + 1)
  }
  return { profiles, spread }
}

/** Ranks the tools for a stretch of a message by its words alone, best first. */
export function rankByWords(
  catalog: Catalog,
  message: Message,
  from: number,
  to: number,
): Ranked[] {
  const words = contentStems(message, from, to)
  return catalog.profiles
    .map(profile => overlap(profile, words, catalog))
    .sort((one, other) => other.score - one.score)
}

/** Ranks the tools for a stretch of a message by its words and by what it gives to their parameters, best first. */
export function rankTools(
  catalog: Catalog,
  message: Message,
  from: number,
  to: number,
  now?: string,
): Ranked[] {
  const refined = rankByWords(catalog, message, from, to).map((one, index) =>
    index < 5 ? withFilling(one, message, from, to, now) : one,
  )
  return refined.sort((one, other) => other.score - one.score)
}

function contentStems(message: Message, from: number, to: number): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  for (let at = from; at < to; at++) {
    const token = message.tokens[at]
    if (token === undefined) break
    if (token.kind === 'word' && unspaced(token.text))
      for (const pair of pairs(token.text)) out.set(pair, pair)
    else if (
      isContent(token) ||
      token.kind === 'date' ||
      /^(?:plus|minus|times|versus)$/.test(token.lower)
    )
      out.set(token.stem || stem(token.lower), token.lower)
    else if (token.kind === 'word' && QUESTION_WORDS.has(token.lower))
      out.set(token.stem, token.lower)
  }
  return out
}

function overlap(profile: Profile, words: ReadonlyMap<string, string>, catalog: Catalog): Ranked {
  let score = 0
  let specific = 0
  const because: string[] = []
  const families = familiesOf(profile)
  const covered = new Set<string>()
  const telling = [...profile.nameStems].filter(one => !GENERIC_STEMS.has(one))
  // Where a name has nothing but common words, they are what tells the tool apart.
  const plain = telling.length === 0
  let verb = false
  let search = false
  const total = catalog.profiles.length
  for (const [word, written] of words) {
    const kin = FAMILY_OF.get(word) ?? []
    const generic = !plain && GENERIC_STEMS.has(word)
    let gain = 0
    const named = profile.nameStems.has(word) || kin.some(one => families.name.has(one))
    const vague = kin.some(one => one === SEEKING || one === GETTING)
    if (
      named &&
      VERB_STEMS.has(word) &&
      (!vague || (profile.nameStems.has(word) && !VAGUE.has(word)))
    )
      verb = true
    if (families.name.has(SEEKING) && (kin.includes(SEEKING) || SHOWING.has(word))) search = true
    if (profile.nameStems.has(word)) {
      gain += 3
      covered.add(word)
    } else if (kin.some(one => families.name.has(one))) gain += generic ? 1 : 1.4
    if (profile.describedStems.has(word)) gain += 1.3
    else if (kin.some(one => families.described.has(one))) gain += 0.4
    if (profile.choiceStems.has(word)) gain += 1
    if (profile.parameterStems.has(word)) gain += 0.8
    else if (profile.detailStems.has(word)) gain += 0.4
    if (gain === 0) continue
    const spread = catalog.spread.get(word) ?? 1
    const rarity = total === 1 ? 1 : Math.log(1 + total / spread) / Math.log(1 + total)
    const weighed = gain * rarity * (generic ? (profile.nameStems.has(word) ? 0.5 : 0.35) : 1)
    score += weighed
    if (!generic) specific += gain
    if (weighed >= 1) because.push(written)
  }
  const share =
    telling.length === 0 ? 0 : telling.filter(one => covered.has(one)).length / telling.length
  return { profile, score: score + 2 * share, specific, filled: 0, verb, search, because }
}

const familyMemo = new WeakMap<
  ReadonlySet<string>,
  { name: ReadonlySet<number>; described: ReadonlySet<number> }
>()

function familiesOf(profile: Profile): {
  name: ReadonlySet<number>
  described: ReadonlySet<number>
} {
  const known = familyMemo.get(profile.nameStems)
  if (known !== undefined) return known
  const of = (stems: ReadonlySet<string>): ReadonlySet<number> =>
    new Set([...stems].flatMap(one => FAMILY_OF.get(one) ?? []))
  const made = { name: of(profile.nameStems), described: of(profile.describedStems) }
  familyMemo.set(profile.nameStems, made)
  return made
}

/** Adds what the stretch gives to the tool's required parameters. */
function withFilling(
  ranked: Ranked,
  message: Message,
  from: number,
  to: number,
  now: string | undefined,
): Ranked {
  const { profile } = ranked
  const required = profile.parameters.filter(one => one.required)
  const fillings = fill({ message, profile, from, to, ...(now === undefined ? {} : { now }) }, true)
  let sure = 0
  for (const one of required) sure += Math.min(fillings.get(one)?.strength ?? 0, 4) / 4
  const extra = [...fillings.values()]
    .filter(one => !one.parameter.required)
    .reduce((sum, one) => sum + Math.min(one.strength, 4) / 8, 0)
  const filled = required.length === 0 ? 0.4 : sure / required.length
  const score =
    ranked.score +
    2 * filled +
    Math.min(extra, 1) -
    Math.min(0.4 * unused(message, fillings, from, to), 1.2)
  return { ...ranked, filled, score }
}

/** How many figures, dates, quotations and the like a tool would leave lying. */
function unused(message: Message, fillings: Fillings, from: number, to: number): number {
  const taken = [...fillings.values()].flatMap(one => [one, ...one.more])
  const firm = message.mentions.filter(
    one => one.kind !== 'phrase' && one.kind !== 'name' && one.from >= from && one.to <= to,
  )
  return firm.filter(one => !taken.some(other => overlaps(one, other))).length
}
