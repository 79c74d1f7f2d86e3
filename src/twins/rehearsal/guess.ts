import { readAs, trimmed } from './candidates.ts'
import { IMPOSSIBLE, type Scope } from './evidence.ts'
import { type Filling, isFreeText, overlaps } from './filling.ts'
import type { Mention } from './mention.ts'
import { numberEvidence } from './number-evidence.ts'
import type { Parameter } from './profile.ts'
import { allows, fitValue } from './shape.ts'
import { textEvidence } from './text-evidence.ts'

/** Gives what is left of the message to required parameters that found nothing, in order. */
export function guessRest(out: Map<Parameter, Filling>, scope: Scope): void {
  const open = scope.profile.parameters.filter(
    one => one.required && !out.has(one) && one.choices.length === 0,
  )
  for (const parameter of open) {
    const left = scope.message.mentions.filter(
      one =>
        one.from >= scope.from &&
        one.to <= scope.to &&
        ![...out.values()].some(other => overlaps(one, other)),
    )
    const found = bestLeft(parameter, left, scope)
    if (found !== undefined) out.set(parameter, found)
  }
}

function bestLeft(
  parameter: Parameter,
  left: readonly Mention[],
  scope: Scope,
): Filling | undefined {
  const { schema } = parameter
  const numeric = allows(schema, 'number') || allows(schema, 'integer')
  let best: Filling | undefined
  for (const one of left) {
    const strength =
      numeric && one.number !== undefined
        ? numberEvidence(parameter, one, scope) + 3
        : textLeft(parameter, one, scope)
    if (strength <= 0 || strength <= (best?.strength ?? 0)) continue
    const value = readAs(parameter, one, scope)
    if (value !== undefined)
      best = { parameter, value, strength, from: one.from, to: one.to, more: [] }
  }
  return best === undefined ? undefined : { ...best, strength: 0.5 }
}

function textLeft(parameter: Parameter, one: Mention, scope: Scope): number {
  const { roles, schema } = parameter
  if (!schema.types.has('string') && schema.types.size > 0) return IMPOSSIBLE
  const exact =
    roles.has('id') ||
    roles.has('email') ||
    roles.has('url') ||
    roles.has('date') ||
    roles.has('time') ||
    roles.has('phone')
  if (isFreeText(parameter) || (exact && !roles.has('title') && one.kind === 'phrase'))
    return IMPOSSIBLE
  const part = trimmed(parameter, one, scope)[0] ?? one
  return textEvidence(parameter, part, scope) + 1
}

const PLACED: ReadonlySet<string> = new Set([
  'name',
  'quoted',
  'id',
  'path',
  'url',
  'email',
  'code',
])

/**
 * Gives proper names and quotations that nothing took to parameters that need not be given but suit
 * them: what a user names is meant for something.
 */
export function placeRest(out: Map<Parameter, Filling>, scope: Scope): void {
  const open = scope.profile.parameters.filter(
    one =>
      !one.required && !out.has(one) && one.choices.length === 0 && one.schema.types.has('string'),
  )
  placeList(out, scope)
  for (const one of scope.message.mentions) {
    if (!PLACED.has(one.kind) || one.opening || one.from < scope.from || one.to > scope.to) continue
    if (
      [...out.values()].flatMap(other => [other, ...other.more]).some(other => overlaps(one, other))
    )
      continue
    const ranked = open
      .filter(parameter => !out.has(parameter) && !isFreeText(parameter))
      .map(parameter => ({ parameter, strength: textEvidence(parameter, one, scope) }))
      .sort((first, second) => second.strength - first.strength)
    const best = ranked[0]
    if (
      best === undefined ||
      best.strength < (one.kind === 'name' || one.kind === 'quoted' ? 0.8 : 0.2)
    )
      continue
    const value = readAs(best.parameter, one, scope)
    if (value !== undefined)
      out.set(best.parameter, { ...best, value, strength: 1, from: one.from, to: one.to, more: [] })
  }
}

/** Gives an enumeration that nothing took to the only parameter for a list of texts that is open. */
function placeList(out: Map<Parameter, Filling>, scope: Scope): void {
  const open = scope.profile.parameters.filter(
    one =>
      !out.has(one) &&
      one.choices.length === 0 &&
      one.schema.types.has('array') &&
      one.schema.items?.types.has('string') === true,
  )
  const [parameter, second] = open
  if (parameter === undefined || second !== undefined) return
  const taken = [...out.values()].flatMap(one => [one, ...one.more])
  const list = scope.message.lists.find(members =>
    members.every(
      one =>
        one.from >= scope.from && one.to <= scope.to && !taken.some(other => overlaps(one, other)),
    ),
  )
  const [first, last] = [list?.[0], list?.at(-1)]
  if (list === undefined || first === undefined || last === undefined) return
  const value = fitValue(
    list.map(one => one.text),
    parameter.schema,
    scope.now,
  )
  if (value !== undefined)
    out.set(parameter, { parameter, value, strength: 1, from: first.from, to: last.to, more: [] })
}
