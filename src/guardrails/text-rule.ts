import { isObject, type Json } from '../core/json.ts'
import type { Guardrail } from './guardrail.ts'
import {
  ALLOW,
  type GuardPoint,
  mostSevere,
  type Objection,
  REFUSED_MESSAGE,
  type Verdict,
} from './verdict.ts'

/** A stretch of a text, in characters of UTF-16; `end` is the first after it. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * What a rule on texts looks for. Laws, on which it rests that nothing leaves too early:
 * whether a stretch begins at a place, and how, is known from the 16 characters before it and the
 * `lookBehind` characters from it on; a stretch that ends where the text ends may still grow. Such a
 * stretch is held, and looked for again when it has grown by an eighth, or when the text ends.
 */
export interface TextRule {
  /** Characters from the beginning of a stretch until it is one. */
  readonly lookBehind: number
  /** The first stretch at or after a place that may be what is looked for. */
  find(text: string, from: number): Span | undefined
  /** Where in it the real thing ends, or `undefined` if it is none. Default: all of it is. */
  judge?(text: string, span: Span): number | undefined
  /** Whether nothing begins inside of a stretch that is none. Default false. */
  readonly atomic?: boolean
  /** Most characters of a text in all. */
  readonly limit?: number
  /** Whether the other rules have to read what it leaves, for it parts what they look for. */
  readonly reveals?: boolean
  /** Whether what is found is replaced; otherwise `objection` is the verdict. */
  readonly replace?: (found: string) => string
  /** The verdict; for a rewrite, the reason of it. */
  readonly objection: Exclude<Objection, { readonly type: 'rewrite' }>
}

/** What is done with what a rule finds. `rewrite` puts something else in its place. */
export type Action = 'refuse' | 'rewrite' | 'ask-again' | 'require-approval'

/** What the rules on texts have in common. */
export interface TextRuleOptions {
  /** Default: all four. */
  readonly points?: readonly GuardPoint[]
  readonly action?: Action
  /** In place of what was found, for `rewrite`. `$kind` stands for what it is. */
  readonly replacement?: string
  /** What the user is told of a refusal. */
  readonly message?: string
}

/** How a rule is named, what it finds, and what it does by default. */
export interface TextRuleMaking extends TextRuleOptions {
  readonly name: string
  /** What it finds, for reasons and replacements, such as `a card number`. */
  readonly kind: string
  readonly defaultAction: Action
  readonly lookBehind: number
  readonly limit?: number
  readonly atomic?: boolean
  readonly reveals?: boolean
  find(text: string, from: number): Span | undefined
  judge?(text: string, span: Span): number | undefined
}

/** Longest stretch that is waited for; what is longer counts as found, for nobody can tell. */
export const MOST_HELD = 16_384

/** A guardrail that looks for stretches of text: in texts, and in all texts inside of JSON. */
export function textRule(making: TextRuleMaking): Guardrail {
  const { name, points, kind, lookBehind, limit, atomic, reveals, find, judge } = making
  const action = making.action ?? making.defaultAction
  const words = (making.replacement ?? `[${kind.replace(/^an? /, '')} removed]`).replaceAll(
    '$kind',
    kind,
  )
  const reason = `${kind} was found`
  const rule: TextRule = {
    lookBehind,
    find,
    ...(judge ? { judge } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(atomic === undefined ? {} : { atomic }),
    ...(action === 'rewrite' ? { replace: () => words, ...(reveals && { reveals }) } : {}),
    objection:
      action === 'refuse' || action === 'rewrite'
        ? { type: 'refuse', reason, message: making.message ?? REFUSED_MESSAGE }
        : { type: action, reason },
  }
  return {
    name,
    points: points ?? ['input', 'output', 'tool-arguments', 'tool-result'],
    text: [rule],
    check: ({ value }) => checkValue([rule], value),
  }
}

/** What a search came to. */
export interface Search {
  /** What was found, or may yet turn out to be it. */
  readonly span?: Span
  /** Whether more text may still change the span or the verdict on it. */
  readonly open: boolean
  /** Where the next search begins if nothing was found: stretches before it are decided. */
  readonly from: number
}

/**
 * Looks for the first real thing from a place on. Only stretches that begin before `limit` are
 * decided; `ended` says that no more text will come.
 */
export function searchText(
  rule: TextRule,
  text: string,
  from: number,
  limit: number,
  ended: boolean,
): Search {
  let decided = from
  for (let at = from; at <= text.length; ) {
    const span = rule.find(text, at)
    // Where nothing begins before the limit, nothing will: that far it is decided.
    if (!span || span.start >= limit) return { open: false, from: Math.max(decided, limit) }
    if (span.end === span.start) {
      at = span.end + 1
      continue
    }
    if (span.end - span.start > MOST_HELD) return { span, open: false, from: decided }
    if (span.end === text.length && !ended) return { span, open: true, from: decided }
    const end = rule.judge ? rule.judge(text, span) : span.end
    if (end !== undefined) return { span: { start: span.start, end }, open: false, from: decided }
    // Another one may begin inside of what was none.
    at = rule.atomic ? span.end : Math.max(at, span.start) + 1
    decided = at
  }
  return { open: false, from: decided }
}

/** What rules decide on a whole value, one after the other: a later one sees what earlier ones made. */
export function checkValue(rules: readonly TextRule[], value: Json): Verdict {
  let next = value
  let verdict = ALLOW
  for (const rule of rules) {
    const said = checkOne(rule, next)
    if (said.type === 'rewrite') next = said.value
    verdict = mostSevere([verdict, said])
  }
  return verdict.type === 'rewrite' ? { ...verdict, value: next } : verdict
}

function checkOne(rule: TextRule, value: Json): Verdict {
  let found = false
  let stopped = false
  const checkText = (text: string): string => {
    const next = rewritten(rule, text)
    if (next !== text) found = true
    if (next === undefined) stopped = true
    return next ?? text
  }
  const visit = (json: Json): Json => {
    if (typeof json === 'string') return checkText(json)
    if (typeof json === 'number') {
      const digits = String(json)
      const next = checkText(digits)
      return next === digits ? json : next
    }
    if (Array.isArray(json)) return json.map(visit)
    if (!isObject(json)) return json
    const entries = Object.entries(json).map(([key, inner]) => {
      // A key names a parameter: another one in its place would be another call.
      if (checkText(key) !== key) stopped = true
      return [key, visit(inner ?? null)] as const
    })
    return Object.fromEntries(entries)
  }
  const next = visit(value)
  if (!found) return ALLOW
  const { objection } = rule
  return stopped ? objection : { type: 'rewrite', value: next, reason: objection.reason }
}

/** The text with what was found replaced; `undefined` if something was found that is not. */
function rewritten(rule: TextRule, text: string): string | undefined {
  if (rule.limit !== undefined && text.length > rule.limit) return undefined
  let out = ''
  let at = 0
  for (;;) {
    const { span } = searchText(rule, text, at, text.length + 1, true)
    if (!span) return out + text.slice(at)
    if (!rule.replace) return undefined
    const { start, end } = span
    out += text.slice(at, start) + rule.replace(text.slice(start, end))
    at = end
  }
}
