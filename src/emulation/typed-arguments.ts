import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { tryParseJson } from '../wire/json.ts'

/** Arguments that were written one by one, each as plain text, become the text of one JSON object. */
export class TypedArguments {
  readonly #schema: JsonObject | undefined
  readonly #keys = new Set<string>()
  #text = ''

  constructor(schema: JsonObject | undefined) {
    this.#schema = schema
  }

  /**
   * Adds a value as the tool's schema has it: a text stays a text, `4` becomes a number where no
   * text is wanted. Returns false for a key that was there before.
   */
  addText(key: string, text: string): boolean {
    return this.addJson(key, typedText(text, kindsOf(this.#schema, key)))
  }

  /** Adds a value that is JSON text. Returns false for a key that was there before. */
  addJson(key: string, json: string): boolean {
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    this.#text += `${this.#text === '' ? '' : ', '}${JSON.stringify(key)}: ${json}`
    return true
  }

  /** JSON text of an object. */
  toText(): string {
    return `{${this.#text}}`
  }
}

/** The types that the schema names for a key; empty if it names none. */
function kindsOf(schema: JsonObject | undefined, key: string): readonly string[] {
  const properties = schema?.['properties']
  const property =
    isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined
  return isObject(property) ? kindsIn(property, 0) : []
}

function kindsIn(schema: JsonObject, depth: number): readonly string[] {
  const { type } = schema
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.filter(kind => typeof kind === 'string')
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices) && depth < 4)
    return choices.flatMap(choice => (isObject(choice) ? kindsIn(choice, depth + 1) : []))
  const values = schema['enum']
  if (Array.isArray(values)) return [...new Set(values.map(kindOf))]
  return 'const' in schema ? [kindOf(schema['const'] ?? null)] : []
}

function typedText(text: string, kinds: readonly string[]): string {
  const trimmed = text.trim()
  const json = kinds.includes('boolean') ? trimmed.replace(/^(True|False)$/, lower) : trimmed
  const value = tryParseJson(json)
  const kind = value === undefined ? undefined : kindOf(value)
  const wanted =
    kind !== undefined &&
    (kinds.length === 0 || kinds.includes(kind) || (kind === 'integer' && kinds.includes('number')))
  if (wanted && !(kind === 'string' && kinds.length > 0)) return json
  if (kinds.length === 0 || kinds.includes('string') || kind === undefined)
    return JSON.stringify(text)
  return json
}

function lower(word: string): string {
  return word.toLowerCase()
}

function kindOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
