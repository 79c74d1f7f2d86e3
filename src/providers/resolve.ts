import { ToolgateError } from '../core/error.ts'
import type { ReasoningSettings } from '../core/request.ts'
import type { Quirks } from '../protocols/quirks.ts'
import { capabilitiesOf, joined, quirksOf } from './capabilities.ts'
import { catalogOf, type ModelEntry, natureOf } from './catalog.ts'
import { endpointsFor } from './endpoints.ts'
import { fitsPattern, splitDate } from './names.ts'
import type { Account, Capabilities, Endpoint, Provider } from './provider.ts'
import { explain, type Miss, place } from './search.ts'
import { type Found, findIn, makeSeat, type Seat } from './seat.ts'

/**
 * Where a model's name leads: whom to ask, at which address, with which id, minding which quirks.
 */
export interface ResolvedModel {
  /** The name as it was asked for. */
  readonly name: string
  readonly account: Account
  readonly provider: Provider
  /** With the account's own address and quirks in place of, or added to, the vendor's. */
  readonly endpoint: Endpoint
  /** The same model over the account's other endpoints, where one is to be chosen for each exchange. */
  readonly others: readonly ResolvedModel[]
  /** The id to send to the vendor. */
  readonly model: string
  /** The endpoint's, the model's and the account's, merged; a later one overrides. */
  readonly quirks: Quirks
  readonly capabilities: Capabilities
  /** Absent if the catalog has not met the model. */
  readonly entry?: ModelEntry
  /** What the name itself asks for, where the request says nothing of reasoning. */
  readonly reasoning?: ReasoningSettings
}

/** A model that an account serves. */
export interface ListedModel extends ModelEntry {
  /** The name that resolves to it: a bare id where that is enough, else `account/id`. */
  readonly name: string
  /** The account's name. */
  readonly account: string
}

/** Finds models by name among a fixed set of accounts. When the accounts change, make a new one. */
export interface Resolver {
  /**
   * Finds a model by `account/model`, `vendor/model` or a bare id. Dots and dashes are alike, and
   * so are upper and lower case. A bare id goes to its maker's account, and to no aggregator unless
   * the id is the aggregator's own; of two accounts that could serve a name, the earlier one does.
   *
   * @throws ToolgateError `model_not_found`; `details.names` holds up to three names that are near.
   */
  resolve(name: string): ResolvedModel
  /** All models of the catalog that the accounts serve, account by account. */
  list(): readonly ListedModel[]
}

const MOST_REMEMBERED = 2000
const LONGEST_NAME = 256

/**
 * Makes a resolver over these accounts. Answers are remembered, the last 2,000 of them.
 *
 * @throws ToolgateError `invalid_value` if an account names no vendor, a protocol that its vendor
 * does not speak, or no address where it must.
 */
export function createResolver(accounts: readonly Account[]): Resolver {
  const seats = accounts.map(makeSeat)
  const remembered = new Map<string, ResolvedModel | Miss>()
  let listed: readonly ListedModel[] | undefined
  const find = (name: string): ResolvedModel | Miss => {
    if (name.length > LONGEST_NAME) {
      return { message: `The model \`${name.slice(0, 60)}…\` does not exist.`, names: [] }
    }
    const placed = place(seats, name)
    return placed ? resolved(name, placed.seat, placed) : explain(seats, name)
  }
  return {
    resolve(name) {
      let answer = remembered.get(name)
      if (!answer) {
        answer = find(name)
        const [oldest] = remembered.keys()
        if (remembered.size >= MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
        if (name.length <= LONGEST_NAME) remembered.set(name, answer)
      }
      if ('account' in answer) return answer
      throw new ToolgateError('model_not_found', answer.message, {
        details: { path: ['model'], names: answer.names, model: name },
      })
    },
    list() {
      listed ??= seats.flatMap(seat => listSeat(seats, seat))
      return listed
    },
  }
}

/** Finds one model by name; for many, make a resolver. @throws ToolgateError `model_not_found`. */
export function resolveModel(name: string, accounts: readonly Account[]): ResolvedModel {
  return createResolver(accounts).resolve(name)
}

function resolved(name: string, seat: Seat, found: Found): ResolvedModel {
  const { account, provider } = seat
  const { id, entry, knownAs, like = id } = found
  const reasoning = knownAs === undefined ? undefined : provider.reasoningByName?.[knownAs]
  const isWordy = account.emulatedTools?.some(
    pattern => fitsPattern(id, pattern) || fitsPattern(name, pattern),
  )
  const nature = natureOf(provider, id)
  const over = (endpoint: Endpoint) => {
    const quirks = {
      ...quirksOf(provider, endpoint, like),
      ...account.quirks,
      ...(isWordy ? { nativeTools: false } : {}),
    }
    return { endpoint, quirks, can: capabilitiesOf(provider, endpoint, like, quirks, nature) }
  }
  const [endpoint, ...rest] = endpointsFor(provider, seat.endpoints, like)
  const first = over(endpoint)
  const others = rest.map(over)
  const capabilities = joined([first.can, ...others.map(({ can }) => can)])
  const common = {
    name,
    account,
    provider,
    model: id,
    capabilities,
    ...(entry ? { entry: entry.id === id ? entry : { ...entry, id, capabilities } } : {}),
    ...(reasoning ? { reasoning } : {}),
  }
  return {
    ...common,
    endpoint,
    quirks: first.quirks,
    others: others.map(other => ({
      ...common,
      endpoint: other.endpoint,
      quirks: other.quirks,
      others: [],
    })),
  }
}

function listSeat(seats: readonly Seat[], seat: Seat): readonly ListedModel[] {
  const { account, provider } = seat
  const models = new Map<string, ListedModel>()
  const add = (short: string): void => {
    const found = findIn(seat, short, 'known')
    if (!found || models.has(found.id)) return
    const { entry, capabilities } = resolved(short, seat, found)
    const isBare = !short.includes('/') && place(seats, short)?.seat === seat
    const name = isBare ? short : `${account.name}/${short}`
    const known = entry ?? { id: found.id, vendor: provider.name, aliases: [] }
    models.set(found.id, { ...known, capabilities, name, account: account.name })
  }
  for (const { spelling } of seat.ownNames.values()) add(spelling)
  for (const entry of catalogOf(provider).entries) add(shortNameOf(entry))
  return [...models.values()]
}

/**
 * A model's id without what only says that it is the current one, where that is a name of it too.
 */
function shortNameOf(entry: ModelEntry): string {
  const shorter = [splitDate(entry.id)?.stem, entry.id.replace(/-0$/, '')]
  return shorter.find(name => name !== undefined && entry.aliases.includes(name)) ?? entry.id
}
