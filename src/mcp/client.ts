import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { CallToolResult, Tool as RemoteTool } from '@modelcontextprotocol/sdk/types.js'
import { isToolgateError, ToolgateError } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import type { ResultPart } from '../core/message.ts'
import { LONGEST_TIMER } from '../core/timer.ts'
import { output, type Tool, type ToolOutput } from '../loop/index.ts'
import { wordsOf } from '../loop/thrown.ts'
import { foreignTool } from '../loop/tool.ts'
import { LEGAL_NAME, legalName } from '../loop/tool-name.ts'
import { Connection } from './connection.ts'
import { McpCut } from './http-send.ts'
import type { McpServer } from './place.ts'

export type { McpServer } from './place.ts'

/** Tools of an MCP server, and what ends the connection. */
export interface McpTools {
  /** In the order of their names, so that a vendor's cache of the prompt holds. */
  readonly tools: readonly Tool[]
  /** Ends the connection, and the process or the session if there is one. */
  close(): Promise<void>
}

/** More pages than this are a list that does not end. */
const MOST_PAGES = 1000

/**
 * Connects to an MCP server and makes its tools ordinary tools of the loop. A tool's effect is `read`
 * if the server hints so, `write` if it is said to be idempotent, else `irreversible`: hints of a
 * server can be wrong, and what is not said is taken for the worst. A name that some model could not
 * be told, such as one with a dot, is told with `_` in the place of what it may not hold. Over HTTP, a session that the
 * server has lost is begun anew, and the call that it did not take is made again. Close it when the
 * runs are over.
 *
 * @throws ToolgateError `invalid_value` if the SDK is not installed or the server does not answer.
 */
export async function mcpTools(server: McpServer): Promise<McpTools> {
  const connection = new Connection(server)
  try {
    const found = await connection.ask((client, timeout) => listTools(client, timeout))
    found.sort((a, b) => (a.name < b.name ? -1 : 1))
    const names = legalNames(found.map(({ name }) => name))
    const tools = found.map((one, index) => toolOf(connection, one, names[index] ?? one.name))
    return { tools, close: () => connection.close() }
  } catch (cause) {
    await connection.close()
    if (isToolgateError(cause)) throw cause
    const why = wordsOf(cause)
    throw new ToolgateError('invalid_value', `The MCP server cannot be used: ${why}`, { cause })
  }
}

async function listTools(client: Client, timeout: number): Promise<RemoteTool[]> {
  const found: RemoteTool[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout })
    found.push(...page.tools)
    if (page.nextCursor === undefined) return found
    if (page.nextCursor === cursor) throw new Error(`its list of tools stays at '${cursor}'`)
    cursor = page.nextCursor
  }
  throw new Error(`its list of tools has more than ${MOST_PAGES} pages`)
}

/** Names that every protocol takes, each once. MCP lets dots and slashes be in them too. */
function legalNames(names: readonly string[]): string[] {
  const taken = new Set(names.filter(name => LEGAL_NAME.test(name)))
  return names.map(name => {
    if (LEGAL_NAME.test(name)) return name
    const whole = legalName(name)
    let legal = whole
    for (let more = 2; taken.has(legal); more++)
      legal = `${whole.slice(0, 63 - String(more).length)}_${more}`
    taken.add(legal)
    return legal
  })
}

function toolOf(connection: Connection, remote: RemoteTool, toldName: string): Tool {
  const { name, description, inputSchema, annotations = {} } = remote
  const { readOnlyHint, idempotentHint } = annotations
  const effect = readOnlyHint ? 'read' : idempotentHint ? 'write' : 'irreversible'
  return foreignTool({
    name: toldName,
    ...(description === undefined ? {} : { description }),
    input: { ...inputSchema },
    effect,
    async run(input, { signal, progress }) {
      const call = { name, arguments: isObject(input) ? input : {} }
      const options: RequestOptions = {
        signal,
        // The call's own deadline holds, in the loop.
        timeout: LONGEST_TIMER,
        onprogress: ({ progress: done, total, message }) =>
          progress({
            done,
            ...(total === undefined ? {} : { total }),
            ...(message === undefined ? {} : { message }),
          }),
      }
      try {
        return answerOf(await connection.ask(one => one.callTool(call, undefined, options)))
      } catch (cause) {
        if (effect === 'read' || !(cause instanceof McpCut)) throw cause
        throw new Error(`${cause.message} It may have happened all the same.`, { cause })
      }
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
