import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type RunEvent, type RunResult, runTools } from '../../src/index.ts'
import { type McpServer, type McpTools, mcpTools } from '../../src/mcp/client.ts'
import { LeftOver } from '../loop/left-over.ts'
import { closeTwins, expectAccepted, play, SCENES } from '../loop/stage.ts'
import { HttpMcpServer, type ServerTraits } from './mcp-http-server.ts'

const [scene] = SCENES
const servers: HttpMcpServer[] = []
const open: McpTools[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  for (const one of servers.splice(0)) await one.stop()
  await closeTwins()
})

async function serve(traits: ServerTraits = {}): Promise<HttpMcpServer> {
  const server = await new HttpMcpServer(traits).start()
  servers.push(server)
  return server
}

async function connect(server: HttpMcpServer, more: Partial<McpServer> = {}): Promise<McpTools> {
  const found = await mcpTools({ url: server.url, ...more })
  open.push(found)
  return found
}

/** A run in which the model calls each tool in a turn of its own, and what came of it. */
async function run(
  { tools }: McpTools,
  names: string[],
  more: { callTimeoutMs?: number; between?: () => Promise<undefined>; signal?: AbortSignal } = {},
): Promise<RunResult & { events: RunEvent[] }> {
  const { between, ...options } = more
  const turns = names.map(name => ({ calls: [{ name, arguments: {} }] }))
  const { twin, ...at } = await play(scene, [...turns, { text: 'Over.' }])
  const hooks = between ? { afterTurn: between } : {}
  const running = runTools({
    ...at,
    prompt: 'Go.',
    tools,
    callTimeoutMs: 5000,
    ...options,
    ...hooks,
  })
  const events: RunEvent[] = []
  for await (const event of running) events.push(event)
  const result = await running
  if (result.ended === 'answered') twin.finish()
  await expectAccepted(result)
  return { ...result, events }
}

/** What the model was told of each call. */
const told = ({ events }: { events: RunEvent[] }) =>
  events.flatMap(event => (event.type === 'call-end' ? [`${event.outcome}: ${event.text}`] : []))

const text = (status: number, type: string, body: string) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': type })
  response.end(body)
}

describe('[L8] [L11] an MCP server over HTTP', () => {
  it('that hangs is given up at the deadline, told so, and keeps no connection', async () => {
    const server = await serve()
    const tools = await connect(server)
    const before = await server.connections()
    const result = await run(tools, ['hang', 'hang', 'echo'], { callTimeoutMs: 300 })
    const given =
      "timeout: 'hang' did not finish within 300 ms and was given up. It may still happen."
    expect(told(result)).toEqual([...[given, given], 'returned: heard'])
    await vi.waitFor(() => expect(server.heard).toContain('hang was cancelled'))
    await vi.waitFor(
      async () => expect(await server.connections()).toBeLessThanOrEqual(before),
      5000,
    )
  })

  it('may say nothing for longer than an idle connection is kept', async () => {
    const result = await run(await connect(await serve()), ['silent'])
    expect(told(result)).toEqual(['returned: at last'])
  })

  it('is told when the run is aborted', async () => {
    const server = await serve()
    const stop = new AbortController()
    const tools = await connect(server)
    setTimeout(() => stop.abort(), 300)
    const result = await run(tools, ['hang'], { signal: stop.signal })
    expect(result.ended).toBe('aborted')
    await vi.waitFor(() => expect(server.heard).toContain('notifications/cancelled'))
    await vi.waitFor(() => expect(server.heard).toContain('hang was cancelled'))
  })

  it('whose connection is cut in a call is an error at once, and never asked twice', async () => {
    const server = await serve()
    const result = await run(await connect(server), ['cut', 'echo'])
    const [first, second] = told(result)
    expect(first).toMatch(
      /^threw: Error: The MCP server's answer broke off before the result was there \(the connection was cut\). It may have happened all the same.$/,
    )
    expect(second).toBe('returned: heard')
    expect(server.heard.filter(one => one === 'cut runs')).toHaveLength(1)
  })

  it('may close its stream and be asked for the rest', async () => {
    const server = await serve({ resumes: true })
    expect(told(await run(await connect(server), ['polled', 'echo']))).toEqual([
      'returned: picked up',
      'returned: heard',
    ])
  })

  const events = { 'content-type': 'text/event-stream' }
  const half = 'id: b\r\ndata: {"jsonrpc":"2.0","id":2,"resu'

  it('is asked for what comes after the last event that was whole', async () => {
    const asked: unknown[] = []
    const intercept = (method: string, response: ServerResponse) => {
      const after = response.req.headers['last-event-id']
      if (method === 'GET' && after !== undefined) {
        asked.push(after)
        const result = { content: [{ type: 'text', text: 'told again' }] }
        const data = JSON.stringify({ jsonrpc: '2.0', id: 2, result })
        response.writeHead(200, events).end(`id: b\ndata: ${data}\n\n`)
        return true
      }
      if (method !== 'tools/call') return false
      response.writeHead(200, events).write('id: a\r\ndata: \r')
      setTimeout(() => response.write(`\n\r\nid: none\n\n${half}`), 20)
      setTimeout(() => response.destroy(), 60)
      return true
    }
    const tools = await connect(await serve({ intercept }))
    expect(told(await run(tools, ['echo']))).toEqual(['returned: told again'])
    expect(asked).toEqual(['a'])
  })

  it('that breaks off in the first event is an error at once: there is nothing to go on from', async () => {
    const intercept = (method: string, response: ServerResponse) => {
      if (method !== 'tools/call') return false
      response.writeHead(200, events).write(half)
      setTimeout(() => response.destroy(), 40)
      return true
    }
    const tools = await connect(await serve({ intercept }))
    const [first] = told(await run(tools, ['echo'], { callTimeoutMs: 20_000 }))
    expect(first).toMatch(/^threw: .*broke off before the result was there/)
  }, 10_000)

  it('that does not come back to a stream that can be resumed is an error', async () => {
    const server = await serve({ resumes: true })
    const tools = await connect(server)
    setTimeout(() => server.stop(), 300)
    const [first] = told(await run(tools, ['hang'], { callTimeoutMs: 20_000 }))
    expect(first).toMatch(
      /^threw: .*ended before the result was there. .*could not be reached: the connection was refused. It may have/,
    )
  })

  it.each([
    ['404', {}],
    [
      '400 of the examples',
      { unknownSession: { status: 400, message: 'Bad Request: No valid session ID provided' } },
    ],
    [
      '400 of the SDK',
      { unknownSession: { status: 400, message: 'Bad Request: Server not initialized' } },
    ],
  ])('that was started again gets a new session, once for all calls: %s', async (_name, traits) => {
    const server = await serve(traits)
    const found = await connect(server)
    const { twin, ...at } = await play(scene, [
      { calls: [{ name: 'echo', arguments: {} }] },
      { calls: Array.from({ length: 8 }, () => ({ name: 'echo', arguments: {} })) },
      { text: 'Over.' },
    ])
    const restart = async ({ turn }: { readonly turn: number }) => {
      if (turn !== 1) return undefined
      await server.stop()
      server.heard.length = 0
      await server.start()
      return undefined
    }
    const { tools } = found
    const options = { ...at, prompt: 'Go.', tools, afterTurn: restart, maxRepeats: 0 }
    const result = await runTools(options)
    expect(result.calls.map(({ outcome }) => outcome)).toEqual(Array(9).fill('returned'))
    expect(server.heard.filter(one => one === 'initialize')).toHaveLength(1)
    expect(server.sessions).toBe(1)
    twin.finish()
  })

  it('that is gone is an error that says so, and is asked again when it is back', async () => {
    const server = await serve()
    const tools = await connect(server)
    let turns = 0
    const between = async () => {
      turns++
      if (turns === 1) await server.stop()
      if (turns === 2) await server.start()
      return undefined
    }
    expect(told(await run(tools, ['echo', 'echo', 'echo'], { between }))).toEqual([
      'returned: heard',
      'threw: Error: The MCP server could not be reached: the connection was refused.',
      'returned: heard',
    ])
  })

  it.each<[string, (response: ServerResponse) => void, string | RegExp]>([
    ['500', text(500, 'text/html', '<h1>Oh</h1>'), /answered with 500 Internal Server Error$/],
    [
      '503 with words',
      text(503, 'text/plain', 'come back\nlater'),
      /503 Service Unavailable: come back later$/,
    ],
    [
      '401',
      text(401, 'application/json', '{"error":"invalid_token"}'),
      /401 Unauthorized: invalid_token. It wants other credentials.$/,
    ],
    [
      'a page',
      text(200, 'text/html', '<h1>Hello</h1>'),
      /with 200 and neither JSON nor an event stream but text\/html.$/,
    ],
    [
      'no type',
      response => response.writeHead(200).end('?'),
      /with 200 and neither JSON nor an event stream.$/,
    ],
    [
      'no JSON',
      text(200, 'application/json', '{"jsonrpc'),
      /with something that is no answer to the call.$/,
    ],
    [
      'nothing',
      text(200, 'application/json', ''),
      /with something that is no answer to the call.$/,
    ],
    [
      'another id',
      text(200, 'application/json', '{"jsonrpc":"2.0","id":99,"result":{}}'),
      /that is no answer to the call.$/,
    ],
    ['202', response => response.writeHead(202).end(), /with 202 and neither JSON nor/],
    [
      'a stream of nothing',
      text(200, 'text/event-stream', ''),
      /answer ended before the result was there.$/,
    ],
    [
      'a stream of garbage',
      text(200, 'text/event-stream', 'data: {"a\n\n\0\xff\n\n'),
      /answer ended before the result was there.$/,
    ],
    [
      'an event without its end',
      text(200, 'text/event-stream', 'data: {"jsonrpc":"2.0","id'),
      /ended before the result was there.$/,
    ],
    [
      'a redirect elsewhere',
      response => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
      /Redirect to http:\/\/127.0.0.1:9\/ not followed/,
    ],
    [
      'an error that does not end',
      response => {
        response.writeHead(500, { 'content-type': 'text/plain' })
        response.write('I fail')
      },
      /500 Internal Server Error: I fail$/,
    ],
    [
      'another protocol',
      response => {
        response.socket?.write('HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')
      },
      /The connection to the MCP server was cut before it answered.$/,
    ],
    [
      'the connection cut',
      response => response.destroy(),
      /The connection to the MCP server was cut before it answered.$/,
    ],
  ])(
    'that answers a call with %s is an error that the model is told',
    async (_name, answer, why) => {
      const intercept = (method: string, response: ServerResponse) => {
        if (method === 'tools/call') answer(response)
        return method === 'tools/call'
      }
      const result = await run(await connect(await serve({ intercept })), ['echo'])
      expect(result.ended).toBe('answered')
      expect(told(result)).toEqual([expect.stringMatching(why)])
      expect(told(result)[0]).toMatch(/^threw: Error: /)
    },
  )

  it('that answers with no result of a tool is an error in a few words', async () => {
    const intercept = (method: string, response: ServerResponse) => {
      if (method !== 'tools/call') return false
      const result = { content: [{ type: 'text' }, 5] }
      // The first two ids are those of initialize and of the list.
      text(200, 'application/json', JSON.stringify({ jsonrpc: '2.0', id: 2, result }))(response)
      return true
    }
    const result = await run(await connect(await serve({ intercept })), ['echo'])
    expect(told(result)).toEqual([
      'threw: Error: The MCP server answered with something that is no result of a tool.',
    ])
  })

  it('tells its progress while it works', async () => {
    const { events } = await run(await connect(await serve()), ['slow'])
    const progress = events.filter(({ type }) => type === 'call-progress')
    expect(progress.map(event => ('value' in event ? event.value : undefined))).toEqual(
      [1, 2, 3, 4, 5].map(done => ({ done, total: 5, message: `step ${done}` })),
    )
    expect(told({ events })).toEqual(['returned: done slowly'])
  })

  it('is left without a socket, a session, or a timer', async () => {
    const left = new LeftOver()
    const server = await serve()
    const tools = await mcpTools({ url: server.url })
    await run(tools, ['echo', 'hang'], { callTimeoutMs: 200 })
    expect(server.sessions).toBe(1)
    await tools.close()
    expect(server.sessions).toBe(0)
    await vi.waitFor(async () => expect(await server.connections()).toBe(0), 2000)
    await closeTwins()
    expect(await left.list(['socket', 'timer'])).toEqual([])
  })

  it.each<[string, string, (response: ServerResponse) => void, RegExp]>([
    [
      'asks for credentials',
      'initialize',
      text(401, 'text/plain', 'no token'),
      /cannot be used: .*401 Unauthorized: no token. It wants other credentials.$/,
    ],
    [
      'is none',
      'initialize',
      text(404, 'text/html', '<p>'),
      /cannot be used: The MCP server answered with 404 Not Found$/,
    ],
    ['does not answer', 'initialize', () => {}, /cannot be used: it did not answer within 500 ms$/],
    [
      'stops in the middle',
      'notifications/initialized',
      () => {},
      /cannot be used: it did not answer within 500 ms$/,
    ],
    ['keeps its list', 'tools/list', () => {}, /cannot be used: .*[Tt]imed out/],
  ])('that %s is refused with the reason', async (_name, at, answer, why) => {
    const intercept = (method: string, response: ServerResponse) => {
      if (method === at) answer(response)
      return method === at
    }
    const server = await serve({ intercept })
    await expect(connect(server, { connectTimeoutMs: 500 })).rejects.toThrow(why)
    await vi.waitFor(async () => expect(await server.connections()).toBe(0), 2000)
  })

  it('that hangs when it is asked for a new session does not hold up its end', async () => {
    let asked = 0
    const intercept = (method: string) => method === 'initialize' && ++asked > 1
    const server = await serve({ intercept })
    const found = await connect(server)
    await server.stop()
    await server.start()
    const going = run(found, ['echo'], { callTimeoutMs: 20_000 })
    await vi.waitFor(() => expect(asked).toBe(2))
    const began = performance.now()
    await found.close()
    expect(performance.now() - began).toBeLessThan(1000)
    expect(told(await going)).toEqual(['threw: Error: The connection to the MCP server is closed.'])
    await vi.waitFor(async () => expect(await server.connections()).toBe(0), 2000)
  })

  it('that does not let go is left all the same', async () => {
    const intercept = (method: string) => method === 'DELETE'
    const server = await serve({ intercept })
    const tools = await connect(server)
    const began = performance.now()
    await tools.close()
    expect(performance.now() - began).toBeLessThan(2000)
    await vi.waitFor(async () => expect(await server.connections()).toBe(0), 2000)
  })
})
