import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { excerpt, MAX_PROBLEMS, pointer, steps } from './pointer.ts'

/** One rule of a schema that a value does not keep. Every text in it is short. */
export interface Problem {
  /** JSON Pointer to the value, such as `/days/0`; empty for the arguments as a whole. */
  readonly path: string
  /** The keyword of the rule, or `json` for text that is not JSON. */
  readonly rule: string
  readonly expected: string
  readonly found: string
  /** The four above in one sentence, for a model or a person. */
  readonly message: string
}

/** What the validator says of one keyword; what it says of a subschema follows the holder's. */
export interface Finding {
  readonly keyword: string
  /** From the root of the schema, through each `$ref`. */
  readonly keywordLocation: string
  readonly instanceLocation: string
}

/** What the findings are about. */
export interface Checked {
  readonly schema: JsonObject
  readonly value: Json
  /** The subschema that the `$ref` of a node leads to. */
  follow(node: JsonObject): Json | undefined
}

/** Keywords whose finding only says that findings inside of them follow. */
const HOLDERS = new Set([
  ...['$ref', 'allOf', 'if', 'dependentSchemas', 'propertyNames'],
  ...['properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties'],
  ...['items', 'prefixItems', 'additionalItems', 'unevaluatedItems'],
])

/** Makes a problem and its message, cut to length. */
export function problem(at: string, rule: string, expected: string, found: string): Problem {
  const path = excerpt(at, 200)
  const wanted = excerpt(expected, 200)
  const seen = excerpt(found, 200)
  const place = path === '' ? 'the arguments' : path
  return {
    path,
    rule,
    expected: wanted,
    found: seen,
    message: `${place}: expected ${wanted}, found ${seen} (${rule})`,
  }
}

/** What a value is, in a few words, however large it is: `string "x"`, `array of 3 items`. */
export function describeValue(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `string ${excerpt(JSON.stringify(value.slice(0, 80)), 80)}`
  if (Array.isArray(value)) return `array of ${value.length} items`
  if (isObject(value)) return `object ${excerpt(`{${Object.keys(value).slice(0, 20)}}`, 80)}`
  return value === null ? 'null' : `${typeof value} ${value}`
}

/** Says findings as problems, each once, and at most `MAX_PROBLEMS` of them. */
export function toProblems(findings: readonly Finding[], checked: Checked): Problem[] {
  const problems = new Map<string, Problem>()
  for (let i = 0; i < findings.length && problems.size < MAX_PROBLEMS; i++) {
    const finding = findings[i]
    if (finding === undefined || HOLDERS.has(finding.keyword)) continue
    const inside = insideOf(findings, i)
    const branch = likelyBranch(finding, inside, checked)
    const said = branch
      ? toProblems(branch, checked)
      : sayFinding(finding, findings[i - 1]?.keyword, checked)
    for (const one of said) problems.set(one.message, one)
    i += inside.length
  }
  return [...problems.values()].slice(0, MAX_PROBLEMS)
}

/** The findings after `at` that belong to subschemas of its keyword. */
function insideOf(findings: readonly Finding[], at: number): Finding[] {
  const start = `${findings[at]?.keywordLocation}/`
  const inside: Finding[] = []
  for (let i = at + 1; i < findings.length; i++) {
    const finding = findings[i]
    // What a subschema `false` says has no place in the schema.
    if (!finding?.keywordLocation.startsWith(start) && finding?.keyword !== 'false') break
    inside.push(finding)
  }
  return inside
}

/**
 * Of the alternatives that all fail, the one that was meant, if there is a single one that agrees in
 * type and in fixed values: its findings say more than "none of them".
 */
function likelyBranch(
  finding: Finding,
  inside: readonly Finding[],
  checked: Checked,
): Finding[] | undefined {
  if (finding.keyword !== 'anyOf' && finding.keyword !== 'oneOf') return undefined
  const branches = new Map<string, Finding[]>()
  for (const one of inside) {
    const name =
      one.keywordLocation.slice(finding.keywordLocation.length + 1).split('/', 1)[0] ?? ''
    const branch = branches.get(name)
    if (branch) branch.push(one)
    else branches.set(name, [one])
  }
  const all = keywordValue(finding, checked)
  if (Array.isArray(all) && branches.size < all.length) return undefined
  const near = finding.instanceLocation.split('/').length + 1
  const meant = [...branches.values()].filter(branch =>
    branch.every(one => {
      if (one.keyword === 'type') return one.instanceLocation !== finding.instanceLocation
      if (one.keyword !== 'const' && one.keyword !== 'enum') return true
      return one.instanceLocation.split('/').length > near
    }),
  )
  return meant.length === 1 ? meant[0] : undefined
}

function sayFinding(finding: Finding, holder: string | undefined, checked: Checked): Problem[] {
  const keys = steps(finding.instanceLocation)
  const path = pointer(keys)
  const value = step(checked.value, keys)
  const rule = finding.keyword
  if (rule === 'false')
    return [problem(path, holder ?? 'schema', 'nothing here', describeValue(value))]
  const wanted = keywordValue(finding, checked)
  if (rule === 'required' && Array.isArray(wanted) && isObject(value))
    return wanted
      .filter((key): key is string => typeof key === 'string' && !Object.hasOwn(value, key))
      .map(key => problem(pointer([...keys, key]), rule, 'a value', 'nothing'))
  return [problem(path, rule, expectation(rule, wanted), describeValue(value))]
}

/** What a keyword asks for, in words. */
function expectation(rule: string, wanted: Json | undefined): string {
  const text = wanted === undefined ? '' : JSON.stringify(wanted)
  switch (rule) {
    case 'type':
      return Array.isArray(wanted) ? wanted.join(' or ') : String(wanted)
    case 'const':
      return text
    case 'enum':
      return `one of ${text}`
    case 'minimum':
      return `${text} or more`
    case 'maximum':
      return `${text} or less`
    case 'exclusiveMinimum':
      return `more than ${text}`
    case 'exclusiveMaximum':
      return `less than ${text}`
    case 'minLength':
      return `${text} characters or more`
    case 'maxLength':
      return `${text} characters or fewer`
    case 'minItems':
      return `${text} items or more`
    case 'maxItems':
      return `${text} items or fewer`
    case 'uniqueItems':
      return 'items that differ'
    case 'pattern':
      return `text that matches ${text}`
    case 'format':
      return `text in the format ${text}`
    case 'anyOf':
      return `any of ${text}`
    case 'oneOf':
      return `exactly one of ${text}`
    case 'not':
      return `anything but ${text}`
    case 'contains':
      return `an item like ${text}`
    default:
      return `${rule} ${text}`
  }
}

/** The value of a finding's keyword, found by walking its location through the schema. */
function keywordValue(finding: Finding, checked: Checked): Json | undefined {
  let node: Json | undefined = checked.schema
  for (const key of steps(finding.keywordLocation)) {
    if (key === '$ref' && isObject(node) && typeof node['$ref'] === 'string')
      node = checked.follow(node)
    else node = step(node, [key])
  }
  return node
}

function step(from: Json | undefined, keys: readonly string[]): Json | undefined {
  let at = from
  for (const key of keys) {
    if (Array.isArray(at)) at = at[Number(key)]
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }
  return at
}
