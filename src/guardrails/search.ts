import type { Span } from './text-rule.ts'

/** The first match of a global pattern at or after a place. */
export function firstMatch(pattern: RegExp, text: string, from: number): Span | undefined {
  // In the midst of a character a Unicode pattern would step back, to before the place.
  const isInside = pattern.unicode && (text.codePointAt(from - 1) ?? 0) > 0xffff
  pattern.lastIndex = isInside ? from + 1 : from
  const match = pattern.exec(text)
  return match ? { start: match.index, end: match.index + match[0].length } : undefined
}

/**
 * The same as a search that goes on: while one pattern matches again and again, another one is not
 * looked for from each place to the end of the text.
 */
export function searchFor(pattern: RegExp): (text: string, from: number) => Span | undefined {
  let last: { text: string; from: number; span: Span | undefined } | undefined
  return (text, from) => {
    const isKnown = last?.text === text && last.from <= from && (last.span?.start ?? from) >= from
    if (!last || !isKnown) last = { text, from, span: firstMatch(pattern, text, from) }
    return last.span
  }
}

/** A text as a pattern that matches just it. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
