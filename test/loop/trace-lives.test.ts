import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { context, SpanStatusCode } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replay, resume, runTools, tool } from '../../src/index.ts'
import { closeTwins, play, SCENES } from './stage.ts'
import { recordRuns } from './trace-stage.ts'

const { recorder } = recordRuns()
const trace = { tracer: recorder.tracer }
const folder = mkdtempSync(join(tmpdir(), 'toolgate-traces-'))
let files = 0
const newFile = (): string => join(folder, `${++files}.jsonl`)

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterAll(() => {
  context.disable()
  rmSync(folder, { recursive: true })
})

const { ERROR, UNSET } = SpanStatusCode
const prompt = 'hush: go.'
const input = { type: 'object', properties: { of: { type: 'string' } }, required: ['of'] } as const
const look = tool({ name: 'look', input, run: ({ of }) => `hush: ${of}` })
const ask = (name: string, id: string) => ({ name, arguments: { of: 'hush' }, id })

const chats = (): ReadableSpan[] => recorder.spans.filter(({ name }) => name.startsWith('chat'))
/** The kind of failure of each, `-` for none. */
const fates = (name: string): unknown[] =>
  recorder.spans
    .filter(span => span.name.startsWith(name))
    .map(({ attributes }) => attributes['error.type'] ?? '-')

describe('a question that is asked again [L9]', () => {
  it.each([429, 503])('is one span, with an event for each try that failed: %i', async status => {
    const { twin, ...at } = await play(SCENES[0], [{ text: 'hush.' }], {
      faults: [{ kind: 'status', status, retryAfter: 0, times: 2 }],
    })
    await runTools({ ...at, prompt, maxRetryMs: 5, trace })
    twin.finish()
    const chat = recorder.named('chat gpt-4o')
    const code = status === 429 ? 'rate_limit' : 'overloaded'
    expect(chat.events.map(({ name, attributes }) => ({ name, ...attributes }))).toEqual(
      [1, 2].map(attempt => ({
        name: 'toolgate.retry',
        'toolgate.retry.attempt': attempt,
        'toolgate.retry.wait_ms': expect.any(Number),
        'error.type': code,
      })),
    )
    // Errors that were got over are none of the whole (conventions, "Recording errors").
    expect(chat.status.code).toBe(UNSET)
    expect(chat.attributes['gen_ai.usage.input_tokens']).toEqual(expect.any(Number))
    const sent = twin.requests.map(({ headers }) => headers['traceparent'])
    expect(sent).toEqual(
      sent.map(() => `00-${chat.spanContext().traceId}-${chat.spanContext().spanId}-01`),
    )
    expect(sent).toHaveLength(3)
  })

  it('fails when its tries are used up, and the turn and the run with it', async () => {
    const { twin, ...at } = await play(SCENES[0], [{ text: 'never' }], {
      faults: [{ kind: 'status', status: 503, times: 0 }],
    })
    await runTools({ ...at, prompt, maxRetryMs: 5, retries: 1, trace })
    await twin.close()
    expect(recorder.named('chat gpt-4o').events).toHaveLength(1)
    for (const name of ['chat', 'turn', 'invoke_agent']) expect(fates(name)).toEqual(['overloaded'])
    expect(recorder.named('chat gpt-4o').attributes).not.toHaveProperty('gen_ai.usage.input_tokens')
  })

  it('fails by a call that cannot be read, and is asked anew in a turn of its own', async () => {
    const garbled = { name: 'look', arguments: '{"of": hush' }
    const { twin, ...at } = await play(SCENES[3], [{ calls: [garbled] }, { text: 'hush.' }])
    const result = await runTools({ ...at, prompt, tools: [look], trace })
    expect(result.ended).toBe('answered')
    twin.finish()
    expect(fates('chat')).toEqual(['malformed_call', '-'])
    expect(fates('turn')).toEqual(['-', '-'])
  })
})

describe('a run that is gone on with [L9]', () => {
  const TURNS = [{ calls: [ask('look', 'call_1')] }, { text: 'hush.' }]

  /** The journal of a run whose process died while its call ran. */
  async function dead(tools: Parameters<typeof runTools>[0]['tools']) {
    const journal = newFile()
    const { twin, ...at } = await play(SCENES[0], TURNS)
    const result = await runTools({ ...at, prompt, journal, trace: false, tools: tools ?? [] })
    twin.finish()
    const lines = readFileSync(journal, 'utf8').split('\n')
    const called = lines.findIndex(line => line.startsWith('{"type":"call"'))
    expect(called).toBeGreaterThan(1)
    writeFileSync(journal, `${lines.slice(0, called + 1).join('\n')}\n`)
    return { journal, run: result.run, twin: at }
  }

  it('from a journal: its open turn, its own figures, the same conversation', async () => {
    const { journal, run, twin: before } = await dead([look])
    const port = new URL(before.baseUrl).port
    await closeTwins()
    const { twin } = await play(SCENES[0], TURNS.slice(1), { port: Number(port) })
    const result = await resume(journal, { key: 'sk-test', tools: [look], trace })
    expect(result).toMatchObject({ ended: 'answered', totals: { turns: 2, calls: 1 } })
    twin.finish()
    expect(recorder.tree).toEqual(
      [
        'invoke_agent < ',
        'turn < invoke_agent',
        'execute_tool look < turn',
        'turn < invoke_agent',
        'chat gpt-4o < turn',
      ].sort(),
    )
    const turns = recorder.spans.filter(({ name }) => name === 'turn')
    expect(turns.map(({ attributes }) => attributes['toolgate.turn'])).toEqual([1, 2])
    const { attributes } = recorder.named('invoke_agent')
    expect(attributes).toMatchObject({
      'gen_ai.conversation.id': run,
      'toolgate.run.turns': 1,
      'toolgate.run.calls': 1,
    })
    // What the dead process asked is in its own trace, and not counted twice.
    const [chat] = chats()
    for (const name of ['gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens'])
      expect(attributes[name]).toBe(chat?.attributes[name])
    expect(result.totals.input).toBeGreaterThan(Number(attributes['gen_ai.usage.input_tokens']))
  })

  it('from a journal, when what ran may have happened: a call that is not run', async () => {
    const pay = tool({ name: 'look', input, effect: 'irreversible', run: () => 'hush' })
    const { journal, twin: before } = await dead([pay])
    await closeTwins()
    const port = Number(new URL(before.baseUrl).port)
    const { twin } = await play(SCENES[0], TURNS.slice(1), { port })
    await resume(journal, { key: 'sk-test', tools: [pay], trace })
    twin.finish()
    const call = recorder.named('execute_tool look')
    expect(call.attributes).toMatchObject({
      'error.type': 'unfinished',
      'gen_ai.tool.call.id': 'call_1',
    })
    expect(recorder.parentOf(call)).toBe('turn')
  })

  it('is not traced where nothing is done: replayed, or over already', async () => {
    const journal = newFile()
    const { twin, ...at } = await play(SCENES[0], TURNS)
    await runTools({ ...at, prompt, tools: [look], journal, trace: false })
    twin.finish()
    expect((await replay(journal)).same).toBe(true)
    const again = await resume(journal, { key: 'sk-test', tools: [look], trace })
    expect(again.ended).toBe('answered')
    expect(recorder.started).toEqual([])
  })

  /** Goes on with a paused run in a process of its own, and prints its spans. */
  const ELSEWHERE = `
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { resume, tool } from 'toolgate'
const [paused, decisions] = process.argv.slice(1).map(text => JSON.parse(text))
const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const input = { type: 'object', properties: { of: { type: 'string' } }, required: ['of'] }
const pay = tool({ name: 'pay', input, effect: 'irreversible', approval: true, run: () => 'hush' })
const { ended } = await resume(paused, {
  key: 'sk-test', signingKey: 'k', tools: [pay], decisions, trace: { tracer: provider.getTracer('it') },
})
const spans = exporter.getFinishedSpans().map(span => ({
  name: span.name, attributes: span.attributes, status: span.status,
  id: span.spanContext().spanId, parent: span.parentSpanContext?.spanId,
}))
console.log(JSON.stringify({ ended, spans }))
`

  interface Elsewhere {
    readonly ended: string
    readonly spans: {
      readonly name: string
      readonly attributes: Record<string, unknown>
      readonly status: { readonly code: number }
      readonly id: string
      readonly parent?: string
    }[]
  }

  it('in another process, once a person has decided', async () => {
    const pay = tool({ name: 'pay', input, effect: 'irreversible', approval: true, run: () => '' })
    const calls = [ask('pay', 'call_yes'), ask('pay', 'call_no'), ask('look', 'call_now')]
    const { twin, ...at } = await play(SCENES[0], [{ calls }, { text: 'hush.' }])
    const tools = [pay, look]
    const first = await runTools({ ...at, prompt, tools, signingKey: 'k', trace })
    expect(first.ended).toBe('paused')
    // What waits has not been run, and has no span yet.
    expect(recorder.tree).toEqual(
      [
        'invoke_agent < ',
        'turn < invoke_agent',
        'chat gpt-4o < turn',
        'execute_tool look < turn',
      ].sort(),
    )
    expect(recorder.named('invoke_agent')).toMatchObject({
      status: { code: UNSET },
      attributes: { 'toolgate.run.ended': 'paused', 'toolgate.run.calls': 1 },
    })
    const decisions = { call_yes: 'approve', call_no: { reject: 'hush' } }
    const args = [JSON.stringify(first.paused), JSON.stringify(decisions)]
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      ELSEWHERE,
      ...args,
    ])
    twin.finish()
    expect(stdout).not.toContain('hush')
    const { ended, spans }: Elsewhere = JSON.parse(stdout)
    expect(ended).toBe('answered')
    const parent = (id: string | undefined): string =>
      spans.find(span => span.id === id)?.name ?? ''
    expect(spans.map(span => `${span.name} < ${parent(span.parent)}`).sort()).toEqual(
      [
        'invoke_agent < ',
        'turn < invoke_agent',
        'execute_tool pay < turn',
        'execute_tool pay < turn',
        'turn < invoke_agent',
        'chat gpt-4o < turn',
      ].sort(),
    )
    const calls_ = spans.filter(({ name }) => name.startsWith('execute_tool'))
    expect(
      calls_.map(({ attributes, status }) => [
        attributes['gen_ai.tool.call.id'],
        attributes['toolgate.call.outcome'],
        status.code,
      ]),
    ).toEqual([
      ['call_no', 'rejected', ERROR],
      ['call_yes', 'returned', UNSET],
    ])
    const run = spans.find(({ name }) => name === 'invoke_agent')
    expect(run?.attributes).toMatchObject({
      'gen_ai.conversation.id': first.run,
      'toolgate.run.turns': 1,
      'toolgate.run.calls': 1,
    })
  })
})
