import type { IncomingMessage } from 'node:http'
import { isObject } from '../core/json.ts'
import { MOST_BYTES } from '../loop/transport.ts'

/** Milliseconds, and characters, that the body of a refusal is read for its words. */
const REFUSAL_MS = 1000
const REFUSAL_LENGTH = 4096

/** An MCP server's answer of a status that is none of success. */
export class McpRefusal extends Error {
  /** Whether the server does not know the session any more, and has not taken the call. */
  readonly lostSession: boolean

  constructor(message: string, lostSession: boolean) {
    super(message)
    this.name = 'McpRefusal'
    this.lostSession = lostSession
  }
}

/**
 * Words a refusal. A lost session is 404 by the protocol (2025-06-18, "Session Management"); servers
 * that the SDK's examples are the pattern of say 400 and speak of the session or of initialization.
 */
export async function refusalOf(answer: IncomingMessage, hadSession: boolean): Promise<McpRefusal> {
  const { statusCode: status = 0, statusMessage = '', headers } = answer
  const type = headers['content-type'] ?? ''
  const body = /json|text\/plain/.test(type) ? await readBeginning(answer) : ''
  answer.destroy()
  const said = messageIn(body)
  const lost = status === 404 || (status === 400 && /session|not initialized/i.test(said))
  const words = said === '' ? '' : `: ${said}`
  const hint = status === 401 || status === 403 ? ' It wants other credentials.' : ''
  const message = `The MCP server answered with ${status} ${statusMessage}`.trimEnd()
  return new McpRefusal(`${message}${words}${hint === '' ? '' : `.${hint}`}`, lost && hadSession)
}

function messageIn(body: string): string {
  let text = body
  try {
    const json: unknown = JSON.parse(body)
    const error = isObject(json)
      ? (json['error_description'] ?? json['error'] ?? json['message'])
      : ''
    const message = isObject(error) ? error['message'] : error
    text = typeof message === 'string' ? message : ''
  } catch {
    // Plain words.
  }
  return text.replace(/\s+/g, ' ').trim().slice(0, 200)
}

async function readBeginning(answer: IncomingMessage): Promise<string> {
  let text = ''
  const timer = setTimeout(() => answer.destroy(), REFUSAL_MS)
  try {
    for await (const chunk of answer) {
      text += String(chunk)
      if (text.length > REFUSAL_LENGTH) break
    }
  } catch {
    // What has come must do.
  }
  clearTimeout(timer)
  return text
}

/**
 * Reads an answer in JSON that must hold the response to a request.
 *
 * @throws Error if it does not, or is larger than 64 MiB.
 */
export async function readResponse(answer: IncomingMessage, id: string | number): Promise<string> {
  const chunks: Uint8Array[] = []
  const count = new ByteCount()
  for await (const chunk of answer) {
    const bytes: Uint8Array = chunk
    count.add(bytes)
    chunks.push(bytes)
  }
  const text = Buffer.concat(chunks).toString()
  if (!holdsResponse(text, id))
    throw new Error('The MCP server answered with something that is no answer to the call.')
  return text
}

function holdsResponse(text: string, id: string | number): boolean {
  try {
    const messages: unknown = JSON.parse(text)
    return [messages].flat().some(one => isObject(one) && one['id'] === id && !('method' in one))
  } catch {
    return false
  }
}

/** An answer that is larger than any server of sense would give. */
export class TooLarge extends Error {
  constructor() {
    super(`The MCP server's answer is larger than ${MOST_BYTES} bytes.`)
    this.name = 'TooLarge'
  }
}

/** Holds an answer to 64 MiB. */
export class ByteCount {
  #bytes = 0

  /** @throws TooLarge */
  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    if (this.#bytes > MOST_BYTES) throw new TooLarge()
  }
}

/** What is told of a body while it is read. */
export interface BodyListener {
  chunk(chunk: Uint8Array): void
  /** @returns what still belongs at its end. */
  end(cause: unknown): Uint8Array | undefined
}

/** A body as it comes. However it ends, the stream ends well: what is wrong is said in it. */
export function streamOf(
  answer: IncomingMessage,
  listener: BodyListener,
): ReadableStream<Uint8Array> {
  const iterator = answer[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      let cause: unknown
      try {
        const step = await iterator.next()
        if (!step.done) {
          const chunk: Uint8Array = step.value
          listener.chunk(chunk)
          controller.enqueue(chunk)
          return
        }
      } catch (thrown) {
        cause = thrown
        answer.destroy()
      }
      const last = listener.end(cause)
      if (last) controller.enqueue(last)
      controller.close()
    },
    cancel(cause) {
      answer.destroy()
      listener.end(cause)
    },
  })
}

/** An answer as `fetch` gives it; without a body, what there is of one is passed over. */
export function responseOf(
  answer: IncomingMessage,
  body?: ReadableStream<Uint8Array> | string,
): Response {
  if (body === undefined) answer.resume()
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one)
  return new Response(body ?? null, {
    status: answer.statusCode ?? 502,
    statusText: answer.statusMessage ?? '',
    headers,
  })
}
