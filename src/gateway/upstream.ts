import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { type Dispatcher, errors, Pool } from 'undici'
import { isToolgateError, ToolgateError } from '../core/error.ts'
import { checkReach } from '../core/reach.ts'
import { UNREACHED } from '../core/unreached.ts'
import type { Limits } from './limits.ts'

/** What goes to a vendor: an origin such as `https://api.openai.com`, and a path with its query. */
export interface VendorCall {
  readonly origin: string
  readonly path: string
  readonly method?: 'POST' | 'GET'
  readonly headers: Record<string, string>
  readonly body?: Buffer | string
}

/** A vendor's headers, names in lower case; several of one name are joined by commas. */
export type VendorHeaders = { readonly [name: string]: string | undefined }

/** Takes a vendor's answer as it comes. Exactly one of `end` and `error` is called, once. */
export interface VendorSink {
  head(status: number, headers: VendorHeaders): void
  /** `false` asks the vendor's side to wait until `resume` is called. */
  data(chunk: Buffer): boolean
  end(): void
  error(error: ToolgateError): void
}

/** A call under way. */
export interface VendorExchange {
  /** Ends the call and its socket at once. The sink hears nothing more. */
  abort(): void
  /** After `data` returned false: go on. */
  resume(): void
}

/** Connections to vendors, kept alive and shared by all exchanges. */
export class Upstream {
  readonly #pools = new Map<string, Pool>()
  readonly #connectMs: number

  constructor(limits: Limits) {
    this.#connectMs = limits.connectMs
  }

  /** Sends a call; its answer goes to `sink`. Never throws: all failures reach `sink.error`. */
  call(call: VendorCall, sink: VendorSink): VendorExchange {
    const exchange = new Exchange(sink)
    try {
      checkReach(call.origin, call.path)
      this.#pool(call.origin).dispatch(
        {
          path: call.path,
          method: call.method ?? 'POST',
          headers: call.headers,
          body: call.body ?? null,
        },
        exchange,
      )
    } catch (error) {
      exchange.onResponseError(undefined, error)
    }
    return exchange
  }

  /** Closes all connections; calls under way end with an error. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()]
    this.#pools.clear()
    await Promise.all(pools.map(pool => pool.destroy()))
  }

  #pool(origin: string): Pool {
    let pool = this.#pools.get(origin)
    if (!pool) {
      pool = new Pool(origin, {
        connect: { timeout: this.#connectMs },
        // The limits are kept by the one who asks: timers of undici's for each call cost more.
        headersTimeout: 0,
        bodyTimeout: 0,
        pipelining: 1,
        keepAliveTimeout: 30_000,
      })
      this.#pools.set(origin, pool)
    }
    return pool
  }
}

/** One dispatch: undici's push handler on one side, the sink on the other. */
class Exchange implements Dispatcher.DispatchHandler, VendorExchange {
  readonly #sink: VendorSink
  #controller: Dispatcher.DispatchController | undefined
  #over = false

  constructor(sink: VendorSink) {
    this.#sink = sink
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#controller?.abort(new Error('the exchange was ended'))
  }

  resume(): void {
    if (!this.#over && this.#controller?.paused) this.#controller.resume()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(new Error('the exchange was ended'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#over || status < 200) return
    this.#sink.head(status, flat(headers))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over && !this.#sink.data(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    if (this.#over) return
    this.#over = true
    this.#sink.end()
  }

  onResponseError(_controller: unknown, error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#sink.error(transportError(error))
  }
}

/** The headers, each with one value. Nearly always they are that already, and are not copied. */
function flat(headers: Record<string, string | string[] | undefined>): VendorHeaders {
  if (areFlat(headers)) return headers
  const one: Record<string, string | undefined> = {}
  for (const name in headers) {
    const value = headers[name]
    one[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return one
}

function areFlat(
  headers: Record<string, string | string[] | undefined>,
): headers is Record<string, string | undefined> {
  for (const name in headers) if (typeof headers[name] === 'object') return false
  return true
}

/** Names what went wrong on the way, without an address that might hold a secret. */
function transportError(error: unknown): ToolgateError {
  if (isToolgateError(error)) return error
  if (error instanceof errors.ConnectTimeoutError)
    return timeout('the vendor could not be reached in time', error)
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const why = code === 'UND_ERR_SOCKET' ? 'the connection was closed' : UNREACHED[code]
  return new ToolgateError(
    'vendor_unreachable',
    `The vendor could not be reached: ${why ?? (code || 'the connection failed')}.`,
    { origin: 'gateway', cause: error },
  )
}

function timeout(what: string, cause: unknown): ToolgateError {
  return new ToolgateError('timeout', `Timed out: ${what}.`, { origin: 'gateway', cause })
}

const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE'

/**
 * Undoes a `content-encoding` that nobody asked for.
 *
 * @throws ToolgateError `vendor_contradiction` if the bytes are not what the header says, or more than
 * `maxBytes`.
 */
export function decompress(body: Buffer, encoding: string | undefined, maxBytes: number): Buffer {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body
  try {
    const options = { maxOutputLength: maxBytes }
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(body, options)
    if (encoding === 'br') return brotliDecompressSync(body, options)
    if (encoding === 'deflate') return inflateSync(body, options)
  } catch (cause) {
    const isLarge = cause instanceof Error && 'code' in cause && cause.code === TOO_LARGE
    const what = isLarge
      ? `The vendor answered with more than ${maxBytes} bytes.`
      : `The vendor's ${encoding} body is broken.`
    throw new ToolgateError('vendor_contradiction', what, { origin: 'vendor', cause })
  }
  throw new ToolgateError(
    'vendor_contradiction',
    `The vendor answered in an encoding that was not asked for: ${encoding}.`,
    { origin: 'vendor' },
  )
}
