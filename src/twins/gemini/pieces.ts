import type { Random } from '../random.ts'

/**
 * Cuts a text at random places, never inside a character: a short piece first, longer ones after it,
 * as in recorded streams. An empty text has no pieces.
 */
export function pieces(text: string, random: Random): string[] {
  const characters = [...text]
  const found: string[] = []
  for (let at = 0; at < characters.length; ) {
    const length = at === 0 ? 1 + random.below(16) : 8 + random.below(72)
    found.push(characters.slice(at, at + length).join(''))
    at += length
  }
  return found
}
