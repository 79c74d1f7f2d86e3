/** A name without what does not tell models apart: upper case, and dots for dashes. */
export function keyOf(name: string): string {
  return name.toLowerCase().replaceAll('.', '-')
}

const DATED = /^(.+)(-(?:\d{8}|\d{4}-\d{2}-\d{2}|\d{4})(?:-preview)?|-latest)$/

/** A name's stem and its date (or `-latest`), if it has one: `gpt-4o` and `-2024-08-06`. */
export function splitDate(
  name: string,
): { readonly stem: string; readonly date: string } | undefined {
  const [, stem, date] = DATED.exec(name) ?? []
  return stem === undefined || date === undefined ? undefined : { stem, date }
}

/** Whether a name fits a pattern in which `*` stands for any text. */
export function fitsPattern(name: string, pattern: string): boolean {
  const pieces = keyOf(pattern).split('*')
  const key = keyOf(name)
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return key === first
  if (!key.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = key.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return key.length - last.length >= at && key.endsWith(last)
}

/**
 * How many letters must be changed, added, left out or swapped with their neighbour to make one
 * text of the other; `most + 1` if it takes more than `most`.
 */
export function distance(left: string, right: string, most: number): number {
  if (Math.abs(left.length - right.length) > most) return most + 1
  let before: number[] = []
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    let least = row
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1)
      current.push(cost)
      least = Math.min(least, cost)
    }
    if (least > most) return most + 1
    before = above
    above = current
  }
  return above[right.length] ?? most + 1
}

/**
 * The names that someone may have meant, the nearest first, three at most: those a few slips away
 * (one in five letters, three at most), and those that the name is the beginning of, which count as
 * nearer than two slips.
 */
export function nearest(name: string, known: Iterable<string>): readonly string[] {
  const key = keyOf(name)
  const most = Math.min(3, Math.floor(key.length / 5))
  const begins = key.length >= 4
  const found: { readonly name: string; readonly rank: number }[] = []
  const seen = new Set<string>()
  for (const candidate of known) {
    const other = keyOf(candidate)
    if (seen.has(other)) continue
    seen.add(other)
    const steps = distance(key, other, most)
    if (begins && other.startsWith(`${key}-`)) found.push({ name: candidate, rank: 1.5 })
    else if (steps <= most) found.push({ name: candidate, rank: steps })
  }
  found.sort(
    (a, b) => a.rank - b.rank || a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
  )
  return found.slice(0, 3).map(({ name }) => name)
}

const WORD = /^[a-z]{4,}$/

/**
 * Whether a name is a known one with a slip in one of its words, as in `claude-sonet-4-5`. A
 * changed number is no slip: it is a new version.
 */
export function isSlipOf(name: string, known: string): boolean {
  const words = keyOf(name).split('-')
  const others = keyOf(known).split('-')
  if (words.length !== others.length) return false
  let slips = 0
  for (const [index, word] of words.entries()) {
    const other = others[index] ?? ''
    if (word === other) continue
    if (!WORD.test(other) || !/^[a-z]+$/.test(word) || distance(word, other, 1) > 1) return false
    slips++
  }
  return slips === 1
}
