import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { ToolgateError } from '../core/error.ts'
import { checkReach } from '../core/reach.ts'
import { LONGEST_TIMER } from '../core/timer.ts'
import { UNREACHED } from '../core/unreached.ts'
import { decodedBody } from './decoded-body.ts'

/** One request to a model's address. */
export interface Outgoing {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
  readonly signal: AbortSignal
  /** Milliseconds until the headers, and between two chunks; `Infinity` is for ever. */
  readonly silenceMs: number
}

/** Headers in lower case; several of one name are joined by commas. */
export type AnswerHeaders = { readonly [name: string]: string | undefined }

/** An answer whose body is still to be read. */
export interface Incoming {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Readable
}

/** Bytes of an answer that has to be whole; a larger one is taken for a broken server. */
export const MOST_BYTES = 64 * 1024 * 1024

/** Milliseconds until a connection stands; an address that swallows packets is given up then. */
const CONNECT_MS = 10_000

/**
 * Sends a request, over Node's own client: it is in the process already, where another would be read
 * and compiled first. Connections are those of Node's global agents, kept alive.
 *
 * @throws ToolgateError `vendor_unreachable`, `timeout` or `client_closed`, and `permission` where
 * real models are forbidden
 */
export async function send(outgoing: Outgoing): Promise<Incoming> {
  checkReach(outgoing.url)
  try {
    const answer = await exchange(outgoing)
    const { statusCode = 0, headers } = answer
    // Asked here, for nearly no answer has to be waited for once more.
    const body = headers['content-encoding'] === undefined ? answer : await decodedBody(answer)
    return { status: statusCode, headers: flat(headers), body }
  } catch (cause) {
    throw transportError(cause, outgoing.signal, false)
  }
}

function exchange(outgoing: Outgoing): Promise<IncomingMessage> {
  const { url, headers, body, signal, silenceMs } = outgoing
  // To a socket 0 is for ever.
  const timeout = silenceMs > LONGEST_TIMER ? 0 : silenceMs
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'toolgate',
        ...headers,
      },
      timeout,
    }
    const asked = url.startsWith('https:') ? overHttps(url, options) : overHttp(url, options)
    let answer: IncomingMessage | undefined
    asked.once('response', response => {
      answer = response
      resolve(response)
    })
    asked.once('error', cause => {
      // The server closed a kept connection while the request was on its way: it was not read.
      if (asked.reusedSocket && !answer && !signal.aborted && isReset(cause))
        resolve(exchange(outgoing))
      else reject(cause)
    })
    // An answer to another protocol, which nobody has asked for, ends without an error.
    asked.once('close', () => {
      if (!answer) reject(new ClosedError())
    })
    asked.on('timeout', () => {
      // Nobody took what has come, and so no more was asked for: that is no silence of the server.
      if (answer && answer.readableLength > 0) asked.socket?.setTimeout(timeout)
      else (answer ?? asked).destroy(new SilentError())
    })
    endWith(asked, signal)
    asked.once('socket', socket => limitConnecting(asked, socket, silenceMs))
    asked.end(body)
  })
}

/** Node's own `signal` does the same, with much around it. */
function endWith(asked: ClientRequest, signal: AbortSignal): void {
  const stop = (): void => {
    asked.destroy(new Error('The run was ended.'))
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  asked.once('close', () => signal.removeEventListener('abort', stop))
}

class ClosedError extends Error {
  readonly code = 'ECONNRESET'
}

class SilentError extends Error {
  readonly code = 'SILENCE_TIMEOUT'
}

function limitConnecting(asked: ClientRequest, socket: Socket, silenceMs: number): void {
  if (!socket.connecting) return
  const timer = setTimeout(() => asked.destroy(new SilentError()), Math.min(CONNECT_MS, silenceMs))
  const stop = () => clearTimeout(timer)
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', stop)
  asked.once('close', stop)
}

function isReset(cause: Error): boolean {
  return 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE')
}

/** Reads a body whole. @throws ToolgateError as `send`, and `vendor_contradiction` beyond 64 MiB. */
export function readWhole({ body }: Incoming, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes <= MOST_BYTES) return
      const message = `The model's address answered with more than ${MOST_BYTES} bytes.`
      body.destroy(new ToolgateError('vendor_contradiction', message, { origin: 'vendor' }))
    })
    body.once('end', () => resolve(Buffer.concat(chunks, bytes).toString()))
    const fail = (cause?: unknown): void => reject(transportError(cause, signal, true))
    body.once('error', fail)
    // What has been given up before it was read says no more than this, or has said it already.
    body.once('close', () => {
      if (!body.readableEnded) fail()
    })
    if (body.closed) fail()
  })
}

/** The chunks of a body, its failures worded. */
export async function* guarded(
  incoming: Incoming,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* incoming.body
  } catch (cause) {
    throw transportError(cause, signal, true)
  }
}

function flat(headers: Record<string, string | string[] | undefined>): AnswerHeaders {
  const one: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(headers))
    one[name] = Array.isArray(value) ? value.join(', ') : value
  return one
}

/** A code of Node's own, of its parser of HTTP or of what unpacks a body, in words. */
function spoken(code: string): string {
  if (code.startsWith('HPE_')) return 'it does not speak HTTP'
  if (code.startsWith('Z_') || code.startsWith('ERR__')) return 'it is packed badly'
  return code || 'the connection failed'
}

/** Names what went wrong on the way, without an address that might hold a secret. */
function transportError(cause: unknown, signal: AbortSignal, begun: boolean): ToolgateError {
  if (cause instanceof ToolgateError) return cause
  if (signal.aborted) {
    return new ToolgateError('client_closed', 'The run was ended while the model answered.', {
      cause,
    })
  }
  const found = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const code = typeof found === 'string' ? found : ''
  if (code.endsWith('_TIMEOUT')) {
    const message = 'Timed out: the model fell silent.'
    return new ToolgateError('timeout', message, { origin: 'gateway', retryable: !begun, cause })
  }
  const why = UNREACHED[code] ?? spoken(code)
  if (begun) {
    const message = `The model's answer broke off in the middle: ${why}.`
    return new ToolgateError('stream_cut', message, { origin: 'vendor', cause })
  }
  const message = `The model could not be reached: ${why}.`
  return new ToolgateError('vendor_unreachable', message, { origin: 'gateway', cause })
}
