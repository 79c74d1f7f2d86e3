/** A fixed number of places; who finds none waits in line. */
export class Slots {
  #free: number
  readonly #line: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Waits for a place; answers `false`, and takes none, once the signal is aborted. */
  async take(signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted) return false
    if (this.#free > 0) {
      this.#free--
      return true
    }
    return new Promise(resolve => {
      const leave = () => {
        this.#line.splice(this.#line.indexOf(enter), 1)
        resolve(false)
      }
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve(true)
      }
      this.#line.push(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** Gives a place to the next in line. */
  give(): void {
    const next = this.#line.shift()
    if (next) next()
    else this.#free++
  }
}
