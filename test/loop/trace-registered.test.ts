import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { beforeEach, describe, expect, it } from 'vitest'
import { SCENES } from './stage.ts'
import { Recorder } from './trace-stage.ts'
import { complaints, everything, listen, rejections, untraced, warnings } from './trace-unharmed.ts'

const recorder = new Recorder()
listen()
beforeEach(() => recorder.reset())

describe('what a program has registered may fail as well [L9]', () => {
  const real = new AsyncLocalStorageContextManager()
  type With = Parameters<typeof real.with>
  const MANAGERS: { readonly [name: string]: object } = {
    'active throws': {
      active() {
        throw new Error('broken')
      },
    },
    'active answers nonsense': { active: () => null },
    'with throws before': {
      with() {
        throw new Error('broken')
      },
    },
    'with throws after': {
      with(...args: With) {
        real.with(...args)
        throw new Error('broken')
      },
    },
    'with does nothing': { with() {} },
    'with does it twice': {
      with(...args: With) {
        real.with(...args)
        return real.with(...args)
      },
    },
    'with does it later': {
      with(...args: With) {
        setTimeout(() => real.with(...args), 3)
      },
    },
  }

  it.each(Object.entries(MANAGERS))('the context: %s', async (name, broken) => {
    const expected = await untraced()
    context.setGlobalContextManager(Object.assign(new AsyncLocalStorageContextManager(), broken))
    const { outcome } = await everything({ trace: { tracer: recorder.tracer } })
    expect(outcome).toEqual(expected)
    expect(warnings).toHaveLength(name === 'with does it twice' ? 0 : 1)
    expect(rejections).toEqual([])
    expect(recorder.open).toEqual([])
  })

  const CARRIERS: { readonly [name: string]: (carrier: Record<string, unknown>) => unknown } = {
    'it throws': () => {
      throw new Error('broken')
    },
    'it is rejected': async () => {
      throw new Error('broken')
    },
    'a number': carrier => Object.assign(carrier, { 'x-trace': 7 }),
    'a line break': carrier => Object.assign(carrier, { 'x-trace': 'a\r\nx-other: b' }),
    'no name': carrier => Object.assign(carrier, { 'x trace': 'a' }),
    'the length of the body': carrier => Object.assign(carrier, { 'Content-Length': '3' }),
    'the framing of the body': carrier => Object.assign(carrier, { 'transfer-encoding': 'gzip' }),
    'how the answer is packed': carrier => Object.assign(carrier, { 'accept-encoding': 'br' }),
  }

  it.each(Object.entries(CARRIERS))('the propagator: %s', async (_, write) => {
    const expected = await untraced()
    propagation.setGlobalPropagator({
      inject: (_context, carrier) => write(carrier),
      extract: one => one,
      fields: () => [],
    })
    const { outcome } = await everything({ trace: { tracer: recorder.tracer } })
    expect(outcome).toEqual(expected)
    expect(rejections).toEqual([])
    expect(recorder.open).toEqual([])
  })

  it('the propagator does not take the place of a key or of a header of the program', async () => {
    propagation.setGlobalPropagator({
      inject: (_context, carrier) =>
        void Object.assign(carrier, {
          'Anthropic-Version': 'no',
          'X-Own': 'no',
          'X-Trace': 'yes',
        }),
      extract: one => one,
      fields: () => [],
    })
    const { headers } = await everything({
      trace: { tracer: recorder.tracer },
      headers: { 'x-own': 'mine' },
      scene: SCENES[2],
    })
    expect(headers.length).toBeGreaterThan(1)
    for (const one of headers)
      expect(one).toMatchObject({
        'anthropic-version': '2023-06-01',
        'x-own': 'mine',
        'x-trace': 'yes',
      })
    expect(warnings).toEqual([])
  })

  it('the provider has no tracer to give', async () => {
    const expected = await untraced()
    trace.setGlobalTracerProvider({
      getTracer() {
        throw new Error('broken')
      },
    })
    const { outcome } = await everything({})
    expect(outcome).toEqual(expected)
    expect(warnings).toEqual([expect.stringContaining('getTracer (broken)')])
  })

  const broken = (): never => {
    throw new Error('broken')
  }
  const idle: SpanProcessor = {
    onStart() {},
    onEnd() {},
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  it.each([
    ['onStart', { ...idle, onStart: broken }],
    ['onEnd', { ...idle, onEnd: broken }],
    ['onEnding', { ...idle, onEnding: broken }],
  ])("a processor of the SDK's own spans throws in %s", async (_, processor) => {
    const expected = await untraced()
    const { tracer } = new Recorder([processor])
    const { outcome } = await everything({ trace: { tracer } })
    expect(outcome).toEqual(expected)
    expect(warnings).toHaveLength(1)
    expect(complaints).toEqual([])
  })

  it("an exporter or a sampler of the SDK's throws", async () => {
    const expected = await untraced()
    const exporter = Object.assign(new InMemorySpanExporter(), { export: broken })
    const spanProcessors = [new SimpleSpanProcessor(exporter)]
    const sampler = { shouldSample: broken, toString: () => 'broken' }
    for (const provider of [
      new BasicTracerProvider({ spanProcessors }),
      new BasicTracerProvider({ sampler }),
    ]) {
      const { outcome } = await everything({ trace: { tracer: provider.getTracer('test') } })
      expect(outcome).toEqual(expected)
    }
    expect(rejections).toEqual([])
  })
})
