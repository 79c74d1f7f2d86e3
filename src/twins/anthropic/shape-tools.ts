import { reject } from './error.ts'
import {
  anything,
  type Check,
  flag,
  integer,
  listOf,
  type Members,
  needed,
  nullable,
  oneOf,
  optional,
  tagged,
  text,
} from './fields.ts'
import { isObject } from './json.ts'
import { cacheControl, toolName } from './shape-blocks.ts'

const amount = integer(0)

const CALLERS = [
  'direct',
  'code_execution_20250825',
  'code_execution_20260120',
  'code_execution_20260521',
]

const COMMON: Members = {
  allowed_callers: optional(listOf(oneOf(...CALLERS))),
  cache_control: optional(cacheControl),
  defer_loading: optional(flag),
  strict: optional(flag),
}

const EXAMPLES: Members = { input_examples: optional(listOf(anything)) }

const DOMAINS: Members = {
  allowed_domains: optional(nullable(listOf(text()))),
  blocked_domains: optional(nullable(listOf(text()))),
  max_uses: optional(nullable(amount)),
}

const inputSchema: Check = (value, path) => {
  if (!isObject(value)) return reject(`${path}: Input should be an object`)
  const type = value['type']
  if (type === undefined) reject(`${path}.type: Field required`)
  if (type !== 'object') reject(`${path}.type: Input should be 'object'`)
}

const customTool: Members = {
  name: needed(toolName),
  description: optional(text()),
  input_schema: needed(inputSchema),
  eager_input_streaming: optional(nullable(flag)),
  ...COMMON,
  ...EXAMPLES,
}

function named(name: string, more: Members = {}): Members {
  return { name: needed(oneOf(name)), ...COMMON, ...more }
}

const webSearch = named('web_search', { ...DOMAINS, user_location: optional(anything) })
const webFetch = named('web_fetch', {
  ...DOMAINS,
  citations: optional(anything),
  max_content_tokens: optional(nullable(amount)),
  url_sources: optional(anything),
})
const included = { response_inclusion: optional(oneOf('full', 'excluded')) }
const cached = { use_cache: optional(flag) }
const codeExecution = named('code_execution')
const toolset: Members = {
  cache_control: optional(cacheControl),
  configs: optional(anything),
}

/** The tool types that are generally available. Source: Anthropic SDK 1.11, 2026-11-19. */
export const TOOL_TYPES: { readonly [type: string]: Members } = {
  bash_20250124: named('bash', EXAMPLES),
  browser_toolset_20260801: toolset,
  code_execution_20250522: codeExecution,
  code_execution_20250825: codeExecution,
  code_execution_20260120: codeExecution,
  code_execution_20260521: codeExecution,
  computer_toolset_20260801: toolset,
  custom: customTool,
  memory_20250818: named('memory', EXAMPLES),
  text_editor_20250124: named('str_replace_editor', EXAMPLES),
  text_editor_20250429: named('str_replace_based_edit_tool', EXAMPLES),
  text_editor_20250728: named('str_replace_based_edit_tool', {
    ...EXAMPLES,
    max_characters: optional(nullable(amount)),
  }),
  tool_search_tool_bm25: named('tool_search_tool_bm25'),
  tool_search_tool_bm25_20251119: named('tool_search_tool_bm25'),
  tool_search_tool_regex: named('tool_search_tool_regex'),
  tool_search_tool_regex_20251119: named('tool_search_tool_regex'),
  web_fetch_20250910: webFetch,
  web_fetch_20260209: webFetch,
  web_fetch_20260309: { ...webFetch, ...cached },
  web_fetch_20260318: { ...webFetch, ...cached, ...included },
  web_search_20250305: webSearch,
  web_search_20260209: webSearch,
  web_search_20260318: { ...webSearch, ...included },
}

const display: Members = {
  display_height_px: needed(amount),
  display_width_px: needed(amount),
  display_number: optional(nullable(amount)),
  enable_zoom: optional(flag),
}

/** Tool types that stand behind a beta. Source: Anthropic SDK 1.11, 2026-11-19. */
const BETA_TOOL_TYPES: { readonly [type: string]: Members } = {
  advisor_20260301: named('advisor', {
    model: needed(text()),
    max_tokens: optional(nullable(amount)),
    max_uses: optional(nullable(amount)),
    caching: optional(anything),
  }),
  bash_20241022: named('bash', EXAMPLES),
  computer_20241022: named('computer', { ...EXAMPLES, ...display }),
  computer_20250124: named('computer', { ...EXAMPLES, ...display }),
  computer_20251124: named('computer', { ...EXAMPLES, ...display }),
  mcp_toolset: {
    mcp_server_name: needed(text()),
    cache_control: optional(cacheControl),
    configs: optional(anything),
    default_config: optional(anything),
  },
  text_editor_20241022: named('str_replace_editor', EXAMPLES),
}

const plainTool = tagged(TOOL_TYPES, 'custom')
const betaTool = tagged(TOOL_TYPES, 'custom', BETA_TOOL_TYPES)

/** The list of tools; `isBeta` admits the types that stand behind a beta. */
export function toolList(isBeta: boolean): Check {
  return listOf(isBeta ? betaTool : plainTool)
}

const parallel: Members = { disable_parallel_tool_use: optional(flag) }

/** How tools may be chosen. */
export const toolChoice: Check = tagged({
  auto: parallel,
  any: parallel,
  tool: { name: needed(text({ least: 1 })), ...parallel },
  none: {},
})
