import { ToolgateError } from '../core/error.ts'
import type { TraceOptions } from './trace-api.ts'

/**
 * The package that spans are made with. Apart from what a program can say of its traces: whose types
 * are checked against declarations of a package that is optional does not compile without it.
 */
export type TraceApi = typeof import('@opentelemetry/api')

/** Where every copy of the package keeps what a program has registered: its own rule, since 1.0. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')
const MISSING = 'A run is traced with @opentelemetry/api, and it is not installed.'

let loading: Promise<TraceApi | undefined> | undefined

/**
 * Loads the package if there is anything to trace to: a tracer was given, or the program has
 * registered a provider. Nothing is loaded otherwise, and nothing waited for.
 *
 * @throws ToolgateError `invalid_value` if a tracer was given and the package is not installed.
 */
export function loadTraceApi(
  options: TraceOptions | false | undefined,
): Promise<TraceApi | undefined> | undefined {
  if (options === false) return undefined
  if (!options?.tracer && !hasProvider()) return undefined
  loading ??= import('@opentelemetry/api').catch(() => undefined)
  if (!options?.tracer) return loading
  return loading.then(api => {
    if (api) return api
    throw new ToolgateError('invalid_value', MISSING)
  })
}

function hasProvider(): boolean {
  const registered: unknown = Reflect.get(globalThis, REGISTERED)
  return typeof registered === 'object' && registered !== null && 'trace' in registered
}
