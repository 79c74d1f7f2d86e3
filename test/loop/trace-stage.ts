import { DiagLogLevel, diag, SpanStatusCode } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, expect } from 'vitest'
import { closeTwins } from './stage.ts'

/** The SDK's own tracer, and what became of each span that it made. */
export class Recorder {
  readonly exporter = new InMemorySpanExporter()
  readonly started: ReadableSpan[] = []
  readonly provider: BasicTracerProvider
  readonly tracer

  constructor(more: readonly SpanProcessor[] = []) {
    const recording: SpanProcessor = {
      onStart: span => void this.started.push(span),
      onEnd: span => this.exporter.export([span], () => {}),
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    this.provider = new BasicTracerProvider({ spanProcessors: [recording, ...more] })
    this.tracer = this.provider.getTracer('test')
  }

  /** Ended spans, in the order of their ends. */
  get spans(): ReadableSpan[] {
    return this.exporter.getFinishedSpans()
  }

  /** Started, and not ended. */
  get open(): string[] {
    return this.started.filter(span => !span.ended).map(({ name }) => name)
  }

  reset(): void {
    this.exporter.reset()
    this.started.length = 0
  }

  /** The only span of a name. */
  named(name: string): ReadableSpan {
    const [found, ...more] = this.spans.filter(span => span.name === name)
    if (!found || more.length > 0)
      throw new Error(`${more.length} more spans, or none, named ${name}: ${this.tree}`)
    return found
  }

  parentOf(span: ReadableSpan): string | undefined {
    const id = span.parentSpanContext?.spanId
    return this.started.find(one => one.spanContext().spanId === id)?.name
  }

  /** `name < parent` of each, sorted. */
  get tree(): string[] {
    return this.spans.map(span => `${span.name} < ${this.parentOf(span) ?? ''}`).sort()
  }

  /** All that spans hold, as text. */
  get words(): string {
    return JSON.stringify(
      this.spans.map(({ name, attributes, status, events }) => ({
        name,
        attributes,
        status,
        events,
      })),
    )
  }
}

/** What the SDK complains of, such as a second end of a span. */
export function listenToSdk(): string[] {
  const complaints: string[] = []
  const log = (...words: unknown[]): void => void complaints.push(words.join(' '))
  diag.setLogger({ error: log, warn: log, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN)
  return complaints
}

/** Holds the spans of finished runs to what is true of all: none open, none ended after its parent. */
export function expectSound(recorder: Recorder, complaints: readonly string[]): void {
  expect(recorder.open).toEqual([])
  expect(complaints).toEqual([])
  const ids = recorder.spans.map(span => span.spanContext().spanId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const [at, span] of recorder.spans.entries()) {
    const parent = span.parentSpanContext?.spanId
    if (parent === undefined) expect(span.name).toMatch(/^invoke_agent/)
    else expect(ids.indexOf(parent), `${span.name}'s parent ended before it`).toBeGreaterThan(at)
    const isFailed = span.status.code === SpanStatusCode.ERROR
    expect('error.type' in span.attributes, `${span.name} says what failed`).toBe(isFailed)
    expect(span.status.message).toBeUndefined()
    if (span.name.startsWith('chat') && !isFailed)
      for (const name of ['gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens'])
        expect(span.attributes[name]).toEqual(expect.any(Number))
    if (span.name.startsWith('execute_tool'))
      expect(span.attributes['gen_ai.tool.call.id']).toMatch(/./)
  }
}

/** Records the runs of a file's tests, and holds each to what is true of all spans. */
export function recordRuns() {
  const recorder = new Recorder()
  const complaints = listenToSdk()
  beforeEach(() => {
    recorder.reset()
    complaints.length = 0
  })
  // What is said in these runs has this word in it: question, arguments, result, error.
  afterEach(async () => {
    expectSound(recorder, complaints)
    expect(recorder.words).not.toContain('hush')
    await closeTwins()
  })
  return { recorder, complaints }
}
