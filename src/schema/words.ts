import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { excerpt } from './pointer.ts'

/** At most so many characters of a schema's words go into a description. */
const MOST = 600

/** The rules of one node that its dialect has no keyword for, to be told in its description. */
export class Words {
  readonly #rules: string[] = []

  add(keyword: string, value: Json): void {
    const said = sayRule(keyword, value)
    if (!this.#rules.includes(said)) this.#rules.push(said)
  }

  /** Puts the rules behind what a schema says of itself. */
  describe(schema: JsonObject): JsonObject {
    if (this.#rules.length === 0) return schema
    const rules = excerpt(`(${this.#rules.join('; ')})`, MOST)
    const own = typeof schema['description'] === 'string' ? schema['description'] : ''
    return { ...schema, description: own === '' ? rules : `${own} ${rules}` }
  }
}

/** A rule in words that a model understands. */
function sayRule(keyword: string, value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  switch (keyword) {
    case 'oneOf':
      return 'exactly one of the alternatives'
    case 'anyOf':
      return `any of ${conditions(value)}`
    case 'uniqueItems':
      return 'items must differ'
    case 'default':
      return `default ${JSON.stringify(value)}`
    case 'format':
      return `format ${text}`
    case 'additionalProperties':
      return value === false ? 'no further properties' : `further properties like ${text}`
    case 'prefixItems':
      return `items in this order: ${text}`
    case 'deep':
      return text
    default:
      return `${keyword} ${text}`
  }
}

function conditions(value: Json): string {
  if (!Array.isArray(value)) return JSON.stringify(value)
  return value
    .map(one => {
      const required = isObject(one) ? one['required'] : undefined
      return Array.isArray(required) ? `with ${required.join(' and ')}` : JSON.stringify(one)
    })
    .join(', ')
}
