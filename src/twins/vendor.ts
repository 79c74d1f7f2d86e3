import type { TwinModel } from './model.ts'
import type { Random } from './random.ts'

/** A request as the vendor's handler sees it: already read, not yet checked. */
export interface TwinRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** The body's text, decompressed; empty if there was none. */
  readonly body: string
}

/**
 * An answer before it is written. `events` are framed pieces of a stream, each one event with its
 * delimiter; the transport decides how they are cut into TCP writes.
 */
export type TwinReply =
  | { readonly status: number; readonly headers: Record<string, string>; readonly body: string }
  | {
      readonly status: number
      readonly headers: Record<string, string>
      readonly events: readonly string[]
      /** Whether the events are bytes, each as a character. Default: they are text. */
      readonly binary?: true
    }

/** What a handler may use. Everything random comes from `random`, so a seed repeats a run. */
export interface TwinContext {
  readonly model: TwinModel
  readonly random: Random
  /** Unix milliseconds. */
  readonly now: () => number
}

/** One vendor's manners: what it accepts, how it answers, how it fails. Knows nothing of sockets. */
export interface TwinVendor {
  /** `openai`, `anthropic`, `deepseek`, ... */
  readonly name: string
  handle(request: TwinRequest, context: TwinContext): TwinReply | Promise<TwinReply>
  /** The vendor's own answer with this status (429, 500, 503, 529, ...), headers included. */
  failure(
    status: number,
    context: TwinContext,
    options?: { readonly retryAfter?: number; readonly message?: string },
  ): TwinReply
  /** The framed event that the vendor sends when it fails in the middle of a stream. */
  streamFailure(context: TwinContext): string
}
