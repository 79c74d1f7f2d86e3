/** A process that speaks over its standard input and output; its environment is bare but for `env`. */
export interface McpProcess {
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  readonly cwd?: string
}

/** An address of the streamable HTTP transport. */
export interface McpAddress {
  readonly url: string
  readonly headers?: Record<string, string>
}

/** Which MCP server to ask. */
export type McpServer = (McpProcess | McpAddress) & {
  /** Milliseconds to connect, and for each page of the list of tools; default 30 000. */
  readonly connectTimeoutMs?: number
}
