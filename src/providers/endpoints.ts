import type { ProtocolName } from '../core/extras.ts'
import type { Endpoint, Provider } from './provider.ts'

/** Endpoints in the order of preference; there is always one. */
export type Endpoints = readonly [Endpoint, ...Endpoint[]]

/**
 * The endpoints that an account has: the one that it names, else the first and those beside it.
 *
 * @returns `undefined` if the vendor does not speak the protocol.
 */
export function endpointsNamed(
  provider: Provider,
  protocol: ProtocolName | undefined,
): Endpoints | undefined {
  if (protocol === undefined) return endpointsOf(provider)
  const named = provider.endpoints.find(endpoint => endpoint.protocol === protocol)
  return named && [named]
}

/** The endpoints of an account that names no protocol. */
export function endpointsOf({ endpoints: [first, ...rest] }: Provider): Endpoints {
  return [first, ...rest.filter(endpoint => endpoint.beside === true)]
}

/** Those of the endpoints that serve a model; all of them if none is said to. */
export function endpointsFor(provider: Provider, endpoints: Endpoints, id: string): Endpoints {
  const [first, ...rest] = endpoints.filter(endpoint => !objection(provider, endpoint, id))
  return first ? [first, ...rest] : endpoints
}

/** Whether none of the endpoints can serve a model, and if so why. Default: of all its endpoints. */
export function whyUnserved(
  provider: Provider,
  id: string,
  endpoints: Endpoints = endpointsOf(provider),
): string | undefined {
  const why = endpoints.map(endpoint => objection(provider, endpoint, id))
  return why.every(text => text !== undefined) ? why[0] : undefined
}

/** Whether two ids of a vendor are served over the same endpoints. */
export function isServedAlike(provider: Provider, one: string, other: string): boolean {
  return provider.endpoints.every(
    endpoint => !objection(provider, endpoint, one) === !objection(provider, endpoint, other),
  )
}

function objection(provider: Provider, endpoint: Endpoint, id: string): string | undefined {
  const lower = id.toLowerCase()
  return provider.unserved?.find(
    ({ match, protocol }) =>
      (protocol === undefined || protocol === endpoint.protocol) && match.test(lower),
  )?.why
}
