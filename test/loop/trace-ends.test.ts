import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { SpanStatusCode } from '@opentelemetry/api'
import { afterAll, describe, expect, it } from 'vitest'
import {
  createSandbox,
  type Guard,
  mcpTools,
  runTools,
  type Tracer,
  tool,
} from '../../src/index.ts'
import { play, SCENES } from './stage.ts'
import { expectSound, recordRuns } from './trace-stage.ts'

const { recorder, complaints } = recordRuns()
const trace = { tracer: recorder.tracer }
const folder = mkdtempSync(join(tmpdir(), 'toolgate-traces-'))
const sandbox = createSandbox()

afterAll(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

const { ERROR, UNSET } = SpanStatusCode
const prompt = 'hush: go.'
const input = { type: 'object', properties: { of: { type: 'string' } }, required: ['of'] } as const
const look = tool({ name: 'look', input, run: ({ of }) => `hush: ${of}` })
const hangs = tool({ name: 'hangs', input, run: () => new Promise(() => {}) })
const ask = (name: string, id = `call_${name}`) => ({ name, arguments: { of: 'hush' }, id })
const answer = { text: 'hush.' }

/** A tool that is done when the test says so. */
function deferred() {
  let resolve = (_: string): void => {}
  const promise = new Promise<string>(done => {
    resolve = done
  })
  return { promise, resolve: (value: string): void => resolve(value) }
}

/** How each call came out, by its name. */
const fates = (): Record<string, unknown> =>
  Object.fromEntries(
    recorder.spans
      .filter(({ name }) => name.startsWith('execute_tool'))
      .map(({ name, attributes }) => [name.slice(13), attributes['error.type'] ?? '-']),
  )
const failure = (name: string): unknown => recorder.named(name).attributes['error.type']
const ended = (): unknown => recorder.named('invoke_agent').attributes['toolgate.run.ended']

describe('the spans of a run that is ended [L9]', () => {
  it.each([
    ['while the model is silent', { kind: 'stall', after: 1, times: 0 }],
    ['while it waits for the next try', { kind: 'status', status: 429, retryAfter: 9 }],
  ] as const)('end: %s', async (_, fault) => {
    const { twin, ...at } = await play(SCENES[0], [answer], { faults: [fault] })
    await runTools({ ...at, prompt, signal: AbortSignal.timeout(300), trace })
    await twin.close()
    expect(recorder.spans.map(({ name }) => name)).toEqual(['chat gpt-4o', 'turn', 'invoke_agent'])
    expect(failure('chat gpt-4o')).toBe('aborted')
    expect(ended()).toBe('aborted')
    expect(recorder.named('invoke_agent').status.code).toBe(UNSET)
  })

  it('end: before it has begun', async () => {
    const { twin, ...at } = await play(SCENES[0], [])
    await runTools({ ...at, prompt, signal: AbortSignal.abort(), trace })
    twin.finish()
    expect(recorder.spans.at(-1)?.name).toBe('invoke_agent')
    expect(ended()).toBe('aborted')
  })

  it('end: by its deadline, and a tool that is left behind adds nothing', async () => {
    const { promise, resolve } = deferred()
    const late = tool({ name: 'late', input, run: () => promise })
    const { twin, ...at } = await play(SCENES[0], [{ calls: [ask('late'), ask('hangs')] }])
    await runTools({ ...at, prompt, tools: [late, hangs], budget: { ms: 600 }, trace })
    twin.finish()
    expect(fates()).toEqual({ late: 'aborted', hangs: 'aborted' })
    expect(ended()).toBe('budget')
    const { length } = recorder.spans
    resolve('hush')
    await wait(20)
    expect(recorder.started).toHaveLength(length)
  })

  it('of a call that took too long: when it is given up, not when it is done', async () => {
    const [lateIsDone, slowIsDone] = [deferred(), deferred()]
    const late = tool({ name: 'late', input, timeoutMs: 30, run: () => lateIsDone.promise })
    const slow = tool({ name: 'slow', input, run: () => slowIsDone.promise })
    const calls = [ask('late'), ask('slow')]
    const { twin, ...at } = await play(SCENES[0], [{ calls }, answer])
    for await (const event of runTools({ ...at, prompt, tools: [late, slow], trace })) {
      if (event.type === 'call-end' && event.tool === 'late') {
        await wait(20)
        expect(fates()).toEqual({ late: 'timeout' })
        lateIsDone.resolve('hush')
      }
      if (event.type === 'call-late') slowIsDone.resolve('hush')
    }
    twin.finish()
    expect(fates()).toEqual({ late: 'timeout', slow: '-' })
  })

  it('end before the run does, where a guard refuses one of several calls', async () => {
    const refuses: Guard = ({ point, tool: name }) =>
      point === 'tool-result' && name === 'look'
        ? { type: 'refuse', reason: 'hush', message: 'hush' }
        : { type: 'allow' }
    const calls = [ask('hangs'), ask('look')]
    const { twin, ...at } = await play(SCENES[0], [{ calls }])
    await runTools({ ...at, prompt, tools: [look, hangs], guard: refuses, trace })
    twin.finish()
    expect(fates()).toEqual({ hangs: 'aborted', look: 'refused' })
    expect(ended()).toBe('refused')
  })

  it('end where what a program brings throws', async () => {
    const throwing = (error: unknown) => () => {
      throw error
    }
    const named = Object.assign(new Error('hush'), { name: 'hush hush' })
    const stream = Object.assign((): { type: 'allow' } => ({ type: 'allow' }), {
      stream: throwing(new TypeError('hush')),
    })
    const cases = [
      [{ beforeTurn: throwing('hush') }, '_OTHER', []],
      [{ beforeTurn: throwing(named) }, '_OTHER', []],
      [{ afterTurn: throwing(new RangeError('hush')) }, 'RangeError', ['turn']],
      [{ guard: stream }, 'TypeError', ['chat gpt-4o', 'turn']],
    ] as const
    for (const [options, type, failed] of cases) {
      recorder.reset()
      const { twin, ...at } = await play(SCENES[0], [{ calls: [ask('look')] }])
      const result = await runTools({ ...at, ...options, prompt, tools: [look], trace })
      await twin.close()
      expect(result.ended).toBe('failed')
      expectSound(recorder, complaints)
      expect(failure('invoke_agent')).toBe(type)
      const wrong = recorder.spans.filter(({ status }) => status.code === ERROR)
      expect(wrong.map(({ name }) => name)).toEqual([...failed, 'invoke_agent'])
    }
  })
})

describe('calls [L9]', () => {
  it('have one span for each id, also where the model says it twice', async () => {
    const { twin, ...at } = await play(SCENES[0], [
      { calls: [ask('look', 'call_1'), ask('look', 'call_1'), ask('look', 'call_2')] },
      answer,
    ])
    const { calls } = await runTools({ ...at, prompt, tools: [look], trace })
    twin.finish()
    const ids = recorder.spans.flatMap(one => one.attributes['gen_ai.tool.call.id'] ?? [])
    expect(ids.sort()).toEqual(calls.map(({ callId }) => callId).sort())
    expect(ids).toEqual(['call_1', 'call_2'])
  })

  it('of a sandbox say what they got, in each tier', async () => {
    const path = join(folder, 'tools.mjs')
    writeFileSync(
      path,
      `export const good = () => 'hush'
export const bad = () => { throw new Error('hush') }
export const slow = () => { for (;;) {} }`,
    )
    const text = {
      good: "() => 'hush'",
      bad: "() => { throw new Error('hush') }",
      slow: '() => { for (;;) {} }',
    }
    const kinds = ['good', 'bad', 'slow'] as const
    const tools = (['worker', 'wasm', 'process'] as const).flatMap(tier =>
      kinds.map(kind =>
        tool({
          name: `${tier}_${kind}`,
          timeoutMs: 20_000,
          code:
            tier === 'wasm'
              ? { kind: 'source', text: text[kind] }
              : { kind: 'module', path, export: kind },
          sandbox: { tier, ...(kind === 'slow' ? { limits: { timeMs: 300 } } : {}) },
        }),
      ),
    )
    const calls = tools.map(({ name }) => ({ name, arguments: {}, id: `call_${name}` }))
    const { twin, ...at } = await play(SCENES[0], [{ calls }, answer])
    const result = await runTools({ ...at, prompt, tools, sandbox, trace })
    twin.finish()
    expect(result.ended).toBe('answered')
    for (const { name } of tools) {
      const [tier, kind] = name.split('_')
      const span = recorder.named(`execute_tool ${name}`)
      const type = { good: undefined, bad: 'threw', slow: 'timeout' }[kind ?? '']
      expect(span.status.code).toBe(type === undefined ? UNSET : ERROR)
      expect(recorder.parentOf(span)).toBe('turn')
      expect(span.attributes).toMatchObject({
        'gen_ai.tool.call.id': `call_${name}`,
        'toolgate.sandbox.tier': tier,
        'toolgate.sandbox.ended': type ?? 'returned',
        'toolgate.call.outcome': type ?? 'returned',
        ...(type === undefined ? {} : { 'error.type': type }),
      })
    }
  })

  it('of an MCP server are like others, and its errors are errors', async () => {
    const file = join(folder, 'server.mjs')
    const sdk = (name: string) =>
      JSON.stringify(import.meta.resolve(`@modelcontextprotocol/sdk/server/${name}.js`))
    writeFileSync(
      file,
      `import { McpServer } from ${sdk('mcp')}
import { StdioServerTransport } from ${sdk('stdio')}
const server = new McpServer({ name: 'test', version: '1' })
server.registerTool('good', {}, () => ({ content: [{ type: 'text', text: 'hush' }] }))
server.registerTool('bad', {}, () => { throw new Error('hush') })
server.registerTool('slow', {}, () => new Promise(() => {}))
await server.connect(new StdioServerTransport())`,
    )
    const server = await mcpTools({ command: process.execPath, args: [file] })
    const tools = server.tools.map(one => (one.name === 'slow' ? { ...one, timeoutMs: 300 } : one))
    const calls = tools.map(({ name }) => ({ name, arguments: {}, id: `call_${name}` }))
    const { twin, ...at } = await play(SCENES[0], [{ calls }, answer])
    await runTools({ ...at, prompt, tools, trace })
    await server.close()
    twin.finish()
    expect(fates()).toEqual({ bad: 'tool_error', good: '-', slow: 'timeout' })
  })
})

describe('a span that is not sampled [L9]', () => {
  it('is given no words, even where they are asked for', async () => {
    const given: string[] = []
    let isRecording = false
    const tracer: Tracer = {
      startSpan: () => ({
        isRecording: () => isRecording,
        setAttributes: attributes => given.push(...Object.keys(attributes)),
        setStatus() {},
        addEvent() {},
        end() {},
        spanContext: () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 }),
      }),
    }
    const words = ['gen_ai.input.messages', 'gen_ai.output.messages', 'gen_ai.tool.call.result']
    for (const expected of [[], words]) {
      const { twin, ...at } = await play(SCENES[0], [{ calls: [ask('look')] }, answer])
      await runTools({ ...at, prompt, tools: [look], trace: { tracer, content: true } })
      twin.finish()
      expect(words.filter(word => given.includes(word))).toEqual(expected)
      expect(given).toContain('gen_ai.usage.input_tokens')
      // By W3C Trace Context the flags say that it is not sampled.
      expect(twin.requests[0]?.headers['traceparent']).toMatch(/-00$/)
      isRecording = true
    }
  })
})
