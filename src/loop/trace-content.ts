import type { Json, JsonObject } from '../core/json.ts'
import type { AssistantPart, Message, ResultPart, UserPart } from '../core/message.ts'
import type { FinishKind } from '../core/response.ts'

/*
 * Messages in the form of the conventions' JSON schemas for `gen_ai.input.messages`,
 * `gen_ai.output.messages` and `gen_ai.system_instructions` (OpenTelemetry, GenAI, 2025-10).
 */

/** What was said to the model, and apart from it the instructions. */
export function inputWords(messages: readonly Message[]): { system: string; input: string } {
  const system = messages.filter(({ role }) => role === 'system')
  const others = messages.filter(({ role }) => role !== 'system')
  return {
    system: system.length === 0 ? '' : JSON.stringify(system.flatMap(partsOf)),
    input: JSON.stringify(others.map(message => ({ role: message.role, parts: partsOf(message) }))),
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
