import { isToolgateError, type ToolgateError } from '../core/error.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse, Usage } from '../core/response.ts'
import { RunEnding } from './ending.ts'
import type { AnswerEntry, CallOutcome, ResultEntry } from './entry.ts'
import type { PendingCall, RunState } from './state.ts'
import type { Tool } from './tool.ts'
import type { TraceApi, TraceOptions, TraceValue } from './trace-api.ts'
import { finishWord, inputWords, outputWords } from './trace-content.ts'

type Attributes = { [name: string]: TraceValue }
type Context = ReturnType<TraceApi['context']['active']>
type Span = NonNullable<ReturnType<TraceApi['trace']['getSpan']>>

/** A span under way, and the context in which it is the active one. */
interface Open {
  readonly span: Span
  readonly context: Context
}

/** A question to the model, as a span. */
export interface TracedQuestion {
  /** Headers that let the model's side join the trace. */
  readonly headers: { readonly [name: string]: string }
  within<T>(work: () => T): T
  retry(attempt: number, waitMs: number, error: ToolgateError): void
  /** The whole answer has come. */
  answered(response: ModelResponse): void
  /** What of it stands, once the guard has passed it; only the first time counts. */
  end(entry?: AnswerEntry): void
  /** `error`: what was thrown, or a word for it. */
  fail(error: unknown): void
}

const OFF: { readonly [name: string]: string } = {}
const RAN_BADLY: readonly CallOutcome[] = ['threw', 'timeout', 'aborted', 'unfinished']

/**
 * The spans of one run, by OpenTelemetry's conventions for generative AI: `invoke_agent`, in it a
 * `turn` for each, in that `chat` and `execute_tool`. What was said is left out unless it is asked for.
 */
export class RunTrace {
  readonly #api: TraceApi
  readonly #options: TraceOptions
  readonly #run: Open
  #turn: Open | undefined
  readonly #shared: Attributes
  readonly #server: Attributes
  readonly #startSpan: (name: string, options: object, context: Context) => Span

  /** `began`: on the clock of `performance.now()`. */
  constructor(
    api: TraceApi,
    options: TraceOptions,
    began: number,
    state: RunState,
    provider: string | undefined,
  ) {
    this.#api = api
    this.#options = options
    const given = options.tracer
    const tracer = isTracer(given) ? given : api.trace.getTracer('toolgate')
    this.#startSpan = (name, more, context) => tracer.startSpan(name, more, context)
    const { run, model, protocol, baseUrl } = state.start
    this.#shared = {
      'gen_ai.provider.name': provider ?? protocol,
      'gen_ai.request.model': model,
      'gen_ai.conversation.id': run,
    }
    this.#server = serverOf(baseUrl)
    const { agent } = options
    const attributes = {
      'gen_ai.operation.name': 'invoke_agent',
      ...this.#shared,
      ...this.#server,
      ...(agent === undefined ? {} : { 'gen_ai.agent.name': agent }),
    }
    const name = agent === undefined ? 'invoke_agent' : `invoke_agent ${agent}`
    this.#run = this.#open(name, { attributes, startTime: began }, api.context.active())
  }

  /** Whether spans hold what was said. */
  get content(): boolean {
    return this.#options.content === true
  }

  startTurn(turn: number): void {
    const attributes = { 'gen_ai.conversation.id': this.#conversation, 'toolgate.turn': turn }
    this.#turn = this.#open('turn', { attributes }, this.#run.context)
  }

  endTurn(): void {
    this.#turn?.span.end()
    this.#turn = undefined
  }

  /** The model is about to be asked. */
  ask(request: ModelRequest): TracedQuestion {
    const { SpanKind } = this.#api
    const attributes = {
      'gen_ai.operation.name': 'chat',
      ...this.#shared,
      ...this.#server,
      ...settingsOf(request),
      ...(this.content ? contentOf(request) : {}),
    }
    const open = this.#open(
      `chat ${request.model}`,
      { kind: SpanKind.CLIENT, attributes },
      (this.#turn ?? this.#run).context,
    )
    const { span, context } = open
    let over: number | undefined
    let isOver = false
    return {
      headers: this.#options.propagate === false ? OFF : this.#headers(open),
      within: work => this.#api.context.with(context, work),
      retry: (attempt, waitMs, error) => {
        const what = { 'error.type': error.code, 'toolgate.retry.wait_ms': Math.round(waitMs) }
        span.addEvent('toolgate.retry', { 'toolgate.retry.attempt': attempt, ...what })
      },
      answered: ({ id, model, finish, usage }) => {
        over = performance.now()
        span.setAttributes({
          ...(id === '' ? {} : { 'gen_ai.response.id': id }),
          ...(model === '' ? {} : { 'gen_ai.response.model': model }),
          'gen_ai.response.finish_reasons': [finishWord(finish.kind)],
          ...usageOf(usage),
        })
      },
      end: entry => {
        if (isOver) return
        isOver = true
        if (entry && this.content) {
          const words = outputWords(entry.message?.content ?? [], entry.finish.kind)
          span.setAttributes({ 'gen_ai.output.messages': words })
        }
        span.end(over)
      },
      fail: error => {
        this.#fail(span, errorType(error), error)
        span.end()
      },
    }
  }

  /** Runs a call in a span of its own, which is the active one for the tool. */
  async call<T extends ResultEntry | undefined>(
    { call }: PendingCall,
    tool: Tool,
    input: object,
    work: (ran: () => void) => Promise<T>,
  ): Promise<T> {
    const { description } = tool
    const text = this.content ? { 'gen_ai.tool.call.arguments': JSON.stringify(input) } : {}
    const attributes = {
      ...this.#callAttributes(call.id, call.name),
      ...(description === undefined ? {} : { 'gen_ai.tool.description': description }),
      ...text,
    }
    const { span, context } = this.#open(
      `execute_tool ${call.name}`,
      { attributes },
      (this.#turn ?? this.#run).context,
    )
    let over: number | undefined
    const ran = (): void => {
      over = performance.now()
    }
    try {
      const entry = await this.#api.context.with(context, () => work(ran))
      if (entry) this.#settle(span, entry)
      return entry
    } catch (error) {
      this.#fail(span, errorType(error), error)
      throw error
    } finally {
      span.end(over)
    }
  }

  /** A call that was answered and not run: it is told all the same. */
  notRun({ call }: PendingCall, entry: ResultEntry): void {
    const attributes = this.#callAttributes(call.id, call.name)
    const { span } = this.#open(
      `execute_tool ${call.name}`,
      { attributes },
      (this.#turn ?? this.#run).context,
    )
    this.#settle(span, entry)
    span.end()
  }

  end({ ended, cause, message }: RunEnding, { totals }: RunState): void {
    this.endTurn()
    const { span } = this.#run
    span.setAttributes({
      'toolgate.run.ended': ended,
      'toolgate.run.turns': totals.turns,
      'toolgate.run.calls': totals.calls,
      ...(totals.turns === 0 ? {} : usageOf(totals)),
    })
    if (ended === 'failed') this.#fail(span, errorType(cause), message)
    span.end()
  }

  get #conversation(): TraceValue {
    return this.#shared['gen_ai.conversation.id'] ?? ''
  }

  #callAttributes(id: string, name: string): Attributes {
    return {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': id,
      'gen_ai.tool.type': 'function',
      'gen_ai.conversation.id': this.#conversation,
    }
  }

  #settle(span: Span, { outcome, result }: ResultEntry): void {
    const text = result.content.flatMap(part => (part.type === 'text' ? part.text : [])).join('\n')
    span.setAttributes({
      'toolgate.call.outcome': outcome,
      ...(this.content ? { 'gen_ai.tool.call.result': text } : {}),
    })
    const isWrong = outcome !== 'returned' || result.isError === true
    const type = outcome === 'returned' ? 'tool_error' : outcome
    if (isWrong) this.#fail(span, type, RAN_BADLY.includes(outcome) ? text : outcome)
  }

  /** An error's words may be content, and are left out like it. */
  #fail(span: Span, type: string, words: unknown): void {
    const message = words instanceof Error ? words.message : String(words)
    span.setAttributes({ 'error.type': type })
    const code = this.#api.SpanStatusCode.ERROR
    span.setStatus(this.content ? { code, message } : { code })
  }

  #open(name: string, options: object, parent: Context): Open {
    const span = this.#startSpan(name, options, parent)
    return { span, context: this.#api.trace.setSpan(parent, span) }
  }

  /** By the program's own propagator; where it has none, as W3C Trace Context, level 1, says. */
  #headers({ span, context }: Open): Record<string, string> {
    const carrier: Record<string, string> = {}
    this.#api.propagation.inject(context, carrier)
    const spanContext = span.spanContext()
    if (Object.keys(carrier).length > 0 || !this.#api.isSpanContextValid(spanContext))
      return carrier
    const { traceId, spanId, traceFlags } = spanContext
    const flags = traceFlags.toString(16).padStart(2, '0')
    return { traceparent: `00-${traceId}-${spanId}-${flags}` }
  }
}

/** What is an object with its method is taken for a tracer of the package's own type. */
function isTracer(
  tracer: TraceOptions['tracer'],
): tracer is NonNullable<TraceOptions['tracer']> & ReturnType<TraceApi['trace']['getTracer']> {
  return typeof tracer?.startSpan === 'function'
}

function serverOf(baseUrl: string): Attributes {
  const { hostname, port, protocol } = new URL(baseUrl)
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
  return { 'server.address': hostname, 'server.port': number }
}

function settingsOf(request: ModelRequest): Attributes {
  const { maxTokens, temperature, topP, stop, seed, stream, output } = request
  return {
    'gen_ai.request.stream': stream,
    ...(maxTokens === undefined ? {} : { 'gen_ai.request.max_tokens': maxTokens }),
    ...(temperature === undefined ? {} : { 'gen_ai.request.temperature': temperature }),
    ...(topP === undefined ? {} : { 'gen_ai.request.top_p': topP }),
    ...(seed === undefined ? {} : { 'gen_ai.request.seed': seed }),
    ...(stop === undefined ? {} : { 'gen_ai.request.stop_sequences': [...stop] }),
    ...(output === undefined ? {} : { 'gen_ai.output.type': 'json' }),
  }
}

function contentOf({ messages, tools = [] }: ModelRequest): Attributes {
  const { system, input } = inputWords(messages)
  return {
    'gen_ai.input.messages': input,
    ...(system === '' ? {} : { 'gen_ai.system_instructions': system }),
    ...(tools.length === 0 ? {} : { 'gen_ai.tool.definitions': definitions(tools) }),
  }
}

function definitions(tools: NonNullable<ModelRequest['tools']>): string {
  return JSON.stringify(tools.map(({ kind, ...tool }) => ({ type: kind, ...tool })))
}

function usageOf(usage: Usage | undefined): Attributes {
  if (!usage) return {}
  const { input, output, cached, cacheWrite, reasoning } = usage
  return {
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    ...(cached ? { 'gen_ai.usage.cache_read.input_tokens': cached } : {}),
    ...(cacheWrite ? { 'gen_ai.usage.cache_creation.input_tokens': cacheWrite } : {}),
    ...(reasoning ? { 'gen_ai.usage.reasoning.output_tokens': reasoning } : {}),
  }
}

/** A word of low variety: how a run ended, the code of an error of the house, else its class. */
function errorType(error: unknown): string {
  if (typeof error === 'string') return error
  if (error instanceof RunEnding) return error.ended
  if (isToolgateError(error)) return error.code
  return error instanceof Error ? error.name : '_OTHER'
}
