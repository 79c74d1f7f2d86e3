import type { Guardrail } from './guardrail.ts'
import { escaped, firstMatch } from './search.ts'
import { type TextRuleOptions, textRule } from './text-rule.ts'

/** What `secrets()` can be told. */
export interface SecretsOptions extends TextRuleOptions {
  /** Further beginnings of secrets, such as `acme_live_`; 16 characters of a token must follow. */
  readonly prefixes?: readonly string[]
  /** Whether long random tokens count without a known beginning. Default true. */
  readonly entropy?: boolean
}

/** Beginnings that vendors document for their keys, with the fewest characters that follow. */
const KNOWN = [
  'sk-(?:ant-|proj-|or-v1-|svcacct-|live-|test-|admin-)?[A-Za-z0-9_-]{16}',
  '[srp]k_(?:live|test)_[A-Za-z0-9]{16}',
  'gh[pousr]_[A-Za-z0-9]{20}',
  'github_pat_[A-Za-z0-9_]{20}',
  'glpat-[A-Za-z0-9_-]{16}',
  'xox[abeoprs]-[A-Za-z0-9-]{10}',
  'xapp-[A-Za-z0-9-]{10}',
  '(?:AKIA|ASIA)[A-Z0-9]{16}',
  'AIza[A-Za-z0-9_-]{30}',
  'ya29\\.[A-Za-z0-9_-]{16}',
  'hf_[A-Za-z0-9]{20}',
  'npm_[A-Za-z0-9]{20}',
  'pypi-[A-Za-z0-9_-]{16}',
  'gsk_[A-Za-z0-9]{16}',
  'SG\\.[A-Za-z0-9_-]{16}',
  'dop_v1_[a-f0-9]{16}',
  'shp(?:at|ss|ca|pa)_[a-fA-F0-9]{16}',
  'sq0(?:atp|csp)-[A-Za-z0-9_-]{16}',
  'AGE-SECRET-KEY-1[A-Z0-9]{16}',
  'eyJ(?:hbGci|0eX[A]i|raWQi|jdHki|lbmMi)[A-Za-z0-9_-]{8}',
]
const PEM = '-----BEGIN [A-Z ]{0,24}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\\s\\\\:,-]*'
/** A token goes on to here, however long it is. */
const REST = '(?:[A-Za-z0-9_.+/=-]|\\\\[_-])*'
const RANDOM = '(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{32,}'
/** Characters from the beginning of a secret until it can be told to be one: a token's first part. */
const LOOK_BEHIND = 72
/** Characters that the randomness of a token is measured on. */
const SAMPLE = 32
/** Where another part of a token begins. */
const PART = /(?<=[/_+-])(?![/_+-])/
/** Bits for each character; 32 random ones of base64 have about 4.6, words and paths below 4. */
const ENTROPY = 4.2

/**
 * Finds keys and tokens: by the beginnings that vendors give them, PEM private keys, and long tokens
 * that look random. Default action: `rewrite`. Forms of keys as their vendors documented them, November 2026.
 */
export function secrets(options: SecretsOptions = {}): Guardrail {
  const own = (options.prefixes ?? []).map(prefix => {
    const letters = [...prefix].map(one => (one === '_' || one === '-' ? one : escaped(one)))
    return `${letters.join('')}[A-Za-z0-9_-]{16}`
  })
  const tokens = [...KNOWN, ...own].map(source => `${inMarkdown(source)}${REST}`)
  const known = `(?<![A-Za-z0-9])(?:${tokens.join('|')})|${PEM}`
  const pattern = new RegExp(options.entropy === false ? known : `${known}|${RANDOM}`, 'g')
  const sure = new RegExp(`^(?:${known})$`)
  return textRule({
    ...options,
    name: 'secrets',
    kind: 'a secret',
    defaultAction: 'rewrite',
    lookBehind: Math.max(LOOK_BEHIND, ...(options.prefixes ?? []).map(p => 2 * p.length + 34)),
    find: (text, from) => firstMatch(pattern, text, from),
    judge(text, { start, end }) {
      const token = text.slice(start, end)
      // `sk-` is also how names of style sheets begin: a key has digits.
      const isName = token.startsWith('sk-') && !/\d/.test(token)
      return (sure.test(token) && !isName) || holdsRandom(token) ? end : undefined
    },
  })
}

/** A pattern that also matches what it does where markdown escapes an underscore or a dash. */
function inMarkdown(source: string): string {
  return source.replace(/\[[^\]]*\]|[_-]/g, one => {
    if (one.length === 1) return `\\\\?${one}`
    return one.includes('_') ? `(?:${one}|\\\\[_-])` : one
  })
}

/** Whether a token or a part of it is random: words or a path may stand before a key. */
function holdsRandom(token: string): boolean {
  let at = 0
  for (const part of token.split(PART)) {
    if (isRandom(token.slice(at, at + SAMPLE))) return true
    at += part.length
  }
  return false
}

function isRandom(sample: string): boolean {
  const count = (pattern: RegExp) => sample.match(pattern)?.length ?? 0
  if (sample.length < SAMPLE || count(/[0-9]/g) < 2 || count(/[A-Z]/g) < 3 || count(/[a-z]/g) < 3)
    return false
  const seen = new Map<string, number>()
  for (const character of sample) seen.set(character, (seen.get(character) ?? 0) + 1)
  let bits = 0
  for (const times of seen.values()) bits -= (times / SAMPLE) * Math.log2(times / SAMPLE)
  return bits >= ENTROPY
}
