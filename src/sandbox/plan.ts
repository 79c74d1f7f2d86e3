import { isAbsolute } from 'node:path'
import { DEFAULT_LIMITS, type Limits, type SandboxCall, type Tier } from './call.ts'

/** The memory that the engine of `wasm` can address, without what it starts with. */
const WASM_BYTES = 2 ** 31 - 2 ** 24

/** The tier of a call that names none. */
const DEFAULT_TIER = { function: 'inline', module: 'worker', source: 'wasm' } as const

/** The tier that a call asks for, by name or by its code. */
export function tierOf(call: SandboxCall): Tier {
  return call.tier ?? DEFAULT_TIER[call.code.kind]
}

/** The limits of a call, completed by the defaults. */
export function limitsOf(call: SandboxCall, defaults: Partial<Limits> = {}): Limits {
  return { ...DEFAULT_LIMITS, ...defaults, ...call.limits }
}

/** Why a call can be run on no machine, by what it says itself; `undefined` if it may be. */
export function refusalOf(call: SandboxCall): string | undefined {
  const { code } = call
  if (code.kind === 'source' ? typeof code.text !== 'string' : code.kind !== 'module')
    return 'code must be { kind: "module", path } or { kind: "source", text }'
  return refusal(call, tierOf(call), limitsOf(call))
}

/** Why a tier cannot give what a call asks for, on any machine; `undefined` if it can. */
export function refusal(call: SandboxCall, tier: Tier, limits: Limits): string | undefined {
  const { code, network, files } = call
  for (const [name, value] of Object.entries(limits))
    if (!Number.isSafeInteger(value) || value <= 0)
      return `limits.${name} must be a positive whole number, and is ${value}`
  if (tier === 'wasm' && limits.memoryBytes > WASM_BYTES)
    return `wasm can hold ${WASM_BYTES} bytes at most, and limits.memoryBytes is ${limits.memoryBytes}`
  if (limits.timeMs > 2 ** 31 - 1) return 'limits.timeMs is more than a timer can hold'
  if (code.kind === 'function' && tier !== 'inline')
    return `a function cannot leave its thread: give ${tier} a module path or source text`
  if (code.kind === 'source' && tier === 'inline')
    return 'source text never runs inline: wasm, worker and process take it'
  if (code.kind === 'module' && tier === 'wasm')
    return 'wasm has no module loader: give it source text'
  if (code.kind === 'module' && !isAbsolute(code.path))
    return `a module path must be absolute, and is "${code.path}"`
  if (tier === 'inline' || tier === 'worker') {
    if (network) return `${tier} cannot limit the network: wasm and process can`
    if (files) return `${tier} cannot limit files: wasm and process can`
  }
  for (const path of files ?? [])
    if (!isAbsolute(path)) return `files must be absolute paths, and "${path}" is not`
  // Node's flag reads both in a way of its own, and would allow more than was meant.
  const paths = [...(files ?? []), ...(code.kind === 'module' ? [code.path] : [])]
  if (tier === 'process' && paths.some(path => /[*,]/.test(path)))
    return 'process takes no path with a star or a comma'
  for (const host of network ?? [])
    if (!/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/.test(host))
      return `network lists hosts in lower case (host or host:port), and "${host}" is none`
  return undefined
}
