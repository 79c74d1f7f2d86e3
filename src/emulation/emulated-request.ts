import { CALL_FORMS } from '../core/call-form.ts'
import type { Loss } from '../core/loss.ts'
import type { Message } from '../core/message.ts'
import type { FunctionTool, ModelRequest, Tool } from '../core/request.ts'
import type { CallReading } from './call-stage.ts'
import type { KnownTools } from './form.ts'
import { plainHistory } from './history.ts'
import { instructionsFor } from './instructions.ts'

/** A request for a model that knows no tools, and how its answer is to be read. */
export interface EmulatedRequest {
  /** The same object as came in if it has to do with no tools. */
  readonly request: ModelRequest
  readonly losses: readonly Loss[]
  /** Absent if nothing may be called. */
  readonly reading: CallReading | undefined
}

/**
 * Puts a request's tools into words: definitions and choice into the instructions, calls and
 * results of earlier turns into the conversation. Only the tools that may be called are told.
 */
export function emulateTools(request: ModelRequest): EmulatedRequest {
  const { messages, calls, results } = plainHistory(request.messages)
  const functions = request.tools.filter(tool => tool.kind !== 'server')
  if (functions.length === 0 && messages === request.messages)
    return { request, losses: [], reading: undefined }
  const { tools: _tools, toolChoice, parallel, ...rest } = request
  const losses: Loss[] = functions.some(tool => tool.kind === 'function' && tool.strict)
    ? [loss('tools', 'arguments are not held to their strict schemas', true)]
    : []
  if (calls + results > 0)
    losses.unshift(loss('messages', `${calls} calls and ${results} results as text`, false))
  const others = request.tools.filter(tool => tool.kind === 'server')
  const told = callable(functions, toolChoice).map(asFunction)
  const plain: ModelRequest = { ...rest, messages, tools: others }
  if (told.length === 0) return { request: plain, losses, reading: undefined }
  const single = parallel === false
  const must =
    toolChoice?.mode === 'tool' ? 'one' : toolChoice?.mode === 'required' ? 'any' : undefined
  const { output, ...free } = plain
  const instructions = instructionsFor({ tools: told, must, parallel: !single, output })
  losses.unshift(loss('tools', 'told in the instructions; calls are read out of the text', false))
  if (toolChoice && toolChoice.mode !== 'auto')
    losses.push(loss('tool_choice', 'told in the instructions, and checked in the answer', false))
  if (single)
    losses.push(loss('parallel_tool_calls', 'told; calls after the first are left out', false))
  // A server that holds the text to JSON would let no call through.
  if (output) losses.push(loss('response_format', 'told in the instructions, not enforced', true))
  return {
    request: { ...free, messages: withInstructions(messages, instructions) },
    losses,
    reading: {
      tools: knownTools(told),
      forms: CALL_FORMS,
      single,
      ...(must === undefined ? {} : { required: must === 'one' ? `'${told[0]?.name}'` : 'a tool' }),
    },
  }
}

/** How to read calls that a server leaves in the text though it was told of the tools. */
export function rawReading(
  request: ModelRequest,
  forms: CallReading['forms'],
): CallReading | undefined {
  const { tools, toolChoice } = request
  const told = callable(
    tools.filter(tool => tool.kind !== 'server'),
    toolChoice,
  )
  if (told.length === 0) return undefined
  return { tools: knownTools(told.map(asFunction)), forms, single: request.parallel === false }
}

/** The tools that the choice leaves. */
function callable<T extends Tool>(tools: readonly T[], choice: ModelRequest['toolChoice']): T[] {
  if (choice?.mode === 'none') return []
  if (choice?.mode === 'tool') return tools.filter(tool => tool.name === choice.name)
  const allowed = choice?.allowed
  return allowed ? tools.filter(tool => allowed.includes(tool.name)) : [...tools]
}

/** Free-text tools have become functions before; what is left of them takes anything. */
function asFunction(tool: Exclude<Tool, { kind: 'server' }>): FunctionTool {
  return tool.kind === 'function' ? tool : { kind: 'function', name: tool.name }
}

function knownTools(tools: readonly FunctionTool[]): KnownTools {
  return new Map(tools.map(tool => [tool.name, tool.parameters]))
}

/** At the end of the first instructions: many models know only one message of them. */
function withInstructions(messages: readonly Message[], instructions: string): Message[] {
  const [first, ...rest] = messages
  if (first?.role !== 'system') {
    const content = [{ type: 'text' as const, text: instructions }]
    return [{ role: 'system', voice: 'system', at: -1, content }, ...messages]
  }
  const last = first.content.at(-1)
  const text = last ? `${last.text}\n\n${instructions}` : instructions
  const content = [...first.content.slice(0, -1), { ...last, type: 'text' as const, text }]
  return [{ ...first, content }, ...rest]
}

function loss(path: string, what: string, meaning: boolean): Loss {
  return { path, what, action: 'emulated', meaning }
}
