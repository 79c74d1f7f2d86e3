/** What a pattern is read into: texts in order, one of several, or a part repeated. */
type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'all'; readonly parts: readonly Node[] }
  | { readonly type: 'one'; readonly parts: readonly Node[] }
  | { readonly type: 'repeat'; readonly part: Node; readonly least: number }

const CLASSES: { readonly [letter: string]: string } = {
  d: '0',
  w: 'a',
  s: ' ',
  D: 'a',
  W: '-',
  S: 'a',
  t: '\t',
  n: '\n',
}

/**
 * A short text that a simple regular expression matches: literals, classes, groups, alternation and
 * repetition. The caller checks the text, since look-around and back-references are not understood.
 *
 * `length` stretches the last repetition that may grow, to reach a least length.
 */
export function sampleOf(pattern: string, length = 0): string {
  const reader = { text: pattern, at: 0 }
  const node = readChoice(reader)
  for (let more = 0; more <= length; more++) {
    const text = write(node, more)
    if (text.length >= length) return text
  }
  return write(node, 0)
}

interface Reader {
  readonly text: string
  at: number
}

function readChoice(reader: Reader): Node {
  const options: Node[] = [readSequence(reader)]
  while (reader.text[reader.at] === '|') {
    reader.at++
    options.push(readSequence(reader))
  }
  return options.length === 1
    ? (options[0] ?? { type: 'all', parts: [] })
    : { type: 'one', parts: options }
}

function readSequence(reader: Reader): Node {
  const parts: Node[] = []
  while (reader.at < reader.text.length && !'|)'.includes(reader.text[reader.at] ?? '')) {
    const part = readAtom(reader)
    parts.push(readRepeat(reader, part))
  }
  return { type: 'all', parts }
}

function readAtom(reader: Reader): Node {
  const letter = reader.text[reader.at++] ?? ''
  if (letter === '^' || letter === '$') return { type: 'text', text: '' }
  if (letter === '.') return { type: 'text', text: 'a' }
  if (letter === '[') return { type: 'text', text: readClass(reader) }
  if (letter === '\\') return { type: 'text', text: readEscape(reader) }
  if (letter !== '(') return { type: 'text', text: letter }
  const aside = /^\?(?:[=!]|<[=!])/.test(reader.text.slice(reader.at))
  reader.at += /^\?(?::|<?[=!]|<\w+>)/.exec(reader.text.slice(reader.at))?.[0].length ?? 0
  const inside = readChoice(reader)
  reader.at++
  return aside ? { type: 'text', text: '' } : inside
}

function readEscape(reader: Reader): string {
  const letter = reader.text[reader.at++] ?? ''
  if (letter === 'b' || letter === 'B') return ''
  if (letter === 'p' || letter === 'P') {
    reader.at = Math.max(reader.at, reader.text.indexOf('}', reader.at) + 1)
    return letter === 'p' ? 'A' : '1'
  }
  return CLASSES[letter] ?? letter
}

/** The first letter of a class, or a letter outside it if the class is negated. */
function readClass(reader: Reader): string {
  const from = reader.at
  let end = reader.at
  while (end < reader.text.length && (reader.text[end] !== ']' || end === from))
    end += reader.text[end] === '\\' ? 2 : 1
  const body = reader.text.slice(from, end)
  reader.at = end + 1
  if (body.startsWith('^')) {
    return [...'aA0-_ x'].find(letter => !new RegExp(`[${body.slice(1)}]`).test(letter)) ?? '~'
  }
  if (!body.startsWith('\\')) return body[0] ?? ''
  return readEscape({ text: body, at: 1 })
}

function readRepeat(reader: Reader, part: Node): Node {
  const match = /^(?:[*+?]|\{(\d+)(,)?(\d*)\})\??/.exec(reader.text.slice(reader.at))
  if (match === null) return part
  reader.at += match[0].length
  if (match[0].startsWith('?')) return { type: 'repeat', part, least: 0 }
  if (match[1] !== undefined) return { type: 'repeat', part, least: Number(match[1]) }
  return { type: 'repeat', part, least: match[0].startsWith('+') ? 1 : 0 }
}

function write(node: Node, more: number): string {
  if (node.type === 'text') return node.text
  if (node.type === 'all') return node.parts.map(part => write(part, more)).join('')
  if (node.type === 'one') return node.parts[0] === undefined ? '' : write(node.parts[0], more)
  return write(node.part, more).repeat(node.least + more)
}
