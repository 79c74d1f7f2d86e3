import type { FormRule, FoundCall, KnownTools } from './form.ts'
import { HeldText, type Step, TextReader } from './held-text.ts'

/** Text that is held back for one call is at most so long; beyond it, it is taken for plain text. */
const MAX_CHARACTERS = 4 * 1024 * 1024

interface Runner {
  readonly reader: TextReader
  readonly step: Step<readonly FoundCall[] | undefined>
  calls: readonly FoundCall[] | undefined
}

/** What came of a race. `text` is what is left to be read as text. */
export type Result =
  | { readonly calls: readonly FoundCall[]; readonly text: string }
  | { readonly calls: undefined; readonly text: string }

/**
 * All forms that may begin at one place read the same text side by side. The first of them in their
 * order that is not ruled out wins, so that the result does not depend on how the text was cut.
 */
export class CallRace {
  readonly #held: HeldText
  #runners: Runner[]

  constructor(rules: readonly FormRule[], tools: KnownTools, text: string) {
    this.#held = new HeldText(text)
    this.#runners = rules.map(rule => {
      const reader = new TextReader(this.#held)
      return { reader, step: rule.read(reader, tools), calls: undefined }
    })
  }

  /** Adds text; `undefined` while it may still become a call. */
  push(text: string): Result | undefined {
    this.#held.add(text)
    return this.run()
  }

  /** Nothing more will come: there is a result. */
  end(): Result {
    this.#held.ended = true
    return this.run() ?? { calls: undefined, text: this.#held.slice(0) }
  }

  /** All that is held. */
  get text(): string {
    return this.#held.slice(0)
  }

  /** Lets the forms read what has come. */
  run(): Result | undefined {
    const left: Runner[] = []
    for (const runner of this.#runners) {
      if (!runner.calls) {
        const { done, value } = runner.step.next()
        if (done && !value) continue
        if (done && value) runner.calls = value
      }
      left.push(runner)
      // Whoever comes after a form that has found its calls cannot win any more.
      if (runner.calls) break
    }
    this.#runners = left
    const [first] = left
    if (first?.calls) return { calls: first.calls, text: this.#held.slice(first.reader.at) }
    if (first && this.#held.length <= MAX_CHARACTERS) return undefined
    return { calls: undefined, text: this.#held.slice(0) }
  }
}
