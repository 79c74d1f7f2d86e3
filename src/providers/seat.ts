import { ToolgateError } from '../core/error.ts'
import { catalogOf, type ModelEntry } from './catalog.ts'
import { type Endpoints, endpointsNamed, whyUnserved } from './endpoints.ts'
import { fitsPattern, isSlipOf, keyOf, nearest, splitDate } from './names.ts'
import type { Account, Endpoint, EndpointPaths, Provider } from './provider.ts'
import { findProvider, PROVIDERS } from './registry.ts'

/** An account with its vendor and its endpoint: one of the places where a model may be found. */
export interface Seat {
  readonly account: Account
  readonly provider: Provider
  /** With the account's address and quirks; the first is preferred. */
  readonly endpoints: Endpoints
  /** By `keyOf` the name: the account's aliases and the ids that it lists. */
  readonly ownNames: ReadonlyMap<string, OwnName>
}

/** A name that an account gives itself. */
export interface OwnName {
  readonly spelling: string
  readonly id: string
  /** Whether it is an alias, and not an id out of its list. */
  readonly isAlias: boolean
}

/** A model in a seat. */
export interface Found {
  /** The id to send. */
  readonly id: string
  readonly entry?: ModelEntry
  /** The model that it is, where the id does not tell. */
  readonly like?: string
  /** The name by which the catalog knew it. */
  readonly knownAs?: string
}

/**
 * How far to look. `alias`: the account's aliases. `own`: those, and the ids that it lists.
 * `known`: those, and what the catalog knows. `pattern`: those, and ids that look like the
 * vendor's. `open`: those, and any id at all where the vendor is to judge.
 */
export type Reach = 'alias' | 'own' | 'known' | 'pattern' | 'open'

const REACHES: readonly Reach[] = ['alias', 'own', 'known', 'pattern', 'open']

/** Puts an account in its place. @throws ToolgateError `invalid_value` if it has none. */
export function makeSeat(account: Account): Seat {
  const provider = findProvider(account.provider)
  if (!provider) {
    const names = nearest(
      account.provider,
      PROVIDERS.map(({ name }) => name),
    )
    throw wrong(account, 'provider', `there is no vendor \`${account.provider}\``, names)
  }
  const { protocol } = account
  const given = endpointsNamed(provider, protocol)
  if (!given) throw wrong(account, 'protocol', `${provider.title} does not speak ${protocol}`)
  const [first, ...beside] = given
  const others = account.apiVersion === undefined ? beside : []
  return {
    account,
    provider,
    endpoints: [ownEndpoint(account, first), ...others.map(other => ownEndpoint(account, other))],
    ownNames: ownNamesOf(account),
  }
}

/** An endpoint with the account's address and quirks. */
function ownEndpoint(account: Account, given: Endpoint): Endpoint {
  const baseUrl = (account.baseUrl ?? given.baseUrl).replace(/\/+$/, '')
  if (baseUrl === '') throw wrong(account, 'baseUrl', 'this vendor has no address of its own')
  const quirks = account.quirks ? { ...given.quirks, ...account.quirks } : given.quirks
  return { ...given, baseUrl, paths: ownPaths(account, given), ...(quirks ? { quirks } : {}) }
}

function ownPaths(account: Account, { paths, versioned }: Endpoint): EndpointPaths {
  const { apiVersion } = account
  if (apiVersion === undefined) return paths
  if (versioned === undefined) throw wrong(account, 'apiVersion', 'its addresses hold no version')
  return { create: versioned.replace('{version}', encodeURIComponent(apiVersion)) }
}

function ownNamesOf(account: Account): ReadonlyMap<string, OwnName> {
  const names = new Map<string, OwnName>()
  for (const id of account.models ?? []) {
    if (!id.includes('*')) names.set(keyOf(id), { spelling: id, id, isAlias: false })
  }
  for (const [spelling, id] of Object.entries(account.aliases ?? {})) {
    names.set(keyOf(spelling), { spelling, id, isAlias: true })
  }
  return names
}

function wrong(account: Account, field: string, why: string, names: readonly string[] = []) {
  const hint = names.length === 0 ? '' : ` Near it: ${names.join(', ')}.`
  return new ToolgateError('invalid_value', `Account \`${account.name}\`: ${why}.${hint}`, {
    origin: 'gateway',
    details: { path: ['accounts', account.name, field], names },
  })
}

/** Looks for a model in one account, as far as `reach` says and the account's list allows. */
export function findIn(seat: Seat, name: string, reach: Reach): Found | undefined {
  const far = REACHES.indexOf(reach)
  const own = ownModel(seat, name, reach)
  if (own) return own
  const found =
    (far >= REACHES.indexOf('known') ? knownModel(seat, name) : undefined) ??
    (far >= REACHES.indexOf('pattern') ? unmetModel(seat, name) : undefined) ??
    (reach === 'open' ? openModel(seat, name) : undefined)
  if (!found || whyNot(seat, found.id) !== undefined) return undefined
  return isAllowed(seat, name, found) ? found : undefined
}

/** Why the vendor cannot serve an id that is its own. */
export function whyNot(seat: Seat, name: string): string | undefined {
  const { account, provider, endpoints } = seat
  return account.baseUrl === undefined ? whyUnserved(provider, name, endpoints) : undefined
}

/** All names that lead to a model in this seat, as the vendor spells them. */
export function knownNames(seat: Seat): readonly string[] {
  const names = [...seat.ownNames.values()].map(({ spelling }) => spelling)
  for (const { spelling, id, entry } of catalogOf(seat.provider).names.values()) {
    if (whyNot(seat, id) === undefined && isAllowed(seat, spelling, { id, entry }))
      names.push(spelling)
  }
  return names
}

function ownModel(seat: Seat, name: string, reach: Reach): Found | undefined {
  const own = seat.ownNames.get(keyOf(name))
  if (!own || (reach === 'alias' && !own.isAlias)) return undefined
  const found = knownModel(seat, own.id) ?? { id: own.id }
  return own.isAlias && seat.provider.idsByUser ? { ...found, like: own.spelling } : found
}

function knownModel(seat: Seat, name: string): Found | undefined {
  const { names } = catalogOf(seat.provider)
  const known = names.get(keyOf(name))
  if (known) return { id: known.id, entry: known.entry, knownAs: known.spelling }
  const dated = splitDate(name.toLowerCase())
  const stem = dated && names.get(keyOf(dated.stem))
  if (stem) return { id: stem.spelling + dated.date, entry: stem.entry }
  // Aggregators put a word after the id for how it is to be served, such as `:free`.
  const tag = seat.provider.kind === 'aggregator' ? name.lastIndexOf(':') : -1
  const tagged = tag > 0 ? names.get(keyOf(name.slice(0, tag))) : undefined
  return tagged && { id: tagged.id + name.slice(tag).toLowerCase(), entry: tagged.entry }
}

/** An id that looks like the vendor's, though nobody has met it, and is no slip of a known one. */
function unmetModel(seat: Seat, name: string): Found | undefined {
  const { provider } = seat
  const lower = name.toLowerCase()
  if (whyNot(seat, name) !== undefined) return undefined
  if (!provider.modelPatterns?.some(pattern => pattern.test(lower))) return undefined
  for (const { spelling } of catalogOf(provider).names.values()) {
    if (isSlipOf(lower, spelling)) return undefined
  }
  return { id: provider.dashedIds ? keyOf(lower) : lower }
}

function openModel(seat: Seat, name: string): Found | undefined {
  const isOpen = seat.provider.anyModel === true || seat.account.baseUrl !== undefined
  return isOpen && whyNot(seat, name) === undefined ? { id: name } : undefined
}

function isAllowed(seat: Seat, name: string, found: Found): boolean {
  const { models } = seat.account
  if (!models) return true
  const { id, entry } = found
  const ids = entry ? [id, entry.id] : [id]
  const names = [name, ...ids, ...(entry?.aliases ?? [])]
  return models.some(pattern =>
    (pattern.includes('*') ? ids : names).some(candidate => fitsPattern(candidate, pattern)),
  )
}
