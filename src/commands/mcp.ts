import type { Command } from 'commander'
import { serveMcp } from '../mcp/server.ts'
import { createSandbox } from '../sandbox/index.ts'
import { loadTools } from './tool-folder.ts'

/** Adds `mcp`: offers a folder of tools as an MCP server on standard input and output. */
export function addMcp(program: Command, version: string): void {
  program
    .command('mcp')
    .description('Offer a folder of tools as an MCP server over standard input and output.')
    .requiredOption('--tools <folder>', 'folder of .mjs and .js files that export tools')
    .action(async ({ tools }: { readonly tools: string }) => {
      const sandbox = createSandbox()
      try {
        await serveMcp({ tools: await loadTools(tools), version, sandbox })
      } finally {
        await sandbox.close()
      }
    })
}
