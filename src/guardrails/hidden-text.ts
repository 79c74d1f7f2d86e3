import type { Guardrail } from './guardrail.ts'
import { firstMatch } from './search.ts'
import { type TextRuleOptions, textRule } from './text-rule.ts'

/**
 * What nobody sees and a model reads: all that Unicode lets no font show, assigned or not. Among it
 * are tags, which spell out ASCII, and directions of writing, which show another order than the one
 * that is read (CVE-2021-42574). And the controls of annotations and of hieroglyphs.
 */
const HIDDEN = '(?![\\uFE00-\\uFE0F])[\\p{DI}\\uFFF9-\\uFFFB\\u{13430}-\\u{13440}]'
/** A variation selector where there is nothing to vary: several of them can carry any byte. */
const SELECTOR =
  '(?<![\\p{Emoji}\\p{Extended_Pictographic}])[\\uFE0E\\uFE0F]|(?<![\\p{Script=Han}\\p{Sm}\\p{Script=Myanmar}\\p{Script=Phags_Pa}\\u3000-\\u303F\\uFF00-\\uFFEF])[\\uFE00-\\uFE0D]'

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
 * Joiners stay where a script or an emoji needs them. Default action: `rewrite`, to nothing; the
 * other rules read what is left then, wherever in the list they stand.
 */
export function hiddenText(options: TextRuleOptions = {}): Guardrail {
  const pattern = new RegExp(
    `${FLAG}|${JOINED}|(?<=${SCRIPT})[\\u200C\\u200D](?=${SCRIPT})|${HIDDEN}|${SELECTOR}`,
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
    reveals: true,
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
