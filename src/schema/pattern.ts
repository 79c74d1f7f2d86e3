import { isObject, type JsonObject } from '../core/json.ts'
import { MAX_PROBLEMS, pointer } from './pointer.ts'
import { schemasIn } from './read.ts'

/** A schema's regular expression with the flag `u`, or why it cannot be read. */
export type PatternReading =
  | { readonly ok: true; readonly source: string }
  | { readonly ok: false; readonly why: string }

/** A pattern that nothing can be held to. */
export interface OddPattern {
  /** JSON Pointer to it, such as `/properties/city/pattern`. */
  readonly path: string
  readonly pattern: string
  /** A few words, without a full stop. */
  readonly why: string
}

/**
 * Reads a pattern. It is a regular expression of ECMA-262 with the flag `u` (JSON Schema 2020-12,
 * core, 6.4); one that is legal only without the flag, such as `[\w-.]` or `\_`, is said with it, and
 * means the same but that it goes by characters. A letter that is escaped for nothing, such as `\A`,
 * belongs to another dialect and is not read as that letter.
 */
export function readPattern(text: string): PatternReading {
  const fault = faultOf(text, 'u')
  if (fault === undefined) return { ok: true, source: text }
  const loose = faultOf(text, '')
  if (loose !== undefined) return { ok: false, why: loose }
  const source = sayWithFlag(text)
  const why = faultOf(source, 'u')
  if (why === undefined) return { ok: true, source }
  const letter = /(?<!\\)(?:\\\\)*(\\[aAeEgGhHiIjJlLmMNoOqQRTUVXyYzZ])/.exec(text)?.[1]
  return { ok: false, why: letter === undefined ? why : `${letter} is no escape of it` }
}

/** The patterns of a well-formed schema that cannot be read; at most `MAX_PROBLEMS` of them. */
export function oddPatterns(root: JsonObject): readonly OddPattern[] {
  const odd: OddPattern[] = []
  const look = (pattern: string, path: string): void => {
    const read = readPattern(pattern)
    if (!read.ok && odd.length < MAX_PROBLEMS) odd.push({ path, pattern, why: read.why })
  }
  const visit = (schema: JsonObject, path: string): void => {
    for (const [keyword, value] of Object.entries(schema)) {
      const at = path + pointer([keyword])
      if (keyword === 'pattern' && typeof value === 'string') look(value, at)
      if (keyword === 'patternProperties' && isObject(value))
        for (const name of Object.keys(value)) look(name, at + pointer([name]))
      for (const [key, child] of schemasIn(keyword, value))
        if (isObject(child)) visit(child, at + key)
    }
  }
  visit(root, '')
  return odd
}

/** What the engine has against a pattern. */
function faultOf(text: string, flags: string): string | undefined {
  try {
    new RegExp(text, flags)
    return undefined
  } catch (error) {
    const words = error instanceof Error ? error.message : ''
    // The message repeats the pattern, which may be long.
    return words.slice(words.lastIndexOf(': ') + 2).toLowerCase()
  }
}

const ESCAPE = String.raw`\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}|c[a-zA-Z]|[pP]\{[^}]*\}|[\s\S])`
const TOKEN = new RegExp(String.raw`${ESCAPE}|\[\^?|\{\d+(?:,\d*)?\}|\(\?[=!]|[\s\S]`, 'gu')
const CLASS_TOKEN = new RegExp(String.raw`${ESCAPE}|[\s\S]`, 'uy')
const QUANTIFIER = /^(?:[*+?]|\{\d)/
/** An escape of several characters, which no range begins or ends with. */
const CHARACTERS = /^\\[dDsSwWpP]/

/** A pattern of Annex B with what the flag `u` does not take put as it takes it. */
function sayWithFlag(text: string): string {
  const out: string[] = []
  const groups: number[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [token] = match
    if (token.startsWith('[')) {
      const atoms = classAtoms(text, TOKEN.lastIndex)
      out.push(token, sayClass(atoms), ']')
      TOKEN.lastIndex += atoms.join('').length + 1
    } else if (token.startsWith('(')) groups.push(out.push(token) - 1)
    else if (token === ')') {
      const begin = groups.pop() ?? 0
      const isLook = out[begin]?.startsWith('(?') === true
      if (isLook && QUANTIFIER.test(text.slice(TOKEN.lastIndex))) {
        out[begin] = `(?:${out[begin]}`
        out.push('))')
      } else out.push(')')
    } else if (/^[{}\]]$/.test(token)) out.push(`\\${token}`)
    else out.push(plainEscape(token, false))
  }
  return out.join('')
}

/** What stands in a class up to its end. */
function classAtoms(text: string, from: number): string[] {
  const atoms: string[] = []
  CLASS_TOKEN.lastIndex = from
  for (
    let match = CLASS_TOKEN.exec(text);
    match && match[0] !== ']';
    match = CLASS_TOKEN.exec(text)
  )
    atoms.push(match[0])
  return atoms
}

/** The atoms of a class; a hyphen that joins no two characters is one itself. */
function sayClass(atoms: readonly string[]): string {
  let out = ''
  for (let i = 0; i < atoms.length; i++) {
    const [from = '', hyphen, to] = atoms.slice(i, i + 3)
    const [first, last] = [classAtom(from), to === undefined ? '' : classAtom(to)]
    if (hyphen !== '-' || to === undefined) {
      out += first
      continue
    }
    const joins = !CHARACTERS.test(from) && !CHARACTERS.test(to)
    out += first + (joins ? '-' : '\\-') + last
    i += 2
  }
  return out
}

function classAtom(atom: string): string {
  return atom === '-' ? '\\-' : plainEscape(atom, true)
}

/** An escaped mark that needs no escaping as itself. */
function plainEscape(token: string, inClass: boolean): string {
  if (!/^\\[^\da-zA-Z]$/u.test(token)) return token
  const [, mark = ''] = [...token]
  return /[$()*+./?[\\\]^{|}]/.test(mark) || (inClass && mark === '-') ? token : mark
}
