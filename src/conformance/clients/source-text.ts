/**
 * The source texts of all objects that stand under a key in a JSON text, in their order: what a
 * parser that keeps numbers and key order would be given. Objects inside a found one are not looked
 * into.
 */
export function objectTexts(text: string, key: string): string[] {
  const found: string[] = []
  const wanted = JSON.stringify(key)
  let at = 0
  while (at < text.length) {
    if (text[at] !== '"') {
      at++
      continue
    }
    const end = stringEnd(text, at)
    const isKey = text.slice(at, end) === wanted
    at = end
    if (!isKey) continue
    const value = /^\s*:\s*(?=\{)/.exec(text.slice(at, at + 32))
    if (!value) continue
    const start = at + value[0].length
    at = objectEnd(text, start)
    found.push(text.slice(start, at))
  }
  return found
}

/** The place after the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i + 1
  }
  return text.length
}

/** The place after the object that begins at `at`. */
function objectEnd(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const sign = text[i]
    if (sign === '"') i = stringEnd(text, i) - 1
    else if (sign === '{') depth++
    else if (sign === '}' && --depth === 0) return i + 1
  }
  return text.length
}
