import { type Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { type Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { UNREACHED } from '../core/unreached.ts'

/** The agents that hold a server's connections. */
export interface Agents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

/** Redirects that are followed, one after the other. */
const MOST_REDIRECTS = 5

const REASONS: { readonly [code: string]: string } = {
  ...UNREACHED,
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'the connection took too long',
}

/** Codes of connections that were there: the server may have done what it was asked for. */
const CUTS = ['ECONNRESET', 'EPIPE']

const CUT_WORDS = 'The connection to the MCP server was cut before it answered.'

/** An answer that was cut, so that nobody knows whether it happened. */
export class McpCut extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'McpCut'
  }
}

/** Names what went wrong on the way, without an address that might hold a secret. */
export function reasonOf(cause: unknown): string {
  const code = codeOf(cause)
  return REASONS[code] ?? (code || 'the connection failed')
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}

function unreachable(cause: unknown): Error {
  return new Error(`The MCP server could not be reached: ${reasonOf(cause)}.`, { cause })
}

/**
 * Sends a request and answers as soon as the headers are there. It has no time limits of its own,
 * for a call may take as long as its deadline says; and its sockets end with its agents, which those
 * of the global `fetch` do not.
 *
 * @throws McpCut, and Error that says what failed on the way.
 */
export async function sendHttp(
  url: URL,
  init: RequestInit,
  agents: Agents,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  let target = url
  for (let followed = 0; ; followed++) {
    const answer = await sendOnce(target, init, agents, signal)
    const next = init.redirect === 'manual' ? undefined : redirectOf(answer, target, init)
    if (!next || followed === MOST_REDIRECTS) return answer
    answer.destroy()
    target = next
  }
}

/** Where a redirect leads that keeps the method, if it stays with the same server. */
function redirectOf(answer: IncomingMessage, from: URL, init: RequestInit): URL | undefined {
  const { statusCode = 0, headers } = answer
  const keepsMethod = [307, 308].includes(statusCode) || (init.method ?? 'GET') === 'GET'
  const { location } = headers
  if (statusCode < 300 || statusCode > 399 || !keepsMethod || location === undefined)
    return undefined
  if (!URL.canParse(location, from.href)) return undefined
  const target = new URL(location, from)
  return target.origin === from.origin ? target : undefined
}

function sendOnce(
  url: URL,
  { method = 'GET', headers, body }: RequestInit,
  agents: Agents,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:'
    const request = (secure ? requestHttps : requestHttp)(url, {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      agent: secure ? agents.https : agents.http,
      ...(signal === undefined ? {} : { signal }),
    })
    request.on('response', resolve)
    request.on('error', cause =>
      reject(CUTS.includes(codeOf(cause)) ? new McpCut(CUT_WORDS, { cause }) : unreachable(cause)),
    )
    // An answer to another protocol, which nobody has asked for, ends without an error.
    request.on('close', () => reject(new McpCut(CUT_WORDS)))
    request.end(typeof body === 'string' ? body : undefined)
  })
}
