import { SseParser } from '../wire/sse.ts'

/** Reads the ids out of server-sent events, as the bytes come: where a server can resume a stream. */
export class EventIds {
  /** That of the last event that came whole and had one; `undefined` as long as there is none. */
  last: string | undefined
  readonly #parser = new SseParser()

  /** @throws ToolgateError `vendor_contradiction` if one event grows beyond 64 Mi characters. */
  push(chunk: Uint8Array): void {
    this.#parser.push(chunk, this.#take)
  }

  readonly #take = (): void => {
    this.last = this.#parser.id || this.last
  }
}
