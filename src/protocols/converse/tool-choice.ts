import type { JsonObject } from '../../core/json.ts'
import type { ToolChoice } from '../../core/request.ts'
import { place, wrongValue } from '../../wire/read.ts'
import { encodeTool } from './tool.ts'
import { lose, type Writing } from './wire.ts'

/** The tools of a request in the vendor's words. */
export interface EncodedTools {
  /** `toolConfig`; absent where there are no tools. */
  readonly config: JsonObject | undefined
  /** Whether the model has no way but to call. */
  readonly isForced: boolean
  /** Instructions for what the wire cannot say. */
  readonly instruction: string | undefined
}

const NO_CALLS = 'Do not call any tool in this turn: answer in words.'

/**
 * Writes the tools and the choice among them. The wire knows neither `none` nor subsets nor "at most
 * one call"; and a conversation with calls in it must come with tools, or it is refused.
 *
 * @throws ToolgateError `invalid_value` if a call is demanded where there is no tool.
 */
export function encodeTools(writing: Writing): EncodedTools {
  const { request } = writing
  const choice = softened(request.toolChoice, writing)
  const allowed = choice && 'allowed' in choice ? choice.allowed : undefined
  const tools = request.tools.flatMap((tool, i) =>
    allowed && !allowed.includes(tool.name) ? [] : encodeTool(tool, `tools[${i}]`, writing),
  )
  const leftOut = allowed ? request.tools.filter(tool => !allowed.includes(tool.name)).length : 0
  if (leftOut > 0 && choice === request.toolChoice) {
    const what = `tools outside the allowed subset were left out of the request: ${leftOut}`
    lose(writing, 'tool_choice', what, 'emulated', false)
  }
  const isForced = choice?.mode === 'required' || choice?.mode === 'tool'
  if (tools.length === 0 && isForced)
    throw wrongValue(place('tool_choice'), 'a tool call is demanded, but there are no tools')
  if (tools.length === 0 || choice?.mode === 'none') return withoutCalls(tools, writing)
  if (request.parallel === false) {
    const what = 'the model may make several calls; those behind the first are left out'
    lose(writing, 'parallel_tool_calls', what, 'emulated', true)
  }
  const wire = encodeChoice(choice)
  return {
    config: { tools, ...(wire ? { toolChoice: wire } : {}) },
    isForced,
    instruction: undefined,
  }
}

function encodeChoice(choice: ToolChoice | undefined): JsonObject | undefined {
  switch (choice?.mode) {
    case 'auto':
      return { auto: {} }
    case 'required':
      return { any: {} }
    case 'tool':
      return { tool: { name: choice.name } }
    default:
      return undefined
  }
}

/** For models that take fewer forms: of a named tool that one only, and no demand where there is none. */
function softened(choice: ToolChoice | undefined, writing: Writing): ToolChoice | undefined {
  const { toolChoices, forcedChoice } = writing.quirks
  const takes = (form: 'required' | 'tool') =>
    forcedChoice !== false && (toolChoices?.includes(form) ?? true)
  if (choice?.mode === 'tool' && !takes('tool')) {
    const allowed = [choice.name]
    if (takes('required')) {
      const what = 'the named tool is the only one, and a call is demanded'
      lose(writing, 'tool_choice', what, 'emulated', false)
      return { mode: 'required', allowed }
    }
    notDemanded(writing)
    return { mode: 'auto', allowed }
  }
  if (choice?.mode === 'required' && !takes('required')) {
    notDemanded(writing)
    return { ...choice, mode: 'auto' }
  }
  return choice
}

function notDemanded(writing: Writing): void {
  const what = 'this model cannot be made to call a tool; it may answer without calling'
  lose(writing, 'tool_choice', what, 'approximated', true)
}

/**
 * No calls are wanted. Without calls in the conversation the tools are left out; else they stay, or
 * stand-ins for those that were called, and the model is asked not to call.
 */
function withoutCalls(tools: JsonObject[], writing: Writing): EncodedTools {
  const called = calledNames(writing)
  if (called.length === 0) return { config: undefined, isForced: false, instruction: undefined }
  const what =
    tools.length > 0
      ? 'that no tool may be called was asked for in words: the conversation has calls in it'
      : 'the tools that were called stand in the request again; the model is asked not to call them'
  lose(writing, tools.length > 0 ? 'tool_choice' : 'tools', what, 'emulated', true)
  const standIns = called.map(name => ({
    toolSpec: { name, inputSchema: { json: { type: 'object' } } },
  }))
  const config = { tools: tools.length > 0 ? tools : standIns }
  return { config, isForced: false, instruction: NO_CALLS }
}

function calledNames({ request }: Writing): string[] {
  const names = request.messages.flatMap(message =>
    message.role === 'assistant'
      ? message.content.flatMap(part => (part.type === 'tool-call' ? [part.name] : []))
      : [],
  )
  return [...new Set(names)]
}
