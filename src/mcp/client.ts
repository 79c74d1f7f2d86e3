import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { CallToolResult, Tool as RemoteTool } from '@modelcontextprotocol/sdk/types.js'
import { ToolgateError } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import type { ResultPart } from '../core/message.ts'
import { output, type Tool, type ToolOutput, tool } from '../loop/index.ts'

/** Which MCP server to ask. */
export type McpServer =
  /** A process that speaks over its standard input and output; its environment is bare but for `env`. */
  | {
      readonly command: string
      readonly args?: readonly string[]
      readonly env?: Record<string, string>
      readonly cwd?: string
    }
  /** An address of the streamable HTTP transport. */
  | { readonly url: string; readonly headers?: Record<string, string> }

/** Tools of an MCP server, and what ends the connection. */
export interface McpTools {
  /** In the order of their names, so that a vendor's cache of the prompt holds. */
  readonly tools: readonly Tool[]
  /** Ends the connection, and the process if there is one. */
  close(): Promise<void>
}

/** Milliseconds to connect, and for each page of the list of tools. */
const CONNECT_MS = 30_000
/** More pages than this are a list that does not end. */
const MOST_PAGES = 1000

/**
 * Connects to an MCP server and makes its tools ordinary tools of the loop. A tool's effect is `read`
 * if the server hints so, `write` if it is said to be idempotent, else `irreversible`: hints of a
 * server can be wrong, and what is not said is taken for the worst. Close it when the runs are over.
 *
 * @throws ToolgateError `invalid_value` if the SDK is not installed or the server does not answer.
 */
export async function mcpTools(server: McpServer): Promise<McpTools> {
  const client = await newClient()
  try {
    await client.connect(await transportTo(server), { timeout: CONNECT_MS })
    const found = await listTools(client)
    found.sort((a, b) => (a.name < b.name ? -1 : 1))
    return { tools: found.map(one => toolOf(client, one)), close: () => client.close() }
  } catch (cause) {
    await client.close().catch(() => {})
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ToolgateError('invalid_value', `The MCP server cannot be used: ${why}`, { cause })
  }
}

async function listTools(client: Client): Promise<RemoteTool[]> {
  const found: RemoteTool[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await client.listTools(cursor === undefined ? {} : { cursor }, {
      timeout: CONNECT_MS,
    })
    found.push(...page.tools)
    if (page.nextCursor === undefined) return found
    if (page.nextCursor === cursor) throw new Error(`its list of tools stays at '${cursor}'`)
    cursor = page.nextCursor
  }
  throw new Error(`its list of tools has more than ${MOST_PAGES} pages`)
}

async function newClient(): Promise<Client> {
  try {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
    return new Client({ name: 'toolgate', version: '1' })
  } catch (cause) {
    const message =
      'Tools of MCP servers need the package @modelcontextprotocol/sdk: npm install @modelcontextprotocol/sdk'
    throw new ToolgateError('invalid_value', message, { cause })
  }
}

async function transportTo(server: McpServer) {
  if ('url' in server) {
    const { StreamableHTTPClientTransport } = await import(
      '@modelcontextprotocol/sdk/client/streamableHttp.js'
    )
    const { url, headers = {} } = server
    return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
  }
  const { getDefaultEnvironment, StdioClientTransport } = await import(
    '@modelcontextprotocol/sdk/client/stdio.js'
  )
  const { command, args = [], env = {}, cwd } = server
  return new StdioClientTransport({
    command,
    args: [...args],
    env: { ...getDefaultEnvironment(), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
}

function toolOf(client: Client, remote: RemoteTool): Tool {
  const { name, description, inputSchema, annotations = {} } = remote
  const { readOnlyHint, idempotentHint } = annotations
  return tool({
    name,
    ...(description === undefined ? {} : { description }),
    input: { ...inputSchema },
    effect: readOnlyHint ? 'read' : idempotentHint ? 'write' : 'irreversible',
    async run(input, { signal, progress }) {
      const answer = await client.callTool(
        { name, arguments: isObject(input) ? input : {} },
        undefined,
        {
          signal,
          // The call's own deadline holds, in the loop.
          timeout: 2 ** 31 - 1,
          onprogress: ({ progress: done, total, message }) =>
            progress({
              done,
              ...(total === undefined ? {} : { total }),
              ...(message === undefined ? {} : { message }),
            }),
        },
      )
      return answerOf(answer)
    },
  })
}

function answerOf(answer: Awaited<ReturnType<Client['callTool']>>): ToolOutput | unknown {
  if (!('content' in answer) || !Array.isArray(answer.content)) return answer
  const content: CallToolResult['content'] = answer.content
  const parts = content.map(partOf)
  // By the protocol, structured content is also told as text; a server that does not is still heard.
  const structured = parts.length === 0 && answer['structuredContent'] !== undefined
  const list = structured ? [JSON.stringify(answer['structuredContent'])] : parts
  return output(list, { isError: answer['isError'] === true })
}

function partOf(block: CallToolResult['content'][number]): ResultPart | string {
  switch (block.type) {
    case 'text':
      return block.text
    case 'image':
      return {
        type: 'image',
        source: { kind: 'base64', mediaType: block.mimeType, data: block.data },
      }
    case 'resource': {
      const { resource } = block
      if ('text' in resource) return `[${resource.uri}]\n${resource.text}`
      const mediaType = resource.mimeType ?? 'application/octet-stream'
      return {
        type: 'document',
        source: { kind: 'base64', mediaType, data: resource.blob },
        name: resource.uri,
      }
    }
    case 'resource_link':
      return `[${block.name}: ${block.uri}]`
    default:
      return `[A result of the kind '${block.type}', which cannot be shown to a model.]`
  }
}
