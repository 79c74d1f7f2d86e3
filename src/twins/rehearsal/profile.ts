import type { TwinTool } from '../model.ts'
import { GENERIC, ROLE_WORDS, type Role } from './lexicon.ts'
import { readSchema, type Schema } from './schema.ts'
import { identifierWords, pairs, stem, stems, unspaced } from './stem.ts'

/** A value that a declaration names, with its words. */
export interface Term {
  readonly value: unknown
  readonly words: readonly string[]
  readonly stems: readonly string[]
}

/** One parameter of a tool, or one member of an object parameter, with what its words tell. */
export interface Parameter {
  /** The names from the top to this member. */
  readonly path: readonly string[]
  readonly name: string
  readonly schema: Schema
  /** Required, and so are all objects around it. */
  readonly required: boolean
  /** Stems of the name that carry meaning. */
  readonly stems: readonly string[]
  /** Stems of the description. */
  readonly described: ReadonlySet<string>
  readonly roles: ReadonlySet<Role>
  /** The fixed choices of the parameter, or of its items. */
  readonly choices: readonly Term[]
  /** Values that the description gives as examples. */
  readonly hints: readonly string[]
  readonly hintTerms: readonly Term[]
  /** Those of them that the description puts in quotation marks, to be used as they are spelt. */
  readonly literals: readonly string[]
}

/** What a tool's declaration tells, read once. */
export interface Profile {
  readonly tool: TwinTool
  readonly schema: Schema
  readonly parameters: readonly Parameter[]
  readonly nameStems: ReadonlySet<string>
  readonly describedStems: ReadonlySet<string>
  /** Stems of the names and hints of parameters, and of their choices. */
  readonly parameterStems: ReadonlySet<string>
  readonly choiceStems: ReadonlySet<string>
  readonly detailStems: ReadonlySet<string>
}

const FILLERS: ReadonlySet<string> = new Set(
  'number num of no is has have include included enable enabled allow allowed should use with in the for to a an on max min maximum minimum total count optional required target my new get set list array value val str'
    .split(' ')
    .map(stem),
)
const MEMO_SIZE = 512
const DEEPEST = 3
const memo = new Map<string, Profile>()

/** Reads a tool's declaration. The last few hundred are remembered. */
export function readProfile(tool: TwinTool): Profile {
  const key = JSON.stringify([tool.name, tool.description, tool.parameters])
  const known = memo.get(key)
  if (known !== undefined) return known.tool === tool ? known : { ...known, tool }
  const made = profileOf(tool)
  if (memo.size >= MEMO_SIZE) memo.clear()
  memo.set(key, made)
  return made
}

function profileOf(tool: TwinTool): Profile {
  const schema = rootOf(readSchema(tool.parameters))
  const parameters = parametersOf(schema, [], true)
  return {
    tool,
    schema,
    parameters,
    nameStems: new Set(nameStems(tool.name)),
    describedStems: new Set(stems(tool.description)),
    parameterStems: new Set(parameters.flatMap(one => one.path.flatMap(nameStems))),
    choiceStems: new Set(
      parameters.flatMap(one => [...one.choices, ...one.hintTerms].flatMap(term => term.stems)),
    ),
    detailStems: new Set(parameters.flatMap(one => [...one.described])),
  }
}

function nameStems(name: string): string[] {
  return identifierWords(name)
    .flatMap(word => (unspaced(word) ? pairs(word) : [stem(word)]))
    .filter(one => !/^\d+$/.test(one))
}

function termOf(value: unknown): Term {
  const words = identifierWords(String(value))
  return { value, words, stems: words.map(stem) }
}

/** The choices of a schema or of its items. */
function choicesOf(schema: Schema): readonly unknown[] {
  return (
    schema.choices ?? schema.items?.choices ?? schema.variants.flatMap(one => one.choices ?? [])
  )
}

/** A schema of alternatives at the top is read as its first alternative. */
function rootOf(schema: Schema): Schema {
  const variant = schema.variants[0]
  if (variant === undefined) return schema
  return {
    ...schema,
    properties: new Map([...schema.properties, ...variant.properties]),
    required: new Set([...schema.required, ...variant.required]),
  }
}

function parametersOf(schema: Schema, path: readonly string[], required: boolean): Parameter[] {
  const out: Parameter[] = []
  for (const [name, one] of schema.properties) {
    const needed = required && schema.required.has(name)
    const inner =
      one.properties.size > 0 ? one : one.variants.find(variant => variant.properties.size > 0)
    if (inner !== undefined && path.length < DEEPEST)
      out.push(...parametersOf(inner, [...path, name], needed))
    else out.push(parameterOf(name, one, [...path, name], needed))
  }
  return out
}

function parameterOf(
  name: string,
  schema: Schema,
  path: readonly string[],
  required: boolean,
): Parameter {
  const all = nameStems(name)
  const telling = all.filter(one => !FILLERS.has(one) && one.length > 1)
  const described = new Set(stems(schema.description))
  const hinted = hintsOf(schema.description)
  return {
    path,
    name,
    schema,
    required,
    stems: telling.length > 0 ? telling : all,
    described,
    roles: rolesOf(name, schema, described),
    choices: choicesOf(schema).map(termOf),
    ...hinted,
    hintTerms: hinted.hints.map(termOf),
  }
}

function rolesOf(name: string, schema: Schema, described: ReadonlySet<string>): Set<Role> {
  const roles = new Set<Role>()
  const words = identifierWords(name)
  const add = (word: string): void => {
    for (const [role, set] of ROLES) if (set.has(word)) roles.add(role)
  }
  for (const word of words) {
    add(word)
    // An abbreviation counts for the word that the description spells out.
    if (word.length >= 3 && word.length <= 4) {
      for (const [role, set] of ROLES)
        if (
          [...set].some(
            full =>
              full.length > word.length + 2 && full.startsWith(word) && described.has(stem(full)),
          )
        )
          roles.add(role)
    }
  }
  if (schema.format === 'date' || schema.format === 'date-time') roles.add('date')
  if (/\bpercent/i.test(schema.description)) roles.add('rate')
  if (schema.format === 'email') roles.add('email')
  if (schema.format === 'uri' || schema.format === 'url') roles.add('url')
  const lower = schema.description.toLowerCase()
  if (/yyyy|iso 8601|\bdate\b/.test(lower) && roles.size === 0) roles.add('date')
  if (roles.size === 0) for (const word of subjectWords(lower)) add(word)
  return roles
}

/** The words of a description that say what it is: its first few, up to a clause that says more. */
function subjectWords(description: string): string[] {
  const head =
    description.split(/[.(,;:]|\b(?:which|that|where|for|to|in|used|when|whose|if)\b/)[0] ?? ''
  return head
    .split(/[^\p{L}]+/u)
    .filter(word => word !== '')
    .slice(0, 6)
}

const ROLE_NAMES: readonly Role[] = [
  'place',
  'date',
  'time',
  'person',
  'text',
  'id',
  'email',
  'url',
  'path',
  'phone',
  'money',
  'rate',
  'count',
  'year',
  'source',
  'target',
  'unit',
  'language',
  'title',
  'expression',
]
const ROLES: readonly (readonly [Role, ReadonlySet<string>])[] = ROLE_NAMES.map(role => [
  role,
  ROLE_WORDS[role],
])

/** Values that a description gives as examples: in quotation marks, after `e.g.` or `such as`, in brackets. */
function hintsOf(description: string): { hints: string[]; literals: string[] } {
  const literals = new Set<string>()
  const out = new Set<string>()
  for (const match of description.matchAll(
    /(?<![\p{L}])'([^'\n]{1,60})'(?!\p{L})|"([^"\n]{1,60})"|`([^`\n]{1,60})`/gu,
  )) {
    literals.add((match[1] ?? match[2] ?? match[3] ?? '').trim())
  }
  const lists =
    /(?:e\.g\.,?|i\.e\.,?|such as|for example,?|for instance,?|examples?:|options?(?: are| include)?:?|either|one of:?|can be|could be|values?:|like|\()\s*([^.;()]{2,160})/gi
  for (const match of description.matchAll(lists)) {
    for (const part of (match[1] ?? '').split(/,|\bor\b|\band\b|\betc\b|\//)) {
      const bare = part.trim().replace(/^['"`]|['"`]$/g, '')
      if (bare !== '' && bare.split(/\s+/).length <= 3) out.add(bare)
    }
  }
  const telling = (hint: string): boolean => hint !== '' && !GENERIC.has(hint.toLowerCase())
  return {
    hints: [...new Set([...literals, ...out])].filter(telling),
    literals: [...literals].filter(telling),
  }
}
