const VOWEL = /[aeiouy]/
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u
const MEMO_SIZE = 20_000
const memo = new Map<string, string>()
const parts = new Map<string, readonly string[]>()

/**
 * The stem of an English word, lightly: plural, -ing, -ed, -ly, -ion, -er and a silent e go.
 * Words in other scripts stay as they are, in lower case.
 */
export function stem(word: string): string {
  const known = memo.get(word)
  if (known !== undefined) return known
  const made = strip(word.toLowerCase())
  if (memo.size >= MEMO_SIZE) memo.clear()
  memo.set(word, made)
  return made
}

/** Words that only look like plurals. */
const NO_PLURALS = new Set(
  'news lens gas bus yes always perhaps series species mathematics physics economics politics'.split(
    ' ',
  ),
)

function strip(lower: string): string {
  let word = lower.replace(/['’](?:s|d|re|ll|ve|m)?$/, '')
  if (word.length <= 3 || !/^[a-z-]+$/.test(word)) return word
  if (!NO_PLURALS.has(word)) word = singular(word)
  if (word.length > 4 && word.endsWith('ied')) word = `${word.slice(0, -3)}y`
  if (word.length > 5 && word.endsWith('ing') && VOWEL.test(word.slice(0, -3)))
    word = undouble(word.slice(0, -3))
  else if (
    word.length > 4 &&
    word.endsWith('ed') &&
    !word.endsWith('eed') &&
    VOWEL.test(word.slice(0, -2))
  )
    word = undouble(word.slice(0, -2))
  if (word.length > 5 && word.endsWith('ly')) word = word.slice(0, -2)
  if (word.length > 6 && /[ts]ion$/.test(word)) word = word.slice(0, -3)
  // Twice, so that a doer (`discoverer`) meets the deed (`discover`).
  for (let times = 0; times < 2 && word.length > 5 && /[^e][eo]r$/.test(word); times++)
    word = undouble(word.slice(0, -2))
  if (word.length > 3 && word.endsWith('e')) word = word.slice(0, -1)
  return word.length > 3 && word.endsWith('y') ? `${word.slice(0, -1)}i` : word
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2)
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word
}

function undouble(word: string): string {
  return /([^aeioulsfz])\1$/.test(word) ? word.slice(0, -1) : word
}

/** The words of an identifier: snake_case, kebab-case, camelCase, dotted, and digits on their own. */
export function identifierWords(name: string): readonly string[] {
  const known = parts.get(name)
  if (known !== undefined) return known
  const made = name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/(\p{L})(\d)/gu, '$1 $2')
    .replace(/(\d)(\p{L})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\d]+/u)
    .filter(word => word !== '')
  if (parts.size >= MEMO_SIZE) parts.clear()
  if (name.length < 200) parts.set(name, made)
  return made
}

/** The stems of the words of a text, in order; text without spaces between words gives pairs of letters. */
export function stems(text: string): string[] {
  const out: string[] = []
  for (const [word] of text.matchAll(/[\p{L}\p{M}]+(?:['’][\p{L}]+)?/gu)) {
    if (CJK.test(word)) out.push(...pairs(word))
    else out.push(stem(word))
  }
  return out
}

/** Neighbouring letters of a text whose script puts no spaces between words. */
export function pairs(word: string): string[] {
  const letters = [...word]
  if (letters.length < 2) return letters
  return letters.slice(1).map((letter, index) => `${letters[index] ?? ''}${letter}`)
}

/** Whether a word is in a script that puts no spaces between words. */
export function unspaced(word: string): boolean {
  return CJK.test(word)
}
