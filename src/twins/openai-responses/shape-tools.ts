import { rejectMissing } from './error.ts'
import {
  anyObject,
  anything,
  type Check,
  checkMembers,
  flag,
  listOf,
  type Members,
  needed,
  oneOf,
  optional,
  refuseOthers,
  rejectType,
  rejectWord,
  tagged,
  text,
} from './fields.ts'
import { isObject } from './json.ts'

/** The pattern of names, as OpenAI's texts quote it (issue ailoy #109). */
export const NAME_PATTERN = '^[a-zA-Z0-9_-]+$'

/** The name of a tool, or of an output format. */
export const toolName: Check = text({ least: 1, most: 64, pattern: NAME_PATTERN })

/** The most tools a request may declare (issue Tools4AI #16, measured on Chat Completions). */
const MOST_TOOLS = 128

const callers = optional(listOf(oneOf('direct', 'programmatic')))

const functionMembers: Members = {
  name: needed(toolName),
  description: optional(text()),
  parameters: optional(anyObject),
  strict: optional(flag),
  defer_loading: optional(flag),
  allowed_callers: callers,
  output_schema: optional(anyObject),
}

/** Grammars are flat here, unlike on Chat Completions (openai-node 6.49 types, 2026-07). */
const customMembers: Members = {
  name: needed(toolName),
  description: optional(text()),
  format: optional(
    tagged({
      text: {},
      grammar: { definition: needed(text()), syntax: needed(oneOf('lark', 'regex')) },
    }),
  ),
  defer_loading: optional(flag),
  allowed_callers: callers,
}

const namespaceMembers: Members = {
  name: needed(toolName),
  description: needed(text()),
  tools: needed(
    listOf(tagged({ function: functionMembers, custom: customMembers }), 'an array of tools'),
  ),
}

/** The client's own tools, every member known. */
const OWN: { readonly [type: string]: Members } = {
  function: functionMembers,
  custom: customMembers,
  namespace: namespaceMembers,
}

/**
 * Tools that the vendor runs, with the members that they need; their other members pass as they
 * are (openai-node 6.49 types, 2026-07).
 */
const HOSTED: { readonly [type: string]: readonly string[] } = {
  apply_patch: [],
  code_interpreter: ['container'],
  computer: [],
  computer_use_preview: ['display_height', 'display_width', 'environment'],
  file_search: ['vector_store_ids'],
  image_generation: [],
  local_shell: [],
  mcp: ['server_label'],
  programmatic_tool_calling: [],
  shell: [],
  tool_search: [],
  web_search: [],
  web_search_2025_08_26: [],
  web_search_preview: [],
  web_search_preview_2025_03_11: [],
}

/** The types of tools that are not the client's own. */
export const HOSTED_TYPES: readonly string[] = Object.keys(HOSTED)

const TOOL_TYPES = [...Object.keys(OWN), ...HOSTED_TYPES].sort()

const tool: Check = (value, path) => {
  if (!isObject(value)) return rejectType(value, path, 'an object')
  const { type } = value
  if (type === undefined) rejectMissing(`${path}.type`)
  if (typeof type !== 'string') return rejectType(type, `${path}.type`, 'a string')
  if (!TOOL_TYPES.includes(type)) rejectWord(type, `${path}.type`, TOOL_TYPES)
  for (const name of HOSTED[type] ?? []) {
    if (value[name] === undefined) rejectMissing(`${path}.${name}`)
  }
  const members = OWN[type]
  if (!members) return
  checkMembers(value, members, path)
  refuseOthers(value, { ...members, type: needed(anything) }, path)
}

/** `tools`; an empty list is as good as none (measured by others, 2026-04-20). */
export const toolList: Check = listOf(tool, 'an array of tools', MOST_TOOLS)

const MODES = ['none', 'auto', 'required']

/** Forms of `tool_choice` by their type; the hosted tools are named by their type alone. */
const CHOICES: { readonly [type: string]: Members } = {
  allowed_tools: {
    mode: needed(oneOf('auto', 'required')),
    tools: needed(listOf(anyObject)),
  },
  custom: { name: needed(toolName) },
  function: { name: needed(toolName) },
  mcp: { server_label: needed(text()), name: optional(text()) },
  ...Object.fromEntries(HOSTED_TYPES.filter(type => type !== 'mcp').map(type => [type, {}])),
}

/** `tool_choice`: a word or an object. */
export const toolChoice: Check = (value, path) => {
  if (typeof value === 'string') {
    if (!MODES.includes(value)) rejectWord(value, path, MODES)
    return
  }
  if (!isObject(value)) {
    return rejectType(value, path, "one of an object or 'none', 'auto', or 'required'")
  }
  tagged(CHOICES)(value, path)
}
