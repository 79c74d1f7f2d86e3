import type { Json, JsonObject } from '../core/json.ts'
import { typeOfValue } from './keywords.ts'

/** Fixed values as texts, with the value that each text stands for. */
export interface WordList {
  readonly words: readonly string[]
  readonly isNullable: boolean
  /** JSON text by word; only of words that are not the value itself. */
  readonly meanings: ReadonlyMap<string, string>
}

/** The fixed values of a node: its `enum`, or its `const`. */
export function literalsOf(node: JsonObject): readonly Json[] | undefined {
  if ('const' in node) return [node['const'] ?? null]
  return Array.isArray(node['enum']) ? node['enum'] : undefined
}

/**
 * Says fixed values as texts, for a dialect whose enums hold nothing else. Each text is told apart:
 * `1` and `"1"` become `1` and `"1"`, and an empty text `(empty)`.
 */
export function wordsFor(values: readonly Json[]): WordList {
  const texts = new Set(values.filter(value => typeof value === 'string' && value !== ''))
  const words: string[] = []
  const meanings = new Map<string, string>()
  for (const value of values) {
    if (value === null) continue
    const json = JSON.stringify(value)
    if (typeof value === 'string' && value !== '') {
      words.push(value)
      continue
    }
    let word = value === '' ? '(empty)' : json
    while (texts.has(word) || meanings.has(word)) {
      if (meanings.get(word) === json) break
      word = `(${word})`
    }
    if (!meanings.has(word)) words.push(word)
    meanings.set(word, json)
  }
  return { words: [...new Set(words)], isNullable: values.includes(null), meanings }
}

/** The types of fixed values, each once; whole and broken numbers together are `number`. */
export function typesOfLiterals(values: readonly Json[]): readonly string[] {
  const types = new Set(values.map(typeOfValue))
  if (types.has('number')) types.delete('integer')
  return [...types]
}

/** Whether a fixed value is an object or a list. */
export function isStructured(value: Json): boolean {
  return typeof value === 'object' && value !== null
}
