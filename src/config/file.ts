import { existsSync, readFileSync } from 'node:fs'
import { isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { ConfigError } from './config.ts'
import { type ConfigFile, configSchema } from './schema.ts'
import { nearest } from './suggest.ts'

/** The names that are looked for in the working folder when none is given. */
export const CONFIG_FILES = ['toolgate.yaml', 'toolgate.yml'] as const

type Environment = { readonly [name: string]: string | undefined }

/** The file to read: the one that is named, else the first of `CONFIG_FILES` that is there. */
export function findConfigFile(named: string | undefined): string | undefined {
  if (named !== undefined) {
    if (!existsSync(named)) throw new ConfigError(`${named}: there is no such file`)
    return named
  }
  return CONFIG_FILES.find(name => existsSync(name))
}

/**
 * Reads a configuration file; `${NAME}` and `${NAME:-default}` in a text stand for the environment.
 *
 * @throws ConfigError with file, line and column of each mistake.
 */
export function readConfigFile(file: string, environment: Environment): ConfigFile {
  return parseConfig(readFileSync(file, 'utf8'), file, environment)
}

/** Parses the text of a configuration file; `file` is only for the messages. @throws ConfigError */
export function parseConfig(text: string, file: string, environment: Environment): ConfigFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const where = (offset: number | undefined) => {
    const { line, col } = lines.linePos(offset ?? 0)
    return `${file}:${line}:${col}`
  }
  const broken = document.errors[0]
  if (broken) throw new ConfigError(`${where(broken.pos[0])}: ${broken.message}`)
  if (document.contents === null) return {}
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = substitute(node.value, environment, where(node.range?.[0]))
    },
  })
  const result = configSchema.safeParse(document.toJS())
  if (result.success) return result.data
  const problems = result.error.issues.map(issue => {
    const path = issue.path.map(String)
    const node = document.getIn(path, true)
    const range = isNode(node) ? node.range : undefined
    return issue.code === 'unrecognized_keys'
      ? unknownKeys(issue, path, node, where)
      : `${where(range?.[0])}: ${path.join('.') || 'the file'}: ${issue.message}`
  })
  throw new ConfigError(problems.join('\n'))
}

function isNode(value: unknown): value is Node {
  return (
    isMap(value) ||
    isScalar(value) ||
    (typeof value === 'object' && value !== null && 'range' in value)
  )
}

function unknownKeys(
  issue: { readonly keys: readonly string[] },
  path: readonly string[],
  node: unknown,
  where: (offset: number | undefined) => string,
): string {
  const known = knownKeys(path, node)
  return issue.keys
    .map(key => {
      const pair = isMap(node)
        ? node.items.find(item => isScalar(item.key) && item.key.value === key)
        : undefined
      const at = isScalar(pair?.key) ? pair.key.range?.[0] : undefined
      const near = nearest(key, known)
      const hint = near ? `did you mean '${near}'?` : `it may be one of ${known.join(', ')}`
      return `${where(at)}: unknown key '${[...path, key].join('.')}'; ${hint}`
    })
    .join('\n')
}

/** The keys that the schema knows at a path, where `node` stands. */
function knownKeys(path: readonly string[], node: unknown): string[] {
  let schema: unknown = configSchema
  for (const key of path) {
    schema = unwrap(schema)
    if (schema instanceof z.ZodObject) schema = schema.shape[key]
    else if (schema instanceof z.ZodRecord) schema = schema.valueType
    else if (schema instanceof z.ZodArray) schema = schema.element
  }
  schema = unwrap(schema)
  if (schema instanceof z.ZodDiscriminatedUnion) {
    // The kind that it is says which keys there may be.
    const kind = isMap(node) ? node.get(schema.def.discriminator) : undefined
    schema = optionOf(schema, kind)
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

function unwrap(schema: unknown): unknown {
  const isOptional = schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional
  return isOptional ? unwrap(schema.unwrap()) : schema
}

/** The option of a union whose literal is the kind of a value. */
function optionOf({ options, def }: z.ZodDiscriminatedUnion, kind: unknown): unknown {
  return options.find(option => {
    const literal = option instanceof z.ZodObject ? option.shape[def.discriminator] : undefined
    return literal instanceof z.ZodLiteral && literal.value === kind
  })
}

function substitute(text: string, environment: Environment, at: string): string {
  return text.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (_, name: string, other?: string) => {
      const value = environment[name]
      if (value !== undefined && value !== '') return value
      if (other !== undefined) return other
      throw new ConfigError(
        `${at}: the environment has no ${name} (write \${${name}:-…} for a default)`,
      )
    },
  )
}
