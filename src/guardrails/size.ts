import type { Guardrail } from './guardrail.ts'
import { type TextRuleOptions, textRule } from './text-rule.ts'

/** What `size()` can be told. */
export interface SizeOptions extends Omit<TextRuleOptions, 'replacement'> {
  /** Most characters of a text. */
  readonly maxCharacters: number
  /** Cutting is the caller's business: a rewrite is not offered. Default `refuse`. */
  readonly action?: 'refuse' | 'ask-again' | 'require-approval'
}

/**
 * Objects to a text that is longer than a number of characters (UTF-16). In JSON each text is
 * measured by itself. A stream stops before the piece that is too much.
 *
 * @throws Error if the number is no positive one
 */
export function size(options: SizeOptions): Guardrail {
  const { maxCharacters } = options
  if (!(maxCharacters > 0)) throw new Error('size: maxCharacters must be more than 0')
  return textRule({
    ...options,
    name: 'size',
    kind: `a text of more than ${maxCharacters} characters`,
    defaultAction: 'refuse',
    lookBehind: 0,
    limit: maxCharacters,
    find: () => undefined,
  })
}
