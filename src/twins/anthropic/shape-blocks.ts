import { reject } from './error.ts'
import {
  anyObject,
  anything,
  type Check,
  flag,
  listOf,
  type Members,
  needed,
  nullable,
  object,
  oneOf,
  optional,
  tagged,
  text,
  textOr,
} from './fields.ts'

/** Ids that a client may choose. Source: public report in HKUDS/nanobot, 2026. */
export const CALL_ID = /^[a-zA-Z0-9_-]+$/
const SERVER_CALL_ID = /^srvtoolu_[a-zA-Z0-9_]+$/
/** Tool names; the limit was 64 until the middle of 2025. */
export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/

/** A cache breakpoint. */
export const cacheControl: Check = nullable(
  tagged({ ephemeral: { ttl: optional(oneOf('5m', '1h')) } }),
)

const CACHE: Members = { cache_control: optional(cacheControl) }
const citationSwitch = nullable(object({ enabled: optional(flag) }))
const caller = tagged({
  direct: {},
  code_execution_20250825: { tool_id: needed(text()) },
  code_execution_20260120: { tool_id: needed(text()) },
})

/** A tool's name, checked in the vendor's order: too short, too long, bad letters. */
export const toolName: Check = text({ least: 1, most: 128, pattern: TOOL_NAME })

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

const base64: Check = (value, path) => {
  text()(value, path)
  if (!/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(String(value).slice(0, 4_096))) {
    reject(`${path}: Invalid base64 data`)
  }
}

const textMembers: Members = {
  text: needed(text()),
  ...CACHE,
  citations: optional(nullable(listOf(anyObject))),
}

const imageMembers: Members = {
  source: needed(
    tagged({
      base64: { media_type: needed(oneOf(...IMAGE_TYPES)), data: needed(base64) },
      url: { url: needed(text()) },
      file: { file_id: needed(text()) },
    }),
  ),
  ...CACHE,
  transformations: optional(
    nullable(object({ oversized_image: optional(oneOf('downsize', 'error')) })),
  ),
}

const documentMembers: Members = {
  source: needed(
    tagged({
      base64: { media_type: needed(oneOf('application/pdf')), data: needed(base64) },
      text: { media_type: needed(oneOf('text/plain')), data: needed(text()) },
      content: {
        content: needed(textOr(listOf(tagged({ text: textMembers, image: imageMembers })))),
      },
      url: { url: needed(text()) },
      file: { file_id: needed(text()) },
    }),
  ),
  ...CACHE,
  citations: optional(citationSwitch),
  context: optional(nullable(text())),
  title: optional(nullable(text())),
}

const searchResultMembers: Members = {
  content: needed(listOf(tagged({ text: textMembers }))),
  source: needed(text()),
  title: needed(text()),
  ...CACHE,
  citations: optional(citationSwitch),
}

const toolResultParts = tagged(
  {
    text: textMembers,
    image: imageMembers,
    document: documentMembers,
    search_result: searchResultMembers,
    tool_reference: { tool_name: needed(toolName), ...CACHE },
  },
  undefined,
  { browser_state: { state: optional(anything), tabs: optional(anything), ...CACHE } },
)

const toolResultMembers: Members = {
  tool_use_id: needed(text({ pattern: CALL_ID })),
  ...CACHE,
  content: optional(textOr(listOf(toolResultParts))),
  is_error: optional(flag),
  toolset_name: optional(nullable(text())),
}

const toolUseMembers: Members = {
  id: needed(text({ pattern: CALL_ID })),
  name: needed(toolName),
  input: needed(anyObject),
  ...CACHE,
  caller: optional(caller),
  toolset_name: optional(nullable(text())),
}

const serverToolUseMembers: Members = {
  id: needed(text({ pattern: SERVER_CALL_ID })),
  name: needed(text({ least: 1 })),
  input: needed(anyObject),
  ...CACHE,
  caller: optional(caller),
}

const serverResultMembers: Members = {
  tool_use_id: needed(text({ pattern: SERVER_CALL_ID })),
  content: needed(anything),
  ...CACHE,
  caller: optional(caller),
}

/** The result blocks of tools that the vendor runs itself. */
export const SERVER_RESULTS = [
  'advisor_tool_result',
  'bash_code_execution_tool_result',
  'code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'web_fetch_tool_result',
  'web_search_tool_result',
] as const

const toolChange: Members = {
  tool: needed(
    tagged({
      tool_reference: { name: needed(text({ least: 1 })) },
      mcp_tool_reference: { server_name: needed(text()), name: needed(text()) },
      mcp_toolset_reference: { server_name: needed(text()) },
      tool_definition: { definition: needed(anyObject) },
    }),
  ),
  ...CACHE,
}

const MCP_CALL = /^mcptoolu_[a-zA-Z0-9_]+$/

/** Blocks that stand behind a beta; the vendor does not list them when it complains. */
const BETA_BLOCKS: { readonly [tag: string]: Members } = {
  tool_addition: toolChange,
  tool_removal: toolChange,
  mcp_tool_use: {
    id: needed(text({ pattern: MCP_CALL })),
    name: needed(text()),
    server_name: needed(text()),
    input: needed(anyObject),
    ...CACHE,
  },
  mcp_tool_result: {
    tool_use_id: needed(text({ pattern: MCP_CALL })),
    content: optional(textOr(listOf(tagged({ text: textMembers })))),
    is_error: optional(flag),
    ...CACHE,
  },
  compaction: {
    content: optional(nullable(text())),
    encrypted_content: optional(nullable(text())),
    signature: optional(nullable(text())),
    tool_changes: optional(anything),
    ...CACHE,
  },
}

const BLOCKS: { readonly [tag: string]: Members } = {
  text: textMembers,
  image: imageMembers,
  document: documentMembers,
  search_result: searchResultMembers,
  thinking: { thinking: needed(text()), signature: needed(text()) },
  redacted_thinking: { data: needed(text()) },
  tool_use: toolUseMembers,
  tool_result: toolResultMembers,
  server_tool_use: serverToolUseMembers,
  container_upload: { file_id: needed(text()), ...CACHE },
  ...Object.fromEntries(SERVER_RESULTS.map(tag => [tag, serverResultMembers])),
}

const plainBlock = tagged(BLOCKS)
const betaBlock = tagged(BLOCKS, undefined, BETA_BLOCKS)

/** Blocks of a message's content; `isBeta` admits those that stand behind a beta. */
export function contentBlock(isBeta: boolean): Check {
  return isBeta ? betaBlock : plainBlock
}

const systemBlock = object(
  { type: needed(oneOf('text')), ...textMembers },
  'Input does not match the expected shape.',
)

/** The top-level `system`. */
export const systemPrompt: Check = textOr(listOf(systemBlock))
