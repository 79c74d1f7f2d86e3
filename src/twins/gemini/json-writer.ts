const SOURCE = Symbol('source')

/** A piece of JSON that is written as it stands. */
export interface JsonSource {
  readonly [SOURCE]: string
}

/** What the writers write: JSON in which parts may stand as source text; `undefined` is left out. */
export type Writable =
  | null
  | boolean
  | number
  | string
  | JsonSource
  | readonly Writable[]
  | { readonly [name: string]: Writable | undefined }

/** Wraps a text that is known to be JSON, so that it is spliced in unchanged. */
export function jsonSource(text: string): JsonSource {
  return { [SOURCE]: text }
}

/** Writes JSON over many lines, as the vendor writes whole bodies. */
export function writePretty(value: Writable): string {
  return write(value, { colon: ': ', line: '\n', step: '  ' }, '')
}

/** Writes JSON on one line with a blank after each colon, as the vendor writes events. */
export function writeLine(value: Writable): string {
  return write(value, { colon: ': ', line: '', step: '' }, '')
}

interface Style {
  readonly colon: string
  /** What begins a new line; empty for none. */
  readonly line: string
  readonly step: string
}

function write(value: Writable, style: Style, indent: string): string {
  if (typeof value === 'string') return writeText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (SOURCE in value) return String(value[SOURCE])
  const inner = indent + style.step
  if (Array.isArray(value)) {
    const items = value.map(item => write(item, style, inner))
    return enclose('[', items, ']', style, indent)
  }
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined
      ? []
      : [`${JSON.stringify(name)}${style.colon}${write(member, style, inner)}`],
  )
  return enclose('{', members, '}', style, indent)
}

function enclose(
  open: string,
  items: readonly string[],
  close: string,
  { line, step }: Style,
  indent: string,
): string {
  if (items.length === 0) return open + close
  const start = line && line + indent + step
  return `${open}${start}${items.join(`,${start}`)}${line && line + indent}${close}`
}

/** The vendor escapes what could be taken for markup. */
function writeText(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')
}
