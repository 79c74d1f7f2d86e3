import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import * as conventions from '@opentelemetry/semantic-conventions/incubating'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGuards, guardRun, runTools, secrets, tool } from '../../src/index.ts'
import { loadTraceApi } from '../../src/loop/trace-load.ts'
import { closeTwins, play, SCENES, WAYS } from './stage.ts'
import { Recorder } from './trace-stage.ts'

const recorder = new Recorder()
const { tracer, provider } = recorder
const spans = (): ReadableSpan[] => recorder.spans
const named = (name: string): ReadableSpan => recorder.named(name)
const parentOf = (span: ReadableSpan): string | undefined => recorder.parentOf(span)

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
beforeEach(() => recorder.reset())
afterEach(closeTwins)
afterAll(() => {
  context.disable()
  trace.disable()
  propagation.disable()
})

const weather = tool({
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  },
  run: () => 'sunny-spell',
})
const TWO_TURNS = [
  { calls: [{ name: 'get_weather', arguments: { city: 'Timbuktu' }, id: 'call_1' }] },
  { text: 'Fine-answer.' },
]

describe('the spans of a run [L9]', () => {
  it.each(WAYS)('are those of the conventions: $name', async way => {
    const { twin, ...at } = await play(way, TWO_TURNS)
    const result = await runTools({
      ...at,
      stream: way.stream,
      tools: [weather],
      prompt: 'How is it in Timbuktu?',
      maxTokens: 77,
      trace: { tracer, agent: 'almanac' },
    })
    expect(result.ended).toBe('answered')
    twin.finish()
    expect(recorder.tree).toEqual(
      [
        'invoke_agent almanac < ',
        'turn < invoke_agent almanac',
        'turn < invoke_agent almanac',
        `chat ${way.model} < turn`,
        `chat ${way.model} < turn`,
        'execute_tool get_weather < turn',
      ].sort(),
    )
    expect(new Set(spans().map(span => span.spanContext().traceId)).size).toBe(1)

    const vendor = way.protocol === 'gemini' ? 'gcp.gemini' : way.vendor.name.split('-')[0]
    const run = named('invoke_agent almanac').attributes
    expect(run).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': vendor,
      'gen_ai.agent.name': 'almanac',
      'gen_ai.request.model': way.model,
      'gen_ai.conversation.id': result.run,
      'gen_ai.usage.input_tokens': result.totals.input,
      'gen_ai.usage.output_tokens': result.totals.output,
      'server.address': '127.0.0.1',
      'server.port': twin.port,
      'toolgate.run.ended': 'answered',
    })
    const [first, second] = spans().filter(({ name }) => name.startsWith('chat '))
    expect(first?.kind).toBe(2)
    expect(first?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': vendor,
      'gen_ai.request.model': way.model,
      'gen_ai.request.max_tokens': 77,
      'gen_ai.request.stream': way.stream,
      'gen_ai.response.finish_reasons': ['tool_call'],
      'gen_ai.conversation.id': result.run,
    })
    expect(first?.attributes['gen_ai.response.model']).toEqual(expect.stringContaining(way.model))
    expect(second?.attributes['gen_ai.response.finish_reasons']).toEqual(['stop'])
    const sum = (name: string) => Number(first?.attributes[name]) + Number(second?.attributes[name])
    expect(sum('gen_ai.usage.input_tokens')).toBe(result.totals.input)
    expect(sum('gen_ai.usage.output_tokens')).toBe(result.totals.output)
    expect(named('execute_tool get_weather').attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'get_weather',
      'gen_ai.tool.call.id': result.calls[0]?.callId,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.description': 'The weather of a city.',
      'toolgate.call.outcome': 'returned',
    })

    // No name of ours among the conventions', and no content.
    const known = new Set<unknown>(Object.values(conventions))
    const used = spans().flatMap(({ attributes }) => Object.keys(attributes))
    expect(used.filter(name => !name.startsWith('toolgate.') && !known.has(name))).toEqual([])
    for (const word of ['Timbuktu', 'sunny-spell', 'Fine-answer'])
      expect(recorder.words).not.toContain(word)

    // Each request carries its own question's span.
    expect(twin.requests.map(({ headers }) => headers['traceparent'])).toEqual(
      [first, second].map(
        span => `00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`,
      ),
    )
  })

  it('hold what was said only when asked to', async () => {
    const { twin, ...at } = await play(SCENES[0], TWO_TURNS)
    const prompt = 'How is it in Timbuktu?'
    const options = { instructions: 'Be brief.', prompt, tools: [weather] }
    await runTools({ ...at, ...options, trace: { tracer, content: true } })
    twin.finish()
    const [first, second] = spans().filter(({ name }) => name.startsWith('chat '))
    const read = (span: ReadableSpan | undefined, name: string): unknown =>
      JSON.parse(String(span?.attributes[name]))
    expect(read(first, 'gen_ai.system_instructions')).toEqual([
      { type: 'text', content: 'Be brief.' },
    ])
    const call = { type: 'tool_call', id: 'call_1', name: 'get_weather' }
    const asked = { ...call, arguments: { city: 'Timbuktu' } }
    const response = [{ type: 'text', content: 'sunny-spell' }]
    expect(read(first, 'gen_ai.output.messages')).toEqual([
      { role: 'assistant', parts: [asked], finish_reason: 'tool_call' },
    ])
    expect(read(second, 'gen_ai.input.messages')).toEqual([
      { role: 'user', parts: [{ type: 'text', content: prompt }] },
      { role: 'assistant', parts: [asked] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response }] },
    ])
    expect(read(first, 'gen_ai.tool.definitions')).toMatchObject([
      { type: 'function', name: 'get_weather' },
    ])
    expect(named('execute_tool get_weather').attributes).toMatchObject({
      'gen_ai.tool.call.arguments': '{"city":"Timbuktu"}',
      'gen_ai.tool.call.result': 'sunny-spell',
    })
  })

  it('never hold what a guardrail took out', async () => {
    const secret = `ghp_${'a1B2c3D4e5'.repeat(3)}f6G7h8`
    const leak = tool({ name: 'leak', run: () => `key ${secret}` })
    const turns = [{ calls: [{ name: 'leak', arguments: {} }] }, { text: `It is ${secret}.` }]
    for (const action of ['rewrite', 'refuse'] as const) {
      const { twin, ...at } = await play(SCENES[2], turns)
      const guard = guardRun(createGuards([secrets({ action })]))
      await runTools({
        ...at,
        tools: [leak],
        prompt: 'Go.',
        guard,
        trace: { tracer, content: true },
      })
      await twin.close()
    }
    expect(spans().length).toBeGreaterThan(8)
    expect(recorder.words).not.toContain(secret.slice(0, 20))
  })
})

describe('what fails [L9]', () => {
  it('is told of calls: thrown, late, unknown, invalid', async () => {
    const fails = tool({
      name: 'fails',
      run: () => {
        throw new TypeError('private words')
      },
    })
    const hangs = tool({ name: 'hangs', timeoutMs: 30, run: () => new Promise(() => {}) })
    const calls = ['fails', 'hangs', 'nowhere', 'get_weather'].map(name => ({
      name,
      arguments: {},
    }))
    const { twin, ...at } = await play(SCENES[0], [{ calls }, { text: 'Done.' }])
    await runTools({ ...at, tools: [fails, hangs, weather], prompt: 'Go.', trace: { tracer } })
    twin.finish()
    const types = spans()
      .filter(({ name }) => name.startsWith('execute_tool'))
      .map(({ name, attributes, status }) => [
        name.slice(13),
        attributes['error.type'],
        status.code,
      ])
    const { ERROR } = SpanStatusCode
    expect(types.sort()).toEqual([
      ['fails', 'threw', ERROR],
      ['get_weather', 'invalid', ERROR],
      ['hangs', 'timeout', ERROR],
      ['nowhere', 'unknown-tool', ERROR],
    ])
    expect(recorder.words).not.toContain('private words')
  })

  it('is told of the model: the question and the run', async () => {
    const { twin, ...at } = await play(SCENES[0], [{ text: 'never' }])
    const result = await runTools({ ...at, key: '', prompt: 'Go.', retries: 0, trace: { tracer } })
    expect(result.ended).toBe('failed')
    for (const name of ['chat gpt-4o', 'invoke_agent'])
      expect(named(name)).toMatchObject({
        status: { code: SpanStatusCode.ERROR },
        attributes: { 'error.type': 'authentication' },
      })
    expect(twin.requests).toHaveLength(1)
  })

  it('leaves no span open when a run is aborted while a tool runs', async () => {
    const { twin, ...at } = await play(SCENES[0], TWO_TURNS)
    const { name, parameters } = weather
    const hangs = tool({ name, parameters: parameters ?? {}, run: () => new Promise(() => {}) })
    const run = runTools({ ...at, tools: [hangs], prompt: 'Go.', trace: { tracer } })
    for await (const { type } of run) if (type === 'call-start') run.abort()
    await twin.close()
    expect(
      spans()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['chat gpt-4o', 'execute_tool get_weather', 'invoke_agent', 'turn'].sort())
    expect(named('execute_tool get_weather').attributes['error.type']).toBe('aborted')
    expect(named('invoke_agent').attributes['toolgate.run.ended']).toBe('aborted')
    expect(named('invoke_agent').status.code).toBe(SpanStatusCode.UNSET)
  })
})

describe('the trace around a run [L9]', () => {
  it('is gone on with, in tools and at the model, and by a registered provider without an option', async () => {
    trace.setGlobalTracerProvider(provider)
    const looks = tool({
      name: 'get_weather',
      run: async () => {
        await new Promise(resolve => setTimeout(resolve, 5))
        tracer.startSpan('lookup').end()
        return 'sunny'
      },
    })
    const { twin, ...at } = await play(SCENES[0], TWO_TURNS)
    const headers = { 'x-own': 'kept' }
    await tracer.startActiveSpan('request', async span => {
      await runTools({ ...at, headers, tools: [looks], prompt: 'Go.' })
      span.end()
    })
    twin.finish()
    expect(parentOf(named('invoke_agent'))).toBe('request')
    expect(parentOf(named('lookup'))).toBe('execute_tool get_weather')
    expect(twin.requests[0]?.headers).toMatchObject({ 'x-own': 'kept' })
  })

  it("is left where the run is told to: no spans, no headers, or the program's own", async () => {
    const { twin, ...at } = await play(SCENES[0], [{ text: 'a' }, { text: 'b' }, { text: 'c' }])
    await runTools({ ...at, prompt: 'Go.', trace: false })
    expect(spans()).toEqual([])
    await runTools({ ...at, prompt: 'Go.', trace: { propagate: false } })
    const own = { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` }
    await runTools({ ...at, prompt: 'Go.', headers: own })
    expect(spans()).toHaveLength(6)
    const sent = twin.requests.map(({ headers }) => headers['traceparent'])
    expect(sent).toEqual([undefined, undefined, own.traceparent])
  })

  it("writes the headers of the program's own propagator", async () => {
    propagation.setGlobalPropagator({
      inject: (_context, carrier, setter) => setter.set(carrier, 'x-own-trace', 'yes'),
      extract: one => one,
      fields: () => ['x-own-trace'],
    })
    const { twin, ...at } = await play(SCENES[0], [{ text: 'a' }])
    await runTools({ ...at, prompt: 'Go.', trace: { tracer } })
    expect(twin.requests[0]?.headers['x-own-trace']).toBe('yes')
    expect(twin.requests[0]?.headers['traceparent']).toBeUndefined()
  })
})

/** A run in a process of its own, and whether OpenTelemetry was loaded for it. */
const ALONE = `
import { createRequire } from 'node:module'
import { runTools } from 'toolgate'
const at = JSON.parse(process.argv[1])
const { ended } = await runTools({ ...at, prompt: 'Go.' })
const { cache } = createRequire(import.meta.url)
console.log(ended, Object.keys(cache).filter(path => path.includes('opentelemetry')).length)
`

describe('a program without a tracer [L9]', () => {
  it('is one that has registered anything but a provider', () => {
    trace.disable()
    // The context of this file is registered all the while.
    expect(loadTraceApi(undefined)).toBeUndefined()
    expect(loadTraceApi({ content: true })).toBeUndefined()
    trace.setGlobalTracerProvider(provider)
    expect(loadTraceApi(false)).toBeUndefined()
    expect(loadTraceApi(undefined)).toBeInstanceOf(Promise)
  })

  it('loads nothing', async () => {
    const { twin, ...at } = await play(SCENES[0], [{ text: 'a' }, { text: 'b' }])
    const lines = [ALONE, `import '@opentelemetry/api'\n${ALONE}`].map(async code => {
      const args = ['--input-type=module', '-e', code, JSON.stringify(at)]
      return (await promisify(execFile)(process.execPath, args)).stdout.trim()
    })
    const [bare, control] = await Promise.all(lines)
    expect(bare).toBe('answered 0')
    // The count is of use: it sees the package where it is loaded.
    expect(control).toMatch(/^answered [1-9]/)
    twin.finish()
  })
})
