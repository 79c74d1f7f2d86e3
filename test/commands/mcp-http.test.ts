import { createServer, type Server as HttpServer } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { afterAll, expect, it } from 'vitest'
import { mcpTools } from '../../src/mcp/client.ts'
import { runTools } from '../../src/run.ts'
import { rehearsal } from '../../src/twins/rehearsal/index.ts'
import { scripted } from '../../src/twins/script.ts'
import { startTwin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

let http: HttpServer | undefined
afterAll(() => {
  http?.closeAllConnections()
  http?.close()
})

/** A stateless server of the SDK over HTTP. */
async function serve(names: readonly string[] = []): Promise<string> {
  const listening = createServer(async (request, response) => {
    const server = new McpServer({ name: 'test', version: '1' })
    server.registerTool('get_weather', { description: 'Get the current weather.' }, () => ({
      content: [
        { type: 'text', text: 'sunny' },
        { type: 'image', data: 'iVBORw==', mimeType: 'image/png' },
      ],
    }))
    server.registerTool('a_failure', { annotations: { readOnlyHint: true } }, () => {
      throw new Error('it broke')
    })
    for (const name of names)
      server.registerTool(name, {}, () => ({ content: [{ type: 'text', text: `I am ${name}` }] }))
    const transport = new StreamableHTTPServerTransport({})
    await server.server.connect(transport)
    await transport.handleRequest(request, response)
  })
  http = listening
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  const address = listening.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/mcp`
}

it('[L8] takes tools of a server over HTTP, in order, with effects and pictures', async () => {
  const vendor = TWIN_VENDORS['anthropic']
  if (!vendor) throw new Error('no twin')
  const twin = await startTwin({ vendor, model: rehearsal() })
  const { tools, close } = await mcpTools({ url: await serve() })
  expect(tools.map(({ name, effect }) => [name, effect])).toEqual([
    ['a_failure', 'read'],
    ['get_weather', 'irreversible'],
  ])
  const base = { model: 'claude-sonnet-4-5', baseUrl: twin.url, key: 'sk-test', tools }
  const weather = await runTools({ ...base, prompt: 'What is the current weather?' })
  expect(weather.ended).toBe('answered')
  expect(JSON.stringify(weather.messages)).toContain('iVBORw==')
  await close()
  await twin.close()
})

it('[L8] tells names that a model cannot be told in words that it can, each once', async () => {
  const long = 'x'.repeat(70)
  const { tools, close } = await mcpTools({
    url: await serve(['repo.list', 'repo_list', '3d-print', `${long}a`, `${long}b`]),
  })
  const names = tools.map(({ name }) => name)
  expect(names).toEqual([
    '_3d-print',
    'a_failure',
    'get_weather',
    'repo_list_2',
    'repo_list',
    'x'.repeat(64),
    `${'x'.repeat(62)}_2`,
  ])
  const vendor = TWIN_VENDORS['google']
  if (!vendor) throw new Error('no twin')
  const calls = names.map(name => ({ name, arguments: {} }))
  const twin = await startTwin({ vendor, model: scripted([{ calls }, { text: 'Done.' }]) })
  const at = { model: 'gemini-2.5-flash', baseUrl: twin.url, key: 'test' }
  const result = await runTools({ ...at, prompt: 'All of them.', tools })
  expect(result.ended).toBe('answered')
  const told = JSON.stringify(result.messages)
  for (const name of ['repo.list', 'repo_list', '3d-print', `${long}a`, `${long}b`])
    expect(told).toContain(`I am ${name}"`)
  twin.finish()
  await close()
  await twin.close()
})
