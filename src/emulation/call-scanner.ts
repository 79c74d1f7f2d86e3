import type { CallForm } from '../core/call-form.ts'
import { CallRace, type Result } from './call-race.ts'
import type { FormRule, FoundCall, KnownTools } from './form.ts'
import { rulesOf } from './forms.ts'
import { Quoting } from './quoting.ts'

/** Takes what a scanner finds, in the order of the text. */
export interface CallSink {
  text(text: string): void
  calls(calls: readonly FoundCall[]): void
}

/**
 * Finds calls in a text that comes in pieces. However it is cut, the same text gives the same
 * calls and, put together, the same words. Text is held back only while it may become a call, and
 * white space only while one may follow: that which touches a call is no part of the words. What is
 * no call of a known tool stays text, byte for byte.
 */
export class CallScanner {
  readonly #tools: KnownTools
  readonly #rules: ReadonlyMap<number, readonly FormRule[]>
  readonly #quoting = new Quoting()
  #race: CallRace | undefined
  #space = ''
  #isAfterCall = false
  #isEnded = false

  constructor(forms: readonly CallForm[], tools: KnownTools) {
    this.#tools = tools
    this.#rules = rulesOf(forms)
  }

  push(text: string, sink: CallSink): void {
    if (text === '') return
    if (!this.#race) this.#scan(text, 0, sink)
    else this.#settle(this.#race.push(text), sink)
  }

  /** The text is over; half a call is text after all. */
  end(sink: CallSink): void {
    this.#isEnded = true
    if (this.#race) this.#settle(this.#race.end(), sink)
    this.#release(sink)
  }

  /** The text goes on, but calls are no longer looked for: gives back all that was held. */
  stop(sink: CallSink): void {
    const race = this.#race
    this.#race = undefined
    if (race) this.#say(race.text, sink)
    this.#release(sink)
  }

  /** Goes on after a race until another is under way or the text is used up. */
  #settle(first: Result | undefined, sink: CallSink): void {
    let result = first
    while (result) {
      this.#race = undefined
      const { calls, text } = result
      if (calls) {
        this.#space = ''
        this.#isAfterCall = true
        this.#quoting.afterCall()
        sink.calls(calls)
      }
      // What was no call begins with a letter that has been tried.
      result = this.#find(text, calls ? 0 : 1, sink)
    }
  }

  #scan(text: string, tried: number, sink: CallSink): void {
    this.#settle(this.#find(text, tried, sink), sink)
  }

  /** Passes over plain text up to where a call may begin, and starts a race there. */
  #find(text: string, tried: number, sink: CallSink): Result | undefined {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const rules = this.#rules.get(code)
      if (rules && at >= tried && this.#quoting.isPlainBefore(code)) {
        const { isLineStart } = this.#quoting
        const able = isLineStart ? rules : rules.filter(rule => !rule.atLineStart)
        if (able.length > 0) {
          const race = new CallRace(able, this.#tools, text.slice(at))
          this.#say(text.slice(0, at), sink)
          const result = this.#isEnded ? race.end() : race.run()
          if (!result) this.#race = race
          return result
        }
      }
      this.#quoting.take(code)
    }
    this.#say(text, sink)
    return undefined
  }

  #say(text: string, sink: CallSink): void {
    if (text === '') return
    const all = this.#space + text
    const words = all.trimEnd()
    this.#space = all.slice(words.length)
    if (words === '') return
    sink.text(this.#isAfterCall ? words.trimStart() : words)
    this.#isAfterCall = false
  }

  #release(sink: CallSink): void {
    if (this.#space !== '' && !this.#isAfterCall) sink.text(this.#space)
    this.#space = ''
  }
}
