// An MCP server that neither the end of its input nor a signal ends. `hang`: it does not even answer.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
setInterval(() => {}, 1000)
const server = new McpServer({ name: 'stubborn', version: '1' })
server.registerTool('nothing', {}, () => ({ content: [] }))
if (process.argv[3] !== 'hang') await server.connect(new StdioServerTransport())
