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
