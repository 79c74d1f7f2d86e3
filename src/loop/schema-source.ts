import { ToolgateError } from '../core/error.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { oddPatterns } from '../schema/pattern.ts'
import { excerpt } from '../schema/pointer.ts'
import { describeValue, type Problem, problem } from '../schema/problems.ts'
import { readToolSchema } from '../schema/read.ts'
import { checkArguments } from '../schema/validate.ts'
import { isStandardSchema, type StandardIssue, type StandardSchema } from './standard.ts'
import { wordsOf } from './thrown.ts'

/** Arguments as the function gets them, or what is wrong with them. */
export type CheckedInput =
  | {
      readonly ok: true
      readonly value: unknown
      /** The arguments as JSON, before a library's transforms. */
      readonly json: JsonObject
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** A tool's schema made ready: what the model is told, and the check of what it answers. */
export interface SchemaSource {
  /** `undefined`: the tool takes nothing. */
  readonly parameters: JsonObject | undefined
  check(text: string): CheckedInput | Promise<CheckedInput>
}

/**
 * Reads the schema of a tool: a schema of any library that can be told as JSON Schema, a plain JSON
 * Schema, or nothing. All are held to by the same validator; a library's own check, with its
 * transforms and refinements, comes after it.
 *
 * @param parameters the JSON Schema to tell the model, for libraries that cannot write one
 * @throws ToolgateError `invalid_value` if the schema is malformed or cannot be told to a model.
 */
export function readSchemaSource(
  tool: string,
  source: unknown,
  parameters?: unknown,
): SchemaSource {
  const standard = isStandardSchema(source) ? source : undefined
  const told = parameters ?? (standard ? jsonSchemaOf(tool, standard) : source)
  const read = readToolSchema(plain(tool, told))
  if (!read.ok) {
    const [first] = read.problems
    const place = first?.path ? ` at ${first.path}` : ''
    throw invalid(tool, `its schema is malformed${place}: ${sentence(first?.message)}`)
  }
  // One vendor refuses an object without them ("object schema missing properties"), and no other minds.
  const schema = read.schema && { properties: {}, ...read.schema }
  return {
    parameters: schema,
    check(text) {
      const verdict = checkArguments(schema, text)
      if (!verdict.ok) return verdict
      const { value } = verdict
      const validate = standard?.['~standard'].validate
      return validate ? checkBy(validate, value) : { ok: true, value, json: value }
    },
  }
}

/**
 * Refuses a schema with a pattern that arguments cannot be held to: its author can mend it.
 *
 * @throws ToolgateError `invalid_value`, with the place of the pattern
 */
export function refuseOddPatterns(tool: string, schema: JsonObject | undefined): void {
  const [first] = schema ? oddPatterns(schema) : []
  if (!first) return
  const { path, pattern, why } = first
  const what = `is no regular expression of ECMA-262: /${excerpt(pattern, 100)}/ (${why})`
  throw invalid(tool, `the pattern at #${path} of its schema ${what}`)
}

/** The library's own word on arguments that keep the schema. */
async function checkBy(
  validate: NonNullable<StandardSchema['~standard']['validate']>,
  json: JsonObject,
): Promise<CheckedInput> {
  const result = await validate(json)
  if (!result.issues) return { ok: true, value: result.value, json }
  return { ok: false, problems: result.issues.map(issue => said(issue, json)) }
}

/** A sentence without its full stop, to stand at the end of another. */
function sentence(words = ''): string {
  return words.replace(/\.$/, '')
}

function jsonSchemaOf(tool: string, schema: StandardSchema): unknown {
  const { jsonSchema, vendor } = schema['~standard']
  if (!jsonSchema) {
    throw invalid(
      tool,
      `schemas of ${vendor} cannot be told as JSON Schema; give one under \`parameters\` beside \`input\``,
    )
  }
  try {
    return jsonSchema.input({ target: 'draft-2020-12' })
  } catch (cause) {
    const why = wordsOf(cause)
    throw invalid(tool, `its schema cannot be told as JSON Schema: ${sentence(why)}`)
  }
}

/** A copy that is JSON and nothing else, without `$schema`: the default draft is the one meant. */
function plain(tool: string, value: unknown): Json | undefined {
  if (value === undefined || value === null) return undefined
  const text = JSON.stringify(value)
  const copy: Json = text === undefined ? null : JSON.parse(text)
  if (!isObject(copy)) throw invalid(tool, 'its schema must be an object')
  const { $schema, ...rest } = copy
  return typeof $schema === 'string' && $schema.includes('2020-12') ? rest : copy
}

/** A library's issue in the words that every other problem has. */
function said(issue: StandardIssue, value: Json): Problem {
  const keys = (issue.path ?? []).map(step => String(typeof step === 'object' ? step.key : step))
  let at: Json | undefined = value
  for (const key of keys) {
    if (Array.isArray(at)) at = at[Number(key)]
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }
  const path = keys.map(key => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return problem(path, 'check', `a value that passes: ${issue.message}`, describeValue(at))
}

function invalid(tool: string, why: string): ToolgateError {
  return new ToolgateError('invalid_value', `Tool '${tool}': ${why}.`, {
    details: { names: [tool] },
  })
}

/** Characters of a text that says problems to a model. */
const MOST_CHARACTERS = 2000

/** What is wrong with a call's arguments, for the model: a line for each problem, within a size. */
export function sayProblems(tool: string, problems: readonly Problem[]): string {
  const lines = [`The arguments of ${tool} are invalid, and it was not run.`]
  let length = lines[0]?.length ?? 0
  for (const [index, { message }] of problems.entries()) {
    if (length + message.length > MOST_CHARACTERS) {
      lines.push(`- and ${problems.length - index} more`)
      break
    }
    lines.push(`- ${message}`)
    length += message.length + 3
  }
  return `${lines.join('\n')}\nCall it again with arguments that keep its schema.`
}
