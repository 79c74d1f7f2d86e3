import type { Filling, Fillings } from './filling.ts'
import type { Parameter } from './profile.ts'

/** More calls than this are not made for one request of the user's. */
const MOST = 16

/**
 * One set of fillings a call: where the message enumerates values of a parameter that takes one, each
 * value gets its own. Two enumerations are combined, or go in step if the message says `respectively`
 * or they are not independent.
 */
export function spreadCalls(fillings: Fillings, inStep: boolean): Fillings[] {
  const several = [...fillings.values()].filter(one => one.more.length > 0)
  if (several.length === 0) return [fillings]
  const longest = Math.max(...several.map(one => one.more.length + 1))
  if (several.length > 1 && inStep && several.every(one => one.more.length + 1 === longest)) {
    return Array.from({ length: Math.min(longest, MOST) }, (_, index) =>
      chosen(fillings, several, () => index),
    )
  }
  let sets: Fillings[] = [fillings]
  for (const one of several) {
    sets = sets.flatMap(set => [one, ...one.more].map(value => replaced(set, one.parameter, value)))
  }
  return sets.slice(0, MOST)
}

function chosen(
  fillings: Fillings,
  several: readonly Filling[],
  index: (one: Filling) => number,
): Fillings {
  return several.reduce(
    (set, one) => replaced(set, one.parameter, [one, ...one.more][index(one)] ?? one),
    fillings,
  )
}

function replaced(fillings: Fillings, parameter: Parameter, value: Filling): Fillings {
  return new Map([...fillings, [parameter, { ...value, more: [] }]])
}
