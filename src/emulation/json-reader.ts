import type { Step, TextReader } from './held-text.ts'

/** As deep as JSON may be nested anywhere in the house. */
const MAX_DEPTH = 512
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/
const SCALAR_LETTER = /[A-Za-z0-9+.-]/
const MAX_SCALAR = 400

/** The exact text of one JSON value; gives up at the first letter that cannot belong to one. */
export function* readJson(reader: TextReader): Step<string | undefined> {
  const from = reader.at
  return (yield* readValue(reader, 0)) ? reader.since(from) : undefined
}

/** A JSON string, decoded. */
export function* readJsonString(reader: TextReader): Step<string | undefined> {
  const from = reader.at
  if (!(yield* reader.literal('"')) || !(yield* reader.restOfString())) return undefined
  return decodeString(reader.since(from))
}

function decodeString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function* readValue(reader: TextReader, depth: number): Step<boolean> {
  if (depth > MAX_DEPTH) return false
  const letter = String.fromCharCode(yield* reader.peek())
  if (letter === '"') return (yield* readJsonString(reader)) !== undefined
  if (letter === '{') return yield* readList(reader, '{', '}', depth)
  if (letter === '[') return yield* readList(reader, '[', ']', depth)
  return SCALAR.test(yield* reader.word(SCALAR_LETTER, MAX_SCALAR))
}

/** An object or an array. */
function* readList(reader: TextReader, open: string, close: string, depth: number): Step<boolean> {
  if (!(yield* reader.literal(open))) return false
  yield* reader.space()
  if (yield* reader.literal(close)) return true
  for (;;) {
    if (open === '{' && !(yield* readKey(reader))) return false
    if (!(yield* readValue(reader, depth + 1))) return false
    yield* reader.space()
    if (yield* reader.literal(close)) return true
    if (!(yield* reader.literal(','))) return false
    yield* reader.space()
  }
}

function* readKey(reader: TextReader): Step<boolean> {
  if ((yield* readJsonString(reader)) === undefined) return false
  yield* reader.space()
  if (!(yield* reader.literal(':'))) return false
  yield* reader.space()
  return true
}
