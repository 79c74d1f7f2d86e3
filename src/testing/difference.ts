/** A value that is expected: compared as JSON, where a regular expression stands for a text. */
export type Expected =
  | RegExp
  | null
  | undefined
  | boolean
  | number
  | string
  | readonly Expected[]
  | { readonly [name: string]: Expected }

/** Longest piece of a value that is shown. */
const SHOWN = 200

/** Says a value in one line, cut to what a person reads. */
export function say(value: unknown): string {
  const said =
    value instanceof RegExp ? String(value) : (JSON.stringify(value, saying) ?? 'nothing')
  return said.length > SHOWN ? `${said.slice(0, SHOWN)}…` : said
}

function saying(_: string, value: unknown): unknown {
  if (value instanceof RegExp) return String(value)
  return typeof value === 'bigint' ? `${value}n` : value
}

/** Each place where what was found is not what was expected, in words; none if all is. */
export function differences(place: string, expected: unknown, found: unknown): string[] {
  if (expected instanceof RegExp) {
    if (typeof found === 'string' && new RegExp(expected).test(found)) return []
  } else if (Array.isArray(expected) && Array.isArray(found)) {
    const length = Math.max(expected.length, found.length)
    return Array.from({ length }, (_, i) =>
      differences(`${place}[${i}]`, expected[i], found[i]),
    ).flat()
  } else if (isPlain(expected) && isPlain(found)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(found)])
    return [...names].flatMap(name =>
      differences(place === '' ? name : `${place}.${name}`, own(expected, name), own(found, name)),
    )
  } else if (expected === found) return []
  return [`${place || 'it'}: expected ${say(expected)}, found ${say(found)}`]
}

function own(value: { readonly [name: string]: unknown }, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

function isPlain(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
