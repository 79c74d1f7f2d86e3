const TICK = 96
const TILDE = 126
const LINE_FEED = 10
const THOUGHT = '<think>'
const THOUGHT_END = '</think>'

/**
 * Knows of each place of a text whether it is quoted: inside a code span, a fenced block or a
 * thought that the server shows as text. What looks like a call there is only shown. Source:
 * CommonMark 0.31, but a span ends with its line at the latest: a lone mark must not hide a call.
 */
export class Quoting {
  #mode: 'plain' | 'span' | 'fence' | 'thought' = 'plain'
  /** How long the marks are that end it, and of which letter. */
  #size = 0
  #letter = TICK
  /** The marks that are being read. */
  #run = 0
  #runLetter = TICK
  #runAtLineStart = false
  /** How much of a thought's tag has been read. */
  #tag = 0
  /** Whether only blanks stand before this place in its line. */
  isLineStart = true

  /** Whether a call may begin with a letter that comes now. Tell the letter with `take` afterwards. */
  isPlainBefore(code: number): boolean {
    if (this.#run > 0 && code !== this.#runLetter) this.#endRun()
    return this.#mode === 'plain' && this.#run === 0
  }

  /** Reads a letter as text. */
  take(code: number): void {
    if (this.#run > 0 && code !== this.#runLetter) this.#endRun()
    if (this.#mode === 'thought') {
      this.#takeTag(code, THOUGHT_END, 'plain')
      return
    }
    if (this.#mode === 'plain') this.#takeTag(code, THOUGHT, 'thought')
    if (code === TICK || code === TILDE) {
      if (this.#run === 0) {
        this.#runLetter = code
        this.#runAtLineStart = this.isLineStart
      }
      this.#run++
      this.isLineStart = false
    } else if (code === LINE_FEED) {
      if (this.#mode === 'span') this.#mode = 'plain'
      this.isLineStart = true
    } else if (code !== 32 && code !== 9 && code !== 13) this.isLineStart = false
  }

  /** After a call: what follows is as at the beginning of a line. */
  afterCall(): void {
    this.#run = 0
    this.#tag = 0
    this.isLineStart = true
  }

  #takeTag(code: number, tag: string, next: 'plain' | 'thought'): void {
    if (code === tag.charCodeAt(this.#tag)) this.#tag++
    else this.#tag = code === tag.charCodeAt(0) ? 1 : 0
    if (this.#tag < tag.length) return
    this.#tag = 0
    this.#mode = next
    this.isLineStart = true
  }

  #endRun(): void {
    const isFence = this.#run >= 3 && this.#runAtLineStart
    if (this.#mode === 'plain') {
      if (isFence) this.#mode = 'fence'
      else if (this.#runLetter === TICK) this.#mode = 'span'
      this.#size = this.#run
      this.#letter = this.#runLetter
    } else if (this.#letter === this.#runLetter) {
      const ends = this.#mode === 'span' ? this.#run === this.#size : isFence
      if (ends && this.#run >= this.#size) this.#mode = 'plain'
    }
    this.#run = 0
  }
}
