import { describe, expect, it } from 'vitest'
import {
  filesUnder,
  importsOf,
  isNode,
  lineOf,
  modulesUnder,
  readText,
  type SourceFile,
  type SyntaxNode,
  targetOf,
  walk,
} from './source-tree.ts'

const modules = modulesUnder('src', 'test', 'bench', 'examples')
const sources = modules.filter(
  file => file.path.startsWith('src/') && !file.path.endsWith('.test.ts'),
)

/** Casts that stand for a check the types cannot follow: how many, in which file, and why. */
const CASTS: { path: string; count: number; why: string }[] = []

/** Each place where a module's tree holds what `wrong` names. */
function places(files: readonly SourceFile[], wrong: (node: SyntaxNode) => boolean): string[] {
  return files.flatMap(file => {
    const found: string[] = []
    walk(file.program, node => {
      if (wrong(node)) found.push(`${file.path}:${lineOf(file.text, node.start)}`)
    })
    return found
  })
}

function isCast(node: SyntaxNode): boolean {
  if (node.type === 'TSTypeAssertion') return true
  if (node.type !== 'TSAsExpression') return false
  const type = node['typeAnnotation']
  const name = isNode(type) && type.type === 'TSTypeReference' ? type['typeName'] : undefined
  return !isNode(name) || name['name'] !== 'const'
}

describe('types', () => {
  it('say no any', () => {
    expect(places(modules, node => node.type === 'TSAnyKeyword')).toEqual([])
  })

  it('say no non-null !', () => {
    expect(places(modules, node => node.type === 'TSNonNullExpression')).toEqual([])
  })

  it('cast nothing but as const', () => {
    const allowed = new Map(CASTS.map(({ path, count }) => [path, count]))
    const found = new Map<string, string[]>()
    for (const place of places(modules, isCast)) {
      const path = place.split(':', 1)[0] ?? ''
      found.set(path, [...(found.get(path) ?? []), place])
    }
    const wrong = [...found].filter(([path, list]) => allowed.get(path) !== list.length)
    expect(wrong.flatMap(([, list]) => list)).toEqual([])
    expect(CASTS.filter(({ path }) => !found.has(path))).toEqual([])
  })

  it('are not silenced', () => {
    const silent = /@ts-(ignore|nocheck|expect-error)/
    expect(
      modules.filter(({ comments }) => comments.some(one => silent.test(one.value))).map(nameOf),
    ).toEqual([])
  })
})

function nameOf(file: SourceFile): string {
  return file.path
}

describe('files', () => {
  it('have at most 500 lines', () => {
    const long = modules.filter(file => file.text.split('\n').length > 501)
    expect(long.map(nameOf)).toEqual([])
  })

  it('are named in kebab-case, by what they hold', () => {
    const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|recorded|config))?\.ts$/
    const folder = /^[a-z0-9]+(-[a-z0-9]+)*$/
    const vague = /^(utils?|helpers?|common|misc|shared|lib|stuff)(\.|$)/
    const wrong = modules.filter(({ path }) => {
      const steps = path.split('/')
      const last = steps.pop() ?? ''
      return (
        !name.test(last) ||
        !steps.every(step => folder.test(step)) ||
        [...steps, last].some(step => vague.test(step))
      )
    })
    expect(wrong.map(nameOf)).toEqual([])
  })
})

describe('exports', () => {
  const KINDS = ['ExportNamedDeclaration', 'ExportDefaultDeclaration']

  it('have a doc comment each', () => {
    const bare = sources.flatMap(file => {
      const body = file.program['body']
      const statements = Array.isArray(body) ? body.filter(isNode) : []
      return statements
        .filter(node => KINDS.includes(node.type) && isNode(node['declaration']))
        .filter(node => !hasDoc(file, node.start))
        .map(node => `${file.path}:${lineOf(file.text, node.start)}`)
    })
    expect(bare).toEqual([])
  })

  function hasDoc(file: SourceFile, start: number): boolean {
    return file.comments.some(
      ({ value, end }) =>
        value.startsWith('*') &&
        value.trim().length > 3 &&
        end <= start &&
        file.text.slice(end, start).trim() === '',
    )
  }
})

describe('tests', () => {
  it('skip nothing and run everything', () => {
    const words = ['skip', 'only', 'todo', 'fails', 'skipIf', 'runIf']
    const runners = ['it', 'test', 'describe']
    const found = places(modules, node => {
      const { object, property } = node
      if (node.type !== 'MemberExpression' || !isNode(object) || !isNode(property)) return false
      return runners.includes(String(object['name'])) && words.includes(String(property['name']))
    })
    expect(found).toEqual([])
  })

  it('stand beside every longer module of wire/, schema/ and protocols/', () => {
    const tested = new Set<string>()
    for (const test of modules.filter(file => file.path.endsWith('.test.ts')))
      for (const path of reachedFrom(test)) tested.add(path)
    const untested = sources
      .filter(file => /^src\/(wire|schema|protocols)\//.test(file.path))
      .filter(file => file.text.split('\n').length > 60 && hasCode(file))
      .filter(file => !tested.has(file.path))
    expect(untested.map(nameOf)).toEqual([])
  })

  /** Whether a module is more than types. */
  function hasCode(file: SourceFile): boolean {
    const body = file.program['body']
    const types = ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration']
    return (Array.isArray(body) ? body.filter(isNode) : []).some(node => {
      const inner = isNode(node['declaration']) ? node['declaration'] : node
      return node.type !== 'ImportDeclaration' && !types.includes(inner.type)
    })
  }

  /** What a test reaches without leaving its own folder. */
  function reachedFrom(test: SourceFile): Set<string> {
    const folder = test.path.slice(0, test.path.lastIndexOf('/') + 1)
    const reached = new Set<string>()
    const follow = (file: SourceFile): void => {
      for (const specifier of importsOf(file).filter(name => name.startsWith('.'))) {
        const path = targetOf(file, specifier)
        if (!path.startsWith(folder) || reached.has(path)) continue
        reached.add(path)
        const next = modules.find(one => one.path === path)
        if (next) follow(next)
      }
    }
    follow(test)
    return reached
  }
})

describe('the tree', () => {
  // Put together here, so that this file does not hold what it looks for.
  const FORBIDDEN = [
    ...[
      ['registry\\.', 'npmjs'],
      ['registry\\.', 'yarnpkg'],
      ['npm\\.pkg\\.', 'github'],
      ['files\\.', 'pythonhosted'],
      ['py', 'pi'],
    ].map(words => new RegExp(`${words.join('')}\\.(org|com)`, 'i')),
    new RegExp(`${'npm'}mirror|\\b${'jsr'}\\.io\\b|${'unpkg'}\\.com|${'jsdelivr'}\\.net`, 'i'),
    new RegExp(`/${'work'}/(main|shared|\\.)`),
    new RegExp(`_auth${'Token'}`),
  ]
  const BINARY = /\.(png|jpe?g|gif|ico|woff2?|pdf|gz|zip)$/

  it('names no package registry, no path of a workplace and no credential', () => {
    const found = filesUnder('.')
      .filter(path => !BINARY.test(path) && !path.endsWith('.log'))
      .filter(path => FORBIDDEN.some(word => word.test(readText(path))))
    expect(found).toEqual([])
  })
})
