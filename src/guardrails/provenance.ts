import type { Json } from '../core/json.ts'
import type { Guardrail, Origins, Unseen } from './guardrail.ts'
import { ALLOW, REFUSED_MESSAGE } from './verdict.ts'

/** What `provenance()` can be told. */
export interface ProvenanceOptions {
  /** Tools whose effect cannot be taken back. */
  readonly irreversible: readonly string[]
  /** Tools whose results strangers cannot write, such as a clock. Default: none is trusted. */
  readonly trusted?: readonly string[]
  /** Default `require-approval`. */
  readonly action?: 'require-approval' | 'refuse'
  readonly message?: string
}

/** Shorter values are found anywhere, and prove nothing. */
const FEWEST_CHARACTERS = 4
const FEWEST_DIGITS = 3
/** From this length on a value is looked for in the midst of others, where blanks do not part it. */
const LONG = 8

/**
 * Stops a value on its way from an untrusted tool's result to the argument of an irreversible tool:
 * that is how a page or an e-mail that was read gets money sent or files deleted. A value that the
 * user wrote too is the user's. Values are compared without case, accents, blanks and punctuation, as
 * a whole, word by word where a word holds a digit or an address, and put together where a list or an
 * object holds a number in parts. It knows what a tool answered, not what
 * the model made of it: a value that the model translates or computes is not recognised. Where a part
 * of the conversation cannot be read, each value must be one that was said.
 */
export function provenance(options: ProvenanceOptions): Guardrail {
  const { irreversible, trusted = [], action = 'require-approval' } = options
  /** What was read of lists that cannot change. */
  const read = new WeakMap<Origins, Sources>()
  const sourcesOf = (origins: Origins) => {
    const known = read.get(origins)
    if (known) return known
    const { said, results } = origins
    const foreign = results.filter(({ tool }) => !isAmong([tool], trusted))
    const sources = {
      said: new Words(said.join('\n')),
      results: foreign.map(({ tool, text }) => ({ tool, words: new Words(text) })),
    }
    // Other lists may still grow, and what comes in must be known.
    if (Object.isFrozen(said) && Object.isFrozen(results)) read.set(origins, sources)
    return sources
  }
  return {
    name: 'provenance',
    points: ['tool-arguments'],
    check({ value, tool }, { origins, numbers = [] }) {
      if (tool === undefined || !irreversible.includes(tool) || !origins) return ALLOW
      const unseen = origins.unseen?.find(({ tools }) => !isAmong(tools, trusted))
      const isTold = unseen || origins.results.some(from => !isAmong([from.tool], trusted))
      if (!isTold) return ALLOW
      const found = findForeign(valuesOf(value, numbers), sourcesOf(origins), unseen)
      if (found === undefined) return ALLOW
      const reason = `${found.path || 'an argument'} of '${tool}' ${found.why}`
      return action === 'refuse'
        ? { type: action, reason, message: options.message ?? REFUSED_MESSAGE }
        : { type: action, reason }
    },
  }
}

/** Whose words are known. */
interface Sources {
  readonly said: Words
  readonly results: readonly { readonly tool: string | undefined; readonly words: Words }[]
}

/** A value of the arguments. */
interface Value {
  readonly path: string
  readonly text: string
  /** Whether it is only there when others are read together, or in pieces. */
  readonly isMade?: true
}

function isAmong(tools: readonly (string | undefined)[], trusted: readonly string[]): boolean {
  return tools.some(tool => tool !== undefined && trusted.includes(tool))
}

/** The first value that a stranger has written, or may have where something cannot be read. */
function findForeign(
  values: Iterable<Value>,
  { said, results }: Sources,
  unseen: Unseen | undefined,
): { readonly path: string; readonly why: string } | undefined {
  for (const { path, text, isMade } of values) {
    for (const word of wordsOf(text)) {
      if (said.has(word)) continue
      const source = results.find(({ words }) => words.has(word))
      if (source) {
        const from = source.tool === undefined ? 'a tool' : `'${source.tool}'`
        return { path, why: `holds what came from a result of ${from}` }
      }
      if (unseen && !isMade) return { path, why: `was not said, and ${unseen.why}` }
    }
  }
  return undefined
}

/** All that arguments hold. Arguments that are no JSON are read as they are, and between quotes. */
function* valuesOf(value: Json, numbers: readonly string[]): Generator<Value> {
  for (const text of numbers) yield { path: '', text }
  yield* leaves(value, '')
  if (typeof value === 'string')
    for (const text of value.split('"')) yield { path: '', text, isMade: true }
}

const WORD = /[\p{L}\p{N}]+/gu

/** The words of a text: short ones as they stand, long ones also in the midst of others. */
class Words {
  readonly #text: string
  readonly #single: Set<string>

  constructor(text: string) {
    this.#text = plain(text)
    // Each word once: a long text is mostly words that come again.
    this.#single = new Set([...new Set(text.match(WORD))].map(plain))
    for (const number of numbersOf(text)) this.#single.add(number)
  }

  has(word: string): boolean {
    return this.#single.has(word) || (word.length >= LONG && this.#text.includes(word))
  }
}

/** Texts and numbers of a value, with the place of each; and what those beside each other make up. */
function* leaves(value: Json, path: string): Generator<Value> {
  if (typeof value === 'string') yield { path, text: value }
  else if (typeof value === 'number') yield { path, text: String(value) }
  if (typeof value !== 'object' || value === null) return
  let parts = ''
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string' || typeof inner === 'number') parts += inner
    // A key may be a value as well: of an object that maps accounts to amounts.
    if (!Array.isArray(value) && isPointing(key)) yield { path, text: key }
    yield* leaves(inner ?? null, `${path}/${key}`)
  }
  if (/\d/.test(parts) && parts.length >= LONG) yield { path, text: parts, isMade: true }
}

/** The numbers of a text without what groups their digits, and without zeros of no meaning. */
function numbersOf(text: string): string[] {
  const written = text.match(/\d(?:[\d.,'’_\u00a0\u202f]| (?=\d{3}(?!\d)))*\d/g)
  return [...new Set(written)].flatMap(number => {
    const [, whole = '', cents = ''] = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(number) ?? []
    return [plain(number), plain(whole) + cents.replace(/0+$/, '')]
  })
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}

/** What of a text is looked for: all of it, and those of its words that point at something. */
function wordsOf(text: string): string[] {
  const pointing = text.split(/[\s,;"'<>()]+/).filter(isPointing)
  return [text, ...pointing].map(plain).filter(word => {
    const isNumber = /^\p{N}+$/u.test(word)
    return word.length >= (isNumber ? FEWEST_DIGITS : FEWEST_CHARACTERS)
  })
}

function isPointing(word: string): boolean {
  return /[\d@]|:\/\/|\.\w/.test(word)
}
