import { isObject, type Json } from '../core/json.ts'

/** How deep a value that crosses the wall may be nested: what walks it later may recurse. */
const MAX_DEPTH = 256

/**
 * Writes a value as JSON text, strictly. `undefined` is `null` at the top and left out in objects, as
 * everywhere in JSON; a function, symbol, bigint or number that JSON lacks is a `TypeError` that names
 * its key, for nothing may be lost in silence.
 */
export function encodeResult(value: unknown): string {
  const text = JSON.stringify(value === undefined ? null : value, (key, item: unknown) => {
    const type = typeof item
    if (type === 'function' || type === 'symbol' || type === 'bigint')
      throw new TypeError(`the result holds a ${type}${key === '' ? '' : ` at "${key}"`}`)
    if (type === 'number' && !Number.isFinite(item))
      throw new TypeError(`the result holds ${item}${key === '' ? '' : ` at "${key}"`}`)
    return item
  })
  // A top-level toJSON may still have answered undefined.
  if (text === undefined) throw new TypeError('the result is no JSON value')
  return text
}

/**
 * Reads JSON text that came through the wall. A key `__proto__`, which later copies could turn into a
 * prototype, and nesting beyond 256 are refused with a `TypeError`.
 */
export function decodeResult(text: string): Json {
  const value: Json = JSON.parse(text)
  const rest: [Json | undefined, number][] = [[value, 0]]
  for (let next = rest.pop(); next; next = rest.pop()) {
    const [item, depth] = next
    if (depth > MAX_DEPTH) throw new TypeError(`the result is nested deeper than ${MAX_DEPTH}`)
    if (Array.isArray(item)) for (const one of item) rest.push([one, depth + 1])
    else if (isObject(item))
      for (const key of Object.keys(item)) {
        if (key === '__proto__') throw new TypeError('the result holds a key "__proto__"')
        rest.push([item[key], depth + 1])
      }
  }
  return value
}

/** Name and message of anything that was thrown, however it fights being read; 2,000 characters. */
export function describeThrown(thrown: unknown): { name: string; message: string } {
  try {
    if (thrown instanceof Error)
      return {
        name: String(thrown.name).slice(0, 200),
        message: String(thrown.message).slice(0, 2000),
      }
    return { name: 'Error', message: String(thrown).slice(0, 2000) }
  } catch {
    return { name: 'Error', message: 'what was thrown cannot be read' }
  }
}
