import type { Json } from '../core/json.ts'
import type { GuardContext, Guardrail } from './guardrail.ts'
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
 * the model made of it: a value that the model translates or computes is not recognised.
 */
export function provenance(options: ProvenanceOptions): Guardrail {
  const { irreversible, trusted = [], action = 'require-approval' } = options
  return {
    name: 'provenance',
    points: ['tool-arguments'],
    check({ value, tool }, { origins }: GuardContext) {
      if (tool === undefined || !irreversible.includes(tool) || !origins) return ALLOW
      const foreign = origins.results.filter(
        result => result.tool === undefined || !trusted.includes(result.tool),
      )
      if (foreign.length === 0) return ALLOW
      const said = new Words(origins.said.join('\n'))
      const results = foreign.map(({ tool: from, text }) => ({ from, words: new Words(text) }))
      for (const [path, text] of leaves(value, '')) {
        for (const word of wordsOf(text)) {
          if (said.has(word)) continue
          const source = results.find(result => result.words.has(word))
          if (!source) continue
          const from = source.from === undefined ? 'a tool' : `'${source.from}'`
          const reason = `${path || 'an argument'} of '${tool}' holds what came from a result of ${from}`
          return action === 'refuse'
            ? { type: action, reason, message: options.message ?? REFUSED_MESSAGE }
            : { type: action, reason }
        }
      }
      return ALLOW
    },
  }
}

/** The words of a text: short ones as they stand, long ones also in the midst of others. */
class Words {
  readonly #text: string
  readonly #single: ReadonlySet<string>

  constructor(text: string) {
    this.#text = plain(text)
    this.#single = new Set([...text.split(/[^\p{L}\p{N}]+/u).map(plain), ...numbersOf(text)])
  }

  has(word: string): boolean {
    return this.#single.has(word) || (word.length >= LONG && this.#text.includes(word))
  }
}

/** Texts and numbers of a value, with the place of each; and what those beside each other make up. */
function* leaves(value: Json, path: string): Generator<readonly [string, string]> {
  if (typeof value === 'string') yield [path, value]
  else if (typeof value === 'number') yield [path, String(value)]
  if (typeof value !== 'object' || value === null) return
  let parts = ''
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string' || typeof inner === 'number') parts += inner
    // A key may be a value as well: of an object that maps accounts to amounts.
    if (!Array.isArray(value) && isPointing(key)) yield [path, key]
    yield* leaves(inner ?? null, `${path}/${key}`)
  }
  if (/\d/.test(parts) && parts.length >= LONG) yield [path, parts]
}

/** The numbers of a text without what groups their digits, and without zeros of no meaning. */
function numbersOf(text: string): string[] {
  const written = text.match(/\d(?:[\d.,'’_\u00a0\u202f]| (?=\d{3}(?!\d)))*\d/g) ?? []
  return written.flatMap(number => {
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
