import { yesAndNo } from './booleans.ts'
import {
  arrayCandidates,
  booleanCandidates,
  type Candidate,
  choiceCandidates,
  objectCandidates,
  readAs,
  scalarCandidates,
} from './candidates.ts'
import type { Scope } from './evidence.ts'
import { type Filling, type Fillings, isFreeText, overlaps } from './filling.ts'
import { guessRest, placeRest } from './guess.ts'
import type { Message } from './message.ts'
import type { Parameter, Profile } from './profile.ts'
import { allows, fitValue } from './shape.ts'
import { sharedLists } from './siblings.ts'
import { readText } from './topic.ts'

/** How sure a value must be for a parameter that need not be given. */
const OPTIONAL_STRENGTH = 2.6
const REQUIRED_STRENGTH = 0.7
const SURE_STRENGTH = 2
/** A strength that only a label gives. */
const LABELLED = 5
/** What a required parameter gains over one that need not be given, when both want the same words. */
const PRIORITY = 0.6

/**
 * Finds values for the parameters of a tool in a stretch of a message. With `guess`, required
 * parameters also take what the words only make likely.
 */
export function fill(scope: Scope, guess: boolean): Fillings {
  let byProfile = memo.get(scope.message)
  if (byProfile === undefined) {
    byProfile = new Map()
    memo.set(scope.message, byProfile)
  }
  let known = byProfile.get(scope.profile)
  if (known === undefined) {
    known = new Map()
    byProfile.set(scope.profile, known)
  }
  const key = `${scope.from} ${scope.to} ${guess} ${scope.now}`
  const found = known.get(key) ?? fillAnew(scope, guess)
  known.set(key, found)
  return found
}

/** The same stretch is asked for again and again while tools are weighed against each other. */
const memo = new WeakMap<Message, Map<Profile, Map<string, Fillings>>>()

function fillAnew(scope: Scope, guess: boolean): Fillings {
  const out = new Map<Parameter, Filling>()
  for (const shared of sharedLists(scope)) {
    shared.parameters.forEach((parameter, index) => {
      const member = shared.members[index]
      const value = member === undefined ? undefined : readAs(parameter, member, scope)
      if (member !== undefined && value !== undefined)
        out.set(parameter, {
          parameter,
          value,
          strength: 3.6,
          from: member.from,
          to: member.to,
          more: [],
        })
    })
  }
  const candidates = scope.profile.parameters.flatMap(parameter => candidatesFor(parameter, scope))
  const weight = (one: Candidate): number => one.strength + (one.parameter.required ? PRIORITY : 0)
  candidates.sort((one, other) => weight(other) - weight(one) || one.from - other.from)
  for (const one of candidates) {
    const least = one.parameter.required
      ? guess
        ? REQUIRED_STRENGTH
        : SURE_STRENGTH
      : OPTIONAL_STRENGTH
    if (out.has(one.parameter) || one.strength < least) continue
    if (![...out.values()].some(other => overlaps(one, other))) out.set(one.parameter, one)
  }
  fillTexts(out, scope, guess)
  if (guess) {
    guessRest(out, scope)
    spreadLists(out, scope)
    placeRest(out, scope)
  } else spreadLists(out, scope)
  return out
}

/** Free texts come last, so that what other parameters took can be cut from them. */
function fillTexts(out: Map<Parameter, Filling>, scope: Scope, guess: boolean): void {
  // Those that must be given come before those that may.
  const ordered = [...scope.profile.parameters].sort(
    (one, other) => Number(other.required) - Number(one.required),
  )
  for (const parameter of ordered) {
    const before = out.get(parameter)?.strength ?? 0
    if (!isFreeText(parameter) || before >= 3.4) continue
    const taken = [...out.values()].filter(one => !isFreeText(one.parameter))
    const found = readText(parameter, scope, taken)
    const others = [...out.values()].filter(
      one => isFreeText(one.parameter) && one.parameter !== parameter,
    )
    if (found !== undefined && others.some(one => overlaps(one, found))) continue
    if (found === undefined || before >= found.strength + 1) continue
    if (!parameter.required ? found.strength < 3 : !guess && found.strength < SURE_STRENGTH)
      continue
    const value = fitValue(found.text, parameter.schema, scope.now)
    if (value !== undefined)
      out.set(parameter, {
        parameter,
        value,
        strength: found.strength,
        from: found.from,
        to: found.to,
        more: [],
      })
  }
}

function candidatesFor(parameter: Parameter, scope: Scope): Candidate[] {
  const { schema } = parameter
  if (yesAndNo(schema) !== undefined) return booleanCandidates(parameter, scope)
  if (parameter.choices.length > 0) return choiceCandidates(parameter, scope)
  if (schema.types.has('boolean')) return booleanCandidates(parameter, scope)
  const within = scope.message.mentions.filter(one => one.from >= scope.from && one.to <= scope.to)
  if (allows(schema, 'array') && schema.types.size > 0 && !schema.types.has('string'))
    return arrayCandidates(parameter, scope, within)
  if (schema.types.has('object')) return objectCandidates(parameter, within)
  const found = within.flatMap(one => scalarCandidates(parameter, one, schema, scope))
  // A free text is not any name or noun of the message, unless its label says so.
  return isFreeText(parameter) ? found.filter(one => one.strength >= LABELLED) : found
}

/**
 * Gives the further members of an enumeration to the parameter that took one of them, unless another
 * parameter of the same call took it.
 */
function spreadLists(out: Map<Parameter, Filling>, scope: Scope): void {
  for (const list of scope.message.lists) {
    if (list.some(one => one.from < scope.from || one.to > scope.to)) continue
    // Choices and free texts take no words for themselves.
    const takers = [...out.values()].filter(
      one => one.parameter.choices.length === 0 && list.some(member => overlaps(one, member)),
    )
    const taker = takers[0]
    if (taker === undefined || takers.length > 1 || taker.more.length > 0) continue
    const whole = taker.to - taker.from > 1 && list.every(member => overlaps(taker, member))
    if (whole || (Array.isArray(taker.value) && list.some(member => member.kind !== 'list')))
      continue
    const { parameter, strength } = taker
    const fillings = list.flatMap(member => {
      const value = readAs(parameter, member, scope)
      return value === undefined
        ? []
        : [{ parameter, value, strength, from: member.from, to: member.to, more: [] }]
    })
    const [head, ...more] = fillings
    if (head !== undefined && more.length > 0) out.set(parameter, { ...head, more })
  }
}
