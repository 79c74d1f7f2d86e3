import type { Config, ConfiguredAccount } from './config/config.ts'
import { ConfigError } from './config/config.ts'
import { guardPolicyOf } from './config/guardrails.ts'
import { Gateway } from './gateway/gateway.ts'
import type { GuardPolicy } from './gateway/guard-rules.ts'
import { createResolver, PROVIDERS } from './providers/index.ts'
import { ExchangeLog, type LogTarget } from './server/exchange-log.ts'
import { clientKey, isLoopback } from './server/guard.ts'
import { Metrics } from './server/metrics.ts'
import { createGatewayServer } from './server/server.ts'
import { Conversations } from './store/conversations.ts'
import { MemoryStore } from './store/memory.ts'
import { openRedis } from './store/redis.ts'
import { Vault, type VaultFigures } from './store/vault.ts'
import { rehearsal } from './twins/rehearsal/index.ts'
import { startTwin, type Twin } from './twins/server.ts'
import { TWIN_VENDORS } from './twins/vendors.ts'

/** A gateway that listens. */
export interface RunningGateway {
  /** Such as `http://127.0.0.1:8665`. */
  readonly url: string
  /** Live accounts, and those that are played by twins. */
  readonly live: readonly ConfiguredAccount[]
  readonly rehearsed: readonly string[]
  /** What the vault for reasoning state has done so far. */
  vault(): VaultFigures
  /** Stops: lets exchanges finish within the grace. A second call stops at once. */
  close(): Promise<void>
}

/**
 * Starts a gateway, and a twin on loopback for every vendor that is rehearsed.
 *
 * @throws ConfigError if it would be open to the world, or the address cannot be had.
 */
export async function startGateway(config: Config, log?: LogTarget): Promise<RunningGateway> {
  const loopback = isLoopback(config.host)
  const keys = Object.entries(config.keys).map(([name, key]) => clientKey(name, key))
  if (!loopback && keys.length === 0 && !config.open) {
    throw new ConfigError(
      `${config.host} can be reached from outside, and no client needs a key: set TOOLGATE_KEYS, or pass --open if that is meant`,
    )
  }
  const guardrails = openGuardrails(config)
  const twins = config.rehearsal ? await startTwins(config.accounts) : []
  const close = async () => {
    guardrails?.audit?.close()
    await Promise.all(twins.map(({ twin }) => twin.close()))
  }
  try {
    const resolver = createResolver([...config.accounts, ...twins.map(({ account }) => account)])
    const exchanges = new ExchangeLog(config.log, log)
    const warn = (problem: string) => exchanges.warn(problem)
    const { vault, close: closeVault } = await openVault(config.vault ?? {}, warn)
    const metrics = new Metrics({ running: () => gateway.running, vault: () => vault.figures })
    const gateway: Gateway = new Gateway({
      resolver,
      policy: { strict: config.strict, repair: config.repair, validate: config.validate },
      limits: config.limits,
      recorder: record => {
        metrics.count(record)
        exchanges.add(record)
      },
      ...conversationsOf(config),
      ...(guardrails && { guardrails }),
      vault,
    })
    const server = createGatewayServer({
      gateway,
      metrics,
      guard: { keys, origins: config.cors, loopback, hosts: config.hosts },
      maxBodyBytes: config.maxBodyBytes,
      graceMs: config.graceMs,
    })
    const address = await server.listen(config.host, config.port).catch(cause => {
      throw listenError(config, cause)
    })
    // The catalog loads while nobody waits, not in the first request.
    setImmediate(() => resolver.list())
    const host = config.host.includes(':') ? `[${config.host}]` : config.host
    return {
      url: `http://${host}:${address.port}`,
      live: config.accounts,
      rehearsed: twins.map(({ account }) => account.name),
      vault: () => vault.figures,
      async close() {
        await server.close()
        closeVault()
        await close()
        exchanges.close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Where answers are held for clients, if they are to be. */
function conversationsOf({ conversations }: Config): { conversations?: Conversations } {
  if (!conversations) return {}
  const { ageMs, maxBytes } = conversations
  return { conversations: new Conversations(new MemoryStore({ maxBytes }), ageMs) }
}

/** The guardrails, with their audit log open. @throws ConfigError if it cannot be opened. */
function openGuardrails({ guardrails }: Config): GuardPolicy | undefined {
  try {
    return guardrails && guardPolicyOf(guardrails)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`guardrails: ${why}`)
  }
}

/** The vault, and what closes its connection, if it has one. */
async function openVault(
  { maxBytes, ttlMs, redis }: NonNullable<Config['vault']>,
  warn: (problem: string) => void,
): Promise<{ vault: Vault; close: () => void }> {
  const shared =
    redis === undefined ? undefined : await openRedis({ url: redis, prefix: 'toolgate:vault:' })
  const vault = new Vault({
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(shared && { shared }),
    onTrouble: problem => warn(`the vault's shared store fails: ${problem}`),
  })
  return { vault, close: () => shared?.close() }
}

function listenError(config: Config, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') {
    return new ConfigError(
      `port ${config.port} of ${config.host} is in use; pass --port, or --port 0 for a free one`,
    )
  }
  if (code === 'EACCES') return new ConfigError(`port ${config.port} needs more rights`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ConfigError(`${config.host} is not an address of this machine`)
  return cause instanceof Error ? cause : new Error(String(cause))
}

/** A twin for each vendor without an account, and the account that leads to it. */
async function startTwins(
  live: readonly ConfiguredAccount[],
): Promise<{ twin: Twin; account: ConfiguredAccount }[]> {
  const taken = new Set(live.map(account => account.provider))
  const absent = PROVIDERS.filter(({ name }) => !taken.has(name) && TWIN_VENDORS[name])
  const model = rehearsal()
  return Promise.all(
    absent.map(async provider => {
      const vendor = TWIN_VENDORS[provider.name]
      if (!vendor) throw new Error(`no twin of ${provider.name}`)
      const twin = await startTwin({ vendor, model })
      const base = provider.endpoints[0].baseUrl
      const path = base === '' ? '' : new URL(base).pathname.replace(/\/+$/, '')
      const account: ConfiguredAccount = {
        name: `${provider.name}-main`,
        provider: provider.name,
        baseUrl: twin.url + path,
        key: 'rehearsal',
        source: 'rehearsal',
      }
      return { twin, account }
    }),
  )
}
