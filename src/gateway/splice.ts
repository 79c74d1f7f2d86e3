const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const COLON = 58

/**
 * Replaces the value of the top-level string field `model` in the bytes of a JSON object and leaves
 * every other byte as it is. The bytes must have been parsed as JSON before. Of a key written twice
 * the last one counts, as in `JSON.parse`.
 *
 * @returns the same buffer if the name is the same, `undefined` if there is no such plain field.
 */
export function spliceModel(body: Buffer, model: string): Buffer | undefined {
  const found = findModel(body)
  if (!found) return undefined
  const text = JSON.stringify(model)
  if (body.toString('latin1', found.from, found.to) === text) return body
  return Buffer.concat([body.subarray(0, found.from), Buffer.from(text), body.subarray(found.to)])
}

function findModel(body: Buffer): { from: number; to: number } | undefined {
  let at = skipSpace(body, 0) + 1
  let found: { from: number; to: number } | undefined
  while (at < body.length) {
    at = skipSpace(body, at)
    if (body[at] !== QUOTE) break // the closing brace
    const keyFrom = at
    at = skipString(body, at)
    const key = body.toString('latin1', keyFrom, at)
    if (key.includes('\\')) return undefined // an escaped spelling of `model` would hide here
    const isModel = key === '"model"'
    at = skipSpace(body, at)
    if (body[at] !== COLON) return undefined
    const from = skipSpace(body, at + 1)
    at = skipValue(body, from)
    if (isModel) found = body[from] === QUOTE ? { from, to: at } : undefined
    at = skipSpace(body, at)
    if (body[at] === COMMA) at++
  }
  return found
}

function skipSpace(body: Buffer, at: number): number {
  let here = at
  while (here < body.length && (body[here] ?? 0) <= 32) here++
  return here
}

/** `at` is the opening quote; the place after the closing one is returned. */
function skipString(body: Buffer, at: number): number {
  let end = body.indexOf(QUOTE, at + 1)
  while (end !== -1) {
    let slashes = 0
    while (body[end - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end + 1
    end = body.indexOf(QUOTE, end + 1)
  }
  return body.length
}

function skipValue(body: Buffer, at: number): number {
  let here = at
  let depth = 0
  do {
    const byte = body[here]
    if (byte === QUOTE) {
      here = skipString(body, here)
      continue
    }
    if (byte === 123 || byte === 91) depth++
    else if (byte === 125 || byte === 93) {
      if (depth === 0) return here
      depth--
    } else if (depth === 0 && byte === COMMA) return here
    here++
  } while (here < body.length && (depth > 0 || !endsValue(body[here])))
  return here
}

function endsValue(byte: number | undefined): boolean {
  return byte === COMMA || byte === 125 || byte === 93 || (byte ?? 0) <= 32
}
