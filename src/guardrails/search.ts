import type { Span } from './text-rule.ts'

/** The first match of a global pattern at or after a place. */
export function firstMatch(pattern: RegExp, text: string, from: number): Span | undefined {
  // In the midst of a character a Unicode pattern would step back, to before the place.
  const isInside = pattern.unicode && (text.codePointAt(from - 1) ?? 0) > 0xffff
  pattern.lastIndex = isInside ? from + 1 : from
  const match = pattern.exec(text)
  return match ? { start: match.index, end: match.index + match[0].length } : undefined
}

/** A text as a pattern that matches just it. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
