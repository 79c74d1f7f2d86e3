import { join } from 'node:path'
import { isObject, type Json, type JsonObject } from '../../src/core/json.ts'
import type { PlainMessage } from '../../src/loop/history.ts'
import { checkArguments } from '../../src/schema/validate.ts'
import { lines, readTypes } from './definitions.ts'

/** A tool as a case declares it, under a name that every vendor takes. */
export interface CaseTool {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
}

/** One call that a case accepts. */
export interface AcceptedCall {
  readonly name: string
  readonly arguments: JsonObject
}

/** A question of the leaderboard, its tools, and the calls that answer it. */
export interface CallCase {
  readonly id: string
  readonly category: string
  readonly messages: readonly PlainMessage[]
  readonly tools: readonly CaseTool[]
  readonly calls: readonly AcceptedCall[]
}

/** All cases of a folder. */
export function loadCalls(folder: string): CallCase[] {
  return lines(join(folder, 'bfcl_cases.jsonl')).map(readCase)
}

function readCase(row: JsonObject): CallCase {
  const names = new Map<string, string>()
  const tools = objects(row['functions']).map(given => {
    const name = String(given['name'])
    const parameters = readTypes(given['parameters'])
    names.set(name, legalName(name, new Set(names.values())))
    return {
      name: names.get(name) ?? '',
      description: String(given['description'] ?? ''),
      parameters: isObject(parameters) ? parameters : {},
    }
  })
  const calls = objects(row['ground_truth']).flatMap(call =>
    Object.entries(call).map(([given, options]) => {
      const name = names.get(given) ?? given
      const parameters = tools.find(tool => tool.name === name)?.parameters
      return { name, arguments: isObject(options) ? choose(options, parameters) : {} }
    }),
  )
  const [conversation] = Array.isArray(row['question']) ? row['question'] : []
  const messages = objects(conversation).map(
    ({ role, content }): PlainMessage => ({
      role: role === 'system' || role === 'assistant' ? role : 'user',
      content: String(content),
    }),
  )
  return { id: String(row['id']), category: String(row['category']), messages, tools, calls }
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The leaderboard's names have dots and more, which no program of a user's could declare. */
function legalName(name: string, taken: ReadonlySet<string>): string {
  const legal = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 60)
  let free = legal
  for (let i = 2; taken.has(free); i++) free = `${legal}_${i}`
  return free
}

/**
 * One set of arguments out of what is accepted for each: the first that fits the schema, else the
 * first. An empty text among them means that the argument may be left out, as it is.
 */
function choose(options: JsonObject, schema: JsonObject | undefined): JsonObject {
  const described = isObject(schema?.['properties']) ? schema['properties'] : {}
  const chosen: { [name: string]: Json } = {}
  for (const [name, accepted] of Object.entries(options)) {
    if (accepted === undefined) continue
    const list: readonly Json[] = Array.isArray(accepted) ? accepted : [accepted]
    const required = Array.isArray(schema?.['required']) && schema['required'].includes(name)
    if (!required && list.includes('')) continue
    const inner = described[name]
    const type = isObject(inner) ? inner : {}
    const values = list.map(value => unfold(value, type))
    const value = values.find(one => fits(one, type)) ?? values[0]
    if (value !== undefined) chosen[name] = value
  }
  return chosen
}

/** In an object each argument has its own list of accepted values, and in a list of objects too. */
function unfold(value: Json, schema: JsonObject): Json {
  if (isObject(value))
    return Object.values(value).every(Array.isArray) ? choose(value, schema) : value
  const { items } = schema
  if (Array.isArray(value) && isObject(items)) return value.map(one => unfold(one, items))
  return value
}

function fits(value: Json, schema: JsonObject): boolean {
  const whole = { type: 'object', properties: { value: schema }, required: ['value'] }
  return checkArguments(whole, JSON.stringify({ value })).ok
}
