import type { Made } from './history.ts'
import { errorIn, leavesOf, readResult } from './results.ts'
import { isJson } from './schema.ts'
import { identifierWords } from './stem.ts'

/** Letters that one result may take in an answer, and that the whole answer may. */
const RESULT_LENGTH = 1600
const ANSWER_LENGTH = 8000

/** What the stand-in says of itself. */
export const INTRODUCTION = 'This is a rehearsal: a rule-based stand-in, not a language model.'

/** An answer in prose out of the results that came, each in a sentence of its own. */
export function phraseResults(made: readonly Made[]): string {
  const sentences = made.flatMap(one =>
    one.result === undefined ? [] : [sentence(one, one.result)],
  )
  const text = sentences.join(sentences.length > 3 ? '\n' : ' ')
  return shortened(text, ANSWER_LENGTH)
}

function sentence(one: Made, result: NonNullable<Made['result']>): string {
  const subject = subjectOf(one.call.arguments)
  const images =
    result.images === 0
      ? ''
      : ` It came with ${result.images === 1 ? 'an image' : `${result.images} images`}.`
  const error = errorIn(result)
  if (error !== undefined) {
    const about = subject.several
      ? ` (${subject.text})`
      : subject.text === ''
        ? ''
        : ` for ${subject.text}`
    return `${one.call.name} failed${about}: ${ended(shortened(error, RESULT_LENGTH))}${images}`
  }
  const value = readResult(result.text)
  const lead = subject.several
    ? `${one.call.name} (${subject.text})`
    : subject.text === ''
      ? `${one.call.name} answered`
      : `For ${subject.text}`
  const told = typeof value === 'string' ? value.trim() : proseOf(value)
  if (told === '') return `${lead}: ${images === '' ? 'the result was empty.' : images.trim()}`
  return `${lead}: ${ended(shortened(told, RESULT_LENGTH))}${images}`
}

/** What a call was about: the value of its only argument, or all with their names. */
function subjectOf(text: string): { text: string; several: boolean } {
  const value = readResult(text)
  if (!isJson(value)) {
    const bare = text.trim()
    return { text: bare === '{}' ? '' : shortened(bare, 80), several: false }
  }
  const leaves = leavesOf(value).filter(leaf => leaf.value !== null && String(leaf.value) !== '')
  if (leaves.length < 2)
    return { text: shortened(String(leaves[0]?.value ?? ''), 120), several: false }
  const named = leaves
    .slice(0, 6)
    .map(leaf => `${words(leaf.path)} ${shortened(String(leaf.value), 60)}`)
  return { text: shortened(named.join(', '), 240), several: true }
}

function words(path: readonly string[]): string {
  return path.flatMap(key => identifierWords(key)).join(' ')
}

/** Prose that holds every plain value of a JSON value, with the words of its keys. */
export function proseOf(value: unknown): string {
  if (Array.isArray(value) && value.every(one => !isJson(one) && !Array.isArray(one)))
    return enumeration(value)
  if (!isJson(value) && !Array.isArray(value)) return String(value)
  const parts: string[] = []
  const entries = Array.isArray(value)
    ? value.map((one, index) => [String(index + 1), one] as const)
    : Object.entries(value)
  for (const [key, one] of entries) parts.push(member(words([key]) || key, one))
  return parts.filter(part => part !== '').join(Array.isArray(value) ? '; ' : ', ')
}

function member(name: string, value: unknown): string {
  if (value === null || value === undefined) return `${name} is not given`
  if (Array.isArray(value)) {
    if (value.length === 0) return `${name}: none`
    if (value.every(one => !isJson(one) && !Array.isArray(one)))
      return `${name}: ${enumeration(value)}`
    return `${name}: ${value.map((one, index) => `(${index + 1}) ${proseOf(one)}`).join('; ')}`
  }
  if (isJson(value)) {
    const inner = proseOf(value)
    return inner === '' ? `${name}: none` : `${name}: ${inner}`
  }
  return value === '' ? `${name} is empty` : `${name} is ${String(value)}`
}

function enumeration(values: readonly unknown[]): string {
  const texts = values.map(String)
  const last = texts.pop()
  if (last === undefined) return 'none'
  return texts.length === 0 ? last : `${texts.join(', ')} and ${last}`
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`
}

function ended(text: string): string {
  return /[.!?…]["'”’)\]]?$/.test(text) ? text : `${text}.`
}

/** A question for what a call lacks. */
export function phraseQuestion(
  tool: string,
  lacking: readonly { readonly name: string; readonly description: string }[],
): string {
  const names = enumeration(lacking.map(one => words([one.name]) || one.name))
  const hints = lacking
    .map(one => one.description.trim())
    .filter(text => text !== '')
    .join(' ')
  return `Which ${names} should I use for ${tool}?${hints === '' ? '' : ` (${ended(shortened(hints, 300))})`}`
}
