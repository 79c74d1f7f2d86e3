/** What a library's check of a value says: the value it became, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong, and where: keys, or objects that hold a key. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * What schema libraries (zod, valibot, arktype and others) put under `~standard`: a check, a
 * translation to JSON Schema, or both. Sources: Standard Schema 1 and Standard JSON Schema 1,
 * standardschema.dev, 2026.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate?: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>
    }
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** Whether a value carries a schema of some library; such values may be functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return '~standard' in value && typeof value['~standard'] === 'object'
}

/** A plain JSON Schema, as written in a program. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly [keyword: string]: unknown
}

/** The type of the values that a plain JSON Schema, known to the compiler, lets through. */
export type FromJsonSchema<S> = S extends { readonly const: infer Value }
  ? Value
  : S extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : S extends { readonly anyOf: readonly (infer Branch)[] }
      ? FromJsonSchema<Branch>
      : S extends { readonly oneOf: readonly (infer Branch)[] }
        ? FromJsonSchema<Branch>
        : S extends { readonly type: infer Type }
          ? OfType<Type extends readonly (infer One)[] ? One : Type, S>
          : unknown

type OfType<Type, S> = Type extends 'string'
  ? string
  : Type extends 'number' | 'integer'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'null'
        ? null
        : Type extends 'array'
          ? S extends { readonly items: infer Item }
            ? FromJsonSchema<Item>[]
            : unknown[]
          : Type extends 'object'
            ? OfObject<S>
            : unknown

type OfObject<S> = S extends { readonly properties: infer Properties }
  ? Flat<
      {
        -readonly [Key in keyof Properties as Key extends RequiredKeys<S>
          ? Key
          : never]: FromJsonSchema<Properties[Key]>
      } & {
        -readonly [Key in keyof Properties as Key extends RequiredKeys<S>
          ? never
          : Key]?: FromJsonSchema<Properties[Key]>
      }
    >
  : { [key: string]: unknown }

type RequiredKeys<S> = S extends { readonly required: readonly (infer Key)[] } ? Key : never
type Flat<T> = { [Key in keyof T]: T[Key] }

/** The type of a tool's arguments, whatever kind of schema they are described with, or none. */
export type InputOf<Source> = Source extends undefined ? Record<string, never> : DescribedBy<Source>

type DescribedBy<Source> = Source extends {
  readonly '~standard': { readonly types?: infer Types }
}
  ? NonNullable<Types> extends { readonly output: infer Output }
    ? Output
    : unknown
  : Source extends JsonSchema
    ? FromJsonSchema<Source>
    : unknown
