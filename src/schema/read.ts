import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { excerpt, MAX_PROBLEMS, pointer, steps } from './pointer.ts'

/** What is wrong with a schema, and where: a JSON Pointer such as `/properties/city/type`. */
export interface SchemaProblem {
  readonly path: string
  /** The keyword that is wrong, or `schema` for the schema as a whole. */
  readonly rule: string
  readonly message: string
}

/** A tool's schema that can be used, or what is wrong with it. `undefined`: the tool takes nothing. */
export type ToolSchema =
  | { readonly ok: true; readonly schema: JsonObject | undefined }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] }

/** A schema of more nodes, or nested deeper, is refused: no honest tool comes near either. */
const MAX_NODES = 20_000
const MAX_DEPTH = 100

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']

type Shape = 'schema' | 'schemas' | 'schema-map' | 'names' | 'count' | 'number' | 'text' | 'list'

/** The shape of what each keyword holds. Other keywords may hold anything. */
const SHAPES = new Map<string, Shape>([
  ...each('schema', 'additionalProperties unevaluatedProperties propertyNames contains not if'),
  ...each('schema', 'then else additionalItems unevaluatedItems'),
  ...each('schemas', 'allOf anyOf oneOf prefixItems'),
  ...each('schema-map', 'properties patternProperties $defs definitions dependentSchemas'),
  ...each('names', 'required'),
  ...each('count', 'minLength maxLength minItems maxItems minProperties maxProperties'),
  ...each('count', 'minContains maxContains'),
  ...each('number', 'minimum maximum multipleOf'),
  ...each('text', '$ref $id $schema $anchor pattern format title description'),
  ...each('list', 'enum'),
])

function each(shape: Shape, keywords: string): [string, Shape][] {
  return keywords.split(' ').map(keyword => [keyword, shape])
}

/**
 * Reads what a client gave as a tool's parameters. Usable is: nothing (absent or `null`), the empty
 * object, or a JSON Schema whose root is `type: "object"` and whose keywords hold what they must.
 * Unknown keywords are let through, as every vendor does without `strict`.
 */
export function readToolSchema(value: Json | undefined): ToolSchema {
  if (value === undefined || value === null) return { ok: true, schema: undefined }
  if (!isObject(value)) return fail('', 'schema', 'A schema must be an object.')
  if (Object.keys(value).length > 0 && value['type'] !== 'object')
    return fail('/type', 'type', 'The type of a tool\'s schema must be "object".')
  const problems = schemaProblems(value)
  return problems.length === 0 ? { ok: true, schema: value } : { ok: false, problems }
}

function fail(path: string, rule: string, message: string): ToolSchema {
  return { ok: false, problems: [{ path, rule, message }] }
}

/** What is malformed in a schema of any type; the first `MAX_PROBLEMS` problems. */
export function schemaProblems(root: JsonObject): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = []
  let nodes = 0
  const report = (path: string, rule: string, message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ path, rule, message })
  }
  const visit = (schema: Json | undefined, path: string, depth: number): void => {
    if (typeof schema === 'boolean' || problems.length === MAX_PROBLEMS) return
    if (!isObject(schema)) {
      report(path, 'schema', 'A schema must be an object or a boolean.')
      return
    }
    if (++nodes === MAX_NODES) report(path, 'schema', `The schema has over ${MAX_NODES} nodes.`)
    if (depth === MAX_DEPTH) report(path, 'schema', `The schema is nested over ${MAX_DEPTH} deep.`)
    if (nodes >= MAX_NODES || depth >= MAX_DEPTH) return
    for (const [keyword, value] of Object.entries(schema)) {
      const at = path + pointer([keyword])
      const wrong = keywordProblem(keyword, value, root)
      if (wrong !== undefined) report(at, keyword, wrong)
      else for (const [key, child] of schemasIn(keyword, value)) visit(child, at + key, depth + 1)
    }
  }
  visit(root, '', 0)
  return problems
}

/** The schemas inside a keyword, each with the rest of its path. */
export function schemasIn(keyword: string, value: Json | undefined): [string, Json | undefined][] {
  const shape = SHAPES.get(keyword)
  const listed = shape === 'schemas' || keyword === 'items' || keyword === 'dependencies'
  if (listed && Array.isArray(value)) return value.map((item, i) => [`/${i}`, item])
  if (shape === 'schema' || keyword === 'items') return [['', value]]
  if ((shape === 'schema-map' || keyword === 'dependencies') && isObject(value))
    return Object.entries(value)
      .filter(([, item]) => keyword !== 'dependencies' || !Array.isArray(item))
      .map(([key, item]) => [pointer([key]), item])
  return []
}

function keywordProblem(keyword: string, value: Json | undefined, root: JsonObject) {
  if (keyword === 'type') return typeProblem(value)
  if (keyword === '$ref' && typeof value === 'string' && !resolves(value, root))
    return `Nothing stands at ${excerpt(value, 100)}.`
  switch (SHAPES.get(keyword)) {
    case 'schemas':
      if (Array.isArray(value) && value.length > 0) return undefined
      return `"${keyword}" must be an array of schemas, with at least one.`
    case 'schema-map':
      return isObject(value) ? undefined : `"${keyword}" must be an object of schemas.`
    case 'names':
      if (Array.isArray(value) && value.every(name => typeof name === 'string')) return undefined
      return `"${keyword}" must be an array of property names.`
    case 'count':
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return undefined
      return `"${keyword}" must be a whole number, 0 or more.`
    case 'number':
      return typeof value === 'number' ? undefined : `"${keyword}" must be a number.`
    case 'text':
      return typeof value === 'string' ? undefined : `"${keyword}" must be a string.`
    case 'list':
      return Array.isArray(value) ? undefined : `"${keyword}" must be an array.`
    default:
      return undefined
  }
}

function typeProblem(value: Json | undefined): string | undefined {
  const names = Array.isArray(value) ? value : [value]
  const wrong = names.find(name => typeof name !== 'string' || !TYPES.includes(name))
  if (names.length > 0 && wrong === undefined) return undefined
  return `"type" must be one of ${TYPES.join(', ')}, or an array of them.`
}

/** Whether a reference into the schema itself leads anywhere. Others are left to the validator. */
function resolves(reference: string, root: JsonObject): boolean {
  if (reference !== '#' && !reference.startsWith('#/')) return true
  let at: Json | undefined = root
  for (const key of steps(reference)) {
    if (Array.isArray(at)) at = at[Number(key)]
    else if (isObject(at) && Object.hasOwn(at, key)) at = at[key]
    else return false
  }
  return at !== undefined
}
