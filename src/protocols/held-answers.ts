import type { ToolgateError } from '../core/error.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { SseEvent } from '../wire/sse.ts'

/** What a request says of answers that the server holds for its client. */
export interface HeldAsked {
  /** The id of the answer that it goes on from. */
  readonly from?: string
  /** Ids of items that stand for themselves in earlier answers. */
  readonly references: readonly string[]
  /** Whether it leans on what only the vendor holds, and will not be found in what it adds. */
  readonly partial?: true
  /** Whether its own answer is to be held. */
  readonly keep: boolean
}

/** One answer's id and its items. */
export interface HeldAnswer {
  readonly id: string
  readonly items: readonly JsonObject[]
}

/** A page of a list: at most `limit` items after the one with the id `after`, the newest first or last. */
export interface HeldPage {
  readonly after?: string
  readonly limit?: string
  readonly order?: string
}

/**
 * How a protocol speaks of answers that its server holds. Pure: who holds them, and where, is the
 * business of the gateway.
 */
export interface HeldAnswers {
  asked(request: JsonObject): HeldAsked
  /** The items that a request adds to the conversation, each with an id. */
  added(request: JsonObject, newId: (prefix: string, length: number) => string): JsonObject[]
  /**
   * The request as a client would have made it that holds the conversation itself: with `before` in
   * front of its own items, and with `found` in place of references.
   */
  whole(
    request: JsonObject,
    before: readonly JsonObject[],
    found: ReadonlyMap<string, JsonObject>,
  ): JsonObject
  /** The answer in a body; `undefined` if it is none that could be gone on from. */
  answerIn(body: Json): HeldAnswer | undefined
  /** The body in the event that ends a stream; `undefined` for any other event. */
  bodyIn(event: SseEvent): string | undefined
  /** A page of the items that led to an answer. @throws ToolgateError for a page that is none. */
  list(items: readonly JsonObject[], page: HeldPage): JsonObject
  /** What is said when an answer was deleted. */
  deleted(id: string): JsonObject
  /** What is said when an answer is not there. */
  unknown(id: string): ToolgateError
  /** What is said when an answer cannot be stopped, because it is over. */
  over(): ToolgateError
  /** What is said when an answer cannot be streamed again. */
  notStreamed(): ToolgateError
}
