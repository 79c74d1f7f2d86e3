import { wordsOf } from './thrown.ts'
import type { TraceOptions, TraceValue } from './trace-api.ts'
import { errorType } from './trace-attributes.ts'
import type { TraceApi } from './trace-load.ts'

/** Attributes of a span. */
export type Attributes = { [name: string]: TraceValue }
type Context = ReturnType<TraceApi['context']['active']>
type Span = NonNullable<ReturnType<TraceApi['trace']['getSpan']>>
type StartSpan = (name: string, options: object, context: Context) => unknown

/** A span of a run. Nothing of it throws, and after its end nothing has an effect. */
export interface RunSpan {
  /** In which it is the active span; absent where there is none. */
  readonly context: Context | undefined
  set(attributes: Attributes): void
  /** What was said: asked for only where it is wanted and the span is kept. */
  say(attributes: () => Attributes): void
  event(name: string, attributes: Attributes): void
  /** An error's words may be content, and are left out like it. */
  fail(type: string, words: unknown): void
  /** `time`: on the clock of `performance.now()`. Default: now. */
  end(time?: number): void
}

const NO_HEADERS: { readonly [name: string]: string } = {}
const NO_SPAN: RunSpan = {
  context: undefined,
  set() {},
  say() {},
  event() {},
  fail() {},
  end() {},
}

const METHODS = ['setAttributes', 'setStatus', 'addEvent', 'end', 'spanContext'] as const
/** RFC 9110, section 5: what a header's name and value may be. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Names that would change how a request or its answer is read. */
const FRAMING =
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|host|content-.*|accept-.*|proxy-.*)$/i

/**
 * Makes the spans of one run with a tracer that may be broken. The first time that it throws, rejects
 * or answers nonsense, what is open is ended as well as can be, a warning says so, and no more spans
 * are made: the run goes on as it would without.
 */
export class TraceSpans {
  readonly #api: TraceApi
  readonly #run: string
  readonly #content: boolean
  readonly #startSpan: StartSpan | undefined
  readonly #open = new Set<OpenSpan>()
  #isGivenUp = false

  /** `run`: its id, for the warning. */
  constructor(api: TraceApi, options: TraceOptions, run: string) {
    this.#api = api
    this.#run = run
    this.#content = options.content === true
    this.#startSpan = this.#attempt('getTracer', () => startSpanOf(api, options), undefined)
  }

  /** Starts a span, in `parent` or, without one, in the program's own active span. */
  start(name: string, options: object, parent?: RunSpan): RunSpan {
    const make = (): RunSpan => {
      const context = parent?.context ?? this.#api.context.active()
      const span = this.#startSpan?.(name, options, context)
      this.#watch('startSpan', span)
      if (!isSpan(span)) throw new TypeError('it gave no span')
      const open = new OpenSpan(this, span, context)
      this.#open.add(open)
      open.context = this.#api.trace.setSpan(context, span)
      return open
    }
    return this.#attempt('startSpan', make, NO_SPAN)
  }

  /** Does something to a span that has not ended. */
  use(open: OpenSpan, point: string, work: (span: Span) => unknown): void {
    if (this.#open.has(open)) this.#attempt(point, () => work(open.span), undefined)
  }

  say(open: OpenSpan, attributes: () => Attributes): void {
    if (!this.#content) return
    this.use(open, 'setAttributes', span => {
      // A span that is not sampled has no use for words, and they are long.
      const isKept = typeof span.isRecording !== 'function' || span.isRecording()
      return isKept ? span.setAttributes(attributes()) : undefined
    })
  }

  fail(open: OpenSpan, type: string, words: unknown): void {
    this.use(open, 'setAttributes', span => span.setAttributes({ 'error.type': type }))
    const code = this.#api.SpanStatusCode.ERROR
    const status = this.#content ? { code, message: wordsOf(words) } : { code }
    this.use(open, 'setStatus', span => span.setStatus(status))
  }

  end(open: OpenSpan, time: number | undefined): void {
    if (!this.#open.delete(open)) return
    const work = () => (time === undefined ? open.span.end() : open.span.end(time))
    this.#attempt('end', work, undefined)
  }

  /** Ends what is open but for `kept`, the last first: nobody waits for it any more. */
  abandon(...kept: readonly (RunSpan | undefined)[]): void {
    for (const open of [...this.#open].reverse()) {
      if (kept.includes(open)) continue
      open.fail('aborted', 'the run ended first')
      open.end()
    }
  }

  /** Runs work in which a span is the active one: once, whatever becomes of the context. */
  within<T>({ context }: RunSpan, work: () => Promise<T>): Promise<T> {
    let running: Promise<T> | undefined
    const begin = (): void => {
      running ??= work()
    }
    const enter = (): unknown => {
      const given: unknown = context && this.#api.context.with(context, begin)
      if (context && !running) throw new TypeError('it did not run what it was given')
      return given
    }
    this.#attempt('context.with', enter, undefined)
    // A context that begins late finds it begun.
    running ??= work()
    return running
  }

  /**
   * Headers that let the other side join: by the program's own propagator, or where it has none, as
   * W3C Trace Context, level 1, says.
   */
  headers({ context }: RunSpan): { readonly [name: string]: string } {
    if (!context) return NO_HEADERS
    const write = (): { readonly [name: string]: string } => {
      const carrier: Record<string, unknown> = {}
      const given: unknown = this.#api.propagation.inject(context, carrier)
      this.#watch('propagation.inject', given)
      const written = headersOf(carrier)
      if (Object.keys(written).length > 0) return written
      const spanContext = this.#api.trace.getSpanContext(context)
      this.#watch('spanContext', spanContext)
      if (!spanContext || !this.#api.isSpanContextValid(spanContext)) return NO_HEADERS
      const { traceId, spanId, traceFlags } = spanContext
      const flags = (Number(traceFlags) & 0xff).toString(16).padStart(2, '0')
      return { traceparent: `00-${traceId}-${spanId}-${flags}` }
    }
    return this.#attempt('propagation.inject', write, NO_HEADERS)
  }

  /** Does something with the tracer; whatever goes wrong ends the tracing, and nothing else. */
  #attempt<T>(point: string, work: () => T, otherwise: T): T {
    if (this.#isGivenUp) return otherwise
    try {
      const value = work()
      this.#watch(point, value)
      return value
    } catch (error) {
      this.#giveUp(point, error)
      return otherwise
    }
  }

  /** A promise that is rejected with nobody to hear it would end the process. */
  #watch(point: string, value: unknown): void {
    if (typeof value !== 'object' || value === null || !('then' in value)) return
    if (typeof value.then === 'function')
      value.then(undefined, (error: unknown) => this.#giveUp(point, error))
  }

  #giveUp(point: string, error: unknown): void {
    if (this.#isGivenUp) return
    this.#isGivenUp = true
    for (const { span } of [...this.#open].reverse()) {
      try {
        this.#watch('end', span.end())
      } catch {
        // It has been said already that the tracer fails.
      }
    }
    this.#open.clear()
    // What was said may be in the words of an error, where spans hold it.
    const why = this.#content ? errorType(error) : wordsOf(error).slice(0, 200)
    const message = `The run ${this.#run} goes on without a trace: its tracer failed in ${point} (${why}).`
    process.emitWarning(message, { type: 'ToolgateWarning', code: 'TOOLGATE_TRACE' })
  }
}

/** A span that was started; `TraceSpans` keeps it until it is ended. */
class OpenSpan implements RunSpan {
  readonly #owner: TraceSpans
  readonly span: Span
  context: Context

  constructor(owner: TraceSpans, span: Span, context: Context) {
    this.#owner = owner
    this.span = span
    this.context = context
  }

  set(attributes: Attributes): void {
    this.#owner.use(this, 'setAttributes', span => span.setAttributes(attributes))
  }

  say(attributes: () => Attributes): void {
    this.#owner.say(this, attributes)
  }

  event(name: string, attributes: Attributes): void {
    this.#owner.use(this, 'addEvent', span => span.addEvent(name, attributes))
  }

  fail(type: string, words: unknown): void {
    this.#owner.fail(this, type, words)
  }

  end(time?: number): void {
    this.#owner.end(this, time)
  }
}

function startSpanOf(api: TraceApi, { tracer }: TraceOptions): StartSpan {
  if (tracer === undefined) {
    const registered = api.trace.getTracer('toolgate')
    return (name, options, context) => registered.startSpan(name, options, context)
  }
  if (!isTracer(tracer)) throw new TypeError('it has no startSpan')
  return (name, options, context) => tracer.startSpan(name, options, context)
}

/** What is an object with its method is taken for a tracer of the package's own type. */
function isTracer(
  tracer: TraceOptions['tracer'],
): tracer is NonNullable<TraceOptions['tracer']> & ReturnType<TraceApi['trace']['getTracer']> {
  return typeof tracer?.startSpan === 'function'
}

function isSpan(value: unknown): value is Span {
  if (typeof value !== 'object' || value === null) return false
  return METHODS.every(name => typeof Reflect.get(value, name) === 'function')
}

function headersOf(carrier: Record<string, unknown>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(carrier)) {
    if (typeof value !== 'string' || !HEADER_NAME.test(name) || !HEADER_VALUE.test(value))
      throw new TypeError('it wrote what is no header')
    if (FRAMING.test(name)) throw new TypeError(`it wrote the header '${name}'`)
    headers[name.toLowerCase()] = value
  }
  return headers
}
