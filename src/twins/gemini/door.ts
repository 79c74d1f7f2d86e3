import type { TwinRequest } from '../vendor.ts'
import { detail, type Framing, Rejection, reject } from './error.ts'
import { type JsonDocument, JsonSyntaxError, parseJson } from './json.ts'
import { type Manners, type Surface, surfaceOf } from './surface.ts'

/** Where a request wants to go. */
export type Route =
  | { readonly name: 'models'; readonly surface: Surface }
  | { readonly name: 'model'; readonly surface: Surface; readonly model: string }
  | {
      readonly name: 'generate' | 'stream' | 'count'
      readonly surface: Surface
      readonly model: string
      /** The model's full name on Vertex. */
      readonly resource: string
    }

const METHODS: { readonly [method: string]: 'generate' | 'stream' | 'count' } = {
  generateContent: 'generate',
  streamGenerateContent: 'stream',
  countTokens: 'count',
}

const VERSIONS = { studio: /^v1(?:beta|alpha)?$/, vertex: /^v1(?:beta1)?$/ } as const
const STUDIO_MODEL = /^models\/([^:]+)$/
const VERTEX_MODEL =
  /^(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/google\/models\/([^:/]+)$/

/** Finds the endpoint; `undefined` for a path that the vendor does not know. */
export function findRoute({ path, method }: TwinRequest, manners: Manners): Route | undefined {
  const [, version = '', rest = ''] = /^\/([^/]+)\/(.+?)\/?$/.exec(decoded(path)) ?? []
  if (!VERSIONS[manners.surface].test(version)) return undefined
  const surface = surfaceOf(manners, version)
  const [, resource = '', call] = /^(.*?)(?::(\w+))?$/.exec(rest) ?? []
  const isStudio = manners.surface === 'studio'
  const model = (isStudio ? STUDIO_MODEL : VERTEX_MODEL).exec(resource)?.[1]
  if (call !== undefined) {
    const name = Object.hasOwn(METHODS, call) ? METHODS[call] : undefined
    const isFound = name !== undefined && model !== undefined && method === 'POST'
    return isFound ? { name, surface, model, resource } : undefined
  }
  if (!isStudio || method !== 'GET') return undefined
  if (model !== undefined) return { name: 'model', surface, model }
  return resource === 'models' ? { name: 'models', surface } : undefined
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** How the answer is to be framed: a stream without `alt=sse` is one JSON list. */
export function framingOf({ path, query }: TwinRequest): Framing {
  if (!/:streamGenerateContent\/?$/.test(decoded(path))) return 'object'
  return [query.get('alt'), query.get('$alt')].includes('sse') ? 'sse' : 'list'
}

const QUERY = [
  'key',
  'alt',
  '$alt',
  'access_token',
  'callback',
  'fields',
  'oauth_token',
  'prettyPrint',
  'quotaUser',
  'uploadType',
  'upload_protocol',
  '$.xgafv',
]

/**
 * Refuses what the vendor does not know in the query. Source: Google's standard query parameters,
 * 2026; the words are well known, but quoted from memory.
 *
 * @throws Rejection
 */
export function checkQuery({ query }: TwinRequest, { name }: Route): void {
  const known = name === 'models' ? [...QUERY, 'pageSize', 'pageToken'] : QUERY
  const lines = [...new Set(query.keys())]
    .filter(given => !known.includes(given))
    .map(
      given =>
        `Invalid JSON payload received. Unknown name ${JSON.stringify(given)}: Cannot bind query parameter. Field '${given}' could not be found in request message.`,
    )
  if (lines.length > 0) refusePayload(lines)
}

function refusePayload(lines: readonly string[]): never {
  const fieldViolations = lines.map(description => ({ description }))
  throw new Rejection(lines.join('\n'), 400, [detail('BadRequest', { fieldViolations })])
}

const SIGN_IN =
  'Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'

/**
 * Checks the credentials. Any key opens the door but an empty one and one that holds the word
 * `invalid`. AI Studio takes a key in a header or in the query, and a bearer token only if it looks
 * like one of Google's; Vertex takes either, a key on the paths without a project, too.
 *
 * @throws Rejection
 */
export function checkKey({ headers, query }: TwinRequest, { name }: Surface): void {
  const key = headers['x-goog-api-key']?.trim() || query.get('key')?.trim()
  const bearer = /^bearer\s+(.*)$/i.exec(headers['authorization'] ?? '')?.[1]?.trim()
  const isStudio = name === 'studio'
  if (key) {
    if (isRevoked(key)) refuseRevokedKey(name)
    return
  }
  if (bearer) {
    const isToken = isStudio ? bearer.startsWith('ya29.') : !isRevoked(bearer)
    if (isToken) return
    const text = `Request had invalid authentication credentials. ${SIGN_IN}`
    throw new Rejection(text, 401, [errorInfo('ACCESS_TOKEN_TYPE_UNSUPPORTED', name)])
  }
  if (isStudio) {
    throw new Rejection(
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      403,
    )
  }
  const text = `Request is missing required authentication credential. ${SIGN_IN}`
  throw new Rejection(text, 401, [errorInfo('CREDENTIALS_MISSING', name)])
}

function isRevoked(key: string): boolean {
  return /invalid/i.test(key)
}

/** Source: recorded answers of 2025. */
function refuseRevokedKey(surface: Surface['name']): never {
  const text = 'API key not valid. Please pass a valid API key.'
  const localized = detail('LocalizedMessage', { locale: 'en-US', message: text })
  throw new Rejection(text, 400, [errorInfo('API_KEY_INVALID', surface), localized])
}

function errorInfo(reason: string, surface: Surface['name']) {
  const service = surface === 'studio' ? 'generativelanguage' : 'aiplatform'
  const metadata = { service: `${service}.googleapis.com` }
  return detail('ErrorInfo', { reason, domain: 'googleapis.com', metadata })
}

/** How much of a broken text is shown on either side. Source: protobuf, JSON stream parser. */
const CONTEXT = 20

/**
 * Reads the body as JSON. The words on the content type are the twin's own.
 *
 * @throws Rejection
 */
export function readDocument({ headers, body }: TwinRequest): JsonDocument {
  const type = headers['content-type'] ?? 'application/json'
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    reject(`Unsupported content type: ${type}`)
  }
  if (body.trim() === '') return parseJson('{}')
  try {
    return parseJson(body)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    const { reason, position } = error
    const start = Math.max(0, position - CONTEXT)
    const shown = body.slice(start, position + CONTEXT)
    const mark = `${' '.repeat(position - start)}^`
    return refusePayload([`Invalid JSON payload received. ${reason}\n${shown}\n${mark}`])
  }
}
