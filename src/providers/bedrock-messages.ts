import { ToolgateError } from '../core/error.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import type { Loss } from '../core/loss.ts'
import type { ModelRequest } from '../core/request.ts'
import type { Emit, StreamPart } from '../core/stream.ts'
import { backNamed } from '../protocols/index.ts'
import type { Back, Encoded, StreamDecoder } from '../protocols/protocol.ts'
import type { Quirks } from '../protocols/quirks.ts'

const messages = backNamed('anthropic')
/** Errors are the house's own, whichever way its models are called. */
const { decodeError, requestIdHeader } = backNamed('converse')

/**
 * Messages as Bedrock invokes Claude with it: betas stand in the body, events in the `chunk`s of a
 * binary stream, and errors are AWS's own. Sources: Bedrock user guide, "Anthropic Claude Messages
 * API"; AWS API reference, "InvokeModelWithResponseStream"; Anthropic Bedrock SDK; all 2026.
 */
export const bedrockMessages: Back = {
  ...messages,
  requestIdHeader,
  framing: 'event-stream',
  encodeRequest,
  streamDecoder: quirks => new ChunkDecoder(messages.streamDecoder(quirks)),
  decodeError,
}

/** The address says whether a stream is wanted; of headers only the betas mean anything. */
function encodeRequest(request: ModelRequest, quirks: Quirks): Encoded {
  const { body, headers, losses } = messages.encodeRequest(request, quirks)
  if (!isObject(body)) return { body, losses }
  const { stream: _, service_tier: tier, ...said } = body
  const beta = headers?.['anthropic-beta']
  const sent: JsonObject = beta === undefined ? said : { ...said, anthropic_beta: listOf(beta) }
  return { body: sent, losses: tier === undefined ? losses : [...losses, ...lossOf(tier)] }
}

function listOf(header: string): string[] {
  const names = header.split(',').map(name => name.trim())
  return names.filter(name => name !== '')
}

/** The choice of a tier is a header of the account's here; these two ask for nothing beyond it. */
function lossOf(tier: JsonObject[string]): Loss[] {
  if (tier === 'auto' || tier === 'standard_only') return []
  const what = 'there is no such field here'
  return [{ path: 'service_tier', what, action: 'dropped', meaning: false }]
}

type StreamEvent = Parameters<StreamDecoder['push']>[0]

/** Takes the events of Messages out of their chunks, and ends the stream at an exception. */
class ChunkDecoder implements StreamDecoder {
  readonly #inner: StreamDecoder

  constructor(inner: StreamDecoder) {
    this.#inner = inner
  }

  push({ event, data }: StreamEvent, emit: Emit<StreamPart>): void {
    if (event === 'chunk') {
      const wire = readJson(data)
      const bytes = isObject(wire) ? wire['bytes'] : undefined
      if (typeof bytes !== 'string') this.#fail(contradiction('a chunk without bytes'), emit)
      else this.#inner.push({ event: '', data: Buffer.from(bytes, 'base64').toString() }, emit)
      return
    }
    const colon = event.indexOf(':')
    if (colon >= 0) this.#fail(errorIn(event.slice(0, colon), event.slice(colon + 1), data), emit)
  }

  end(emit: Emit<StreamPart>): void {
    this.#inner.end(emit)
  }

  /** An answer that lacked no more than its last word is whole; else it ends with the error. */
  #fail(error: ToolgateError, emit: Emit<StreamPart>): void {
    this.#inner.end(part => emit(part.type === 'error' ? { type: 'error', error } : part))
  }
}

/** An exception that AWS names, an error of its frame, or bytes that are no frame. */
function errorIn(kind: string, type: string, data: string): ToolgateError {
  if (kind === 'framing') return contradiction(data)
  return decodeError({
    status: 200,
    headers: { 'x-amzn-errortype': type },
    body: readJson(data),
  })
}

/** JSON, or the text itself if it is none. */
function readJson(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function contradiction(what: string): ToolgateError {
  const message = `The vendor's answer cannot be read: ${what}.`
  return new ToolgateError('vendor_contradiction', message, { origin: 'vendor' })
}
