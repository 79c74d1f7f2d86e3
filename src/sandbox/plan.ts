import { dirname, isAbsolute, parse, resolve } from 'node:path'
import { isObject } from '../core/json.ts'
import { LONGEST_TIMER } from '../core/timer.ts'
import { DEFAULT_LIMITS, type Limits, type SandboxCall, type Tier } from './call.ts'

/** The memory that the engine of `wasm` can address, without what it starts with. */
const WASM_BYTES = 2 ** 31 - 2 ** 24

/** The tier of a call that names none. */
const DEFAULT_TIER = { function: 'inline', module: 'worker', source: 'wasm' } as const

const TIERS: readonly Tier[] = ['inline', 'worker', 'wasm', 'process']

/** The tier that a call asks for, by name or by its code; one that asks for none is refused later. */
export function tierOf({ tier, code }: SandboxCall): Tier {
  return tier ?? (isObject(code) ? DEFAULT_TIER[code.kind] : undefined) ?? 'wasm'
}

/** The limits of a call, completed by the defaults. */
export function limitsOf(call: SandboxCall, defaults: Partial<Limits> = {}): Limits {
  return { ...DEFAULT_LIMITS, ...defaults, ...call.limits }
}

/** Why a call can be run on no machine, by what it says itself; `undefined` if it may be. */
export function refusalOf(call: SandboxCall): string | undefined {
  if (call.code.kind === 'function')
    return 'code must be { kind: "module", path } or { kind: "source", text }'
  return refusal(call, tierOf(call), limitsOf(call))
}

/** Why a tier cannot give what a call asks for, on any machine; `undefined` if it can. */
export function refusal(call: SandboxCall, tier: Tier, limits: Limits): string | undefined {
  const { code, network, files } = call
  const untyped = misuse(call, tier)
  if (untyped !== undefined) return untyped
  for (const [name, value] of Object.entries(limits))
    if (!Number.isSafeInteger(value) || value <= 0)
      return `limits.${name} must be a positive whole number, and is ${value}`
  if (tier === 'wasm' && limits.memoryBytes > WASM_BYTES)
    return `wasm can hold ${WASM_BYTES} bytes at most, and limits.memoryBytes is ${limits.memoryBytes}`
  if (limits.timeMs > LONGEST_TIMER) return 'limits.timeMs is more than a timer can hold'
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
  if (tier === 'process' && code.kind === 'module' && isInRoot(code.path))
    return `process opens the folder of a module, and that of "${code.path}" holds the whole machine`
  // Node's flag reads both in a way of its own, and would allow more than was meant.
  const paths = [...(files ?? []), ...(code.kind === 'module' ? [code.path] : [])]
  if (tier === 'process' && paths.some(path => /[*,]/.test(path)))
    return 'process takes no path with a star or a comma'
  for (const host of network ?? [])
    if (!/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/.test(host))
      return `network lists hosts in lower case (host or host:port), and "${host}" is none`
  return undefined
}

/** What the compiler lets nobody write; but who calls from JavaScript, or from a file, has none. */
function misuse({ code, network, files }: SandboxCall, tier: Tier): string | undefined {
  if (!TIERS.includes(tier)) return `tier must be one of ${TIERS.join(', ')}, and is "${tier}"`
  const given: unknown = code
  const part = { function: 'run', module: 'path', source: 'text' } as const
  const kind = isObject(given) ? code.kind : undefined
  const name = kind === undefined ? undefined : part[kind]
  const type = kind === 'function' ? 'function' : 'string'
  if (!isObject(given) || name === undefined || typeof given[name] !== type)
    return 'code must be { kind: "module", path } or { kind: "source", text }, or a function'
  for (const [list, value] of Object.entries({ network, files }))
    if (value !== undefined && !Array.isArray(value)) return `${list} must be a list`
  return undefined
}

function isInRoot(path: string): boolean {
  const plain = resolve(path)
  return dirname(plain) === parse(plain).root
}
