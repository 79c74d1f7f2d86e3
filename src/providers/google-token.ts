import { ToolgateError } from '../core/error.ts'
import type { Authority } from './authority.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

/** A token that does not come within this time will not come at all. */
const PATIENCE_MS = 30_000

/** What of Google's library is used: a client that keeps its token and renews it ahead of time. */
interface TokenClient {
  getRequestHeaders(): Promise<Headers>
}

/**
 * Proves with OAuth tokens of Google's own library, which keeps them and renews them five minutes
 * ahead. The library is loaded with the first call. `credentials` is a path or the JSON itself;
 * default: Application Default Credentials.
 */
export function googleToken(credentials?: string): Authority {
  let client: Promise<TokenClient> | undefined
  return {
    async prove() {
      try {
        client ??= createClient(credentials)
        const headers = await inTime(client.then(found => found.getRequestHeaders()))
        return Object.fromEntries(headers)
      } catch (error) {
        // What failed to load may be there the next time; a client that stands keeps its token.
        await client?.catch(() => (client = undefined))
        throw asAuthError(error, credentials)
      }
    },
  }
}

async function createClient(credentials: string | undefined): Promise<TokenClient> {
  const { GoogleAuth } = await import('google-auth-library')
  const given =
    credentials === undefined
      ? {}
      : credentials.trimStart().startsWith('{')
        ? { credentials: JSON.parse(credentials) }
        : { keyFilename: credentials }
  return new GoogleAuth({ scopes: [SCOPE], ...given }).getClient()
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), PATIENCE_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Says what is missing. The library's own messages may quote a key, so none is passed on. */
function asAuthError(error: unknown, credentials: string | undefined): ToolgateError {
  const isInline = credentials?.trimStart().startsWith('{') === true
  const from =
    credentials === undefined
      ? 'Application Default Credentials'
      : isInline
        ? 'the credentials of the account'
        : `the credentials file ${credentials}`
  return new ToolgateError('vendor_auth', `No Google token with ${from}: ${reasonOf(error)}.`, {
    origin: 'gateway',
  })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the library failed'
  if (error.message === 'late') return `none came within ${PATIENCE_MS / 1000} s`
  if (error instanceof SyntaxError) return 'they are not JSON'
  if (/default credentials/i.test(error.message))
    return 'there are none; set GOOGLE_APPLICATION_CREDENTIALS to the path of a credentials file, or `credentials` in the account'
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || /ENOENT|does not exist/.test(error.message))
    return 'there is no such file'
  if (/private.key|client_email|type .*must|does not contain/i.test(error.message))
    return 'they lack a private_key or a client_email'
  if (/DECODER|PEM/i.test(`${code} ${error.message}`)) return 'their private_key is broken'
  if (/invalid_grant/.test(error.message)) return 'Google refused them (invalid_grant)'
  return /^[A-Z0-9_]{2,40}$/.test(code)
    ? `the token service could not be asked (${code})`
    : 'the token service refused or failed'
}
