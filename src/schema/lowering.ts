import { isObject, type Json, type JsonObject } from '../core/json.ts'
import type { LossAction } from '../core/loss.ts'
import { follow } from './accepts.ts'
import type { Coercion, PropertyCoercion } from './coerce.ts'
import { type Dialect, Unfit } from './dialect.ts'
import { SILENT, textsIn, typesOf } from './keywords.ts'
import { isStructured, literalsOf, wordsFor } from './literals.ts'
import { mergeSchemas, same } from './merge.ts'
import {
  anyOfThese,
  anything,
  apart,
  isDefinitions,
  isNull,
  isPlainPattern,
  keywordsOf,
  notesOf,
  nullableUnion,
  openBound,
  sameNames,
  withType,
} from './node.ts'
import { pointer } from './pointer.ts'
import { simplify } from './simplify.ts'
import { put, takesNull, withNull } from './upgrade.ts'
import { Words } from './words.ts'

/** What a schema lost on its way into a dialect. */
export interface SchemaLoss {
  /** JSON Pointer into the client's schema; empty for its root. */
  readonly at: string
  readonly what: string
  readonly action: LossAction
  readonly meaning: boolean
}

/** A node in a dialect's words, and how values of it come back. */
export interface LoweredNode {
  readonly schema: JsonObject
  readonly coercion?: Coercion
}

interface Definition {
  readonly place: '$defs' | 'definitions'
  readonly name: string
  readonly coercion: Coercion
  schema: JsonObject | undefined
}

/** Past so many nodes references are no longer written out. */
const MOST_NODES = 3000
/** How often one definition may be written out inside of itself. */
const MOST_REPEATS = 2

/** Notes that are told in words where there is no keyword for them, without being rules. */
const NOTES = ['default', 'examples', 'example', 'title']
/** Keywords that this file handles itself, wherever they stand. */
const HANDLED = new Set([
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items'],
  ...['prefixItems', '$defs', 'definitions', 'patternProperties', 'propertyNames'],
])

/** Lowers one schema into a dialect that knows only some keywords. One for each schema. */
export class Lowering {
  readonly losses: SchemaLoss[] = []
  readonly #dialect: Dialect
  readonly #root: JsonObject
  readonly #definitions = new Map<string, Definition>()
  readonly #rootCoercion: Coercion = {}
  #trail: readonly string[] = []
  #nodes = 0

  /** @param root in the words of draft 2020-12, with an object at its root */
  constructor(dialect: Dialect, root: JsonObject) {
    this.#dialect = dialect
    this.#root = root
  }

  /** @throws Unfit if the schema cannot be said in the dialect. */
  lower(): LoweredNode {
    const lowered = this.#node(this.#root, '')
    if (lowered.coercion) this.#rootCoercion.same = lowered.coercion
    const schema = this.#withDefinitions(lowered.schema)
    return { schema, coercion: this.#rootCoercion }
  }

  #node(value: Json | undefined, at: string): LoweredNode {
    this.#nodes++
    if (!isObject(value)) return this.#anything({}, at)
    const words = new Words()
    const tell = (keyword: string, rule: Json) => this.#tell(keyword, rule, at, words)
    const simple = simplify(value, this.#root, tell)
    if (typeof simple['$ref'] === 'string') return this.#reference(simple, simple['$ref'], at)
    if (Array.isArray(simple['anyOf'])) return this.#union(simple, simple['anyOf'], at, words)
    const values = literalsOf(simple)
    const typed = withType(simple, values)
    if (typed['type'] === undefined) return this.#anything(words.describe(typed), at)
    const asWords = this.#dialect.literals === 'words' && values
    if (asWords) return this.#words(typed, values, at, words)
    const types = typesOf(typed)
    const nullable = this.#dialect.types === 'nullable'
    // Fixed values say their type themselves.
    const node = values && !nullable ? simple : typed
    if (nullable && types.some(type => type !== 'null') && types.length > 1) {
      return this.#byType(node, types, at, words)
    }
    return this.#plain(node, types, values, at, words)
  }

  #plain(
    node: JsonObject,
    types: readonly string[],
    values: readonly Json[] | undefined,
    at: string,
    words: Words,
  ): LoweredNode {
    if (this.#dialect.literals === 'plain' && values?.some(isStructured))
      throw new Unfit(at, 'has fixed values that are objects or lists')
    const out: JsonObject = {}
    for (const key of Object.keys(node)) {
      const value = node[key]
      if (value === undefined || (SILENT.has(key) && !this.#keeps(key))) continue
      if (SILENT.has(key)) out[key] = value
      else if (key === 'enum' || key === 'const' || key === 'type') out[key] = value
      else if (!HANDLED.has(key)) this.#keyword(key, value, types, out, at, words)
      // Placeholders, so that the order of the client's keys stays.
      else if (this.#dialect.keywords?.has(key) && key !== '$defs' && key !== 'definitions')
        out[key] = value
    }
    const coercion: Coercion = {}
    if (types.includes('object')) this.#object(node, out, coercion, at, words)
    if (types.includes('array')) this.#array(node, out, coercion, at, words)
    if (!types.includes('array')) delete out['items']
    if (!types.includes('object'))
      for (const key of ['properties', 'required', 'additionalProperties']) delete out[key]
    return this.#finished(node, words.describe(out), coercion)
  }

  /** The same object as came in if nothing was changed. */
  #finished(node: JsonObject, out: JsonObject, coercion: Coercion): LoweredNode {
    const isSame =
      this.#dialect.types === 'lists' &&
      Object.keys(node).every(key => node[key] === out[key] || isDefinitions(key)) &&
      Object.keys(out).every(key => key in node)
    return { schema: isSame ? node : this.#spelled(out), coercion }
  }

  /** The draft's name stays where any keyword of JSON Schema may stand. */
  #keeps(key: string): boolean {
    return key === '$schema' && this.#dialect.types === 'lists'
  }

  /** Types as the dialect spells them. */
  #spelled(out: JsonObject): JsonObject {
    const type = out['type']
    if (this.#dialect.types === 'lists' || typeof type !== 'string') return out
    return { ...out, type: type.toUpperCase() }
  }

  #keyword(
    key: string,
    value: Json,
    types: readonly string[],
    out: JsonObject,
    at: string,
    words: Words,
  ): void {
    const { keywords, formats, minItems, plainPatterns } = this.#dialect
    const tell = () => this.#tell(key, value, at, words)
    if (!keywords?.has(key)) {
      const bound = openBound(key, value, types)
      if (bound && keywords?.has(bound.key)) out[bound.key] = bound.value
      if (!bound?.isExact || !keywords?.has(bound.key)) tell()
      return
    }
    if (key === 'format' && formats) {
      const known = types.some(type => formats[type]?.includes(String(value)))
      if (!known) {
        tell()
        return
      }
    } else if (key === 'pattern' && plainPatterns && !isPlainPattern(String(value))) {
      tell()
      return
    } else if (key === 'minItems' && minItems !== undefined && Number(value) > minItems) {
      tell()
      out[key] = minItems
      return
    }
    out[key] = value
  }

  #object(node: JsonObject, out: JsonObject, coercion: Coercion, at: string, words: Words): void {
    const { allRequired, closed, rootProperties } = this.#dialect
    const given = isObject(node['properties']) ? node['properties'] : {}
    const names = Object.keys(given)
    this.#openness(node, out, at, words)
    const required = textsIn(node['required'])
    const absent = required.filter(name => !Object.hasOwn(given, name))
    if (closed && absent.length > 0)
      throw new Unfit(at, `requires '${absent[0]}', which it does not describe`)
    if (absent.length > 0) this.#tell('required', absent, at, words)
    const properties: JsonObject = {}
    const coercions = new Map<string, PropertyCoercion>()
    const nullables: string[] = []
    for (const name of names) {
      const place = `${at}/properties${pointer([name])}`
      const child = this.#node(given[name], place)
      let schema = child.schema
      let isAbsent = false
      if (allRequired && !required.includes(name)) {
        nullables.push(name)
        isAbsent = !takesNull(child.schema) && !takesNull(this.#followed(given[name]))
        if (isAbsent) schema = withNull(schema)
      }
      put(properties, name, schema)
      if (child.coercion || isAbsent)
        coercions.set(name, {
          ...(isAbsent ? { absent: true as const } : {}),
          ...(child.coercion ? { inner: child.coercion } : {}),
        })
    }
    const isSame = names.every(name => properties[name] === given[name])
    if (node['properties'] !== undefined || (rootProperties && (at === '' || closed)))
      out['properties'] = isSame && node['properties'] !== undefined ? given : properties
    const wanted = allRequired ? names : required.filter(name => !absent.includes(name))
    if (!sameNames(wanted, required)) out['required'] = wanted
    else if (allRequired && node['required'] === undefined) out['required'] = []
    if (out['required'] !== undefined && wanted.length === 0 && !closed) delete out['required']
    if (nullables.length > 0)
      this.#lose(
        at,
        `optional properties as required ones that may be null: ${nullables.join(', ')}`,
        'emulated',
        false,
      )
    if (coercions.size > 0) coercion.properties = coercions
  }

  #followed(value: Json | undefined): Json | undefined {
    const reference = isObject(value) ? value['$ref'] : undefined
    return typeof reference === 'string' ? follow(reference, this.#root) : value
  }

  /** What of properties that are not named may be said. */
  #openness(node: JsonObject, out: JsonObject, at: string, words: Words): void {
    const { closed, keywords } = this.#dialect
    const extra = node['additionalProperties']
    const patterns = node['patternProperties']
    if (!closed) {
      if (extra !== undefined && extra !== true && !keywords?.has('additionalProperties'))
        this.#tell('additionalProperties', extra, at, words)
      if (patterns !== undefined) this.#tell('patternProperties', patterns, at, words)
    } else {
      if (isObject(patterns)) throw new Unfit(at, 'has properties by pattern')
      if (extra !== false) {
        const isBare = !isObject(node['properties'])
        if (extra !== undefined || (isBare && at !== ''))
          throw new Unfit(at, 'takes properties that it does not name')
        out['additionalProperties'] = false
        if (!isBare)
          this.#lose(
            at,
            'the object is closed to properties that it does not name',
            'approximated',
            false,
          )
      }
    }
    if (node['propertyNames'] !== undefined)
      this.#tell('propertyNames', node['propertyNames'], at, words)
  }

  #array(node: JsonObject, out: JsonObject, coercion: Coercion, at: string, words: Words): void {
    const prefix = node['prefixItems']
    let items = node['items']
    delete out['prefixItems']
    if (Array.isArray(prefix)) {
      this.#tell('prefixItems', prefix, at, words)
      const rest = isObject(items) ? [items] : []
      if (
        items === false &&
        out['maxItems'] === undefined &&
        this.#dialect.keywords?.has('maxItems')
      )
        out['maxItems'] = prefix.length
      items = anyOfThese([...prefix, ...rest])
    }
    const lowered = this.#node(items, `${at}/items`)
    out['items'] = lowered.schema
    if (lowered.coercion) coercion.items = lowered.coercion
  }

  /** Alternatives, with nothing beside them but notes. */
  #union(node: JsonObject, branches: readonly Json[], at: string, words: Words): LoweredNode {
    const isNullable = this.#dialect.types === 'nullable'
    const meant = branches.filter(branch => !isNullable || !isNull(branch))
    const lowered = meant.map((branch, i) => ({
      given: branch,
      ...this.#node(branch, `${at}/anyOf/${branches.indexOf(branch, i)}`),
    }))
    const kept = lowered.filter(
      (one, i) => lowered.findIndex(other => same(other.schema, one.schema)) === i,
    )
    const coercion: Coercion = {
      options: kept.map(one => ({
        schema: one.given,
        root: this.#root,
        ...(one.coercion ? { coercion: one.coercion } : {}),
      })),
    }
    const [only] = kept
    if (isNullable) {
      const hasNull = meant.length < branches.length
      const notes = words.describe(notesOf(node))
      if (!only) return { schema: { ...notes, type: 'NULL' } }
      const schemas = kept.map(one => one.schema)
      return {
        schema: nullableUnion(schemas, hasNull, notes),
        coercion: kept.length === 1 ? (only.coercion ?? {}) : coercion,
      }
    }
    const anyOf = kept.map(one => one.schema)
    const isSame = anyOf.length === branches.length && anyOf.every((one, i) => one === branches[i])
    const out: JsonObject = {}
    for (const key of Object.keys(node)) {
      const value = node[key]
      if (value === undefined || SILENT.has(key) || isDefinitions(key)) continue
      if (key === 'anyOf')
        out[key] = isSame ? value : this.#dialect.limits?.distinctUnions ? apart(anyOf, at) : anyOf
      else this.#keyword(key, value, [], out, at, words)
    }
    return this.#finished(node, words.describe(out), coercion)
  }

  /** Several types where a schema has one: an alternative for each. */
  #byType(node: JsonObject, types: readonly string[], at: string, words: Words): LoweredNode {
    const notes = notesOf(node)
    const branches = types.map(type => ({ ...keywordsOf(node, type), type }))
    return this.#union({ ...notes, anyOf: branches }, branches, at, words)
  }

  /** Fixed values where only texts may be fixed. */
  #words(node: JsonObject, values: readonly Json[], at: string, words: Words): LoweredNode {
    const { words: list, isNullable, meanings } = wordsFor(values)
    const notes = notesOf(node)
    if (meanings.size > 0 && notes['default'] !== undefined) {
      words.add('default', notes['default'])
      delete notes['default']
    }
    const nullable = isNullable || typesOf(node).includes('null') ? { nullable: true } : {}
    if (list.length === 0) return { schema: words.describe({ ...notes, type: 'NULL' }) }
    if (meanings.get('true') === 'true' && meanings.get('false') === 'false' && list.length === 2)
      return { schema: words.describe({ ...notes, type: 'BOOLEAN', ...nullable }) }
    if (meanings.size > 0) this.#lose(at, 'fixed values as texts', 'emulated', false)
    return {
      schema: words.describe({ ...notes, type: 'STRING', enum: [...list], ...nullable }),
      coercion: meanings.size > 0 ? { words: meanings } : {},
    }
  }

  /** A schema that says no type. */
  #anything(node: JsonObject, at: string): LoweredNode {
    if (this.#dialect.types !== 'nullable') throw new Unfit(at, 'takes a value of any type')
    return { schema: anything(node['description']) }
  }

  #reference(node: JsonObject, reference: string, at: string): LoweredNode {
    const target = follow(reference, this.#root)
    if (target === undefined) throw new Unfit(at, `refers to ${reference}, which is not here`)
    const { $ref, ...rest } = node
    const beside = Object.fromEntries(
      Object.entries(rest).filter(([key]) => !SILENT.has(key) && !isDefinitions(key)),
    )
    const isAlone = Object.keys(beside).length === 0
    const repeats = this.#trail.filter(one => one === reference).length
    if (this.#dialect.references === 'acyclic' && repeats > 0)
      throw new Unfit(at, 'refers to itself')
    const isWrittenOut = this.#dialect.references === 'none' || (!isAlone && repeats === 0)
    if (isWrittenOut) {
      if (repeats >= MOST_REPEATS || this.#nodes > MOST_NODES) return this.#cut(target, at)
      const merged = isObject(target) ? mergeSchemas(target, beside) : undefined
      if (merged || isObject(target))
        return this.#within(reference, () => this.#node(merged ?? target, at))
    }
    if (!isAlone)
      this.#lose(at, `beside a reference: ${Object.keys(beside).join(', ')}`, 'dropped', false)
    const { place, name, coercion } = this.#definition(reference, target)
    const isRoot = reference === '#'
    const ref = isRoot ? '#' : `#/${place}/${name}`
    return { schema: ref === reference && isAlone ? node : { $ref: ref }, coercion }
  }

  #within(reference: string, lower: () => LoweredNode): LoweredNode {
    const before = this.#trail
    this.#trail = [...before, reference]
    try {
      return lower()
    } finally {
      this.#trail = before
    }
  }

  /** A place where a definition would go on inside of itself for ever. */
  #cut(target: Json, at: string): LoweredNode {
    const [type = 'object'] = isObject(target) ? typesOf(target) : []
    this.#lose(at, 'a definition inside of itself, from its third time on', 'approximated', false)
    const words = new Words()
    words.add('deep', 'as described above, one level deeper')
    const isArray = type === 'array'
    return {
      schema: words.describe(
        isArray
          ? { ...{ type: 'ARRAY' }, items: { type: 'OBJECT' } }
          : { type: type.toUpperCase() },
      ),
    }
  }

  #definition(reference: string, target: Json): Definition {
    const known = this.#definitions.get(reference)
    if (known) return known
    const [, place, plainName] = /^#\/(\$defs|definitions)\/([^/~%]+)$/.exec(reference) ?? []
    const definition: Definition = {
      place: place === 'definitions' ? 'definitions' : '$defs',
      name: plainName ?? this.#freshName(reference),
      coercion: reference === '#' ? this.#rootCoercion : {},
      schema: undefined,
    }
    this.#definitions.set(reference, definition)
    if (reference === '#') return definition
    const at = reference.slice(1)
    const lowered = this.#within(reference, () => this.#node(target, at))
    definition.schema = lowered.schema
    if (lowered.coercion) definition.coercion.same = lowered.coercion
    return definition
  }

  #freshName(reference: string): string {
    const stem = (reference.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_]/g, '_') || 'part'
    const taken = new Set(
      ['$defs', 'definitions'].flatMap(key => Object.keys(this.#root[key] ?? {})),
    )
    for (const { name } of this.#definitions.values()) taken.add(name)
    let name = stem
    for (let i = 2; taken.has(name); i++) name = `${stem}_${i}`
    return name
  }

  #withDefinitions(schema: JsonObject): JsonObject {
    if (this.#dialect.references === 'none') return schema
    let out = schema
    for (const place of ['$defs', 'definitions'] as const) {
      const given = this.#root[place]
      if (isObject(given)) for (const name of Object.keys(given)) this.#tryDefinition(place, name)
      const made = [...this.#definitions.values()].filter(one => one.place === place && one.schema)
      const names = isObject(given) ? Object.keys(given) : []
      const isSame =
        isObject(given) &&
        made.length === names.length &&
        made.every(one => given[one.name] === one.schema)
      if (isSame && out === this.#root) continue
      const { [place]: _, ...rest } = out
      if (made.length === 0) {
        if (place in out) out = rest
      } else
        out = {
          ...rest,
          [place]: isSame ? given : Object.fromEntries(made.map(one => [one.name, one.schema])),
        }
    }
    return out
  }

  /** A definition that nothing refers to may be left out if it cannot be said. */
  #tryDefinition(place: string, name: string): void {
    const reference = `#/${place}/${name}`
    const target = follow(reference, this.#root)
    if (this.#definitions.has(reference) || target === undefined) return
    const losses = this.losses.length
    try {
      this.#definition(reference, target)
    } catch (error) {
      if (!(error instanceof Unfit)) throw error
      this.#definitions.delete(reference)
      this.losses.length = losses
    }
  }

  #tell(keyword: string, value: Json, at: string, words: Words): void {
    words.add(keyword, value)
    const isRule = !NOTES.includes(keyword) && !keyword.startsWith('x-')
    const meaning = isRule && this.#dialect.closed && keyword !== 'oneOf'
    if (isRule) this.#lose(at, `${keyword} is told in words`, 'approximated', meaning)
  }

  #lose(at: string, what: string, action: LossAction, meaning: boolean): void {
    this.losses.push({ at, what, action, meaning })
  }
}
