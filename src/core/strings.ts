import { isObject, type Json } from './json.ts'

/**
 * All texts in a value, keys among them, in their order. Not by recursion, for the value may be a
 * stranger's.
 */
export function stringsIn(value: Json): string[] {
  const strings: string[] = []
  const rest: Json[] = [value]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (typeof next === 'string') strings.push(next)
    else if (Array.isArray(next)) for (const item of next.toReversed()) rest.push(item)
    else if (isObject(next))
      for (const [key, inner] of Object.entries(next).toReversed()) rest.push(inner ?? null, key)
  }
  return strings
}
