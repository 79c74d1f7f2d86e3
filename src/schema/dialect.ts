/** What of references a dialect takes. */
export type References =
  /** All, with anything beside them. */
  | 'any'
  /** To definitions or to the root, with nothing beside them; a definition may refer to itself. */
  | 'alone'
  /** As `alone`, and no way leads back to where it came from. */
  | 'acyclic'
  /** None: what is referred to is written out, and told in words where it would never end. */
  | 'none'

/** How large a schema may be. */
export interface SchemaLimits {
  /** Properties of all objects together. */
  readonly properties: number
  /** Objects inside objects. */
  readonly levels: number
  readonly enumValues: number
  /** Characters of all names and fixed values together. */
  readonly characters: number
  /** Whether the objects of an `anyOf` must begin with different properties. */
  readonly distinctUnions: boolean
}

/** What all schemas of a request may hold together. */
export interface SchemaBudget {
  readonly tools: number
  /** Properties that are not required. */
  readonly optionals: number
  /** Properties with a list of types or with `anyOf`. */
  readonly unions: number
}

/** One vendor's subset of JSON Schema, as data. Whatever it lacks is told to the model in words. */
export interface Dialect {
  /** Whether older drafts must be said in the words of 2020-12. */
  readonly upgrade: boolean
  /** The keywords it takes besides those that say nothing of values; absent: all. */
  readonly keywords?: ReadonlySet<string>
  readonly references: References
  /** Whether the root may be an `anyOf`, `oneOf` or `allOf`. */
  readonly rootUnions: boolean
  /** Whether the root must say its `properties`, even if there are none. */
  readonly rootProperties: boolean
  /** Whether the root may say nothing but `type`, `properties` and `required`. Default false. */
  readonly bareRoot?: true
  /** Whether an array must say what its items are. */
  readonly items: boolean
  /** Whether no object may have properties that are not named. */
  readonly closed: boolean
  /** Whether all properties must be required; optional ones then may be `null`. */
  readonly allRequired: boolean
  /** `lists`: a list of types is one type; `nullable`: there is a flag for null, and no list. */
  readonly types: 'lists' | 'nullable'
  /** Whether every schema must say its type. */
  readonly typed: boolean
  /** Fixed values: of any kind, without objects and lists, or texts alone. */
  readonly literals: 'any' | 'plain' | 'words'
  /** The formats it takes, by type; absent: all. */
  readonly formats?: { readonly [type: string]: readonly string[] }
  /** The largest `minItems`. */
  readonly minItems?: number
  /** Whether patterns may not look around. */
  readonly plainPatterns: boolean
  /** What names of properties must match. */
  readonly propertyName?: RegExp
  readonly limits?: SchemaLimits
  readonly budget?: SchemaBudget
}

/** Why a schema cannot be said in a dialect, with the place. */
export class Unfit extends Error {
  readonly at: string

  constructor(at: string, why: string) {
    super(why)
    this.name = 'Unfit'
    this.at = at
  }
}
