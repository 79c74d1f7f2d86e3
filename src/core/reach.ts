import { ToolgateError } from './error.ts'

/** The hosts that may be called besides loopback; `undefined`: any host may. */
let allowed: readonly string[] | undefined = fromEnvironment()

/**
 * Reads `TOOLGATE_FORBID_REAL_MODELS`: `1` or `true`, or the hosts that may be called all the same,
 * with commas between them. What is no host allows nothing.
 */
function fromEnvironment(): readonly string[] | undefined {
  const text = process.env['TOOLGATE_FORBID_REAL_MODELS']?.trim() ?? ''
  if (['', '0', 'false'].includes(text)) return undefined
  if (['1', 'true'].includes(text)) return []
  return text.split(',').map(host => host.trim())
}

/** What `forbidRealModels()` can be told. */
export interface ForbidOptions {
  /** Hosts that may be called all the same, such as `twins.test` or `10.0.0.5:8080`. */
  readonly allow?: readonly string[]
}

/**
 * From now on every request of the loop, the gateway and the guardrails in this process fails with a
 * `permission` error, before a byte is sent, unless it goes to loopback or to a host that is allowed.
 * Names are not looked up: of those, `localhost` alone is loopback. Other processes are told by the
 * environment variable `TOOLGATE_FORBID_REAL_MODELS`.
 *
 * @returns a function that puts back what was before
 * @throws ToolgateError `invalid_value` if `allow` holds something that is no host.
 */
export function forbidRealModels({ allow = [] }: ForbidOptions = {}): () => void {
  for (const host of allow)
    if (hostOf(host) === undefined)
      throw new ToolgateError('invalid_value', `allow: '${host}' is no host, such as 'a.test:80'.`)
  const before = allowed
  allowed = [...allow]
  return () => {
    allowed = before
  }
}

function hostOf(text: string): URL | undefined {
  const address = `http://${text}`
  return /^[^/?#@\s]+$/.test(text) && URL.canParse(address) ? new URL(address) : undefined
}

/**
 * Holds an address to what is allowed; to be asked before every request to a model or its vendor.
 *
 * @throws ToolgateError `permission` that names the address, without its query, which may hold a key.
 */
export function checkReach(origin: string, path = ''): void {
  if (allowed !== undefined) checkAllowed(new URL(origin + path), allowed)
}

const LOOPBACK =
  /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/

function checkAllowed(url: URL, hosts: readonly string[]): void {
  const { protocol, hostname, port, origin, pathname } = url
  if (LOOPBACK.test(hostname)) return
  const standard = protocol === 'https:' ? '443' : '80'
  const isAllowed = hosts.some(text => {
    const host = hostOf(text)
    if (host?.hostname !== hostname) return false
    // A host without a port stands for all of its ports; `:80` is dropped where it is read.
    return !/:\d+$/.test(text) || (host.port || '80') === (port || standard)
  })
  if (isAllowed) return
  throw new ToolgateError(
    'permission',
    `Real models are forbidden here (forbidRealModels, TOOLGATE_FORBID_REAL_MODELS), and ${origin}${pathname} is neither loopback nor allowed: use the address of a twin, or allow ${hostname}.`,
    { origin: 'gateway', details: { names: [url.host] } },
  )
}
