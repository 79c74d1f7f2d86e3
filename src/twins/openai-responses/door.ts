import type { TwinRequest } from '../vendor.ts'
import { Rejection, reject } from './error.ts'
import { ORGANIZATION } from './headers.ts'

/** What a request is for. */
export type Route =
  | { readonly name: 'create' }
  | { readonly name: 'retrieve' | 'delete' | 'cancel'; readonly id: string }

const PATH = /^(?:\/v1)?\/responses(?:\/([^/]+)(\/cancel)?)?$/

/** Whether a path belongs to this API, whatever stands behind `/responses`. */
export function isResponsesPath(path: string): boolean {
  return /^(?:\/v1)?\/responses(?:\/|$)/.test(path)
}

/**
 * Finds out what a request is for.
 *
 * @throws Rejection 404 for other paths (the lists of input items, token counting, compaction and
 * conversations among them), 405 for other methods.
 */
export function findRoute({ method, path }: TwinRequest): Route {
  const [found, id, cancel] = PATH.exec(path) ?? []
  if (found === undefined) throw new Rejection(`Invalid URL (${method} ${path})`, { status: 404 })
  if (id === undefined) {
    if (method === 'POST') return { name: 'create' }
  } else if (cancel !== undefined) {
    if (method === 'POST') return { name: 'cancel', id: decoded(id) }
  } else {
    if (method === 'GET') return { name: 'retrieve', id: decoded(id) }
    if (method === 'DELETE') return { name: 'delete', id: decoded(id) }
  }
  // Text from memory.
  throw new Rejection(`Invalid method for URL (${method} ${path})`, { status: 405 })
}

/** Checks that there is a bearer token; which one does not matter. */
export function checkKey({ headers }: TwinRequest): void {
  if (/^Bearer +\S/i.test(headers['authorization'] ?? '')) return
  throw new Rejection(
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.",
    { status: 401 },
  )
}

/** Reads the body as JSON; a text that is none is `undefined`. The first text is from memory. */
export function readDocument({ headers, body }: TwinRequest): unknown {
  const type = headers['content-type'] ?? ''
  if (!/^application\/json *(;|$)/i.test(type)) {
    const said = `Unsupported content type: '${type}'. This API method only accepts 'application/json' requests, but you specified the header 'Content-Type: ${type}'. Please try again with a supported content type.`
    reject(said, null, 'unsupported_content_type')
  }
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The organisation that a request is made for. Encrypted content is bound to it. */
export function organizationOf({ headers }: TwinRequest): string {
  return headers['openai-organization'] ?? ORGANIZATION
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
