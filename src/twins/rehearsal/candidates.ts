import { readBoolean, yesAndNo } from './booleans.ts'
import { matchChoices, matchHints } from './choices.ts'
import { asDescribed, yearIn } from './dates.ts'
import { IMPOSSIBLE, labelled, type Scope } from './evidence.ts'
import type { Filling } from './filling.ts'
import { type Mention, mention } from './mention.ts'
import { numberEvidence } from './number-evidence.ts'
import type { Parameter } from './profile.ts'
import type { Schema } from './schema.ts'
import { allows, fitValue } from './shape.ts'
import { stem } from './stem.ts'
import { isOwnThing, textEvidence } from './text-evidence.ts'

/** A value that a parameter might have, before the parameters have settled which takes what. */
export type Candidate = Filling

/** Candidates of a parameter with fixed choices: those that the message names. */
export function choiceCandidates(parameter: Parameter, scope: Scope): Candidate[] {
  const matches = matchChoices(parameter, scope)
  const first = matches[0]
  if (first === undefined) return []
  const strength = Math.max(...matches.map(one => one.score))
  if (allows(parameter.schema, 'array') && parameter.schema.choices === undefined) {
    const value = fitValue(
      matches.map(one => one.choice),
      parameter.schema,
    )
    return value === undefined
      ? []
      : [
          {
            parameter,
            value,
            strength,
            from: first.from,
            to: matches.at(-1)?.to ?? first.to,
            more: [],
          },
        ]
  }
  const all = matches.map(one => ({
    parameter,
    value: one.choice,
    strength: one.score,
    from: one.from,
    to: one.to,
    more: [],
  }))
  const best = all.reduce((one, other) => (other.strength > one.strength ? other : one))
  const [head, ...more] = all.filter(one => one === best || joined(scope, best.from, one.from))
  return head === undefined ? [] : [{ ...head, strength, more }]
}

/** Whether two positions stand in one enumeration: only list words and short phrases between. */
function joined(scope: Scope, one: number, other: number): boolean {
  const gap = scope.message.tokens.slice(Math.min(one, other) + 1, Math.max(one, other))
  return (
    gap.length <= 4 &&
    gap.some(token => /^(?:,|and|or|&|\/|vs|versus|both)$/.test(token.lower)) &&
    !gap.some(token => /^[.;!?]$/.test(token.text))
  )
}

/** The candidate of a yes-or-no parameter. It takes no words away from others, so its span is empty. */
export function booleanCandidates(parameter: Parameter, scope: Scope): Candidate[] {
  const read = readBoolean(parameter, scope)
  const words = yesAndNo(parameter.schema)
  const value = words === undefined ? read?.value : read?.value === true ? words.yes : words.no
  if (read === undefined) return []
  return [{ parameter, value, strength: read.strength, from: read.at, to: read.at, more: [] }]
}

/** Candidates of a parameter for one text or number out of one mention. */
export function scalarCandidates(
  parameter: Parameter,
  one: Mention,
  schema: Schema,
  scope: Scope,
): Candidate[] {
  const out: Candidate[] = []
  const offer = (value: unknown, strength: number, span: Mention): void => {
    if (value === undefined || strength === IMPOSSIBLE) return
    const fitted = fitValue(value, schema, scope.now)
    if (fitted !== undefined)
      out.push({ parameter, value: fitted, strength, from: span.from, to: span.to, more: [] })
  }
  if (allows(schema, 'number') || allows(schema, 'integer'))
    offer(numberFor(parameter, one), numberEvidence(parameter, one, scope), one)
  if (!allows(schema, 'string')) return out
  offer(spelt(one, schema, scope), textEvidence(parameter, one, scope), one)
  const deed = infinitive(parameter, one, scope)
  if (deed !== undefined) offer(deed.text, textEvidence(parameter, deed, scope) + 2.5, deed)
  for (const part of [...trimmed(parameter, one, scope), ...regionParts(parameter, one, scope)]) {
    offer(part.text, textEvidence(parameter, part, scope) + (one.kind === 'name' ? 1.5 : 0), part)
  }
  for (const hint of matchHints(parameter, one, scope)) offer(hint.text, hint.score, hint.span)
  return out
}

/** The text of a mention; a date or time in the form that the description asks for. */
function spelt(one: Mention, schema: Schema, scope: Scope): string {
  if (one.kind !== 'date' && one.kind !== 'time') return one.text
  const year =
    yearIn(one.text) ??
    scope.message.mentions
      .map(other => (other.kind === 'date' ? yearIn(other.text) : undefined))
      .find(found => found !== undefined)
  return asDescribed(one.text, schema.description, scope.now, year ?? yearIn(schema.description))
}

/** A phrase without the words at its ends that only name the tool or the parameter (`Italian cuisine`). */
export function trimmed(parameter: Parameter, one: Mention, scope: Scope): Mention[] {
  if (one.kind !== 'phrase' || one.to - one.from < 2 || /\bof\b/.test(one.text)) return []
  const { tokens, text } = scope.message
  const { nameStems, describedStems } = scope.profile
  const known = (at: number): boolean => {
    const word = tokens[at]?.stem ?? ''
    return nameStems.has(word) || describedStems.has(word) || parameter.stems.includes(word)
  }
  let { from, to } = one
  if (isOwnThing(parameter, one, scope)) return []
  while (from < to && known(from)) from++
  // A noun with a value right after it names that value (`lodash version 4`).
  const next = tokens[to]
  const labels =
    next !== undefined &&
    next.kind !== 'word' &&
    next.kind !== 'mark' &&
    scope.profile.parameterStems.has(tokens[to - 1]?.stem ?? '')
  if (labels) to--
  while (to > from && known(to - 1)) to--
  return to === from || (from === one.from && to === one.to)
    ? []
    : [mention(text, tokens, 'phrase', from, to)]
}

/** `buy milk` of `a task to buy milk`: a verb and its object, where the tool's or the parameter's noun leads to them. */
function infinitive(parameter: Parameter, one: Mention, scope: Scope): Mention | undefined {
  const { tokens, text } = scope.message
  const verb = one.from - 1
  if (one.kind !== 'phrase' || tokens[verb - 1]?.lower !== 'to' || tokens[verb]?.kind !== 'word')
    return undefined
  const noun = tokens[verb - 2]
  if (
    noun === undefined ||
    !(parameter.stems.includes(noun.stem) || /^(?:me|us)$/.test(noun.lower))
  )
    return undefined
  return mention(text, tokens, 'phrase', verb, one.to)
}

const WIDER: ReadonlySet<string> = new Set(
  'country state province region county nation'.split(' ').map(stem),
)

/** The city of `London, UK` for one parameter and the country for another, where a tool has both. */
function regionParts(parameter: Parameter, one: Mention, scope: Scope): Mention[] {
  if (one.kind !== 'name' || !one.text.includes(', ')) return []
  const wide = (other: Parameter): boolean =>
    other.stems.some(word => WIDER.has(word)) && !other.stems.includes(stem('city'))
  if (
    !scope.profile.parameters.some(wide) ||
    !scope.profile.parameters.some(other => other.roles.has('place') && !wide(other))
  )
    return []
  const comma = scope.message.tokens.findIndex(
    (token, at) => at > one.from && at < one.to && token.text === ',',
  )
  const [from, to] = wide(parameter) ? [comma + 1, one.to] : [one.from, comma]
  return comma < 0
    ? []
    : [{ ...mention(scope.message.text, scope.message.tokens, 'name', from, to), lead: one.lead }]
}

/** A number as the parameter wants it: a percentage as a fraction unless the words ask for percent. */
export function numberFor(parameter: Parameter, one: Mention): number | undefined {
  if (one.number === undefined || one.sign !== '%') return one.number
  const { schema } = parameter
  if (
    !allows(schema, 'number') ||
    parameter.described.has('percent') ||
    parameter.described.has('percentag') ||
    /percent|pct/i.test(parameter.name)
  ) {
    return one.number
  }
  return schema.maximum !== undefined && schema.maximum > 1
    ? one.number
    : Number((one.number / 100).toPrecision(12))
}

/** A mention as the value that a parameter wants, whatever its evidence. */
export function readAs(parameter: Parameter, one: Mention, scope: Scope): unknown {
  const { schema } = parameter
  if (one.kind === 'list') return fitValue(one.value, schema, scope.now)
  const number =
    allows(schema, 'number') || allows(schema, 'integer') ? numberFor(parameter, one) : undefined
  if (number !== undefined) return fitValue(number, schema, scope.now)
  const part = trimmed(parameter, one, scope)[0]
  return fitValue(part?.text ?? spelt(one, schema, scope), schema, scope.now)
}

/** Candidates of a parameter for an object without declared members: an object written out. */
export function objectCandidates(parameter: Parameter, within: readonly Mention[]): Candidate[] {
  return within.flatMap(one => {
    const value = one.kind === 'list' ? fitValue(one.value, parameter.schema) : undefined
    return value === undefined
      ? []
      : [{ parameter, value, strength: 3, from: one.from, to: one.to, more: [] }]
  })
}

const ANY: Schema = {
  types: new Set(),
  nullable: false,
  description: '',
  examples: [],
  properties: new Map(),
  required: new Set(),
  places: [],
  variants: [],
}

/** Members written right after the parameter's name: `tags a, b and c`, `labels: x, y`. */
function namedLists(
  parameter: Parameter,
  scope: Scope,
): { items: string[]; from: number; to: number }[] {
  const { tokens, text } = scope.message
  const { stems } = parameter
  const others = new Set(
    scope.profile.parameters.flatMap(one => (one === parameter ? [] : one.stems)),
  )
  for (let at = scope.from; at < scope.to; at++) {
    if (!stems.every((word, index) => tokens[at + index]?.stem === word)) continue
    let from = at + stems.length
    while (/^(?::|=|are|is|of|being|as)$/.test(tokens[from]?.lower ?? '')) from++
    const items: string[] = []
    let start = from
    let to = from
    for (let end = from; end <= scope.to; end++) {
      const word = end === scope.to ? '.' : (tokens[end]?.lower ?? '.')
      const breaks = /^[.;!?\n]$/.test(word)
      if (breaks || /^(?:,|and|or|&)$/.test(word)) {
        const [first, last] = [tokens[start], tokens[end - 1]]
        if (first !== undefined && last !== undefined && end > start) {
          if (end - start > 3 || others.has(first.stem)) break
          items.push(end - start === 1 ? first.text : text.slice(first.start, last.end))
          to = end
        }
        start = end + 1
      }
      if (breaks) break
    }
    if (items.length > 1) return [{ items, from, to }]
  }
  return []
}

/** Candidates of a parameter for a list: a bracketed list, an enumeration, or a single member. */
export function arrayCandidates(
  parameter: Parameter,
  scope: Scope,
  within: readonly Mention[],
): Candidate[] {
  const { schema } = parameter
  const items = schema.items ?? schema.places[0] ?? ANY
  const out: Candidate[] = []
  const offer = (value: unknown, strength: number, from: number, to: number): void => {
    const fitted = fitValue(value, schema, scope.now)
    if (fitted !== undefined) out.push({ parameter, value: fitted, strength, from, to, more: [] })
  }
  const best = (one: Mention): Candidate | undefined =>
    scalarCandidates({ ...parameter, schema: items }, one, items, scope).reduce<
      Candidate | undefined
    >(
      (first, other) => (first === undefined || other.strength > first.strength ? other : first),
      undefined,
    )
  for (const one of within) {
    if (one.kind === 'list' && Array.isArray(one.value))
      offer(one.value, 3 + labelled(parameter, one, scope), one.from, one.to)
    if (one.kind === 'list' || allows(items, 'array') || items.types.has('object')) continue
    const single = best(one)
    if (single !== undefined) offer([single.value], single.strength - 0.4, single.from, single.to)
  }
  for (const named of namedLists(parameter, scope)) offer(named.items, 4.5, named.from, named.to)
  for (const list of scope.message.lists) {
    const [first, last] = [list[0], list.at(-1)]
    if (first === undefined || last === undefined || first.from < scope.from || last.to > scope.to)
      continue
    const members = list.flatMap(one => best(one) ?? [])
    if (members.length < list.length) continue
    offer(
      members.map(one => one.value),
      Math.max(...members.map(one => one.strength)) + 1,
      first.from,
      last.to,
    )
  }
  return out
}
