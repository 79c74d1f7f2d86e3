import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { InMemoryEventStore } from '@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

/** What a server does with a message in the SDK's place; `false`: nothing. */
export type Intercept = (method: string, response: ServerResponse) => boolean

/** How a server is. */
export interface ServerTraits {
  /** Answers that were cut can be resumed. */
  readonly resumes?: true
  readonly intercept?: Intercept
  /** How a session that is not known is refused; default 404, as the protocol says. */
  readonly unknownSession?: { readonly status: number; readonly message: string }
}

/** An MCP server of the SDK over real HTTP, with sessions, that can be started again. */
export class HttpMcpServer {
  url = ''
  /** What the tools were told and did, in order. */
  readonly heard: string[] = []
  readonly #traits: ServerTraits
  readonly #sessions = new Map<string, StreamableHTTPServerTransport>()
  #http: Server | undefined
  #port = 0

  constructor(traits: ServerTraits = {}) {
    this.#traits = traits
  }

  get sessions(): number {
    return this.#sessions.size
  }

  async start(): Promise<this> {
    const http = createServer((request, response) => {
      this.#handle(request, response).catch(error => response.destroy(error))
    })
    this.#http = http
    await new Promise<void>(resolve => http.listen(this.#port, '127.0.0.1', resolve))
    const address = http.address()
    this.#port = typeof address === 'object' && address ? address.port : 0
    this.url = `http://127.0.0.1:${this.#port}/mcp`
    return this
  }

  /** Ends every connection and forgets every session. */
  async stop(): Promise<void> {
    this.#sessions.clear()
    const http = this.#http
    http?.closeAllConnections()
    await new Promise(resolve => (http ? http.close(resolve) : resolve(undefined)))
  }

  /** Connections that are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#http?.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const message = text === '' ? undefined : JSON.parse(text)
    const method = String(message?.method ?? request.method)
    this.heard.push(method)
    if (this.#traits.intercept?.(method, response)) return
    const id = String(request.headers['mcp-session-id'] ?? '')
    const transport = this.#sessions.get(id) ?? (id === '' ? await this.#begin() : undefined)
    if (transport) return transport.handleRequest(request, response, message)
    const { status, message: why } = this.#traits.unknownSession ?? {
      status: 404,
      message: 'Session not found',
    }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message: why }, id: null }),
    )
  }

  async #begin(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: id => {
        this.#sessions.set(id, transport)
      },
      onsessionclosed: id => {
        this.#sessions.delete(id)
      },
      ...(this.#traits.resumes ? { eventStore: new InMemoryEventStore(), retryInterval: 50 } : {}),
    })
    await this.#tools().server.connect(transport)
    return transport
  }

  #tools(): McpServer {
    const server = new McpServer({ name: 'test', version: '1' })
    const say = (text: string) => ({ content: [{ type: 'text' as const, text }] })
    server.registerTool('echo', { annotations: { readOnlyHint: true } }, () => say('heard'))
    server.registerTool('hang', {}, async extra => {
      await new Promise(resolve => extra.signal.addEventListener('abort', resolve))
      this.heard.push('hang was cancelled')
      return say('never')
    })
    server.registerTool('silent', {}, async () => {
      await sleep(2500)
      return say('at last')
    })
    server.registerTool('cut', {}, async () => {
      this.heard.push('cut runs')
      setTimeout(() => this.#http?.closeAllConnections(), 50)
      await sleep(200)
      return say('too late')
    })
    server.registerTool('polled', {}, async extra => {
      await sleep(20)
      extra.closeSSEStream?.()
      await sleep(100)
      return say('picked up')
    })
    server.registerTool('slow', {}, async extra => {
      const progressToken = extra._meta?.progressToken ?? ''
      for (let progress = 1; progress <= 5; progress++) {
        await sleep(60)
        const params = { progressToken, progress, total: 5, message: `step ${progress}` }
        await extra.sendNotification({ method: 'notifications/progress', params })
      }
      return say('done slowly')
    })
    return server
  }
}
