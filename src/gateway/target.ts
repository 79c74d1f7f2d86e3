import { backNamed } from '../protocols/index.ts'
import type { Back } from '../protocols/protocol.ts'
import type { ResolvedModel } from '../providers/index.ts'

/** Where a call goes, with the headers that every call to it has. */
export interface Address {
  readonly origin: string
  readonly path: string
  readonly headers: Record<string, string>
}

/** What is asked of a vendor. */
export type VendorOperation = 'create' | 'createStream' | 'countTokens'

const known = new WeakMap<ResolvedModel, Map<VendorOperation, Address>>()

/** The address of one of a model's operations; worked out once for each resolved model. */
export function addressOf(target: ResolvedModel, operation: VendorOperation): Address {
  let addresses = known.get(target)
  if (!addresses) {
    addresses = new Map()
    known.set(target, addresses)
  }
  let address = addresses.get(operation)
  if (!address) {
    const { paths, baseUrl } = target.endpoint
    const path = paths[operation] ?? paths.create
    const url = new URL(baseUrl + path.replace('{model}', inPath(target.model)))
    address = { origin: url.origin, path: url.pathname + url.search, headers: headersOf(target) }
    addresses.set(operation, address)
  }
  return address
}

/** What speaks with a model's vendor. */
export function backOf({ endpoint }: ResolvedModel): Back {
  return endpoint.back ?? backNamed(endpoint.protocol)
}

/** Google's ids have an `@`, which a path may hold as it is. */
function inPath(model: string): string {
  return encodeURIComponent(model).replaceAll('%40', '@')
}

/** Whether the protocol has the model in the path, and not in the body. */
export function hasModelInPath(target: ResolvedModel): boolean {
  return target.endpoint.paths.create.includes('{model}')
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
