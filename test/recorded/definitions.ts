import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { JSONSchemaFaker } from 'json-schema-faker'
import { isObject, type Json, type JsonObject } from '../../src/core/json.ts'
import { checkArguments } from '../../src/schema/validate.ts'

/** A tool as some user has defined it, and arguments that fit its schema. */
export interface Definition {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
  readonly arguments: JsonObject
}

/** Names of types in Python and Java, as JSON Schema names them; an empty one says nothing. */
const TYPES: { readonly [name: string]: string } = {
  dict: 'object',
  HashMap: 'object',
  float: 'number',
  double: 'number',
  long: 'integer',
  tuple: 'array',
  Array: 'array',
  ArrayList: 'array',
  String: 'string',
  char: 'string',
  Boolean: 'boolean',
  any: '',
}

/** All definitions of a folder: those of a leaderboard, and the tools of a server. */
export function loadDefinitions(folder: string): Definition[] {
  const fake = faker(2026)
  const functions = lines(join(folder, 'bfcl_functions.jsonl')).map(entry =>
    make(entry, String(entry['name']), readTypes(entry['parameters'])),
  )
  const schemas = lines(join(folder, 'schemas.jsonl')).map(entry =>
    make(entry, String(entry['id']), entry['schema']),
  )
  function make(entry: JsonObject, name: string, schema: Json | undefined): Definition {
    const parameters = isObject(schema) ? schema : {}
    return {
      id: String(entry['id']),
      name,
      description: String(entry['description'] ?? ''),
      parameters,
      arguments: fake(parameters),
    }
  }
  return [...functions, ...schemas]
}

/** The objects of a file that holds one a line. */
export function lines(path: string): JsonObject[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map((line): JsonObject => JSON.parse(line))
}

/** A schema with its types named as JSON Schema names them. */
export function readTypes(value: Json | undefined): Json | undefined {
  if (!isObject(value)) return value
  const { properties, items, additionalProperties, ...rest } = value
  const type = TYPES[String(rest['type'])] ?? rest['type']
  if (type === '') delete rest['type']
  else if (type !== undefined) rest['type'] = type
  const inner = isObject(properties)
    ? Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, readTypes(one)]))
    : properties
  return {
    ...rest,
    ...(inner === undefined ? {} : { properties: inner }),
    ...(items === undefined ? {} : { items: readTypes(items) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: readTypes(additionalProperties) }),
  }
}

/** Makes arguments that fit a schema; the same seed makes the same ones. */
function faker(seed: number): (schema: JsonObject) => JsonObject {
  let state = seed
  JSONSchemaFaker.option({
    random: () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    },
    optionalsProbability: 0.5,
    fillProperties: false,
    maxItems: 3,
    failOnInvalidTypes: false,
    failOnInvalidFormat: false,
  })
  return schema => {
    const made: unknown = JSONSchemaFaker.generate(structuredClone(schema))
    const value: Json = JSON.parse(JSON.stringify(made ?? {}))
    return fitted(isObject(value) ? value : {}, schema)
  }
}

/**
 * What the faker leaves undone: it gives nothing for a required property that no schema describes,
 * and something for an optional one that no value can fit (whole numbers out of a list of texts).
 */
function fitted(value: JsonObject, schema: JsonObject): JsonObject {
  for (let round = 0; round < 4; round++) {
    const verdict = checkArguments(schema, JSON.stringify(value))
    if (verdict.ok) return value
    for (const { path, rule } of verdict.problems) {
      const keys = path.split('/').slice(1)
      const last = keys.pop() ?? ''
      let holder: Json | undefined = value
      for (const key of keys) holder = isObject(holder) ? holder[key] : undefined
      if (!isObject(holder)) continue
      if (rule === 'required') holder[last] = 'something'
      else delete holder[last]
    }
  }
  // Nothing fits: a required list that must be one of some texts.
  return value
}
