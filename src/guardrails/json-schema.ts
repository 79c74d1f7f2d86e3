import { isObject, type Json } from '../core/json.ts'
import type { Guardrail } from './guardrail.ts'
import { ALLOW, type GuardPoint, REFUSED_MESSAGE } from './verdict.ts'

/** What is wrong with a value, each in a sentence; empty if nothing is. */
export type SchemaCheck = (value: Json) => readonly string[]

/** What `jsonSchema()` can be told. */
export interface JsonSchemaOptions {
  /**
   * The compiled schema: any validator will do. With the one of this package:
   * `compileSchema(schema)`.
   */
  readonly check: SchemaCheck
  /** Default: the arguments of calls. */
  readonly points?: readonly GuardPoint[]
  /** The only tools it is for. Default: all. */
  readonly tools?: readonly string[]
  /** Default `ask-again`: the model is told what is wrong. */
  readonly action?: 'ask-again' | 'refuse'
  readonly message?: string
  /** Default `json-schema`. */
  readonly name?: string
}

/** Most problems that a reason names. */
const MOST_TOLD = 5

/** Holds a value to a JSON Schema. A text is parsed first; one that is no JSON is wrong. */
export function jsonSchema(options: JsonSchemaOptions): Guardrail {
  const { check, tools, action = 'ask-again', message = REFUSED_MESSAGE } = options
  return {
    name: options.name ?? 'json-schema',
    points: options.points ?? ['tool-arguments'],
    check({ value, tool }) {
      if (tools && (tool === undefined || !tools.includes(tool))) return ALLOW
      const problems = problemsOf(value, check)
      if (problems.length === 0) return ALLOW
      const reason = `it breaks its schema: ${problems.slice(0, MOST_TOLD).join('; ')}`
      return action === 'refuse' ? { type: action, reason, message } : { type: action, reason }
    },
  }
}

function problemsOf(value: Json, check: SchemaCheck): readonly string[] {
  if (typeof value !== 'string') return check(value)
  try {
    const parsed: Json = JSON.parse(value)
    return check(isObject(parsed) || Array.isArray(parsed) ? parsed : value)
  } catch {
    return ['it is no JSON']
  }
}
