/**
 * Where the string that opens at `from` is over: the index after its closing quote. The text must
 * be valid JSON.
 */
export function endOfString(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1)
  for (;;) {
    let slash = quote - 1
    while (text.charCodeAt(slash) === 92) slash--
    if ((quote - slash) % 2 === 1) return quote + 1
    quote = text.indexOf('"', quote + 1)
  }
}

/** Whether valid JSON text is nested deeper than `limit`. Costs next to nothing for small texts. */
export function isDeeper(text: string, limit: number): boolean {
  if (text.length <= 2 * limit) return false
  const arrays = count(text, '[', limit)
  return arrays + count(text, '{', limit - arrays) > limit && depth(text, limit) > limit
}

/** How often `character` stands in the text; counting ends beyond `limit`. */
function count(text: string, character: string, limit: number): number {
  let found = 0
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1))
    if (++found > limit) break
  return found
}

function depth(text: string, limit: number): number {
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) at = endOfString(text, at) - 1
    else if (code === 91 || code === 123) {
      if (++open > limit) return open
    } else if (code === 93 || code === 125) open--
  }
  return 0
}

/**
 * Where the array or object that opens at `from` is over: the index after its closing bracket, or
 * the end of a text that does not close it. What is inside is not checked.
 */
export function endOfValue(text: string, from: number): number {
  let open = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) {
      const end = endOfString(text, at)
      if (end <= at) return text.length
      at = end - 1
    } else if (code === 91 || code === 123) open++
    else if ((code === 93 || code === 125) && --open === 0) return at + 1
  }
  return text.length
}
