import type { ToolgateError } from '../core/error.ts'
import type { ProtocolName } from '../core/extras.ts'
import type { Json } from '../core/json.ts'
import type { Loss } from '../core/loss.ts'
import type { ModelRequest } from '../core/request.ts'
import type { FinishKind, ModelResponse, Usage } from '../core/response.ts'
import type { Emit, StreamPart } from '../core/stream.ts'
import type { DialectName } from '../schema/lower.ts'
import type { SseEvent } from '../wire/sse.ts'
import type { HeldAnswers } from './held-answers.ts'
import type { Quirks, TextRule } from './quirks.ts'

/** What of a call stands outside its body. Header names are in lower case. */
export interface WireCall {
  readonly headers: { readonly [name: string]: string | undefined }
  /** Where the protocol puts the model into the URL. */
  readonly model?: string
  /** Where the protocol puts the streaming switch into the URL. */
  readonly stream?: boolean
}

/** What an encoder of answers needs from outside: it has no clock and no chance of its own. */
export interface EncodeContext {
  /** The gateway's id of this exchange. */
  readonly requestId: string
  /** Unix seconds. */
  readonly now: number
  /** The request as it was decoded: its model name, tools and streaming wishes. */
  readonly request: ModelRequest
  /** Whether a stream is wanted as one JSON list, by a protocol that has such a form. */
  readonly list?: boolean
  /** Whether a sign of life has begun the stream. */
  readonly begun?: boolean
  /** Absent: nobody holds the answer for the client. Else, the id of the answer that it goes on from. */
  readonly held?: { readonly from?: string }
  /** A new id in the protocol's own style, such as `newId('chatcmpl-', 29)`: 29 random letters. */
  newId(prefix: string, length: number): string
}

/** A request in a vendor's words. */
export interface Encoded {
  readonly body: Json
  /** Headers that the protocol itself needs, such as its version. */
  readonly headers?: { readonly [name: string]: string }
  readonly losses: readonly Loss[]
}

/** An error as it goes over the wire. Header names are in lower case. */
export interface WireError {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  /** Parsed if it was JSON, else the text. */
  readonly body: Json
}

/** Parts in, framed text out. One for each stream; `push` may emit any number of times. */
export interface StreamEncoder {
  push(part: StreamPart, emit: Emit<string>): void
  /** After the last part. Emits what is still owed. */
  end(emit: Emit<string>): void
}

/**
 * Events in, parts out. One for each stream. It opens and closes every block, ends with exactly one
 * `message-end` or `error`, and never throws on what a vendor sends: a contradiction is an `error`.
 */
export interface StreamDecoder {
  push(event: SseEvent, emit: Emit<StreamPart>): void
  /** When the vendor's bytes are over. A stream without its terminal event becomes `stream_cut`. */
  end(emit: Emit<StreamPart>): void
}

/**
 * Watches a stream that passes through as bytes, and learns only what the gateway must know of it.
 * One for each stream.
 */
export interface StreamTap {
  push(event: SseEvent): void
  /**
   * The framed text that takes the place of the last event, where it broke the protocol's order;
   * empty to leave it out. `undefined`: it may pass.
   */
  readonly instead?: string | undefined
  /** Set when the stream cannot go on: the last event, and all behind it, must not pass. */
  readonly fault?: ToolgateError | undefined
  /** Whether the answer is whole as far as a client needs it, or an in-band error has come. */
  readonly complete: boolean
  /** Whether the vendor has said in the stream that it failed. */
  readonly failed: boolean
  /**
   * What the protocol's clients wait for after a complete answer and the vendor has not sent, as
   * framed text. Absent or empty: nothing.
   */
  readonly owed?: string
  /** The latest usage that the vendor told. */
  readonly usage: Usage | undefined
  readonly finish: FinishKind | undefined
  /**
   * Words an error as what comes next in this very stream. Absent: the error is the same wherever it
   * stands, and the protocol's encoder has it.
   */
  fail?(error: ToolgateError, context: EncodeContext): string
}

/** How the tokens of a request are counted without running it. */
export interface TokenCounts {
  /** Reads a client's request. @throws ToolgateError with the exact path. */
  decodeRequest(wire: Json, call: WireCall): ModelRequest
  encodeRequest(request: ModelRequest, quirks: Quirks): Encoded
  /** The tokens that a vendor counted. @throws ToolgateError on a contradiction. */
  decodeAnswer(wire: Json): number
  encodeAnswer(tokens: number): Json
}

/** What both sides of a wire protocol have in common. */
interface Wire {
  readonly name: ProtocolName
  /** The rule that names of tools must keep on this wire. */
  readonly toolName: TextRule
  /**
   * The family of models whose reasoning state the wire carries by nature. Absent: none; what is
   * sent depends on the vendor's quirks.
   */
  readonly stateFamily?: string
  /** The response header that carries the vendor's id of a request, such as `x-request-id`. */
  readonly requestIdHeader: string
  /** Absent where the protocol has no such thing. */
  readonly counts?: TokenCounts
}

/** The half of a protocol that speaks with clients. Pure: no I/O, no clock, no environment. */
export interface Front extends Wire {
  /** Whether a client's calls have objects for arguments, so that their text cannot be broken. */
  readonly objectArguments?: true
  /** Whether an answer must have counts of tokens, so that zeros stand for what nobody told. */
  readonly needsUsage?: true
  /** Request headers of the protocol itself, lower case: they pass when bytes pass. */
  readonly requestHeaders: readonly string[]
  /** Response headers, lower case, that mean something to the protocol's clients. */
  readonly responseHeaders: RegExp
  /** Reads a client's request. @throws ToolgateError with the exact path. */
  decodeRequest(wire: Json, call: WireCall): ModelRequest
  encodeResponse(response: ModelResponse, context: EncodeContext): Json
  streamEncoder(context: EncodeContext): StreamEncoder
  /**
   * Framed text that may stand before and between the events of a stream and says nothing: what is
   * sent while there is nothing to say yet, so that nobody takes the connection for dead.
   */
  signOfLife(context: EncodeContext): string
  /**
   * For streams that pass as bytes: only what has a front can pass. `request` is the client's own;
   * absent, an answer is taken to be one choice.
   */
  streamTap(request?: ModelRequest): StreamTap
  /**
   * Where a thing stands in a client's own body, of which a loss tells in the words of the house
   * (`messages[2].content[0]`, `max_tokens`). Absent: they are the protocol's own.
   */
  placeOf?(path: string, wire: Json): string
  /** Words an error as the protocol's own vendor would. */
  encodeError(error: ToolgateError, requestId: string): WireError
  /** For a protocol whose server holds answers for its clients. */
  readonly held?: HeldAnswers
}

/** The half of a protocol that speaks with vendors. Pure: no I/O, no clock, no environment. */
export interface Back extends Wire {
  /** The rule that ids of calls must keep on this wire. */
  readonly callId: TextRule
  /** Whether free-text tools exist on this wire. */
  readonly customTools: boolean
  /**
   * The dialects in which a tool's schema may be declared: as it comes, and where calls are held to
   * it. Absent: schemas go as they are.
   */
  readonly toolSchema?: { readonly plain: DialectName; readonly strict: DialectName }
  /**
   * The dialects of the schema that an answer is to be held to. Without `plain`, every answer is held
   * to its schema. Absent: no schema can be said.
   */
  readonly outputSchema?: { readonly plain?: DialectName; readonly strict: DialectName }
  /** Whether the wire can say that at most one call may come; absent means that it can. */
  readonly parallelSwitch?: false
  /** Whether a vendor may pause a turn, to be sent back as it is and gone on with. */
  readonly pauses?: true
  /** Whether each use of a tool that the vendor runs stands in its answer, as a part. */
  readonly tellsOwnTools?: true
  /** How events stand in the bytes of a stream. Default: as server-sent events. */
  readonly framing?: 'event-stream'
  /** Writes a request for a vendor. @throws ToolgateError `unsupported` if it cannot be said at all. */
  encodeRequest(request: ModelRequest, quirks: Quirks): Encoded
  /** Reads a vendor's answer; lenient toward what it adds. @throws ToolgateError on a contradiction. */
  decodeResponse(wire: Json, quirks: Quirks): ModelResponse
  streamDecoder(quirks: Quirks): StreamDecoder
  decodeError(error: WireError): ToolgateError
}

/** One wire protocol, spoken both ways. */
export interface Protocol extends Front, Back {}
