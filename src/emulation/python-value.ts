import type { Step, TextReader } from './held-text.ts'

const MAX_DEPTH = 64
const MAX_SCALAR = 400
const SCALAR_LETTER = /[A-Za-z0-9+.-]/
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const WORDS: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
  // What models write who know JSON better.
  ['true', 'true'],
  ['false', 'false'],
  ['null', 'null'],
])
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ...(['\\', "'", '"'] as const).map(letter => [letter, letter] as const),
  ...([
    ['n', '\n'],
    ['t', '\t'],
    ['r', '\r'],
    ['b', '\b'],
    ['f', '\f'],
    ['\n', ''],
  ] as const),
])
/** Letters after a backslash that say a code, each with how many hexadecimal digits follow. */
const CODES: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

/** A Python literal, as JSON text: text, number, True, False, None, list, tuple or dictionary. */
export function* readPythonValue(reader: TextReader, depth: number): Step<string | undefined> {
  if (depth > MAX_DEPTH) return undefined
  const letter = String.fromCharCode(yield* reader.peek())
  if (letter === '"' || letter === "'") {
    const text = yield* readText(reader, letter)
    return text === undefined ? undefined : JSON.stringify(text)
  }
  if (letter === '[') return yield* readItems(reader, '[', ']', depth)
  if (letter === '(') return yield* readItems(reader, '(', ')', depth)
  if (letter === '{') return yield* readDictionary(reader, depth)
  const word = yield* reader.word(SCALAR_LETTER, MAX_SCALAR)
  return NUMBER.test(word) ? word : WORDS.get(word)
}

function* readItems(
  reader: TextReader,
  open: string,
  close: string,
  depth: number,
): Step<string | undefined> {
  if (!(yield* reader.literal(open))) return undefined
  const items: string[] = []
  yield* reader.space()
  while (!(yield* reader.literal(close))) {
    const item = yield* readPythonValue(reader, depth + 1)
    if (item === undefined) return undefined
    items.push(item)
    yield* reader.space()
    if (yield* reader.literal(',')) yield* reader.space()
    else if (String.fromCharCode(yield* reader.peek()) !== close) return undefined
  }
  return `[${items.join(', ')}]`
}

function* readDictionary(reader: TextReader, depth: number): Step<string | undefined> {
  if (!(yield* reader.literal('{'))) return undefined
  const items: string[] = []
  yield* reader.space()
  while (!(yield* reader.literal('}'))) {
    const quote = String.fromCharCode(yield* reader.peek())
    if (quote !== '"' && quote !== "'") return undefined
    const key = yield* readText(reader, quote)
    yield* reader.space()
    if (key === undefined || !(yield* reader.literal(':'))) return undefined
    yield* reader.space()
    const item = yield* readPythonValue(reader, depth + 1)
    if (item === undefined) return undefined
    items.push(`${JSON.stringify(key)}: ${item}`)
    yield* reader.space()
    if (yield* reader.literal(',')) yield* reader.space()
    else if (String.fromCharCode(yield* reader.peek()) !== '}') return undefined
  }
  return `{${items.join(', ')}}`
}

function* readText(reader: TextReader, quote: string): Step<string | undefined> {
  const isLong = yield* reader.literal(quote.repeat(3))
  const end = isLong ? quote.repeat(3) : quote
  if (!isLong && !(yield* reader.literal(quote))) return undefined
  let text = ''
  for (;;) {
    if (yield* reader.literal(end)) return text
    const code = yield* reader.peek()
    if (code === -1 || (code === 10 && !isLong)) return undefined
    reader.at++
    const letter = String.fromCharCode(code)
    if (letter !== '\\') text += letter
    else {
      const meant = yield* readEscape(reader)
      if (meant === undefined) return undefined
      text += meant
    }
  }
}

function* readEscape(reader: TextReader): Step<string | undefined> {
  const code = yield* reader.peek()
  if (code === -1) return undefined
  reader.at++
  const letter = String.fromCharCode(code)
  const digits = CODES.get(letter)
  // Python keeps a backslash that it does not know.
  if (digits === undefined) return ESCAPES.get(letter) ?? `\\${letter}`
  const hex = yield* reader.word(/[0-9a-fA-F]/, digits)
  const point = Number.parseInt(hex, 16)
  if (hex.length < digits || point > 0x10ffff) return undefined
  return digits === 8 ? String.fromCodePoint(point) : String.fromCharCode(point)
}
