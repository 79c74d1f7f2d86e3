import type { Parameter } from './profile.ts'

/** A value found for one parameter. */
export interface Filling {
  readonly parameter: Parameter
  readonly value: unknown
  /** How surely the words say so: from about 0.5 (a guess) to 10. */
  readonly strength: number
  /** Token positions that the value was read from, the end exclusive. */
  readonly from: number
  readonly to: number
  /** Further values for the same parameter that the message enumerates: one call each. */
  readonly more: readonly Filling[]
}

/** The values found for the parameters of one call. */
export type Fillings = ReadonlyMap<Parameter, Filling>

/** Whether a parameter takes words of any kind, such as a query or a message. */
export function isFreeText(parameter: Parameter): boolean {
  const { schema, roles } = parameter
  return (
    roles.has('text') &&
    !roles.has('date') &&
    schema.types.has('string') &&
    parameter.choices.length === 0 &&
    schema.format === undefined
  )
}

/** Whether two stretches of a message share a token. */
export function overlaps(
  one: { readonly from: number; readonly to: number },
  other: { readonly from: number; readonly to: number },
): boolean {
  return one.from < other.to && other.from < one.to
}
