import type { Json } from '../core/json.ts'
import type { ResultPart } from '../core/message.ts'
import { stringsIn } from '../core/strings.ts'

/** One way in which a model may read a result. */
export interface Reading {
  readonly text: string
  /** Whether another text can stand in the place of all that was read. */
  readonly isWhole: boolean
}

/** The text of a part that is one: words, or a file of text. */
export function wordsIn(part: ResultPart): string | undefined {
  if (part.type === 'text') return part.text
  return part.type === 'document' && part.source.kind === 'text' ? part.source.text : undefined
}

/**
 * The ways in which a model may read a result: its texts each on lines of its own; several as one;
 * and what the escapes of JSON stand for.
 */
export function readingsOf(content: readonly ResultPart[]): Reading[] {
  const texts = content.map(wordsIn).filter(text => text !== undefined)
  const ways = [{ text: texts.join('\n'), isWhole: true }]
  if (texts.length > 1) ways.push({ text: texts.join(''), isWhole: true })
  const hidden = texts.flatMap(text => (text.includes('\\') ? stringsIn(parsed(text)) : []))
  if (hidden.length > 0) ways.push({ text: hidden.join('\n'), isWhole: false })
  return ways
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
