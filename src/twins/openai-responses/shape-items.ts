import { reject } from './error.ts'
import {
  anything,
  type Check,
  checkMembers,
  listOf,
  type Members,
  needed,
  object,
  oneOf,
  optional,
  refuseOthers,
  rejectType,
  rejectWord,
  tagged,
  text,
} from './fields.ts'
import { isGiven, isObject, type JsonObject } from './json.ts'
import { assistantContent, callOutput, userContent } from './shape-parts.ts'
import { toolList, toolName } from './shape-tools.ts'

/** The longest id of a call (issue ungate #26) and of an item. */
const LONGEST_ID = 64

const ROLES = ['assistant', 'system', 'developer', 'user']

/** The beginnings of item ids (live answers, 2026-09-24; the last row recorded 2025 and 2026). */
const PREFIXES: { readonly [type: string]: string } = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fc',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  web_search_call: 'ws',
  file_search_call: 'fs',
  code_interpreter_call: 'ci',
  tool_search_call: 'tsc',
  tool_search_output: 'tso',
}

/** Checks an id that the vendor minted: its letters, its beginning and its length. */
export function idOf(prefix?: string): Check {
  return (value, path) => {
    if (typeof value !== 'string') return rejectType(value, path, 'a string')
    const say = (expected: string, rest = '') =>
      reject(
        `Invalid '${path}': '${value}'. Expected an ID that ${expected}${rest}.`,
        path,
        'invalid_value',
      )
    if (!/^[\w-]*$/.test(value)) {
      say(
        'contains letters, numbers, underscores, or dashes',
        ', but this value contained additional characters',
      )
    }
    if (prefix !== undefined && !value.startsWith(prefix)) say(`begins with '${prefix}'`)
    text({ most: LONGEST_ID })(value, path)
  }
}

const status = optional(oneOf('in_progress', 'completed', 'incomplete'))
const callId = needed(text({ least: 1, most: LONGEST_ID }))
const caller = optional(tagged({ direct: {}, program: { caller_id: needed(text()) } }))

/** Items with rules of their own; the others pass as they are. */
const ITEMS: { readonly [type: string]: Members } = {
  function_call: {
    call_id: callId,
    name: needed(toolName),
    arguments: needed(text()),
    status,
    namespace: optional(text()),
    caller,
    created_by: optional(text()),
  },
  function_call_output: { call_id: callId, output: needed(callOutput), status, caller },
  custom_tool_call: {
    call_id: callId,
    name: needed(toolName),
    input: needed(text()),
    status,
    namespace: optional(text()),
    caller,
  },
  custom_tool_call_output: { call_id: callId, output: needed(callOutput), status, caller },
  reasoning: {
    summary: needed(listOf(tagged({ summary_text: { text: needed(text()) } }))),
    // OpenAI's models never show their raw thoughts, and take none (quoted in issues, 2026).
    content: optional(listOf(anything, 'an array of objects', 0)),
    encrypted_content: optional(text()),
    status,
  },
  item_reference: {},
  additional_tools: { role: needed(oneOf('developer')), tools: needed(toolList) },
}

/** Every item type (live answer, 2026-08-31). */
const ITEM_TYPES = [
  'additional_tools',
  'agent_message',
  'apply_patch_call',
  'apply_patch_call_output',
  'code_interpreter_call',
  'compaction',
  'compaction_trigger',
  'computer_call',
  'computer_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'file_search_call',
  'function_call',
  'function_call_output',
  'image_generation_call',
  'item_reference',
  'local_shell_call',
  'local_shell_call_output',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'mcp_list_tools',
  'message',
  'multi_agent_call',
  'multi_agent_call_output',
  'program',
  'program_output',
  'reasoning',
  'shell_call',
  'shell_call_output',
  'tool_search_call',
  'tool_search_output',
  'web_search_call',
]

/** What kind of item this is; a type may be left out of messages and references. */
export function typeOf(item: JsonObject): string {
  if (isGiven(item.type)) return typeof item.type === 'string' ? item.type : ''
  return !isGiven(item.role) && typeof item.id === 'string' ? 'item_reference' : 'message'
}

/** One item of `input`. */
const inputItem: Check = (value, path) => {
  if (!isObject(value)) return rejectType(value, path, 'an input item')
  const type = typeOf(value)
  if (!ITEM_TYPES.includes(type)) rejectWord(type, path, ITEM_TYPES)
  if (type === 'message') return checkMessage(value, path)
  const prefix = PREFIXES[type]
  const own = Object.hasOwn(ITEMS, type) ? ITEMS[type] : undefined
  if (!own) {
    if (typeof value.id === 'string' && prefix !== undefined) idOf(prefix)(value.id, `${path}.id`)
    return
  }
  const id = type === 'item_reference' ? needed(idOf()) : optional(idOf(prefix))
  const members: Members = { ...own, id, type: optional(anything) }
  checkMembers(value, members, path)
  refuseOthers(value, members, path)
}

function checkMessage(value: JsonObject, path: string): void {
  const { role } = value
  if (typeof role !== 'string' || !ROLES.includes(role)) {
    rejectWord(typeof role === 'string' ? role : '', path, ROLES)
  }
  const isAssistant = role === 'assistant'
  const members: Members = {
    role: needed(anything),
    content: needed(isAssistant ? assistantContent : userContent),
    id: optional(idOf(PREFIXES.message)),
    status,
    type: optional(anything),
    ...(isAssistant && { phase: optional(oneOf('commentary', 'final_answer')) }),
  }
  checkMembers(value, members, path)
  refuseOthers(value, members, path)
}

const items = listOf(inputItem)

/** `input`: a text or items. `null` is read as a text that went wrong (live answer, 2026-08-31). */
export const input: Check = (value, path) => {
  if (typeof value === 'string') return
  if (value === null) return rejectType({}, path, 'a string')
  if (!Array.isArray(value))
    return rejectType(value, path, 'one of a string or array of input items')
  items(value, path)
}

/** The conversation that a response belongs to: an id or an object with one. */
export const conversation: Check = (value, path) => {
  if (typeof value === 'string') return idOf()(value, path)
  object({ id: needed(idOf()) })(value, path)
}
