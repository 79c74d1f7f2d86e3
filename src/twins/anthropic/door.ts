import type { TwinRequest } from '../vendor.ts'
import { Rejection, reject } from './error.ts'
import { type JsonDocument, JsonSyntaxError, parseJson } from './json.ts'
import type { Edition } from './shape-request.ts'

/** Where a request wants to go. */
export type Route =
  | { readonly name: 'create' | 'count' | 'models' }
  | { readonly name: 'model'; readonly id: string }

const LARGEST_BODY = 32 * 1024 * 1024

/**
 * Finds the endpoint; an `/anthropic` prefix is taken as well, as vendors of compatible interfaces
 * have it.
 *
 * @throws Rejection with 404 or 405.
 */
export function findRoute({ path, method }: TwinRequest): Route {
  const plain = path.replace(/^\/anthropic(?=\/)/, '').replace(/(?<=.)\/$/, '')
  const route = routeOf(plain)
  if (!route) throw new Rejection('Not Found', 404, 'not_found_error')
  const expected = route.name === 'create' || route.name === 'count' ? 'POST' : 'GET'
  if (method !== expected) throw new Rejection('Method Not Allowed', 405)
  return route
}

function routeOf(path: string): Route | undefined {
  if (path === '/v1/messages') return { name: 'create' }
  if (path === '/v1/messages/count_tokens') return { name: 'count' }
  if (path === '/v1/models') return { name: 'models' }
  const id = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1]
  if (id === undefined) return undefined
  try {
    return { name: 'model', id: decodeURIComponent(id) }
  } catch {
    return { name: 'model', id }
  }
}

/**
 * Checks the key. Any key opens the door but an empty one and one that holds the word `invalid`,
 * which stands for a key that was revoked. `x-api-key` wins over a bearer token.
 *
 * Sources: recorded answers of 2026-01; n8n issue #37930 and openclaw issue #54350, 2026.
 *
 * @throws Rejection with 401.
 */
export function checkKey({ headers }: TwinRequest): void {
  const key = headers['x-api-key']?.trim()
  const bearer = /^bearer\s+(.*)$/i.exec(headers['authorization'] ?? '')?.[1]?.trim()
  if (key) {
    if (isRevoked(key)) refuseKey('invalid x-api-key')
    return
  }
  if (bearer === undefined) refuseKey('x-api-key header is required')
  if (bearer === '' || isRevoked(bearer)) refuseKey('Invalid bearer token')
}

function isRevoked(key: string): boolean {
  return /invalid/i.test(key)
}

function refuseKey(message: string): never {
  throw new Rejection(message, 401, 'authentication_error')
}

const VERSIONS = ['2023-06-01', '2026-10-21']

/** Betas that became generally available and are no longer taken. Source: pydantic-ai, 2026-08. */
const RETIRED_BETAS = ['tool-search-tool-2025-11-19']
const BETA_NAME = /^[a-z0-9][a-z0-9-]*-\d{4}-?\d{2}-?\d{2}$/

/**
 * Reads the version and the betas. A beta's name must look like one; which ones exist changes too
 * often to know.
 *
 * Sources: 9router issue #2357, 2026-07; Claude docs, "beta headers", 2026.
 *
 * @throws Rejection
 */
export function readEdition({ headers, query }: TwinRequest, isCount: boolean): Edition {
  const version = headers['anthropic-version']?.trim()
  if (!version) reject('anthropic-version: header is required')
  if (!VERSIONS.includes(version)) {
    reject(`anthropic-version: "${version}" is not a valid version`)
  }
  const betas = (headers['anthropic-beta'] ?? '').split(',').map(name => name.trim())
  const named = betas.filter(name => name !== '')
  const odd = named.filter(name => !BETA_NAME.test(name) || RETIRED_BETAS.includes(name))
  if (odd.length > 0) {
    const list = odd.map(name => `\`${name}\``).join(', ')
    reject(
      `Unexpected value(s) ${list} for the \`anthropic-beta\` header. Please consult our documentation at platform.claude.com/docs or try again without the header.`,
    )
  }
  return {
    version,
    betas: named,
    isBeta: named.length > 0 || query.get('beta') === 'true',
    isCount,
  }
}

/**
 * Reads the body as JSON. The words about the content type are the twin's own; those about broken
 * JSON follow the vendor's in form.
 *
 * @throws Rejection
 */
export function readDocument({ headers, body }: TwinRequest): JsonDocument {
  const type = headers['content-type'] ?? ''
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    reject('content-type: must be application/json')
  }
  if (Buffer.byteLength(body) > LARGEST_BODY) {
    throw new Rejection('Request exceeds the maximum size', 413, 'request_too_large')
  }
  try {
    return parseJson(body)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    const before = body.slice(0, error.position).split('\n')
    const column = (before.at(-1)?.length ?? 0) + 1
    return reject(
      `The request body is not valid JSON: ${error.reason}: line ${before.length} column ${column} (char ${error.position})`,
    )
  }
}
