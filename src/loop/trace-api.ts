import { ToolgateError } from '../core/error.ts'

/** What an attribute of a span may hold. */
export type TraceValue = string | number | boolean | string[]

/** A span of OpenTelemetry, as far as a run uses it. */
export interface TraceSpan {
  /** Whether what it is given is kept. Default: it is. */
  isRecording?(): boolean
  setAttributes(attributes: { [name: string]: TraceValue }): unknown
  setStatus(status: { code: number; message?: string }): unknown
  addEvent(name: string, attributes: { [name: string]: TraceValue }): unknown
  /** `time`: on the clock of `performance.now()`. */
  end(time?: number): void
  spanContext(): { traceId: string; spanId: string; traceFlags: number }
}

/** A tracer of OpenTelemetry, as far as a run uses it: any `Tracer` of `@opentelemetry/api` fits. */
export interface Tracer {
  startSpan(name: string, options?: object, context?: never): TraceSpan
}

/** How a run is traced. */
export interface TraceOptions {
  /** Default: that of the provider that the program has registered. */
  readonly tracer?: Tracer
  /** Whether spans hold what was said, called and answered. Default false. */
  readonly content?: boolean
  /** What the spans call the agent. Default: it has no name. */
  readonly agent?: string
  /** Whether requests to the model carry the trace's headers. Default true. */
  readonly propagate?: boolean
}

/** The package that spans are made with. */
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
