// An MCP server that lists its tools in pages, and whose tools hang or end it. `endless`: the list
// does not end.
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'

const how = process.argv[2]
const properties = { a: { type: 'string', pattern: '(?i)^x' } }
const names = ['hang', 'die', 'echo']
const server = new Server({ name: 'trouble', version: '1' }, { capabilities: { tools: {} } })
server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
  const at = Number(params?.cursor ?? 0)
  const next = how === 'stuck' ? 1 : at + 1
  return {
    tools: [{ name: names[at % 3], inputSchema: { type: 'object', properties } }],
    ...(how !== undefined || next < names.length ? { nextCursor: String(next) } : {}),
  }
})
server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
  if (params.name === 'die') process.exit(1)
  if (params.name === 'hang') return new Promise(() => {})
  return { content: [{ type: 'text', text: 'heard' }] }
})
await server.connect(new StdioServerTransport())
