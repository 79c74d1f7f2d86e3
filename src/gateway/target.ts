import type { ResolvedModel } from '../providers/index.ts'

/** Where a call goes, with the headers that every call to it has. */
export interface Address {
  readonly origin: string
  readonly path: string
  readonly headers: Record<string, string>
}

const known = new WeakMap<ResolvedModel, Map<string, Address>>()

/** The address of one of a model's operations; worked out once for each resolved model. */
export function addressOf(target: ResolvedModel, operation: 'create' | 'count-tokens'): Address {
  let addresses = known.get(target)
  if (!addresses) {
    addresses = new Map()
    known.set(target, addresses)
  }
  let address = addresses.get(operation)
  if (!address) {
    const { paths } = target.endpoint
    const path = operation === 'create' ? paths.create : (paths.countTokens ?? paths.create)
    const url = new URL(target.endpoint.baseUrl + path)
    address = { origin: url.origin, path: url.pathname + url.search, headers: headersOf(target) }
    addresses.set(operation, address)
  }
  return address
}

function headersOf(target: ResolvedModel): Record<string, string> {
  const { account, endpoint } = target
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'toolgate',
    ...endpoint.headers,
    ...account.headers,
  }
  if (endpoint.auth !== 'none' && account.key !== undefined) {
    const { header, scheme } = endpoint.auth
    headers[header] = scheme === undefined ? account.key : `${scheme} ${account.key}`
  }
  return headers
}
