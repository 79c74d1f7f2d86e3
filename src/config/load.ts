import { NO_VALIDATION, type ValidatePolicy } from '../gateway/validate-calls.ts'
import { PROVIDERS, type Provider } from '../providers/index.ts'
import { cloudAccount, cloudOfFile } from './cloud.ts'
import {
  type Config,
  ConfigError,
  type ConfiguredAccount,
  LOG_LEVELS,
  type LogLevel,
} from './config.ts'
import { findConfigFile, readConfigFile } from './file.ts'
import type { GuardrailConfig } from './guardrails.ts'
import { bytes, type ConfigFile, milliseconds } from './schema.ts'
import { nearest } from './suggest.ts'

/** What the command line says; it wins over the environment, and that over the file. */
export interface CommandLine {
  readonly config?: string
  readonly host?: string
  /** As it was typed. */
  readonly port?: string
  readonly rehearsal?: boolean
  readonly open?: boolean
  readonly log?: string
}

type Environment = { readonly [name: string]: string | undefined }

/** Thirty days, as with the protocol's own vendor. */
const HELD_MS = 30 * 24 * 3_600_000
const HELD_BYTES = 64 * 1024 * 1024

/** The port when nobody names one. */
export const DEFAULT_PORT = 8665

/**
 * Puts command line, environment and file together.
 *
 * @throws ConfigError that names the place of the mistake.
 */
export function loadConfig(line: CommandLine, environment: Environment): Config {
  const file = findConfigFile(line.config ?? text(environment.TOOLGATE_CONFIG))
  const said = file === undefined ? {} : readConfigFile(file, environment)
  const accounts = [...accountsOfFile(said, file), ...accountsOfEnvironment(environment)]
  const names = new Set<string>()
  const limits = said.limits ?? {}
  const keys = { ...said.keys, ...keysOfEnvironment(environment) }
  return {
    host: line.host ?? text(environment.TOOLGATE_HOST) ?? said.host ?? '127.0.0.1',
    port:
      portOf(line.port, '--port') ??
      portOf(text(environment.TOOLGATE_PORT), 'TOOLGATE_PORT') ??
      said.port ??
      DEFAULT_PORT,
    keys,
    open: line.open ?? said.open ?? false,
    hosts: said.hosts ?? [],
    cors: said.cors ?? [],
    // An account of the file takes the place of the environment's of the same name.
    accounts: accounts.filter(account => !names.has(account.name) && names.add(account.name)),
    rehearsal: line.rehearsal ?? said.rehearsal ?? said.accounts === undefined,
    strict: said.strict ?? false,
    repair: said.repair ?? false,
    ...(said.conversations ? { conversations: conversationLimits(said.conversations) } : {}),
    validate: validateOf(said.validate),
    ...(said.guardrails && { guardrails: guardrailsOf(said.guardrails, Object.keys(keys)) }),
    limits: limitsOf(limits),
    maxBodyBytes: limits.body === undefined ? 32 * 1024 * 1024 : bytes(limits.body),
    graceMs: limits.grace === undefined ? 10_000 : milliseconds(limits.grace),
    vault: vaultOf(said.vault ?? {}),
    log: logLevel(line.log ?? text(environment.TOOLGATE_LOG)) ?? said.log ?? 'info',
    file,
  }
}

function validateOf(said: ConfigFile['validate']): ValidatePolicy {
  if (said === undefined || typeof said === 'string')
    return { ...NO_VALIDATION, ...(said === undefined ? {} : { mode: said }) }
  return {
    mode: said.mode ?? NO_VALIDATION.mode,
    retries: said.retries ?? NO_VALIDATION.retries,
    keys: said.keys ?? {},
    models: said.models ?? {},
  }
}

/** @throws ConfigError for a key that is not there: its rule would hold nobody to anything. */
function guardrailsOf(
  { rules, audit, deadline }: NonNullable<ConfigFile['guardrails']>,
  keys: readonly string[],
): GuardrailConfig {
  for (const [index, rule] of rules.entries()) {
    const strange = rule.keys?.find(key => !keys.includes(key))
    if (strange === undefined) continue
    const near = nearest(strange, keys)
    const hint = near ? `did you mean '${near}'?` : `there are ${keys.join(', ') || 'none'}`
    throw new ConfigError(`guardrails.rules.${index}.keys: no key is called '${strange}'; ${hint}`)
  }
  const log = typeof audit === 'string' ? { file: audit } : audit
  return {
    rules,
    ...(log && { audit: { file: log.file, content: log.content ?? false } }),
    ...(deadline === undefined ? {} : { deadlineMs: milliseconds(deadline) }),
  }
}

function text(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

function portOf(typed: string | undefined, name: string): number | undefined {
  if (typed === undefined) return undefined
  const port = Number(typed)
  if (/^\d+$/.test(typed) && port <= 65_535) return port
  throw new ConfigError(`${name}: '${typed}' is not a port (0 to 65535)`)
}

function logLevel(typed: string | undefined): LogLevel | undefined {
  if (typed === undefined) return undefined
  const level = LOG_LEVELS.find(candidate => candidate === typed)
  if (level) return level
  throw new ConfigError(`log: '${typed}' is not one of ${LOG_LEVELS.join(', ')}`)
}

/** `TOOLGATE_KEYS`: keys parted by commas, each alone or as `name=key`. */
function keysOfEnvironment(environment: Environment): Record<string, string> {
  const keys: Record<string, string> = {}
  const items = (environment.TOOLGATE_KEYS ?? '').split(',').map(item => item.trim())
  for (const [index, item] of items.filter(item => item !== '').entries()) {
    const named = /^([A-Za-z0-9_.-]+)=(.+)$/.exec(item)
    keys[named?.[1] ?? `key-${index + 1}`] = named?.[2] ?? item
  }
  return keys
}

function conversationLimits(
  said: NonNullable<ConfigFile['conversations']>,
): NonNullable<Config['conversations']> {
  return {
    ageMs: said.age === undefined ? HELD_MS : milliseconds(said.age),
    maxBytes: said.size === undefined ? HELD_BYTES : bytes(said.size),
  }
}

function limitsOf(said: NonNullable<ConfigFile['limits']>): Config['limits'] {
  return {
    ...(said.connect === undefined ? {} : { connectMs: milliseconds(said.connect) }),
    ...(said.firstByte === undefined ? {} : { firstByteMs: milliseconds(said.firstByte) }),
    ...(said.idle === undefined ? {} : { idleMs: milliseconds(said.idle) }),
    ...(said.whole === undefined ? {} : { wholeMs: milliseconds(said.whole) }),
    ...(said.backoff === undefined ? {} : { backoffMs: milliseconds(said.backoff) }),
    ...(said.maxBackoff === undefined ? {} : { maxBackoffMs: milliseconds(said.maxBackoff) }),
    ...(said.heartbeat === undefined ? {} : { heartbeatMs: milliseconds(said.heartbeat) }),
    ...(said.response === undefined ? {} : { maxResponseBytes: bytes(said.response) }),
    ...(said.retries === undefined ? {} : { retries: said.retries }),
  }
}

function vaultOf(said: NonNullable<ConfigFile['vault']>): NonNullable<Config['vault']> {
  return {
    ...(said.size === undefined ? {} : { maxBytes: bytes(said.size) }),
    ...(said.keep === undefined ? {} : { ttlMs: milliseconds(said.keep) }),
    ...(said.redis === undefined ? {} : { redis: said.redis }),
  }
}

function accountsOfFile(said: ConfigFile, file: string | undefined): ConfiguredAccount[] {
  return Object.entries(said.accounts ?? {}).map(([name, account]) => {
    const place = `${file}: accounts.${name}`
    const provider = PROVIDERS.find(candidate => candidate.name === account.provider)
    if (!provider) {
      const known = PROVIDERS.map(candidate => candidate.name)
      const near = nearest(account.provider, known)
      throw new ConfigError(
        `${place}.provider: '${account.provider}' is not known; ${near ? `did you mean '${near}'?` : `it may be one of ${known.join(', ')}`}`,
      )
    }
    const endpoint = provider.endpoints.find(
      candidate => account.protocol === undefined || candidate.protocol === account.protocol,
    )
    if (!endpoint)
      throw new ConfigError(
        `${place}.protocol: ${provider.title} does not speak ${account.protocol}`,
      )
    const cloud = cloudOfFile(provider, account, place)
    if (!cloud && endpoint.baseUrl === '' && account.baseUrl === undefined)
      throw new ConfigError(
        `${place}${provider.cloud ? `.${provider.cloud.fields[0]}: ${provider.title} needs a ${provider.cloud.fields[0]}` : `.baseUrl: ${provider.title} needs an address`}`,
      )
    if (!cloud && account.key === undefined && !provider.keyOptional)
      throw new ConfigError(`${place}.key: ${provider.title} needs a key`)
    return {
      name,
      provider: provider.name,
      source: file ?? 'configuration',
      ...(account.key === undefined ? {} : { key: account.key }),
      ...(account.baseUrl === undefined ? {} : { baseUrl: account.baseUrl.replace(/\/+$/, '') }),
      ...(account.apiVersion === undefined ? {} : { apiVersion: account.apiVersion }),
      ...cloud,
      ...(account.protocol === undefined ? {} : { protocol: account.protocol }),
      ...(account.headers === undefined ? {} : { headers: lowerNames(account.headers) }),
      ...(account.models === undefined ? {} : { models: account.models }),
      ...(account.aliases === undefined ? {} : { aliases: account.aliases }),
      ...(account.emulatedTools === undefined ? {} : { emulatedTools: account.emulatedTools }),
      ...(account.rawCalls === undefined ? {} : { quirks: { rawCalls: account.rawCalls } }),
    }
  })
}

function lowerNames(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

/** A vendor whose key stands in the environment is the account `<vendor>-main`. */
function accountsOfEnvironment(environment: Environment): ConfiguredAccount[] {
  return PROVIDERS.flatMap(provider => accountOfEnvironment(provider, environment))
}

function accountOfEnvironment(provider: Provider, environment: Environment): ConfiguredAccount[] {
  const set = (names: readonly string[]) =>
    names.find(name => text(environment[name]) !== undefined)
  const keyName = set(provider.keyVariables)
  const urlName = set(provider.baseUrlVariables)
  const key = keyName === undefined ? undefined : text(environment[keyName])
  const cloud = key === undefined || provider.cloud?.keyed ? provider.cloud : undefined
  const found = cloud?.fromEnvironment(environment)
  if (cloud && found) return [cloudAccount(provider, cloud, found, key)]
  const source = keyName ?? (provider.keyOptional ? urlName : undefined)
  if (source === undefined) return []
  const baseUrl = urlName === undefined ? undefined : text(environment[urlName])
  if (baseUrl !== undefined && !URL.canParse(baseUrl))
    throw new ConfigError(`${urlName}: '${baseUrl}' is not an address`)
  if (baseUrl === undefined && provider.endpoints[0].baseUrl === '')
    throw new ConfigError(
      `${source} is set, but ${provider.title} has no address of its own: set ${provider.baseUrlVariables.join(' or ')} too`,
    )
  const versionName = set(provider.versionVariables ?? [])
  const apiVersion = versionName === undefined ? undefined : text(environment[versionName])
  return [
    {
      name: `${provider.name}-main`,
      provider: provider.name,
      source,
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(key === undefined ? {} : { key }),
      ...(baseUrl === undefined ? {} : { baseUrl: baseUrl.replace(/\/+$/, '') }),
    },
  ]
}
