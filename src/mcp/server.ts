import { randomUUID } from 'node:crypto'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { ToolgateError } from '../core/error.ts'
import type { Json } from '../core/json.ts'
import type { ResultPart } from '../core/message.ts'
import { runCall, type Settled } from '../loop/call-run.ts'
import { AbortWatch } from '../loop/ending.ts'
import type { Tool } from '../loop/index.ts'
import { answerOf, cutAnswer } from '../loop/output.ts'
import type { CallSandbox } from '../loop/sandbox-call.ts'
import { sayProblems } from '../loop/schema-source.ts'
import { wordsOf } from '../loop/thrown.ts'

/** What an MCP server offers. */
export interface ServedTools {
  readonly tools: readonly Tool[]
  /** Of the program, told to clients. */
  readonly version: string
  /** For tools with `code`. */
  readonly sandbox?: CallSandbox
}

/**
 * Offers tools over standard input and output until the input ends. Arguments are checked, deadlines
 * and limits hold as in a run (60 s and 64 KiB where a tool does not say). A tool that needs approval
 * is not run: a client's person cannot be asked from here.
 *
 * @throws ToolgateError `invalid_value` if the SDK is not installed.
 */
export async function serveMcp({ tools, version, sandbox }: ServedTools): Promise<void> {
  const { Server, StdioServerTransport, types } = await loadSdk()
  const server = new Server({ name: 'toolgate', version }, { capabilities: { tools: {} } })
  const ordered = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1))
  server.setRequestHandler(types.ListToolsRequestSchema, () => ({
    tools: ordered.map(({ name, description, parameters, effect }) => ({
      name,
      ...(description === undefined ? {} : { description }),
      inputSchema: { ...parameters, type: 'object' as const },
      annotations: {
        readOnlyHint: effect === 'read',
        ...(effect === 'read' ? {} : { destructiveHint: true, idempotentHint: effect === 'write' }),
      },
    })),
  }))
  server.setRequestHandler(types.CallToolRequestSchema, async ({ params }, extra) => {
    const tool = ordered.find(({ name }) => name === params.name)
    if (!tool) return wrong(`There is no tool '${params.name}'.`)
    const token = params._meta?.progressToken
    let steps = 0
    const progress = (value: Json): void => {
      if (token === undefined) return
      const said = { progressToken: token, ...progressOf(value, ++steps) }
      extra
        .sendNotification({ method: 'notifications/progress', params: said })
        // The client is gone, and the call ends with it.
        .catch(() => {})
    }
    const text = JSON.stringify(params.arguments ?? {})
    return await call(tool, text, { signal: extra.signal, progress }, sandbox)
  })
  const ended = new Promise<void>(resolve => {
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
    server.onclose = () => resolve()
  })
  await server.connect(new StdioServerTransport())
  await ended
  await server.close()
}

async function loadSdk() {
  try {
    const { Server } = await import('@modelcontextprotocol/sdk/server/index.js')
    const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js')
    const types = await import('@modelcontextprotocol/sdk/types.js')
    return { Server, StdioServerTransport, types }
  } catch (cause) {
    const message =
      'An MCP server needs the package @modelcontextprotocol/sdk: npm install @modelcontextprotocol/sdk'
    throw new ToolgateError('invalid_value', message, { cause })
  }
}

/** What a tool tells of itself, in MCP's words: numbers that rise, and a text. */
function progressOf(value: Json, step: number): { progress: number; message: string } {
  return { progress: step, message: typeof value === 'string' ? value : JSON.stringify(value) }
}

async function call(
  tool: Tool,
  text: string,
  told: { readonly signal: AbortSignal; readonly progress: (value: Json) => void },
  sandbox: CallSandbox | undefined,
): Promise<CallToolResult> {
  const checked = await tool.check(text)
  if (!checked.ok) return wrong(sayProblems(tool.name, checked.problems))
  const reason = await tool.approvalFor(checked.value)
  if (reason !== undefined) return wrong(`Not run: ${reason}, and nobody can be asked here.`)
  const callId = randomUUID()
  const timeoutMs = tool.timeoutMs ?? 60_000
  const settled = await runCall({
    tool,
    input: checked.value,
    json: checked.json,
    facts: { context: undefined, callId, idempotencyKey: callId, turn: 1 },
    timeoutMs,
    watch: new AbortWatch(told.signal),
    sandbox,
    progress: told.progress,
    late() {},
  })
  return resultOf(settled, tool, timeoutMs)
}

function resultOf(settled: Settled, tool: Tool, timeoutMs: number): CallToolResult {
  switch (settled.kind) {
    case 'value': {
      const { content, isError } = cutAnswer(answerOf(settled.value), tool.maxResultBytes ?? 65_536)
      return { content: content.map(blockOf), isError }
    }
    case 'error':
      return wrong(wordsOf(settled.error))
    case 'timeout':
      return wrong(`'${tool.name}' did not finish within ${timeoutMs} ms and was given up.`)
    case 'aborted':
      return wrong(`'${tool.name}' was interrupted.`)
  }
}

function wrong(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}

function blockOf(part: ResultPart): CallToolResult['content'][number] {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'opaque') return { type: 'text', text: '[Content that cannot be shown here.]' }
  const { source } = part
  if (source.kind !== 'base64')
    return { type: 'text', text: `[A ${part.type} that is not in this result.]` }
  if (part.type === 'image') return { type: 'image', data: source.data, mimeType: source.mediaType }
  const uri = `result:${encodeURIComponent('name' in part ? (part.name ?? 'file') : 'file')}`
  return { type: 'resource', resource: { uri, mimeType: source.mediaType, blob: source.data } }
}
