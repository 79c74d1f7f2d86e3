import { type Account, PROVIDERS, type Provider } from '../providers/index.ts'
import type { Config } from './config.ts'
import { explainGuardrails } from './explain-guardrails.ts'

/** What the gateway would do with a configuration, in lines for a person. No key is shown. */
export function explainConfig(config: Config): string[] {
  const lines = [
    `configuration  ${config.file ?? 'none (defaults and the environment)'}`,
    `address        http://${config.host}:${config.port}${config.port === 0 ? ' (a free port)' : ''}`,
    `clients' keys  ${Object.keys(config.keys).join(', ') || 'none: open to whoever reaches the address'}`,
  ]
  if (config.cors.length > 0) lines.push(`web origins    ${config.cors.join(', ')}`)
  if (config.strict) lines.push('strict         requests that would lose meaning are refused')
  if (config.repair) lines.push('repair         broken conversations are mended')
  if (config.conversations) lines.push('conversations  answers of Responses are held for clients')
  const { validate } = config
  const apart = Object.keys({ ...validate.keys, ...validate.models })
  if (validate.mode !== 'off' || apart.length > 0)
    lines.push(
      `validate       ${[validate.mode, ...apart.map(name => `its own for ${name}`)].join(', ')}`,
    )
  if (config.guardrails) lines.push(...explainGuardrails(config.guardrails))
  if (config.vault?.redis !== undefined)
    lines.push(`vault          shared in Redis at ${withoutSecrets(config.vault.redis)}`)
  lines.push('', 'vendors')
  for (const account of config.accounts) {
    const title = providerOf(account)?.title
    const where = account.baseUrl === undefined ? '' : ` at ${withoutSecrets(account.baseUrl)}`
    lines.push(
      `  live       ${account.name}  ${title ?? account.provider}${where}, from ${account.source}`,
      ...waysOf(account).map(way => `             ${way}`),
    )
  }
  const live = new Set(config.accounts.map(account => account.provider))
  for (const provider of PROVIDERS) {
    if (live.has(provider.name) || isSelfHosted(provider)) continue
    const variable = [...provider.keyVariables, ...provider.baseUrlVariables][0]
    const how = variable === undefined ? '' : `; set ${variable} to go live`
    lines.push(
      config.rehearsal
        ? `  rehearsal  ${provider.name}-main  ${provider.title}, played by its twin${how}`
        : `  off        ${provider.title}${how}`,
    )
  }
  return lines
}

function providerOf(account: Account): Provider | undefined {
  return PROVIDERS.find(provider => provider.name === account.provider)
}

/** Which models of an account are reached in which way, where its vendor has several. */
function waysOf(account: Account): string[] {
  const ways = providerOf(account)?.endpoints.flatMap(({ about }) => about ?? []) ?? []
  if (ways.length === 0 || account.protocol === undefined) return ways
  return [`all models over ${account.protocol}, as the account says`]
}

/** A server of one's own without a usual address: only an account can tell where it is. */
function isSelfHosted({ kind, endpoints }: Provider): boolean {
  return kind === 'self-hosted' && endpoints[0].baseUrl === ''
}

/** An address without the user and password that it may hold. */
function withoutSecrets(address: string): string {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  url.search = ''
  return url.href.replace(/\/$/, '')
}
