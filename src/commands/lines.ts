import { createInterface } from 'node:readline'

/** Lines of standard input, none of them lost between two questions. */
export class Lines {
  readonly #reader = createInterface({
    input: process.stdin,
    ...(process.stdin.isTTY ? { output: process.stderr } : {}),
  })
  readonly #ready: string[] = []
  #waiting: ((line: string | undefined) => void) | undefined
  #ended = false

  /** @param onInterrupt what Ctrl-C does in a terminal that sends no signal. */
  constructor(onInterrupt: () => void) {
    this.#reader.on('line', line => {
      if (this.#waiting) this.#give(line)
      else this.#ready.push(line)
    })
    this.#reader.on('close', () => {
      this.#ended = true
      this.#give(undefined)
    })
    // A terminal that was closed is the end of the input.
    process.stdin.on('error', () => this.#reader.close())
    // A terminal in raw mode tells the reader instead of sending the signal.
    this.#reader.on('SIGINT', onInterrupt)
  }

  /** The next line; `undefined` at the end of the input. The prompt is shown in a terminal alone. */
  next(prompt: string): Promise<string | undefined> {
    const line = this.#ready.shift()
    if (line !== undefined) return Promise.resolve(line)
    if (this.#ended) return Promise.resolve(undefined)
    if (process.stdin.isTTY) {
      this.#reader.setPrompt(prompt)
      this.#reader.prompt()
    }
    return new Promise(resolve => {
      this.#waiting = resolve
    })
  }

  /**
   * As `next`, for what a person has to see first: in a terminal, what was typed before is no answer.
   */
  ask(prompt: string): Promise<string | undefined> {
    if (process.stdin.isTTY && this.#ready.length > 0) {
      process.stderr.write('  (what was typed before this question is let go)\n')
      this.#ready.length = 0
    }
    return this.next(prompt)
  }

  /** Lets go of the question that is open, and of what was typed so far: its answer is `undefined`. */
  cancel(): void {
    if (process.stdin.isTTY) {
      process.stderr.write('\n')
      this.#reader.write(null, { ctrl: true, name: 'e' })
      this.#reader.write(null, { ctrl: true, name: 'u' })
    }
    this.#give(undefined)
  }

  close(): void {
    this.#reader.close()
  }

  #give(line: string | undefined): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(line)
  }
}
