/** Words in a row as OpenAI's texts have them: `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`. */
export function listed(words: readonly string[], joint: 'and' | 'or' = 'and'): string {
  const quoted = words.map(word => `'${word}'`)
  const last = quoted.pop()
  if (last === undefined) return ''
  if (quoted.length === 0) return last
  return quoted.length === 1
    ? `${quoted[0]} ${joint} ${last}`
    : `${quoted.join(', ')}, ${joint} ${last}`
}

/** What a value is, in the words of a type error: `an integer`, `a string`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal'
  if (typeof value === 'boolean') return 'a boolean'
  return typeof value === 'string' ? 'a string' : 'an object'
}

/** Names from this length on are shortened in some texts (others measured it, 2026-08-31). */
const LONG_NAME = 20

/** A name as OpenAI shortens it where a list would grow long: `pre..._id`. */
export function shortened(name: string): string {
  return name.length < LONG_NAME ? name : `${name.slice(0, 3)}...${name.slice(-3)}`
}

/** How far off a spelling may be to be suggested (others measured it, 2026-08-30). */
const SUGGESTED_DISTANCE = 2

/**
 * The end of the text about an unknown name: the known names that may have been meant, nearest
 * first, or nothing. Names that are in the body already are not suggested.
 */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .filter(name => Math.abs(name.length - word.length) <= SUGGESTED_DISTANCE)
    .map(name => ({ name, distance: editDistance(word, name) }))
    .filter(({ distance }) => distance <= SUGGESTED_DISTANCE)
    .sort((one, other) => one.distance - other.distance || (one.name < other.name ? -1 : 1))
  if (near.length === 0) return ''
  return ` Did you mean ${listed(
    near.map(({ name }) => name),
    'or',
  )}?`
}

/** Letters to add, drop or change to make one word of the other. */
function editDistance(left: string, right: string): number {
  let last = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const change = left[row - 1] === right[column - 1] ? 0 : 1
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + change,
        ),
      )
    }
    last = current
  }
  return last[right.length] ?? 0
}
