import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { ToolgateError } from '../core/error.ts'

/** A key that clients may use. The key itself is never kept, only its digest. */
export interface ClientKey {
  /** Stands in the log in the key's place. */
  readonly name: string
  /** SHA-256 of the key. */
  readonly digest: Buffer
}

/** The key as it is kept. */
export function clientKey(name: string, key: string): ClientKey {
  return { name, digest: digestOf(key) }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** Who may use the server, and from where. */
export interface GuardOptions {
  /** None: everybody may. */
  readonly keys: readonly ClientKey[]
  /** Web origins that may call from a browser, such as `https://app.example`; `*` for all. */
  readonly origins: readonly string[]
  /**
   * Whether the server listens on a loopback address only. Then a request must name such an address
   * in its Host header, or a web page could reach it by pointing a name of its own at 127.0.0.1.
   */
  readonly loopback: boolean
  /** Further names that may stand in the Host header. */
  readonly hosts: readonly string[]
}

/**
 * Finds the name of the client's key. Read from `authorization: Bearer`, `x-api-key`, `api-key` and
 * `x-goog-api-key`: each protocol's clients send their own.
 *
 * @throws ToolgateError `authentication` if keys are asked for and none of them was sent.
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  keys: readonly ClientKey[],
): string | undefined {
  if (keys.length === 0) return undefined
  const sent = sentKey(headers)
  if (sent === undefined)
    throw new ToolgateError('authentication', 'No API key was sent.', {
      details: { missing: true },
    })
  const digest = digestOf(sent)
  // All are compared, and each in constant time, so that time tells nothing.
  let found: string | undefined
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key.name
  if (found === undefined)
    throw new ToolgateError('authentication', 'The API key is not valid here.')
  return found
}

function sentKey(headers: IncomingHttpHeaders): string | undefined {
  for (const name of ['x-api-key', 'api-key', 'x-goog-api-key']) {
    const value = headers[name]
    if (typeof value === 'string' && value !== '') return value
  }
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')
  return bearer?.[1]
}

/** A Host header that was found to name this machine: most requests bring the same one. */
let lastLoopback: string | undefined

/** @throws ToolgateError `permission` if the Host header names a place that is not this server. */
export function checkHost(host: string | undefined, options: GuardOptions): void {
  if (!options.loopback || (host !== undefined && host === lastLoopback)) return
  const name = hostName(host ?? '')
  if (name === 'localhost' || name.endsWith('.localhost') || isLoopback(name)) {
    lastLoopback = host
    return
  }
  if (options.hosts.includes(name)) return
  throw new ToolgateError(
    'permission',
    `This server listens on a loopback address and does not answer for the host '${name}'.`,
  )
}

function hostName(host: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(host)
  return (bracketed?.[1] ?? host.replace(/:\d+$/, '')).toLowerCase()
}

/** Whether an address or name is the machine's own. */
export function isLoopback(address: string): boolean {
  if (address === 'localhost' || address === '::1') return true
  return isIP(address) === 4 && address.startsWith('127.')
}

/**
 * The CORS headers for a request from a web page, or `undefined` for a request that is none.
 *
 * @throws ToolgateError `permission` for an origin that is not configured: the request must not be
 * carried out at all, or any page could spend the user's keys.
 */
export function corsHeaders(
  origin: string | undefined,
  options: GuardOptions,
): Record<string, string> | undefined {
  if (origin === undefined) return undefined
  if (!options.origins.includes('*') && !options.origins.includes(origin)) {
    throw new ToolgateError(
      'permission',
      `Requests from the web origin '${origin}' are not allowed.`,
    )
  }
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': '*',
    vary: 'origin',
  }
}
