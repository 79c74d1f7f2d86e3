import type { ServerResponse } from 'node:http'
import { ToolgateError } from '../core/error.ts'
import type { Limits } from './limits.ts'
import type { Pump } from './pump.ts'
import type { Upstream, VendorCall, VendorExchange, VendorHeaders, VendorSink } from './upstream.ts'
import type { Watched } from './watch.ts'

/** How one try at the vendor came out. */
export type Outcome =
  /** The vendor's answer, not yet given to the client. */
  | {
      readonly kind: 'whole'
      readonly status: number
      readonly headers: VendorHeaders
      readonly body: Buffer
      /** How many bytes it may have once it is decompressed. */
      readonly maxBytes: number
    }
  /** Nothing reached the client. */
  | { readonly kind: 'failed'; readonly error: ToolgateError; readonly headers: VendorHeaders }
  /** The client has a stream, whole or ended by an in-band error. */
  | {
      readonly kind: 'streamed'
      readonly error: ToolgateError | undefined
      readonly headers: VendorHeaders
    }
  /** The client has the beginning of a stream; the model must be asked again for the rest of it. */
  | { readonly kind: 'again'; readonly headers: VendorHeaders }

/** What streams say of themselves, whatever their framing. */
const STREAM = /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream)/

/** What one try needs. */
export interface AttemptOptions {
  readonly upstream: Upstream
  readonly call: VendorCall
  readonly reply: ServerResponse
  readonly limits: Limits
  /** When the exchange as a whole is late, on the clock of `performance.now()`. */
  readonly deadline: number
  /** Makes the pump when the vendor begins a stream; absent if the client wants a whole answer. */
  readonly pump: (() => Pump) | undefined
  /** Whether the client has the beginning of its stream from an earlier answer of the model. */
  readonly begun?: boolean
  /** Writes the head of the client's answer, right before its first byte. */
  begin(vendor: VendorHeaders): void
}

/** One try at the vendor: collects a whole answer, or pumps a stream to the client. */
export class Attempt implements VendorSink, Watched {
  readonly #options: AttemptOptions
  readonly #exchange: VendorExchange
  #settle: (outcome: Outcome) => void = () => {}
  readonly outcome: Promise<Outcome>
  #status = 0
  #headers: VendorHeaders = {}
  #pump: Pump | undefined
  #begun = false
  #chunks: Buffer[] = []
  #bytes = 0
  #over = false
  due: number
  slot = -1

  constructor(options: AttemptOptions) {
    this.#options = options
    this.#begun = options.begun === true
    this.due = Math.min(options.deadline, performance.now() + options.limits.firstByteMs)
    this.outcome = new Promise(resolve => {
      this.#settle = resolve
    })
    this.#exchange = options.upstream.call(options.call, this)
  }

  head(status: number, headers: VendorHeaders): void {
    this.#status = status
    this.#headers = headers
    this.#wait()
    const streams = STREAM.test(headers['content-type'] ?? '')
    if (status === 200 && streams && this.#options.pump) {
      const encoding = headers['content-encoding']
      if (encoding === undefined || encoding === 'identity') this.#pump = this.#options.pump()
      else this.stop(contradiction(`streamed in an encoding that was not asked for: ${encoding}`))
    }
  }

  data(chunk: Buffer): boolean {
    if (this.#over) return true
    this.#wait()
    if (this.#pump) return this.#write(this.#pump.push(chunk), this.#pump)
    this.#bytes += chunk.length
    if (this.#bytes > this.#options.limits.maxResponseBytes) {
      this.stop(
        contradiction(`answered with more than ${this.#options.limits.maxResponseBytes} bytes`),
      )
      return true
    }
    this.#chunks.push(chunk)
    return true
  }

  end(): void {
    if (this.#over) return
    if (this.#pump) {
      this.#write(this.#pump.end(), this.#pump)
      if (this.#over) return
      if (this.#pump.again) {
        this.#over = true
        this.#settle({ kind: 'again', headers: this.#headers })
      } else this.#finishStream(this.#pump.error)
      return
    }
    this.#over = true
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined
    const body = only ?? Buffer.concat(this.#chunks)
    const { maxResponseBytes: maxBytes } = this.#options.limits
    this.#settle({ kind: 'whole', status: this.#status, headers: this.#headers, body, maxBytes })
  }

  error(error: ToolgateError): void {
    if (this.#over) return
    if (this.#pump && this.#begun) {
      const cut =
        error.code === 'vendor_unreachable'
          ? new ToolgateError('stream_cut', "The vendor's stream broke off in the middle.", {
              origin: 'vendor',
              cause: error,
            })
          : error
      const rest = this.#pump.fail(cut)
      if (rest !== '') this.#options.reply.write(rest)
      this.#finishStream(this.#pump.error)
      return
    }
    this.#over = true
    this.#settle({ kind: 'failed', error, headers: this.#headers })
  }

  /** Ends the try for a reason of the gateway's own; the vendor's call ends at once. */
  stop(error: ToolgateError): void {
    if (this.#over) return
    this.#exchange?.abort()
    this.error(error)
  }

  late(): ToolgateError {
    const { deadline } = this.#options
    return performance.now() >= deadline
      ? timeout('the exchange as a whole took too long')
      : this.#status === 0
        ? timeout('the vendor did not begin to answer in time')
        : timeout('the vendor fell silent in the middle of its answer')
  }

  /** The vendor has said something: it has the time between two chunks for the next. */
  #wait(): void {
    this.due = Math.min(this.#options.deadline, performance.now() + this.#options.limits.idleMs)
  }

  /** The client has gone: the vendor's call ends at once, and nobody is told anything. */
  abandon(): void {
    if (this.#over) return
    this.#over = true
    this.#exchange?.abort()
    const error = new ToolgateError('client_closed', 'The client went away.')
    this.#settle({ kind: 'streamed', error, headers: this.#headers })
  }

  /** After the client's socket has drained. */
  resume(): void {
    this.#exchange.resume()
  }

  #write(out: Buffer | string, pump: Pump): boolean {
    if (pump.error && !this.#begun) {
      // The vendor's first word was an error: the client can still be given a plain one.
      this.#over = true
      this.#exchange.abort()
      this.#settle({ kind: 'failed', error: pump.error, headers: this.#headers })
      return true
    }
    if (out.length === 0) return true
    if (!this.#begun) {
      this.#begun = true
      this.#options.begin(this.#headers)
    }
    const more = this.#options.reply.write(out)
    if (pump.error) {
      this.#exchange.abort()
      this.#finishStream(pump.error)
    } else if (pump.over) {
      // Nobody waits for what the vendor still says.
      this.#exchange.abort()
      this.#finishStream(undefined)
    }
    return more
  }

  #finishStream(error: ToolgateError | undefined): void {
    this.#over = true
    if (!this.#begun) {
      const failure = error ?? contradiction('ended its stream before it began')
      this.#settle({ kind: 'failed', error: failure, headers: this.#headers })
      return
    }
    this.#options.reply.end()
    this.#settle({ kind: 'streamed', error, headers: this.#headers })
  }
}

function contradiction(what: string): ToolgateError {
  return new ToolgateError('vendor_contradiction', `The vendor ${what}.`, { origin: 'vendor' })
}

function timeout(what: string): ToolgateError {
  return new ToolgateError('timeout', `Timed out: ${what}.`, { origin: 'gateway' })
}
