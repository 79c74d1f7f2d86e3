import type { TwinMessage, TwinPrompt } from '../model.ts'
import { isGiven, isRecord, itemsOf, recordOf, recordsOf, textOf } from './json.ts'
import { type Body, type ChatRequest, callsOf, contentText } from './request.ts'

/** Lifts a request that has passed all checks into what a twin's model is told. */
export function promptOf(request: ChatRequest, reasoning: boolean): TwinPrompt {
  const { body, choice } = request
  const maxTokens = body.max_completion_tokens ?? body.max_tokens
  const output = outputOf(recordOf(body.response_format))
  const { allowed } = choice
  const tools = request.tools.filter(tool => !allowed || allowed.includes(tool.name))
  return {
    model: request.model,
    tools: tools.map(({ kind, name, description, parameters }) => ({
      name,
      description,
      ...(kind === 'custom' ? { custom: true } : { parameters: parameters ?? EMPTY_OBJECT }),
    })),
    choice: { mode: choice.mode, ...(choice.name !== undefined && { name: choice.name }) },
    // The old form has room for a single call.
    parallel: body.parallel_tool_calls !== false && !request.legacy,
    reasoning,
    ...(output && { output }),
    ...(typeof maxTokens === 'number' && { maxTokens }),
    stop: typeof body.stop === 'string' ? [body.stop] : itemsOf(body.stop).map(String),
    messages: request.messages.map(messageOf),
  }
}

/** What leaving the schema out means: a tool without parameters (OpenAI API reference, 2026-07). */
const EMPTY_OBJECT = { type: 'object', properties: {} }

function outputOf(format: Body): TwinPrompt['output'] {
  if (format.type === 'json_object') return {}
  if (format.type !== 'json_schema') return undefined
  const { schema } = recordOf(format.json_schema)
  return schema === undefined ? {} : { schema }
}

function messageOf(message: Body): TwinMessage {
  const text = contentText(message.content)
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', text }
    case 'assistant':
      return { role: 'assistant', text, calls: [...callsOf(message), ...oldCall(message)] }
    case 'tool':
      return {
        role: 'tool',
        callId: textOf(message.tool_call_id) ?? '',
        text,
        images: countParts(message.content, 'image_url'),
        // The protocol has no flag for a result that is an error.
        isError: false,
      }
    case 'function':
      return {
        role: 'tool',
        callId: textOf(message.name) ?? '',
        text,
        images: 0,
        isError: false,
      }
    default:
      return {
        role: 'user',
        text,
        images: countParts(message.content, 'image_url'),
        documents: countParts(message.content, 'file'),
      }
  }
}

/** A call in the old form has no id; its result names the function instead. */
function oldCall(message: Body) {
  if (!isRecord(message.function_call)) return []
  const { name, arguments: input } = message.function_call
  const called = textOf(name) ?? ''
  return [{ id: called, name: called, arguments: textOf(input) ?? '' }]
}

function countParts(content: unknown, type: string): number {
  return isGiven(content) ? recordsOf(content).filter(part => part.type === type).length : 0
}
