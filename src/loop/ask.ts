import { isToolgateError, ToolgateError } from '../core/error.ts'
import type { Json } from '../core/json.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import { assemble, type StreamPart } from '../core/stream.ts'
import { protocolNamed } from '../protocols/index.ts'
import type { Encoded, Protocol } from '../protocols/protocol.ts'
import type { Quirks } from '../protocols/quirks.ts'
import { parseJson, stringifyJson } from '../wire/json.ts'
import { SseParser } from '../wire/sse.ts'
import { type Address, authHeaders } from './address.ts'
import { startTimer } from './deadline.ts'
import { wordsOf } from './thrown.ts'
import { type AnswerHeaders, guarded, type Incoming, readWhole, send } from './transport.ts'

/** How a model is reached, and how patiently. */
export interface ModelLine {
  readonly address: Address
  readonly quirks: Quirks
  readonly key: string | undefined
  readonly headers: { readonly [name: string]: string }
  /** A trace's headers, in lower case: sent where nothing else sets them. Default: none. */
  readonly carried?: { readonly [name: string]: string }
  /** Tries after the first, as long as no byte of an answer has come. */
  readonly retries: number
  /** Milliseconds; the longest pause, and the longest `retry-after` that is waited for. */
  readonly maxRetryMs: number
  /** Milliseconds of silence after which an answer is given up. */
  readonly silenceMs: number
}

/** What a question tells while it is answered. */
export interface AskListener {
  part(part: StreamPart): void
  retry(attempt: number, waitMs: number, error: ToolgateError): void
}

/** A request as it goes over the wire: the same request gives the same text, byte for byte. */
export interface WireRequest {
  readonly text: string
  readonly encoded: Encoded
}

/** Writes a request. @throws ToolgateError `unsupported` if the protocol cannot say it. */
export function writeRequest(request: ModelRequest, quirks: Quirks): WireRequest {
  const encoded = protocolNamed(request.protocol).encodeRequest(request, quirks)
  return { text: stringifyJson(encoded.body), encoded }
}

/**
 * Asks a model, again after a failure that may pass, but never once a byte of an answer has come.
 *
 * @throws ToolgateError
 */
export async function ask(
  request: ModelRequest,
  wire: WireRequest,
  line: ModelLine,
  signal: AbortSignal,
  listener: AskListener,
): Promise<ModelResponse> {
  const { address, key } = line
  const own = { ...wire.encoded.headers, ...authHeaders(address.protocol, key), ...line.headers }
  const outgoing = {
    url: address.url(request.model, request.stream),
    headers: line.carried ? { ...missing(line.carried, own), ...own } : own,
    body: wire.text,
    signal,
    silenceMs: line.silenceMs,
  }
  const protocol = protocolNamed(address.protocol)
  for (let tried = 1; ; tried++) {
    let headers: AnswerHeaders = {}
    let begun = false
    try {
      const incoming = await send(outgoing)
      headers = incoming.headers
      if (incoming.status !== 200) throw await refusal(protocol, incoming, signal)
      if (!isStream(headers)) return await readAnswer(protocol, line.quirks, incoming, signal)
      return await readStream(protocol, line.quirks, incoming, signal, part => {
        begun = true
        listener.part(part)
      })
    } catch (thrown) {
      const error = asError(thrown)
      const wait = begun || signal.aborted ? undefined : pause(error, headers, tried, line)
      if (wait === undefined) throw error
      listener.retry(tried, wait, error)
      await sleep(wait, signal)
    }
  }
}

/** Headers whose names are not taken, in whatever case. */
function missing(carried: ModelLine['headers'], own: ModelLine['headers']) {
  const taken = new Set(Object.keys(own).map(name => name.toLowerCase()))
  return Object.fromEntries(Object.entries(carried).filter(([name]) => !taken.has(name)))
}

function isStream(headers: AnswerHeaders): boolean {
  return headers['content-type']?.startsWith('text/event-stream') === true
}

async function refusal(
  protocol: Protocol,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<ToolgateError> {
  const text = await readWhole(incoming, signal)
  let body: Json = text
  try {
    body = JSON.parse(text)
  } catch {
    // A proxy's page: its text is the body.
  }
  return protocol.decodeError({ status: incoming.status, headers: incoming.headers, body })
}

async function readAnswer(
  protocol: Protocol,
  quirks: Quirks,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<ModelResponse> {
  const text = await readWhole(incoming, signal)
  try {
    return protocol.decodeResponse(parseJson(text), quirks)
  } catch (cause) {
    if (isToolgateError(cause) && cause.code !== 'invalid_json') throw cause
    const message = 'The model answered with something that is not JSON.'
    throw new ToolgateError('vendor_contradiction', message, { origin: 'vendor', cause })
  }
}

async function readStream(
  protocol: Protocol,
  quirks: Quirks,
  incoming: Incoming,
  signal: AbortSignal,
  listen: (part: StreamPart) => void,
): Promise<ModelResponse> {
  const parser = new SseParser()
  const decoder = protocol.streamDecoder(quirks)
  const parts: StreamPart[] = []
  let failure: ToolgateError | undefined
  const emit = (part: StreamPart): void => {
    parts.push(part)
    if (part.type === 'error') failure ??= part.error
    else listen(part)
  }
  for await (const chunk of guarded(incoming, signal)) {
    parser.push(chunk, event => decoder.push(event, emit))
    if (failure) throw failure
  }
  parser.end(event => decoder.push(event, emit))
  decoder.end(emit)
  return assemble(parts)
}

function asError(thrown: unknown): ToolgateError {
  if (isToolgateError(thrown)) return thrown
  const why = wordsOf(thrown)
  const message = `The model's answer makes no sense: ${why}`
  return new ToolgateError('vendor_contradiction', message, { origin: 'vendor', cause: thrown })
}

/** First pause between tries, in milliseconds; it doubles each time. */
const FIRST_PAUSE = 500

/** Milliseconds until the next try; `undefined` if there shall be none. */
function pause(
  error: ToolgateError,
  headers: AnswerHeaders,
  tried: number,
  line: ModelLine,
): number | undefined {
  // A call that the model wrote badly is a matter between it and the loop.
  if (tried > line.retries || error.code === 'malformed_call') return undefined
  const told = headers['x-should-retry']
  if (told === 'false' || (told !== 'true' && !error.retryable)) return undefined
  const after = error.details.retryAfter
  if (after !== undefined && after >= 0) {
    return after * 1000 <= line.maxRetryMs ? after * 1000 : undefined
  }
  const wait = Math.min(FIRST_PAUSE * 2 ** (tried - 1), line.maxRetryMs)
  return wait * (0.75 + Math.random() * 0.25)
}

/** Waits; an abort ends the wait with an error. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      stopTimer()
      reject(new ToolgateError('client_closed', 'The run was ended while it waited.'))
    }
    const stopTimer = startTimer(milliseconds, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
