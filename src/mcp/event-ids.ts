/** Characters of a line that are kept: an id that is longer is none. */
const MOST_KEPT = 1024

/** Reads the ids out of server-sent events, as the bytes come: where a server can resume a stream. */
export class EventIds {
  /** The last id, `undefined` as long as there is none. */
  last: string | undefined
  readonly #decoder = new TextDecoder()
  #line = ''

  push(chunk: Uint8Array): void {
    const lines = this.#decoder.decode(chunk, { stream: true }).split(/\r\n|\r|\n/)
    const rest = lines.pop() ?? ''
    for (const line of lines) {
      this.#take(this.#line + line)
      this.#line = ''
    }
    if (this.#line.length < MOST_KEPT) this.#line += rest.slice(0, MOST_KEPT)
  }

  #take(line: string): void {
    const id = /^id: ?(.+)$/.exec(line)?.[1]
    if (id !== undefined && line.length < MOST_KEPT) this.last = id
  }
}
