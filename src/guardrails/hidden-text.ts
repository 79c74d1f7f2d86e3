import type { Guardrail } from './guardrail.ts'
import { firstMatch } from './search.ts'
import { type TextRuleOptions, textRule } from './text-rule.ts'

/** What nobody sees and a model reads: by what it can do. */
const HIDDEN = [
  // Tags, which spell out ASCII; and the variation selectors that can carry any byte.
  '\\u{E0000}-\\u{E007F}',
  '\\u{E0100}-\\u{E01EF}',
  // Directions of writing, which show another order than the one that is read (CVE-2021-42574).
  '\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069',
  // Of no width.
  '\\u00AD\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B\\u200C\\u2060-\\u2065\\u206A-\\u206F\\u3164\\uFEFF\\uFFA0\\u{1D173}-\\u{1D17A}',
].join('')

/** A flag of a part of the United Kingdom: the only tags that Unicode recommends for use. */
const FLAG =
  '(?<=\\u{1F3F4})\\u{E0067}\\u{E0062}(?:\\u{E0065}\\u{E006E}\\u{E0067}|\\u{E0073}\\u{E0063}\\u{E0074}|\\u{E0077}\\u{E006C}\\u{E0073})\\u{E007F}'
/** A joiner is seen between two pictures, and in scripts that join letters. */
const JOINED =
  '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})'
const SCRIPT =
  '[\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Mongolian}\\p{Mn}]'

/**
 * Finds Unicode that is read and not seen: tags, bidirectional controls, characters of no width.
 * Joiners stay where a script or an emoji needs them. Default action: `rewrite`, to nothing.
 */
export function hiddenText(options: TextRuleOptions = {}): Guardrail {
  const pattern = new RegExp(
    `${FLAG}|${JOINED}|(?<=${SCRIPT})[\\u200C\\u200D](?=${SCRIPT})|[${HIDDEN}\\u200D]`,
    'gu',
  )
  const flag = /^[\u{E0061}-\u{E007A}]{5}\u{E007F}$/u
  return textRule({
    ...options,
    name: 'hidden-text',
    kind: 'hidden text',
    replacement: options.replacement ?? '',
    defaultAction: 'rewrite',
    // A flag has six characters, each of two units.
    lookBehind: 14,
    atomic: true,
    find: (text, from) => firstMatch(pattern, text, from),
    judge(text, { start, end }) {
      const found = text.slice(start, end)
      if (flag.test(found)) return undefined
      if (found !== '\u200D' && found !== '\u200C') return end
      return isJoining(text, start) ? undefined : end
    },
  })
}

const BEFORE = new RegExp(
  `(?:[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F]|${SCRIPT})$`,
  'u',
)
const AFTER = new RegExp(`^(?:\\p{Extended_Pictographic}|${SCRIPT})`, 'u')

function isJoining(text: string, at: number): boolean {
  return BEFORE.test(text.slice(Math.max(0, at - 4), at)) && AFTER.test(text.slice(at + 1, at + 5))
}
