import { IMPOSSIBLE, labelled, type Scope } from './evidence.ts'
import type { Mention } from './mention.ts'
import { numberEvidence } from './number-evidence.ts'
import type { Parameter } from './profile.ts'
import { allows } from './shape.ts'
import { identifierWords } from './stem.ts'
import { textEvidence } from './text-evidence.ts'

const MARKS =
  /^(?:\d+|[a-e]|[x-z]|one|two|three|first|second|third|from|to|start|starting|end|ending|source|target|origin|destination|base|begin|left|right|departure|arrival|initial|final|min|max|lower|upper|minimum|maximum|old|new|original|replacement)$/

/** Sets of required parameters that stand side by side, such as `body1` and `body2` or `origin` and `destination`. */
export function siblingSets(parameters: readonly Parameter[]): Parameter[][] {
  const sets = new Map<string, Parameter[]>()
  for (const one of parameters) {
    if (!one.required || one.path.length > 1) continue
    const words = identifierWords(one.name)
    const rest = words.filter(word => !MARKS.test(word))
    if (rest.length === words.length) continue
    const key = `${[...one.schema.types].join()} ${rest.join(' ')}`
    sets.set(key, [...(sets.get(key) ?? []), one])
  }
  return [...sets.values()].filter(set => set.length > 1)
}

/** For `between A and B`, all required parameters of one type, if there are as many as members. */
function betweenSet(members: readonly Mention[], scope: Scope): Parameter[][] {
  if (members[0]?.lead !== 'between') return []
  const sets = new Map<string, Parameter[]>()
  for (const one of scope.profile.parameters) {
    const key = [...one.schema.types].join()
    if (one.required && one.schema.choices === undefined)
      sets.set(key, [...(sets.get(key) ?? []), one])
  }
  return [...sets.values()].filter(set => set.length === members.length)
}

/** A list of the message that goes to a set of siblings, member by member. */
export interface Shared {
  readonly parameters: readonly Parameter[]
  readonly members: readonly Mention[]
}

/** Finds the lists with just as many members as a set of siblings has parameters. */
export function sharedLists(scope: Scope): Shared[] {
  const out: Shared[] = []
  const sets = siblingSets(scope.profile.parameters)
  const inside = (members: readonly Mention[]): boolean =>
    members.every(one => one.from >= scope.from && one.to <= scope.to)
  const lists = [...scope.message.lists.filter(inside), ...routes(scope), ...figures(scope)]
  for (const members of lists) {
    const fitting = [...sets, ...betweenSet(members, scope)].filter(
      set => set.length === members.length,
    )
    const parameters = fitting.find(set =>
      set.every((parameter, index) => suits(parameter, members[index], scope)),
    )
    if (
      parameters !== undefined &&
      !out.some(one => one.parameters.some(parameter => parameters.includes(parameter)))
    ) {
      out.push({ parameters, members })
    }
  }
  return out
}

/** `from A to B` as a list of two, for siblings whose names do not say which is which. */
function routes(scope: Scope): Mention[][] {
  const within = scope.message.mentions.filter(
    one => one.from >= scope.from && one.to <= scope.to && one.kind !== 'number',
  )
  // A name counts before a phrase that holds it.
  const ordered = [
    ...within.filter(one => one.kind !== 'phrase'),
    ...within.filter(one => one.kind === 'phrase'),
  ]
  const start = ordered.find(one => one.lead === 'from')
  const end = ordered.find(one => one.lead === 'to' && start !== undefined && one.from > start.from)
  return start === undefined || end === undefined
    ? []
    : [
        [
          { ...start, lead: '' },
          { ...end, lead: '' },
        ],
      ]
}

/** All figures of a stretch as one list: `12 multiplied by 7`. */
function figures(scope: Scope): Mention[][] {
  const numbers = scope.message.mentions.filter(
    one => one.kind === 'number' && one.from >= scope.from && one.to <= scope.to,
  )
  return numbers.length > 1 ? [numbers] : []
}

function suits(parameter: Parameter, member: Mention | undefined, scope: Scope): boolean {
  if (member === undefined || /^(?:from|to)$/.test(member.lead)) return false
  const numeric = allows(parameter.schema, 'number') || allows(parameter.schema, 'integer')
  if (allows(parameter.schema, 'string') && !numeric)
    return member.kind !== 'number' && textEvidence(parameter, member, scope) > -1
  // A label that names another parameter says that the list is not shared out in order.
  const others = scope.profile.parameters.filter(one => one !== parameter)
  if (others.some(one => labelled(one, member, scope) > labelled(parameter, member, scope) + 2))
    return false
  return (
    numeric && member.kind === 'number' && numberEvidence(parameter, member, scope) > IMPOSSIBLE
  )
}
