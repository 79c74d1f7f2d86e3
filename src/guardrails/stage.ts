import type { Emit } from '../core/stream.ts'
import { MOST_HELD, type Search, searchText, type TextRule } from './text-rule.ts'
import { mostSevere, type Objection } from './verdict.ts'

/** What a stage is told of. */
export interface NamedRule {
  readonly name: string
  readonly rule: TextRule
}

/** What a stage found, before it acts on it. */
export type Report = (name: string, verdict: Objection, found: string) => void

/** Characters before a stretch that a rule may look at. */
const CONTEXT = 16

/** One step between the text that comes and the text that goes. */
export interface Stage {
  push(text: string, emit: Emit<string>): void
  /** Calls back when all that was pushed before has gone. */
  mark(passed: () => void): void
  end(emit: Emit<string>): void
}

/** What has left of a text before its guard begins to read it. */
export interface TextBefore {
  /** Its last characters; 16 are enough. */
  readonly text: string
  /** Characters of all of it. */
  readonly length: number
}

const NOTHING: TextBefore = { text: '', length: 0 }

/** Text that is held until rules have passed it, with a little of what went before it. */
class Held {
  text: string
  /** Where the part that has not left begins. */
  start: number
  /** How much was cut off before `text`. */
  gone = 0
  /** What waits for the text before a place to go, the places in characters of the whole text. */
  readonly #marks: { readonly at: number; readonly passed: () => void }[] = []

  constructor(before: string) {
    this.text = before
    this.start = before.length
  }

  /** Gives what is held up to a place, never half of a character. */
  take(to: number, emit: Emit<string>): void {
    // To look at a character of it makes one text of the pieces, each time.
    if (to <= this.start) return
    const end = to < this.text.length && isHighSurrogate(this.text, to - 1) ? to - 1 : to
    if (end <= this.start) return
    while (this.#marks.length > 0) {
      const at = (this.#marks[0]?.at ?? 0) - this.gone
      if (at > end) break
      if (at > this.start) {
        emit(this.text.slice(this.start, at))
        this.start = at
      }
      this.#marks.shift()?.passed()
    }
    if (end > this.start) emit(this.text.slice(this.start, end))
    this.leave(end)
  }

  /** Forgets what is held up to a place. */
  leave(to: number): void {
    const cut = Math.max(0, to - CONTEXT)
    this.text = this.text.slice(cut)
    this.start = to - cut
    this.gone += cut
    while (this.#marks.length > 0 && (this.#marks[0]?.at ?? 0) <= this.gone + this.start)
      this.#marks.shift()?.passed()
  }

  mark(passed: () => void): void {
    if (this.start === this.text.length) passed()
    else this.#marks.push({ at: this.gone + this.text.length, passed })
  }
}

function isHighSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0xd800 && code <= 0xdbff
}

/**
 * A stretch that may still grow is looked at again when it has grown by an eighth: read anew with
 * each piece, a long one would cost the square of its length. Until then it is held as it is.
 */
const GROWTH = 8

/** One rule's way through a text: stretches that it has decided on are not looked at again. */
class RuleSearch {
  readonly name: string
  readonly rule: TextRule
  /** In characters from the beginning of the text, as all that is kept here. */
  #from = 0
  /** Where a stretch begins that may still grow, and the end of the text at which it is looked at. */
  #open: { readonly start: number; readonly due: number } | undefined

  constructor({ name, rule }: NamedRule) {
    this.name = name
    this.rule = rule
  }

  /** Looks at what may have changed since the last look. */
  look(held: Held, limit: number, ended: boolean): Search {
    const end = held.text.length
    const open = this.#open
    if (!open || ended || held.gone + end >= open.due) return this.lookAnew(held, limit, ended)
    return {
      span: { start: open.start - held.gone, end },
      open: true,
      from: this.#from - held.gone,
    }
  }

  /** Looks at all that is not decided, however little of it is new. */
  lookAnew(held: Held, limit: number, ended: boolean): Search {
    const { gone, text } = held
    const from = Math.max(this.#from - gone, held.start)
    const found = searchText(this.rule, text, from, ended ? text.length + 1 : limit, ended)
    this.#from = found.from + gone
    this.#open = undefined
    if (found.span && found.open) {
      const { start } = found.span
      const due = Math.min(text.length + (text.length - start) / GROWTH, start + MOST_HELD + 1)
      this.#open = { start: start + gone, due: due + gone }
    }
    return found
  }
}

/** Lets text pass that none of several rules objects to; stops for good at the first that does. */
export class Gate implements Stage {
  readonly #searches: readonly RuleSearch[]
  readonly #stop: (verdict: Objection) => void
  readonly #report: Report
  readonly #lookBehind: number
  readonly #held: Held
  #length: number

  constructor(
    rules: readonly NamedRule[],
    report: Report,
    stop: (verdict: Objection) => void,
    before = NOTHING,
  ) {
    this.#held = new Held(before.text)
    this.#length = before.length
    this.#searches = rules.map(rule => new RuleSearch(rule))
    this.#report = report
    this.#stop = stop
    this.#lookBehind = Math.max(0, ...rules.map(({ rule }) => rule.lookBehind))
  }

  push(text: string, emit: Emit<string>): void {
    this.#length += text.length
    this.#held.text += text
    this.#settle(this.#held.text.length - this.#lookBehind, false, emit)
  }

  mark(passed: () => void): void {
    this.#held.mark(passed)
  }

  end(emit: Emit<string>): void {
    this.#settle(this.#held.text.length, true, emit)
  }

  #settle(limit: number, ended: boolean, emit: Emit<string>): void {
    let cut = limit
    const against: Objection[] = []
    const object = (name: string, verdict: Objection, found: string) => {
      this.#report(name, verdict, found)
      against.push(verdict)
    }
    const take = ({ name, rule }: RuleSearch, { span, open }: Search) => {
      if (!span) return
      cut = Math.min(cut, span.start)
      if (!open) object(name, rule.objection, this.#held.text.slice(span.start, span.end))
    }
    const waiting: RuleSearch[] = []
    for (const search of this.#searches) {
      const { name, rule } = search
      if (rule.limit !== undefined && this.#length > rule.limit) {
        cut = this.#held.start
        object(name, rule.objection, this.#held.text)
        continue
      }
      const found = search.look(this.#held, limit, ended)
      if (found.open) waiting.push(search)
      take(search, found)
    }
    // The text ends here: what is against it is said now, however little the stretch has grown.
    if (against.length > 0)
      for (const search of waiting) take(search, search.lookAnew(this.#held, limit, ended))
    this.#held.take(cut, emit)
    const verdict = mostSevere(against)
    if (verdict.type !== 'allow') this.#stop(verdict)
  }
}

/** Replaces what one rule finds. */
export class Rewriter implements Stage {
  readonly #search: RuleSearch
  readonly #report: Report
  readonly #held: Held

  constructor(rule: NamedRule, report: Report, before = NOTHING) {
    this.#held = new Held(before.text)
    this.#search = new RuleSearch(rule)
    this.#report = report
  }

  push(text: string, emit: Emit<string>): void {
    this.#held.text += text
    this.#settle(false, emit)
  }

  mark(passed: () => void): void {
    this.#held.mark(passed)
  }

  end(emit: Emit<string>): void {
    this.#settle(true, emit)
  }

  #settle(ended: boolean, emit: Emit<string>): void {
    const held = this.#held
    for (;;) {
      const { text } = held
      const limit = ended ? text.length : text.length - this.#search.rule.lookBehind
      const { span, open } = this.#search.look(held, limit, ended)
      const end = span && held.gone + span.end
      const replacement =
        span && !open ? this.#replacement(text.slice(span.start, span.end)) : undefined
      held.take(span ? Math.min(limit, span.start) : limit, emit)
      if (replacement === undefined || end === undefined) return
      if (replacement !== '') emit(replacement)
      held.leave(end - held.gone)
    }
  }

  #replacement(found: string): string {
    const { name, rule } = this.#search
    const value = rule.replace?.(found) ?? ''
    this.#report(name, { type: 'rewrite', value, reason: rule.objection.reason }, found)
    return value
  }
}
