import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'

/** The project's own folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** A node of a syntax tree; what it holds depends on its type. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** A module of the project, parsed. */
export interface SourceFile {
  /** From the project's folder, with `/`. */
  readonly path: string
  readonly text: string
  readonly program: SyntaxNode
  readonly comments: readonly { readonly value: string; start: number; end: number }[]
}

const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.git', '.venv', '.cache'])

/** Every file under a folder of the project, as paths from the project's folder. */
export function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap(entry => {
    if (LEFT_OUT.has(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesUnder(path)
    return entry.isFile() ? [path.replaceAll('\\', '/')] : []
  })
}

/** The text of a file of the project. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Every TypeScript module under the folders. */
export function modulesUnder(...folders: string[]): SourceFile[] {
  return folders
    .flatMap(filesUnder)
    .filter(path => path.endsWith('.ts'))
    .map(path => {
      const text = readText(path)
      const { program, comments, errors } = parseSync(path, text)
      if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
      if (!isNode(program)) throw new Error(`${path}: no syntax tree`)
      return { path, text, program, comments }
    })
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

/** Calls `visit` for a node and for every node inside it. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  visit(node)
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) walk(child, visit)
}

/** What a module imports or exports from elsewhere, in any form, as it is written. */
export function importsOf(file: SourceFile): string[] {
  const found: string[] = []
  walk(file.program, node => {
    const { source } = node
    const argument = Array.isArray(node['arguments']) ? node['arguments'][0] : undefined
    const required =
      node.type === 'CallExpression' &&
      isNode(node['callee']) &&
      node['callee']['name'] === 'require'
    for (const from of [source, required ? argument : undefined])
      if (isNode(from) && typeof from['value'] === 'string') found.push(from['value'])
  })
  return found
}

/** The path that a relative import of a file leads to. */
export function targetOf(file: SourceFile, specifier: string): string {
  return relative(ROOT, resolve(ROOT, dirname(file.path), specifier)).replaceAll('\\', '/')
}

/** The line of an offset, counted from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** The text of a module with its comments blanked out; offsets and lines stay. */
export function withoutComments(file: SourceFile): string {
  let text = file.text
  for (const { start, end } of file.comments)
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + text.slice(end)
  return text
}
