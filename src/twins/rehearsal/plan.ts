import { type Clause, isRequest, readClauses } from './clauses.ts'
import type { Scope } from './evidence.ts'
import { fill } from './fill.ts'
import { type Filling, type Fillings, isFreeText } from './filling.ts'
import type { Message } from './message.ts'
import { spreadCalls } from './parallel.ts'
import { type Catalog, type Ranked, rankByWords, rankTools } from './pick.ts'
import type { Parameter, Profile } from './profile.ts'
import { fitValue } from './shape.ts'
import { canonical } from './valid.ts'

/** One call that a message asks for, before required values that it lacks are made up or asked for. */
export interface Draft {
  readonly profile: Profile
  readonly fillings: Fillings
  /** Required parameters without a value. */
  readonly missing: readonly Parameter[]
  /** The words that spoke for the tool. */
  readonly because: readonly string[]
}

/** What is asked of the planner. */
export interface Order {
  readonly catalog: Catalog
  readonly message: Message
  /** Call this tool whatever the words say. */
  readonly only?: Profile
  /** Call the best tool even if the words hardly speak for it. */
  readonly must: boolean
  readonly now?: string
}

/** What words must say for a tool before it is called unasked. */
const THRESHOLD = 2.2
/** How surely a tool's required parameters must be filled to be called for its verb alone. */
const FILLED = 0.39
/** How surely they must be filled to be called for hardly more than that. */
const ALL_FILLED = 0.7
/** By how much another tool must suit a clause better than the first, to be called too. */
const MARGIN = 1.5
/** With more clauses than this, a message is a document and is taken as a whole. */
const MANY = 40
/** A value this sure, given twice and differently, asks for two calls. */
const SURE = 2.8
/** A value surer than an earlier one by this much corrects it. */
const CORRECTION = 2.5

/** The calls that a message asks for, in its order. */
export function draftCalls(order: Order): Draft[] {
  const whole = { from: 0, to: order.message.tokens.length }
  const sentences = readClauses(order.message)
  const read =
    sentences.length > MANY ? [whole] : sentences.flatMap(clause => splitByTools(order, clause))
  const clauses = read.length > 0 ? read : [whole]
  if (order.only !== undefined) return draftsFor(order, order.only, clauses, [])
  const ranked = rankTools(order.catalog, order.message, whole.from, whole.to, order.now)
  const first = order.must
    ? ranked[0]
    : ranked
        .slice(0, 4)
        .find(one => convinces(one) || (ranked.length === 1 && isGiven(order, one.profile)))
  if (first === undefined) return []
  return distinct(draftAll(order, clauses, assignTools(order, clauses, first), first))
}

/** Drafts the calls of all parts. A further tool that cannot be called gives its clauses back to the first. */
function draftAll(
  order: Order,
  clauses: readonly Clause[],
  parts: readonly Part[],
  first: Ranked,
): Draft[] {
  const drafted = parts.map(part =>
    draftsFor(order, part.ranked.profile, part.clauses, part.ranked.because),
  )
  const whole = drafted.map((drafts, index) =>
    drafts.map(draft => borrow(draft, neighbours(drafted, index))),
  )
  const failed = parts.find(
    (part, index) =>
      part.ranked.profile !== first.profile &&
      !part.clauses.some(clause => refersBack(order, clause)) &&
      whole[index]?.every(draft => draft.missing.length > 0),
  )
  if (failed === undefined) return whole.flatMap(able)
  const rest = parts.filter(part => part !== failed)
  const host = rest.find(part => part.ranked.profile === first.profile)
  const mine = [...(host?.clauses ?? []), ...failed.clauses]
  const joined: Part = {
    ranked: host?.ranked ?? first,
    clauses: clauses.filter(clause => mine.includes(clause)),
  }
  return draftAll(order, clauses, [joined, ...rest.filter(part => part !== host)], first)
}

const BACK =
  /^(?:it|them|this|that|those|these|one|ones|result|results|cheapest|best|first|same|latest|fastest|nearest)$/

/** Whether a clause speaks of what an earlier one will bring: `and book the cheapest one`. */
function refersBack(order: Order, clause: Clause): boolean {
  const words = order.message.tokens.slice(clause.from, clause.to)
  return clause.from > 0 && words.some(token => BACK.test(token.lower))
}

function neighbours(drafted: readonly (readonly Draft[])[], index: number): Draft[] {
  return [
    ...(drafted[index + 1] ?? []),
    ...drafted.slice(0, index).reverse().flat(),
    ...drafted.slice(index + 2).flat(),
  ]
}

function able(drafts: readonly Draft[]): readonly Draft[] {
  const whole = drafts.filter(draft => draft.missing.length === 0)
  return whole.length > 0 ? whole : drafts
}

/** Gives a draft what it lacks from the drafts of other tools, where a parameter of the same name has it. */
function borrow(draft: Draft, others: readonly Draft[]): Draft {
  const fillings = new Map(draft.fillings)
  for (const parameter of draft.missing) {
    for (const other of others) {
      const found = [...other.fillings.values()].find(
        one => one.parameter.name === parameter.name && one.strength >= 2,
      )
      const value = found === undefined ? undefined : fitValue(found.value, parameter.schema)
      if (found === undefined || value === undefined) continue
      fillings.set(parameter, { ...found, parameter, value, more: [] })
      break
    }
  }
  return { ...draft, fillings, missing: lacking(draft.profile, fillings) }
}

/** Cuts a clause at a list word where one side asks for one tool and the other for another. */
function splitByTools(order: Order, clause: Clause): Clause[] {
  if (order.catalog.profiles.length < 2 || order.only !== undefined) return [clause]
  let tries = 0
  for (let at = clause.from + 1; at < clause.to - 1; at++) {
    if (!/^(?:,|and|plus|also|&|or)$/.test(order.message.tokens[at]?.lower ?? '')) continue
    if (++tries > MANY) break
    const left = { from: clause.from, to: at }
    const right = { from: at + 1, to: clause.to }
    if (isApart(order, left, right)) return [left, ...splitByTools(order, right)]
  }
  return [clause]
}

function isApart(order: Order, left: Clause, right: Clause): boolean {
  const [lefts, rights] = [left, right].map(side =>
    rankByWords(order.catalog, order.message, side.from, side.to),
  )
  const [one, other] = [lefts?.[0], rights?.[0]]
  if (one === undefined || other === undefined || one.profile === other.profile) return false
  if (one.specific < THRESHOLD || other.specific < THRESHOLD) return false
  const elsewhere = (list: readonly Ranked[] | undefined, best: Ranked): number =>
    list?.find(item => item.profile === best.profile)?.score ?? 0
  return one.score >= elsewhere(lefts, other) + 1 && other.score >= elsewhere(rights, one) + MARGIN
}

const EXACT: ReadonlySet<string> = new Set(['id', 'email', 'url', 'path', 'code'])

/** Whether a message gives an only tool just what it needs, as `Where is 1Z999AA10123?` does. */
function isGiven(order: Order, profile: Profile): boolean {
  const { message } = order
  const required = profile.parameters.filter(one => one.required)
  const fillings = fill(scopeOf(order, profile, { from: 0, to: message.tokens.length }), false)
  const exact = (one: Filling | undefined): boolean =>
    one !== undefined && EXACT.has(message.tokens[one.from]?.kind ?? '')
  return required.length > 0 && required.every(one => exact(fillings.get(one)))
}

/**
 * Whether a tool is meant: by words of its own, or by its verb and values for all that it needs. A
 * search for words of any kind is meant by any message that looks for something.
 */
function convinces(ranked: Ranked): boolean {
  if (ranked.specific >= THRESHOLD) return true
  const required = ranked.profile.parameters.filter(one => one.required)
  if (required.length === 0 || ranked.filled < FILLED) return false
  if (ranked.verb || (ranked.search && required.every(isFreeText))) return true
  if (ranked.filled < ALL_FILLED) return false
  return required.length > 1 && ranked.specific >= 1
}

interface Part {
  readonly ranked: Ranked
  readonly clauses: readonly Clause[]
}

/** Gives each clause the tool that suits it best, if it suits it clearly; other clauses join the one before. */
function assignTools(order: Order, clauses: readonly Clause[], first: Ranked): Part[] {
  if (clauses.length < 2 || order.catalog.profiles.length < 2) return [{ ranked: first, clauses }]
  const picks = clauses.map(clause => pickFor(order, clause, first))
  const parts: { ranked: Ranked; clauses: Clause[] }[] = []
  let current = picks.find(pick => pick !== undefined) ?? first
  clauses.forEach((clause, index) => {
    current = picks[index] ?? current
    const part = parts.find(one => one.ranked.profile === current.profile)
    if (part === undefined) parts.push({ ranked: current, clauses: [clause] })
    else part.clauses.push(clause)
  })
  return parts
}

function pickFor(order: Order, clause: Clause, first: Ranked): Ranked | undefined {
  const ranked = rankTools(order.catalog, order.message, clause.from, clause.to, order.now)
  const best = ranked[0]
  if (best === undefined || !convinces(best)) return undefined
  if (best.profile === first.profile) return best
  const rival = ranked.find(one => one.profile === first.profile)
  const clear = best.score >= (rival?.score ?? 0) + MARGIN
  return clear && (best.filled > 0 || refersBack(order, clause)) ? best : undefined
}

/** The calls of one tool out of its clauses: clauses that complete each other make one call, others one each. */
function draftsFor(
  order: Order,
  profile: Profile,
  clauses: readonly Clause[],
  because: readonly string[],
): Draft[] {
  const scopes = clauses.map(clause => scopeOf(order, profile, clause))
  const groups = groupClauses(scopes)
  const inStep = /\brespectively\b/i.test(order.message.text)
  const sets =
    groups.length === 1
      ? [fillRange(order, profile, groups[0] ?? [])]
      : fillGroups(order, profile, groups)
  return sets
    .flatMap(set => spreadCalls(set, inStep))
    .map(fillings => ({ profile, fillings, because, missing: lacking(profile, fillings) }))
}

function scopeOf(order: Order, profile: Profile, clause: Clause): Scope {
  return {
    message: order.message,
    profile,
    from: clause.from,
    to: clause.to,
    ...(order.now === undefined ? {} : { now: order.now }),
  }
}

/** The required parameters that have no value. */
export function lacking(profile: Profile, fillings: Fillings): Parameter[] {
  return profile.parameters.filter(one => one.required && !fillings.has(one))
}

function groupClauses(scopes: readonly Scope[]): Scope[][] {
  const groups: { scopes: Scope[]; values: Map<Parameter, Filling> }[] = []
  for (const scope of scopes) {
    const found = fill(scope, false)
    const last = groups.at(-1)
    const request = isRequest(scope.message, scope)
    const clash =
      last !== undefined &&
      [...found.values()].some(one => differs(one, last.values.get(one.parameter), request))
    if (last === undefined || clash) groups.push({ scopes: [scope], values: new Map(found) })
    else {
      last.scopes.push(scope)
      for (const [parameter, one] of found) {
        if (one.strength > (last.values.get(parameter)?.strength ?? 0))
          last.values.set(parameter, one)
      }
    }
  }
  return groups.map(group => group.scopes)
}

/** Whether two sure values of one parameter ask for two calls. A mere statement may correct what was read before. */
function differs(one: Filling, other: Filling | undefined, request: boolean): boolean {
  if (other === undefined || one.strength < SURE || other.strength < SURE) return false
  if (!request && Math.abs(one.strength - other.strength) >= CORRECTION) return false
  return (
    canonical(one.value) !== canonical(other.value) &&
    !other.more.some(more => canonical(more.value) === canonical(one.value))
  )
}

function fillRange(order: Order, profile: Profile, scopes: readonly Scope[]): Fillings {
  const from = scopes[0]?.from ?? 0
  const to = scopes.at(-1)?.to ?? order.message.tokens.length
  return fill(scopeOf(order, profile, { from, to }), true)
}

/** Fills each group of clauses; what one lacks it has from the group before, or after. */
function fillGroups(order: Order, profile: Profile, groups: readonly Scope[][]): Fillings[] {
  const sure = groups.map(group =>
    fill(scopeOf(order, profile, { from: group[0]?.from ?? 0, to: group.at(-1)?.to ?? 0 }), false),
  )
  return groups.map((group, index) => {
    const set = new Map(sure[index])
    const around = [...sure.slice(0, index).reverse(), ...sure.slice(index + 1)]
    for (const parameter of profile.parameters) {
      const other = around.find(one => one.has(parameter))?.get(parameter)
      if (parameter.required && !set.has(parameter) && other !== undefined)
        set.set(parameter, other)
    }
    if (lacking(profile, set).length === 0) return set
    for (const [parameter, guess] of fillRange(order, profile, group))
      if (!set.has(parameter)) set.set(parameter, guess)
    return set
  })
}

/** Drops a draft that repeats an earlier one. */
function distinct(drafts: readonly Draft[]): Draft[] {
  const seen = new Set<string>()
  return drafts.filter(draft => {
    const key = `${draft.profile.tool.name} ${canonical([...draft.fillings].map(([parameter, one]) => [parameter.path.join('.'), one.value]))}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
