import type { Emit, StreamPart } from '../../core/stream.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { ContentStreamEncoder } from './stream-encoder.ts'

const HEAD = 'data: '
const FOOT = '\r\n\r\n'

/**
 * Writes a stream as one JSON list, which grows chunk by chunk: what the vendor gives to a client
 * that does not ask for `alt=sse`. An error is the list's last item. Source: Gemini API docs,
 * "streamGenerateContent", 2026.
 */
export class ContentListEncoder implements StreamEncoder {
  readonly #inner: StreamEncoder
  /** Whether the list is open already, by a sign of life. */
  readonly #isOpen: boolean
  #isBegun = false
  #isClosed = false

  constructor(context: EncodeContext) {
    this.#inner = new ContentStreamEncoder(context)
    this.#isOpen = context.begun === true
  }

  push(part: StreamPart, emit: Emit<string>): void {
    this.#inner.push(part, event => this.#item(event, emit))
    if (part.type === 'message-end' || part.type === 'error') this.#close(emit)
  }

  end(emit: Emit<string>): void {
    this.#inner.end(event => this.#item(event, emit))
    this.#close(emit)
  }

  #item(event: string, emit: Emit<string>): void {
    emit((this.#isBegun ? ',\r\n' : this.#bracket) + event.slice(HEAD.length, -FOOT.length))
    this.#isBegun = true
  }

  #close(emit: Emit<string>): void {
    if (this.#isClosed) return
    this.#isClosed = true
    emit(this.#isBegun ? '\n]' : `${this.#bracket}]`)
  }

  get #bracket(): string {
    return this.#isOpen ? '' : '['
  }
}

/**
 * The beginning of the list, and then blanks. None before it: the vendor's packages for Python take
 * a list only where it begins with its bracket. Source: google-api-core 2.44, `_rest_streaming_base`.
 */
export function listSignOfLife({ begun }: EncodeContext): string {
  return begun ? '\n' : '['
}
