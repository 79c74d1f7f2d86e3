import type { ProtocolName } from './core/extras.ts'
import * as loop from './loop/index.ts'
import {
  createResolver,
  findProvider,
  PROVIDERS,
  type Provider,
  type ResolvedModel,
  tracedName,
} from './providers/index.ts'

/**
 * Runs a model with tools until it answers: asks it, checks its calls, runs them side by side, hands
 * the results back. It begins at once. The catalog tells the protocol, the quirks and the price of a
 * model that it knows; the key of a known vendor's address is read from the environment.
 *
 * @throws ToolgateError `invalid_value` if the options make no sense.
 */
export function runTools<T extends loop.Tool>(
  options: loop.RunOptions<T> & loop.ContextOption<T>,
): loop.Run<T> {
  return loop.runTools({ facts: factsOf, ...options })
}

/**
 * Goes on with a run from the path of its journal, or from a paused run. See `ResumeOptions` for
 * what a process must bring itself. A call that has a result is never run again.
 *
 * @throws ToolgateError `invalid_value` or `permission` if a paused run is not accepted.
 */
export function resume<T extends loop.Tool>(
  from: string | loop.PausedRun,
  options: loop.ResumeOptions<T> & loop.ContextOption<T>,
): loop.Run<T> {
  return loop.resume(from, { facts: factsOf, ...options })
}

/** What the catalog knows of a model at an address. A key is told to its own vendor's address alone. */
export function factsOf(model: string, baseUrl: string): loop.ModelFacts | undefined {
  const owner = ownerOf(originOf(baseUrl))
  const found = resolve(model, owner)
  const provider = owner ?? found?.provider
  if (!provider) return undefined
  const own = owner?.endpoints.find(({ baseUrl: base }) => base !== '' && baseUrl.startsWith(base))
  const maker = owner?.kind === 'aggregator' ? resolve(model, undefined)?.provider : found?.provider
  const key = owner && process.env[owner.keyVariables.find(name => process.env[name]) ?? '']
  const price = found?.entry?.price
  return {
    ...(owner ? { protocol: (own ?? owner.endpoints[0]).protocol } : {}),
    ...(found ? { native: found.endpoint.protocol } : {}),
    ...(maker ? { family: familyOf(maker) } : {}),
    ...(price ? { price } : {}),
    ...(key ? { key } : {}),
    traced: tracedName(provider),
    quirks: protocol => (found ? quirksOver(found, protocol) : undefined),
  }
}

/** Whose reasoning state a vendor's models make: that of the vendor whose protocol they speak. */
function familyOf(maker: Provider): string {
  return findProvider(maker.endpoints[0].protocol)?.name ?? maker.name
}

function originOf(url: string): string | undefined {
  try {
    return new URL(url).origin
  } catch {
    return undefined
  }
}

function ownerOf(origin: string | undefined): Provider | undefined {
  owners ??= new Map(
    // Of two vendors at one address the first counts.
    PROVIDERS.toReversed().flatMap(provider =>
      provider.endpoints.flatMap(({ baseUrl }): [string, Provider][] => {
        const found = originOf(baseUrl)
        return found === undefined ? [] : [[found, provider]]
      }),
    ),
  )
  return origin === undefined ? undefined : owners.get(origin)
}

/** Whose an address is, by its origin. */
let owners: Map<string, Provider> | undefined

/** A model as its maker, or the vendor whose address it is, has it; `undefined` if it is not known. */
function resolve(model: string, owner: Provider | undefined): ResolvedModel | undefined {
  try {
    return resolverFor(owner).resolve(model)
  } catch {
    return undefined
  }
}

const resolvers = new Map<Provider | undefined, ReturnType<typeof createResolver>>()

function resolverFor(owner: Provider | undefined) {
  let resolver = resolvers.get(owner)
  if (!resolver) {
    const known = owner ? [owner] : PROVIDERS.filter(({ kind }) => kind === 'maker')
    const usable = known.filter(({ endpoints }) => endpoints[0].baseUrl !== '')
    resolver = createResolver(usable.map(({ name }) => ({ name, provider: name })))
    resolvers.set(owner, resolver)
  }
  return resolver
}

/** The quirks of a model where its vendor speaks this protocol. */
function quirksOver({ provider, model, endpoint, quirks }: ResolvedModel, protocol: ProtocolName) {
  if (endpoint.protocol === protocol) return quirks
  if (!provider.endpoints.some(one => one.protocol === protocol)) return undefined
  const account = { name: provider.name, provider: provider.name, protocol }
  return createResolver([account]).resolve(model).quirks
}
