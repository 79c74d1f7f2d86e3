import type { Json, JsonObject } from '../core/json.ts'
import type { AssistantPart, Message, ResultPart, UserPart } from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import type { FinishKind } from '../core/response.ts'

/*
 * Messages in the form of the conventions' JSON schemas for `gen_ai.input.messages`,
 * `gen_ai.output.messages` and `gen_ai.system_instructions` (OpenTelemetry, GenAI, 2025-10).
 */

/** What is said to the model: its instructions, the conversation, the tools. */
export function contentOf({ messages, tools = [] }: ModelRequest): { [name: string]: string } {
  const system = messages.filter(({ role }) => role === 'system').flatMap(partsOf)
  const others = messages
    .filter(({ role }) => role !== 'system')
    .map(message => ({ role: message.role, parts: partsOf(message) }))
  const declared = tools.map(({ kind, ...tool }) => ({ type: kind, ...tool }))
  return {
    'gen_ai.input.messages': JSON.stringify(others),
    ...(system.length === 0 ? {} : { 'gen_ai.system_instructions': JSON.stringify(system) }),
    ...(declared.length === 0 ? {} : { 'gen_ai.tool.definitions': JSON.stringify(declared) }),
  }
}

/** What the model said, and why it stopped. */
export function outputWords(content: readonly AssistantPart[], finish: FinishKind): string {
  const parts = content.map(partOf)
  return JSON.stringify([{ role: 'assistant', parts, finish_reason: finishWord(finish) }])
}

/** The conventions' word for why a model stopped; where they have none, the house's own. */
export function finishWord(kind: FinishKind): string {
  if (kind === 'tool-calls') return 'tool_call'
  if (kind === 'stop-sequence') return 'stop'
  return kind.replace('-', '_')
}

function partsOf(message: Message): Json[] {
  if (message.role !== 'tool') return message.content.map(partOf)
  return message.content.map(({ callId, content }) => ({
    type: 'tool_call_response',
    id: callId,
    response: content.map(partOf),
  }))
}

function partOf(part: UserPart | AssistantPart | ResultPart): JsonObject {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { type: part.type, content: part.text }
    case 'refusal':
      return { type: 'text', content: part.text }
    case 'tool-call':
      return { type: 'tool_call', id: part.id, name: part.name, arguments: asValue(part.arguments) }
    case 'opaque':
      return { type: part.kind }
    // The bytes of pictures, documents and sounds would drown a trace.
    default:
      return { type: part.type }
  }
}

function asValue(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
