import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ToolgateError } from '../core/error.ts'
import { McpRefusal } from './http-answer.ts'
import { CUT_CODE, HttpLine, MOST_RESUMES } from './http-line.ts'
import { McpCut } from './http-send.ts'
import type { McpAddress, McpProcess, McpServer } from './place.ts'

/** Milliseconds that a server is given to end a session. */
const GOODBYE_MS = 1000

/** One session with a server. */
interface Session {
  readonly client: Client
  close(): Promise<void>
  /** Questions under way. */
  asked: number
}

/** A server that is asked; a session that it has lost is begun anew. */
export class Connection {
  readonly #server: McpServer
  readonly #connectMs: number
  #current: Promise<Session> | undefined
  /** Sessions that are not ended, lost ones among them. */
  readonly #sessions = new Set<Session>()
  readonly #closing = new AbortController()

  constructor(server: McpServer) {
    this.#server = server
    this.#connectMs = server.connectTimeoutMs ?? 30_000
  }

  /**
   * Asks the server, and once more in a new session if it did not take the question because it had
   * lost the session.
   *
   * @param what is given the client, and the milliseconds that asking for a list may take
   * @throws Error in words that a model can be told.
   */
  async ask<T>(what: (client: Client, timeout: number) => Promise<T>): Promise<T> {
    const first = this.#open()
    try {
      return await this.#askIn(await first, what)
    } catch (error) {
      if (!(error instanceof McpRefusal && error.lostSession)) throw worded(error)
      // Several calls may find out side by side: one new session is enough for all of them.
      if (this.#current === first) this.#current = undefined
    }
    try {
      return await this.#askIn(await this.#open(), what)
    } catch (error) {
      throw worded(error)
    }
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#current?.catch(() => {})
    await Promise.all([...this.#sessions].map(session => session.close()))
  }

  async #askIn<T>(
    session: Session,
    what: (client: Client, timeout: number) => Promise<T>,
  ): Promise<T> {
    session.asked++
    try {
      return await what(session.client, this.#connectMs)
    } finally {
      session.asked--
      void this.#endLost(session)
    }
  }

  /** Ends a session that another has taken the place of, when nobody waits for it any more. */
  async #endLost(session: Session): Promise<void> {
    const current = await this.#current?.catch(() => undefined)
    if (current === session || session.asked > 0 || !this.#sessions.delete(session)) return
    await session.close()
  }

  #open(): Promise<Session> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error(CLOSED))
    if (!this.#current) {
      const opened = this.#begin()
      this.#current = opened
      // A server that is not there now may be there for the next call.
      opened.catch(() => {
        if (this.#current === opened) this.#current = undefined
      })
    }
    return this.#current
  }

  async #begin(): Promise<Session> {
    const session = await open(this.#server, this.#connectMs, this.#closing.signal)
    this.#sessions.add(session)
    return session
  }
}

const CLOSED = 'The connection to the MCP server is closed.'

async function open(server: McpServer, connectMs: number, closing: AbortSignal): Promise<Session> {
  const client = await newClient()
  const { transport, close } = 'url' in server ? await overHttp(server) : await overPipes(server)
  const end = async () => {
    await close(client).catch(() => {})
  }
  let timer: NodeJS.Timeout | undefined
  let stop = (): void => {}
  const late = new Promise<never>((_, reject) => {
    const why = new Error(`it did not answer within ${connectMs} ms`)
    timer = setTimeout(() => reject(why), connectMs)
    stop = () => reject(new Error(CLOSED))
    closing.addEventListener('abort', stop)
  })
  try {
    // The SDK's own limit is for the first of the two messages only.
    await Promise.race([client.connect(transport, { timeout: connectMs + 1000 }), late])
    return { client, close: end, asked: 0 }
  } catch (error) {
    await end()
    throw error
  } finally {
    clearTimeout(timer)
    closing.removeEventListener('abort', stop)
  }
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

interface Opened {
  readonly transport: StreamableHTTPClientTransport | StdioClientTransport
  close(client: Client): Promise<void>
}

async function overHttp({ url, headers = {} }: McpAddress): Promise<Opened> {
  const { StreamableHTTPClientTransport } = await import(
    '@modelcontextprotocol/sdk/client/streamableHttp.js'
  )
  const line = new HttpLine((id, message) =>
    transport.onmessage?.({ jsonrpc: '2.0', id, error: { code: CUT_CODE, message } }),
  )
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers },
    fetch: line.fetch,
    reconnectionOptions: {
      initialReconnectionDelay: 1000,
      maxReconnectionDelay: 30_000,
      reconnectionDelayGrowFactor: 1.5,
      maxRetries: MOST_RESUMES,
    },
  })
  // The client calls what was there before it.
  transport.onmessage = message => {
    if ('id' in message && !('method' in message) && message.id !== undefined)
      line.answered(message.id)
  }
  return {
    transport,
    async close(client) {
      const goodbye = transport.terminateSession().catch(() => {})
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>(resolve => {
        timer = setTimeout(resolve, GOODBYE_MS)
      })
      await Promise.race([goodbye, late])
      clearTimeout(timer)
      await client.close()
      line.close()
    },
  }
}

/** Processes of servers: one that does not heed the end of its input must not outlive this one. */
const running = new Set<number>()

function holdProcess(pid: number): void {
  if (running.size === 0) process.on('exit', killRunning)
  running.add(pid)
}

function releaseProcess(pid: number): void {
  running.delete(pid)
  if (running.size === 0) process.off('exit', killRunning)
}

function killRunning(): void {
  for (const pid of running) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

async function overPipes(server: McpProcess): Promise<Opened> {
  const { getDefaultEnvironment, StdioClientTransport } = await import(
    '@modelcontextprotocol/sdk/client/stdio.js'
  )
  const { command, args = [], env = {}, cwd } = server
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...getDefaultEnvironment(), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  // The transport forgets the process before it has ended.
  let pid: number | null = null
  const start = transport.start.bind(transport)
  transport.start = async () => {
    await start()
    pid = transport.pid
    if (pid !== null) holdProcess(pid)
  }
  // The client calls what was there before it.
  transport.onclose = () => {
    if (pid !== null) releaseProcess(pid)
  }
  return {
    transport,
    close: client => client.close(),
  }
}

/** An error in words for a model: the SDK puts a code before some, and a list of all faults in others. */
function worded(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if ('code' in error && error.code === CUT_CODE)
    return new McpCut(error.message.replace(/^MCP error -\d+: /, ''), { cause: error })
  if (!/^\$?ZodError$/.test(error.name)) return error
  const message = 'The MCP server answered with something that is no result of a tool.'
  return new Error(message, { cause: error })
}
