import type { ToolgateError } from '../core/error.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse, Usage } from '../core/response.ts'
import type { RunEnding } from './ending.ts'
import type { AnswerEntry, CallOutcome, ResultEntry } from './entry.ts'
import type { PendingCall, RunState } from './state.ts'
import type { Tool } from './tool.ts'
import type { TraceOptions } from './trace-api.ts'
import { addUsage, errorType, serverOf, settingsOf, usageOf } from './trace-attributes.ts'
import { contentOf, finishWord, outputWords } from './trace-content.ts'
import type { TraceApi } from './trace-load.ts'
import { type Attributes, type RunSpan, TraceSpans } from './trace-span.ts'

/** A question to the model, as a span. */
export interface TracedQuestion {
  /** Headers that let the model's side join the trace. */
  readonly headers: { readonly [name: string]: string }
  within<T>(work: () => Promise<T>): Promise<T>
  retry(attempt: number, waitMs: number, error: ToolgateError): void
  /** The whole answer has come. */
  answered(response: ModelResponse): void
  /** What of it stands, once the guard has passed it; only the first time counts. */
  end(entry?: AnswerEntry): void
  /** `error`: what was thrown. */
  fail(error: unknown): void
}

const OFF: { readonly [name: string]: string } = {}
const RAN_BADLY: readonly CallOutcome[] = ['threw', 'timeout', 'aborted', 'unfinished']

/**
 * The spans of one run, or of what this process does of it, by OpenTelemetry's conventions for
 * generative AI: `invoke_agent`, in it a `turn` for each, in that `chat` and `execute_tool`. What was
 * said is left out unless it is asked for. Nothing here throws, whatever the tracer does.
 */
export class RunTrace {
  readonly #clientKind: number
  readonly #options: TraceOptions
  readonly #spans: TraceSpans
  readonly #run: RunSpan
  #turn: RunSpan | undefined
  readonly #conversation: Attributes
  readonly #shared: Attributes
  /** What had been done before, by another process. */
  readonly #before: { readonly turns: number; readonly calls: number }
  #usage: Usage | undefined

  /** `began`: on the clock of `performance.now()`. */
  constructor(
    api: TraceApi,
    options: TraceOptions,
    began: number,
    state: RunState,
    provider: string | undefined,
  ) {
    const { run, model, protocol, baseUrl } = state.start
    this.#clientKind = api.SpanKind.CLIENT
    this.#options = options
    this.#spans = new TraceSpans(api, options, run)
    this.#before = { turns: state.totals.turns, calls: state.totals.calls }
    this.#conversation = { 'gen_ai.conversation.id': run }
    this.#shared = {
      'gen_ai.provider.name': provider ?? protocol,
      'gen_ai.request.model': model,
      ...this.#conversation,
      ...serverOf(baseUrl),
    }
    const { agent } = options
    const attributes = {
      'gen_ai.operation.name': 'invoke_agent',
      ...this.#shared,
      ...(agent === undefined ? {} : { 'gen_ai.agent.name': agent }),
    }
    const name = agent === undefined ? 'invoke_agent' : `invoke_agent ${agent}`
    this.#run = this.#spans.start(name, { attributes, startTime: began })
  }

  startTurn(turn: number): void {
    this.endTurn()
    const attributes = { ...this.#conversation, 'toolgate.turn': turn }
    this.#turn = this.#spans.start('turn', { attributes }, this.#run)
  }

  endTurn(): void {
    this.#turn?.end()
    this.#turn = undefined
  }

  /** The model is about to be asked: one span, with all its tries. */
  ask(request: ModelRequest): TracedQuestion {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      ...this.#shared,
      ...settingsOf(request),
    }
    const options = { kind: this.#clientKind, attributes }
    const span = this.#spans.start(`chat ${request.model}`, options, this.#turn ?? this.#run)
    span.say(() => contentOf(request))
    let over: number | undefined
    return {
      headers: this.#options.propagate === false ? OFF : this.#spans.headers(span),
      within: work => this.#spans.within(span, work),
      retry: (attempt, waitMs, error) => {
        const what = { 'error.type': error.code, 'toolgate.retry.wait_ms': Math.round(waitMs) }
        span.event('toolgate.retry', { 'toolgate.retry.attempt': attempt, ...what })
      },
      answered: ({ id, model, finish, usage }) => {
        over = performance.now()
        this.#usage = addUsage(this.#usage, usage)
        span.set({
          ...(id === '' ? {} : { 'gen_ai.response.id': id }),
          ...(model === '' ? {} : { 'gen_ai.response.model': model }),
          'gen_ai.response.finish_reasons': [finishWord(finish.kind)],
          ...usageOf(usage),
        })
      },
      end: entry => {
        if (entry)
          span.say(() => ({
            'gen_ai.output.messages': outputWords(entry.message?.content ?? [], entry.finish.kind),
          }))
        span.end(over)
      },
      fail: error => {
        span.fail(errorType(error), error)
        span.end()
      },
    }
  }

  /** Runs a call in a span of its own, which is the active one for the tool. */
  async call<T extends ResultEntry | undefined>(
    { call }: PendingCall,
    { description }: Tool,
    input: object,
    work: (ran: () => void) => Promise<T>,
  ): Promise<T> {
    const span = this.#startCall(
      call,
      description === undefined ? {} : { 'gen_ai.tool.description': description },
    )
    span.say(() => ({ 'gen_ai.tool.call.arguments': JSON.stringify(input) }))
    let over: number | undefined
    const ran = (): void => {
      over = performance.now()
    }
    try {
      const entry = await this.#spans.within(span, () => work(ran))
      if (entry) settle(span, entry)
      return entry
    } catch (error) {
      span.fail(errorType(error), error)
      throw error
    } finally {
      span.end(over)
    }
  }

  /** A call that was answered and not run: it is told all the same. */
  notRun({ call }: PendingCall, entry: ResultEntry): void {
    const span = this.#startCall(call, {})
    settle(span, entry)
    span.end()
  }

  end({ ended, cause, message }: RunEnding, { totals }: RunState): void {
    this.#spans.abandon(this.#run, this.#turn)
    if (ended === 'failed') {
      this.#turn?.fail(errorType(cause), message)
      this.#run.fail(errorType(cause), message)
    }
    this.endTurn()
    this.#run.set({
      'toolgate.run.ended': ended,
      'toolgate.run.turns': totals.turns - this.#before.turns,
      'toolgate.run.calls': totals.calls - this.#before.calls,
      ...usageOf(this.#usage),
    })
    // With a time of its own, for so it began; the clock of the day is too coarse beside it.
    this.#run.end(performance.now())
  }

  #startCall({ id, name }: PendingCall['call'], more: Attributes): RunSpan {
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': id,
      'gen_ai.tool.type': 'function',
      ...this.#conversation,
      ...more,
    }
    return this.#spans.start(`execute_tool ${name}`, { attributes }, this.#turn ?? this.#run)
  }
}

function settle(span: RunSpan, { outcome, result, receipt }: ResultEntry): void {
  span.set({
    'toolgate.call.outcome': outcome,
    ...(receipt
      ? { 'toolgate.sandbox.tier': receipt.tier, 'toolgate.sandbox.ended': receipt.ended }
      : {}),
  })
  span.say(() => ({ 'gen_ai.tool.call.result': textOf(result) }))
  if (outcome === 'returned' && result.isError !== true) return
  const type = outcome === 'returned' ? 'tool_error' : outcome
  span.fail(type, RAN_BADLY.includes(outcome) ? textOf(result) : outcome)
}

function textOf({ content }: ResultEntry['result']): string {
  return content.flatMap(part => (part.type === 'text' ? part.text : [])).join('\n')
}
