/** An error that a reader can tell by its `name`, without a class of its own. */
export function namedError(name: string, message: string, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause })
  error.name = name
  return error
}

/**
 * Refuses data from outside: a script, a fault, an option.
 *
 * @throws InvalidInput always; the text begins with the exact place.
 */
export function refuse(place: string, text: string): never {
  throw namedError('InvalidInput', `${place}: ${text}`)
}

/** What a value is, in the words of an error: `null`, `array`, `nothing` or its type. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Whether a value is an object with keys: neither `null` nor an array. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads an object; with `known`, refuses every other key and suggests the nearest one. */
export function readRecord(
  value: unknown,
  place: string,
  known?: readonly string[],
): { readonly [key: string]: unknown } {
  if (!isRecord(value)) return refuse(place, `expected an object, found ${kindOf(value)}`)
  if (known) {
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) refuse(`${place}.${key}`, `unknown key; ${suggestion(key, known)}`)
    }
  }
  return value
}

/** Reads a list, each item with a reader that is told the item's place. */
export function readList<T>(
  value: unknown,
  place: string,
  read: (item: unknown, place: string) => T,
): T[] {
  if (!Array.isArray(value)) return refuse(place, `expected an array, found ${kindOf(value)}`)
  return value.map((item: unknown, index) => read(item, `${place}[${index}]`))
}

/** Reads a string, empty ones included. */
export function readText(value: unknown, place: string): string {
  if (typeof value !== 'string') refuse(place, `expected a string, found ${kindOf(value)}`)
  return value
}

/** Reads a string of at least one character. */
export function readName(value: unknown, place: string): string {
  const text = readText(value, place)
  if (text === '') refuse(place, 'expected a string that is not empty')
  return text
}

/** Reads `true` or `false`. */
export function readFlag(value: unknown, place: string): boolean {
  if (typeof value !== 'boolean') refuse(place, `expected true or false, found ${kindOf(value)}`)
  return value
}

/** Reads a finite number within limits, both included. */
export function readNumber(value: unknown, place: string, least = 0, most = Infinity): number {
  if (typeof value !== 'number') refuse(place, `expected a number, found ${kindOf(value)}`)
  if (!Number.isFinite(value) || value < least || value > most) {
    refuse(place, `expected a number ${range(least, most)}, found ${value}`)
  }
  return value
}

/** Reads a whole number within limits, both included. */
export function readWhole(value: unknown, place: string, least = 0, most = Infinity): number {
  const number = readNumber(value, place, least, most)
  if (!Number.isInteger(number)) refuse(place, `expected a whole number, found ${number}`)
  return number
}

/** Reads one of a few words. */
export function readOneOf<T extends string>(
  value: unknown,
  place: string,
  choices: readonly T[],
): T {
  const text = readText(value, place)
  const found = choices.find(choice => choice === text)
  if (found === undefined) return refuse(place, `unknown "${text}"; ${suggestion(text, choices)}`)
  return found
}

/** What to write instead of an unknown word: the nearest known one, or all of them. */
export function suggestion(word: string, known: readonly string[]): string {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  // An abbreviation ("args") is far away by letters, yet plain to a reader.
  best ??= known.find(candidate => word.length >= 3 && candidate.startsWith(word.slice(0, 3)))
  return best === undefined ? `expected one of: ${known.join(', ')}` : `did you mean "${best}"?`
}

function range(least: number, most: number): string {
  return most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`
}

/** Letters to add, drop, change or swap with their neighbour to make one word of the other. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const change = left[row - 1] === right[column - 1] ? 0 : 1
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + change,
          row > 1 && column > 1 && swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? 0
}
