import { Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isObject } from '../core/json.ts'
import { EventIds } from './event-ids.ts'
import {
  ByteCount,
  readResponse,
  refusalOf,
  responseOf,
  streamOf,
  TooLarge,
} from './http-answer.ts'
import { reasonOf, sendHttp } from './http-send.ts'

/** Milliseconds that an idle connection is kept: less than servers do, so that none dies in use. */
const IDLE_MS = 2000

/** Tries to take up an answer that was cut, where the server can resume it. */
export const MOST_RESUMES = 2

/** Stands in answers that are given in the server's place: from the range that JSON-RPC leaves free. */
export const CUT_CODE = -32_099

type MessageId = string | number

/** A request of the protocol whose answer is still to come. */
interface Waiting {
  readonly id: MessageId
  readonly stop: AbortController
  /** Where the server can resume its answer. */
  token?: string
  failures: number
}

/**
 * What the SDK's transport sends by. It sees to what the transport leaves open (seen in 1.32): a
 * request whose answer breaks off, or ends without having come, fails instead of waiting for ever;
 * one that was cancelled gives its connection back; and nothing is open once it is closed.
 */
export class HttpLine {
  readonly #agents = {
    http: new HttpAgent({ keepAlive: true, timeout: IDLE_MS }),
    https: new HttpsAgent({ keepAlive: true, timeout: IDLE_MS }),
  }
  readonly #waiting = new Map<MessageId, Waiting>()
  readonly #resumable = new Map<string, Waiting>()
  readonly #fail: (id: MessageId, message: string) => void
  #listens = false
  /** Where what the server says by itself can be resumed. */
  #listenToken: string | undefined
  #closed = false

  /** @param fail answers a request in the server's place. */
  constructor(fail: (id: MessageId, message: string) => void) {
    this.#fail = fail
  }

  /** As the global `fetch`, for one server. */
  readonly fetch = async (address: string | URL, init: RequestInit = {}): Promise<Response> => {
    if (this.#closed) return nothing()
    const url = new URL(address)
    if (init.method === 'GET') return this.#get(url, init)
    const { id, cancelled } = init.method === 'POST' ? messageIn(init.body) : {}
    if (cancelled !== undefined) this.#drop(cancelled)
    if (id === undefined) return responseOf(await this.#send(url, init))
    const waiting: Waiting = { id, stop: new AbortController(), failures: 0 }
    this.#waiting.set(id, waiting)
    try {
      return await this.#answerTo(waiting, await this.#send(url, init, waiting))
    } catch (error) {
      this.answered(id)
      throw error
    }
  }

  /** To be told of each request of the protocol that has its answer. */
  answered(id: MessageId): void {
    const { token } = this.#waiting.get(id) ?? {}
    this.#waiting.delete(id)
    if (token !== undefined) this.#resumable.delete(token)
  }

  /** Ends every connection. */
  close(): void {
    this.#closed = true
    for (const { stop } of this.#waiting.values()) stop.abort()
    this.#waiting.clear()
    this.#resumable.clear()
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }

  async #send(url: URL, init: RequestInit, waiting?: Waiting): Promise<IncomingMessage> {
    const signals = [init.signal ?? [], waiting?.stop.signal ?? []].flat()
    const answer = await sendHttp(url, init, this.#agents, AbortSignal.any(signals))
    if (init.method !== 'POST' || (answer.statusCode ?? 0) < 400) return answer
    throw await refusalOf(answer, new Headers(init.headers).has('mcp-session-id'))
  }

  async #answerTo(waiting: Waiting, answer: IncomingMessage): Promise<Response> {
    const { statusCode: status = 0, headers } = answer
    if (status >= 300) return responseOf(answer)
    const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
    if (type === 'text/event-stream') return responseOf(answer, this.#watch(waiting, answer))
    if (type === 'application/json')
      return responseOf(answer, await readResponse(answer, waiting.id))
    answer.destroy()
    const what = type === undefined ? '' : ` but ${type}`
    throw new Error(
      `The MCP server answered with ${status} and neither JSON nor an event stream${what}.`,
    )
  }

  /** A stream that brings an answer; if it ends without, that is said at its end. */
  #watch(waiting: Waiting, answer: IncomingMessage): ReadableStream<Uint8Array> {
    const ids = new EventIds()
    const count = new ByteCount()
    return streamOf(answer, {
      chunk(chunk) {
        count.add(chunk)
        ids.push(chunk)
      },
      end: cause => {
        if (!this.#waiting.has(waiting.id)) return undefined
        const isTooLarge = cause instanceof TooLarge
        if (ids.last !== undefined && !isTooLarge) {
          waiting.token = ids.last
          this.#resumable.set(ids.last, waiting)
          return undefined
        }
        const why = isTooLarge ? cause.message : brokenOff(cause)
        const error = { code: CUT_CODE, message: why }
        const data = JSON.stringify({ jsonrpc: '2.0', id: waiting.id, error })
        return Buffer.from(`\n\ndata: ${data}\n\n`)
      },
    })
  }

  /** Streams that a server opens no request for: an answer that is resumed, or its own words. */
  async #get(url: URL, init: RequestInit): Promise<Response> {
    const token = new Headers(init.headers).get('last-event-id') ?? undefined
    const waiting = token === undefined ? undefined : this.#resumable.get(token)
    if (token !== undefined && waiting) return this.#resume(url, init, token, waiting)
    // The answer that it belongs to has come, or is not wanted any more.
    if (this.#listens || (token !== undefined && token !== this.#listenToken)) return nothing()
    this.#listens = true
    const ids = new EventIds()
    const stop = (): undefined => {
      this.#listens = false
      this.#listenToken = ids.last
    }
    try {
      const answer = await this.#send(url, init)
      if (answer.statusCode === 200)
        return responseOf(answer, streamOf(answer, { chunk: one => ids.push(one), end: stop }))
      stop()
      return responseOf(answer)
    } catch (error) {
      stop()
      throw error
    }
  }

  async #resume(url: URL, init: RequestInit, token: string, waiting: Waiting): Promise<Response> {
    this.#resumable.delete(token)
    if (waiting.stop.signal.aborted) return nothing()
    let why = 'it could not be resumed'
    try {
      const answer = await this.#send(url, init, waiting)
      if (answer.statusCode === 200) {
        waiting.failures = 0
        return responseOf(answer, this.#watch(waiting, answer))
      }
      answer.resume()
      why = `resuming it was answered with ${answer.statusCode}`
    } catch (cause) {
      if (cause instanceof Error) why = cause.message
    }
    if (++waiting.failures < MOST_RESUMES) {
      this.#resumable.set(token, waiting)
      throw new Error(why)
    }
    this.#fail(waiting.id, `${brokenOff(undefined)} ${why}`)
    return nothing()
  }

  #drop(id: MessageId): void {
    this.#waiting.get(id)?.stop.abort()
    this.#waiting.delete(id)
  }
}

/** What tells the transport that there is no stream here, without an error. */
function nothing(): Response {
  return new Response(null, { status: 405 })
}

function brokenOff(cause: unknown): string {
  const how = cause === undefined ? 'ended' : 'broke off'
  const why = cause === undefined ? '' : ` (${reasonOf(cause)})`
  return `The MCP server's answer ${how} before the result was there${why}.`
}

/** The id of the request that a body holds, or of the one that it cancels. */
function messageIn(body: RequestInit['body']): { id?: MessageId; cancelled?: MessageId } {
  const message: unknown = typeof body === 'string' ? JSON.parse(body) : undefined
  if (!isObject(message) || !('method' in message)) return {}
  const { id, method, params } = message
  if (isId(id)) return { id }
  const cancelled = isObject(params) ? params['requestId'] : undefined
  return method === 'notifications/cancelled' && isId(cancelled) ? { cancelled } : {}
}

function isId(value: unknown): value is MessageId {
  return typeof value === 'string' || typeof value === 'number'
}
