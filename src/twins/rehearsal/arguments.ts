import type { Draft } from './plan.ts'
import type { Parameter, Profile } from './profile.ts'
import { isJson, type Json, type Schema } from './schema.ts'
import { fitValue, leastValue } from './shape.ts'
import { accepts } from './valid.ts'

/** The arguments of a call, and the required parameters that nothing gives a value. */
export interface Arguments {
  readonly value: Json
  /** Made up in `value`; a call that may be put off should ask for them first. */
  readonly unknown: readonly Parameter[]
}

/** Makes the arguments of a draft. They are valid against the tool's schema even where something is unknown. */
export function argumentsOf(draft: Draft): Arguments {
  const value: { [key: string]: unknown } = {}
  const unknown: Parameter[] = []
  for (const parameter of draft.profile.parameters) {
    const one = draft.fillings.get(parameter)
    if (one !== undefined) put(value, parameter.path, one.value)
    if (one !== undefined || !draft.missing.includes(parameter)) continue
    const stated = standing(parameter)
    if (stated === undefined) unknown.push(parameter)
    put(value, parameter.path, stated ?? leastValue(parameter.schema))
  }
  return { value: settle(value, draft.profile), unknown }
}

function put(target: { [key: string]: unknown }, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path
  if (name === undefined) return
  if (rest.length === 0) {
    target[name] = value
    return
  }
  const inner = target[name]
  const next: { [key: string]: unknown } = isJson(inner) ? { ...inner } : {}
  put(next, rest, value)
  target[name] = next
}

/** What a parameter is when nobody says: its default, its first choice, no, or nothing at all. */
function standing(parameter: Parameter): unknown {
  const { schema } = parameter
  if (schema.fallback !== undefined) return schema.fallback
  const described = /\bdefaults?(?: value)?(?: is| to| of|:|=)?\s*['"`]?([\w.+-]*\w)['"`]?/i.exec(
    schema.description,
  )?.[1]
  const fitted =
    described === undefined || /^(?:to|is|the|if|value|none|null|empty)$/i.test(described)
      ? undefined
      : fitValue(described === 'true' ? true : described === 'false' ? false : described, schema)
  if (fitted !== undefined) return fitted
  if (schema.choices !== undefined && schema.choices.length > 0) return schema.choices[0]
  if (schema.types.has('boolean')) return false
  if (schema.nullable) return null
  return schema.types.has('object') && schema.required.size === 0 ? {} : undefined
}

/** Makes arguments valid: what the schema refuses is left out, or made up where it is required. */
export function settle(value: Json, profile: Profile): Json {
  const raw = profile.tool.parameters ?? {}
  const whole = complete(value, profile.schema)
  if (accepts(raw, whole)) return whole
  const properties = isJson(raw) && isJson(raw['properties']) ? raw['properties'] : {}
  const kept: [string, unknown][] = []
  for (const [name, one] of Object.entries(whole)) {
    if (!Object.hasOwn(properties, name) || accepts(properties[name], one, raw))
      kept.push([name, one])
    else if (profile.schema.required.has(name))
      kept.push([name, leastValue(profile.schema.properties.get(name) ?? profile.schema)])
  }
  const least = leastValue(profile.schema)
  const base = isJson(least) ? least : {}
  const required = Object.fromEntries(kept.filter(([name]) => profile.schema.required.has(name)))
  const tries: Json[] = [
    Object.fromEntries(kept),
    { ...base, ...Object.fromEntries(kept) },
    { ...base, ...required },
    base,
  ]
  return tries.find(one => accepts(raw, one)) ?? Object.fromEntries(kept)
}

/** Adds the required members that objects inside lack. */
function complete(value: Json, schema: Schema): Json {
  const out: { [key: string]: unknown } = { ...value }
  for (const name of schema.required) {
    const property = schema.properties.get(name)
    if (!Object.hasOwn(out, name)) out[name] = property === undefined ? '' : leastValue(property)
  }
  for (const [name, property] of schema.properties) {
    const inner = out[name]
    if (!isJson(inner)) continue
    const shape =
      property.properties.size > 0
        ? property
        : property.variants.find(one => one.properties.size > 0)
    if (shape !== undefined) out[name] = complete(inner, shape)
  }
  return out
}
