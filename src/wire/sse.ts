import { StringDecoder } from 'node:string_decoder'
import { ToolgateError } from '../core/error.ts'

/** One server-sent event. `event` is empty when the stream names none. */
export interface SseEvent {
  readonly event: string
  readonly data: string
}

/**
 * A comment: what every reader of events passes over. Source: WHATWG HTML, server-sent events,
 * "authoring notes", which advises it against proxies that drop silent connections.
 */
export const COMMENT = ': waiting\n\n'

/** An event of more text than this is taken for a broken stream. */
const MAX_EVENT_CHARACTERS = 64 * 1024 * 1024

/**
 * Cuts bytes into server-sent events, wherever the network cut them: inside a UTF-8 character, a
 * line or a line end. LF, CRLF and CR all end a line; comments and `retry` are passed over.
 * Source: WHATWG HTML, server-sent events, "interpreting an event stream".
 */
export class SseParser {
  /** Of the event that is being given out, if it has one. */
  id: string | undefined
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''
  #event = ''
  #data: string | undefined
  #skipLineFeed = false
  #first = true

  /**
   * Reads a chunk; each event it completes goes to `emit`.
   *
   * @throws ToolgateError `vendor_contradiction` if one event grows beyond 64 Mi characters.
   */
  push(chunk: Uint8Array | string, emit: (event: SseEvent) => void): void {
    this.#read(
      typeof chunk === 'string'
        ? chunk
        : this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
      emit,
    )
  }

  /**
   * Ends the stream. An event whose closing blank line never came is given out all the same: some
   * vendors leave it out after the last one, and a cut one fails as JSON.
   */
  end(emit: (event: SseEvent) => void): void {
    this.#read(this.#decoder.end(), emit)
    if (this.#rest !== '') this.#line(this.#rest, emit)
    this.#rest = ''
    this.#line('', emit)
  }

  #read(text: string, emit: (event: SseEvent) => void): void {
    if (text === '') return
    let from = 0
    if (this.#first) {
      this.#first = false
      if (text.charCodeAt(0) === 0xfeff) from = 1
    } else if (this.#skipLineFeed) {
      this.#skipLineFeed = false
      if (text.charCodeAt(0) === 10) from = 1
    }
    // Only new text is searched, and each kind of line end is looked for once: neither a long line
    // in small chunks nor a long chunk of one kind is read again and again.
    let feed = text.indexOf('\n', from)
    let carriage = text.indexOf('\r', from)
    while (feed !== -1 || carriage !== -1) {
      const end = carriage === -1 || (feed !== -1 && feed < carriage) ? feed : carriage
      const line = text.slice(from, end)
      this.#line(this.#rest === '' ? line : this.#rest + line, emit)
      this.#rest = ''
      from = end + 1
      if (end === feed) feed = text.indexOf('\n', from)
      else {
        if (from === text.length) this.#skipLineFeed = true
        else if (text.charCodeAt(from) === 10) from++
        carriage = text.indexOf('\r', from)
        if (feed !== -1 && feed < from) feed = text.indexOf('\n', from)
      }
    }
    this.#rest += from === 0 ? text : text.slice(from)
    if (this.#rest.length + (this.#data?.length ?? 0) > MAX_EVENT_CHARACTERS)
      throw new ToolgateError(
        'vendor_contradiction',
        `A server-sent event is longer than ${MAX_EVENT_CHARACTERS} characters.`,
        { origin: 'vendor' },
      )
  }

  #line(line: string, emit: (event: SseEvent) => void): void {
    if (line === '') {
      const data = this.#data
      const event = this.#event
      this.#data = undefined
      this.#event = ''
      if (data !== undefined) emit({ event, data })
      this.id = undefined
    } else if (line.startsWith('data:')) {
      const data = line.charCodeAt(5) === 32 ? line.slice(6) : line.slice(5)
      this.#data = this.#data === undefined ? data : `${this.#data}\n${data}`
    } else if (line.startsWith('event:')) {
      this.#event = line.charCodeAt(6) === 32 ? line.slice(7) : line.slice(6)
    } else if (line.startsWith('id:')) {
      this.id = line.charCodeAt(3) === 32 ? line.slice(4) : line.slice(3)
    } else if (line === 'data') this.#data = this.#data === undefined ? '' : `${this.#data}\n`
    else if (line === 'event') this.#event = ''
  }
}

/** The text of one event; `data` must hold no line end. Without `event`, no `event:` line. */
export function frame(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}
