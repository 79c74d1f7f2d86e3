import type { TwinCall, TwinMessage, TwinPrompt } from '../model.ts'
import { isObject, objectOf, objectsOf, textOf } from './json.ts'
import { contentText, type Item, type ResponsesRequest } from './request.ts'

/** What leaving the schema out means: a tool without parameters (OpenAI API reference, 2026-07). */
const EMPTY_OBJECT = { type: 'object', properties: {} }

/**
 * Lifts an admitted request into what a twin's model is told. Hosted tools are left out, because
 * nobody runs them; a choice that no other tool can meet becomes `auto`.
 */
export function toPrompt(request: ResponsesRequest): TwinPrompt {
  const { body, model, choice, history, items } = request
  const tools = request.tools.filter(({ name }) => choice.allowed?.includes(name) ?? true)
  const mode = choice.mode === 'required' && tools.length === 0 ? 'auto' : choice.mode
  const instructions = textOf(body.instructions)
  const { max_output_tokens: maxTokens } = body
  const output = outputOf(objectOf(body.text).format)
  return {
    model: model.id,
    tools: tools.map(({ kind, name, description, parameters }) => ({
      name,
      description,
      ...(kind === 'custom' ? { custom: true } : { parameters: parameters ?? EMPTY_OBJECT }),
    })),
    choice: { mode, ...(choice.name !== undefined && { name: choice.name }) },
    parallel: body.parallel_tool_calls !== false,
    reasoning: isThinking(request) && request.summary !== null,
    ...(output && { output }),
    ...(typeof maxTokens === 'number' && { maxTokens }),
    stop: [],
    messages: [
      ...(instructions ? [{ role: 'system', text: instructions } as const] : []),
      ...toMessages([...history, ...items]),
    ],
  }
}

/** Whether the model thinks before it answers this request. */
export function isThinking({ model, effort }: ResponsesRequest): boolean {
  return model.reasons && effort !== 'none'
}

function outputOf(format: unknown): TwinPrompt['output'] {
  if (!isObject(format)) return undefined
  if (format.type === 'json_object') return {}
  return format.type === 'json_schema' ? { schema: format.schema } : undefined
}

/** Items become messages; what an assistant says and calls in one go becomes a single message. */
function toMessages(items: readonly Item[]): TwinMessage[] {
  const messages: TwinMessage[] = []
  for (const item of items) {
    const message = messageOf(item)
    if (!message) continue
    const last = messages.at(-1)
    if (message.role === 'assistant' && last?.role === 'assistant') {
      const text = [last.text, message.text].filter(part => part !== '').join('\n')
      messages.splice(-1, 1, { role: 'assistant', text, calls: [...last.calls, ...message.calls] })
    } else messages.push(message)
  }
  return messages
}

function messageOf({ type, at }: Item): TwinMessage | undefined {
  switch (type) {
    case 'message':
      return spokenOf(at)
    case 'function_call':
      return calling({ ...named(at), arguments: textOf(at.arguments) ?? '' })
    case 'custom_tool_call':
      return calling({ ...named(at), arguments: textOf(at.input) ?? '' })
    case 'function_call_output':
    case 'custom_tool_call_output':
      return {
        role: 'tool',
        callId: textOf(at.call_id) ?? '',
        text: contentText(at.output),
        images: countParts(at.output, 'input_image'),
        // The protocol has no flag for a result that is an error.
        isError: false,
      }
    default:
      return undefined
  }
}

function spokenOf(at: Item['at']): TwinMessage {
  const text = contentText(at.content)
  switch (at.role) {
    case 'system':
    case 'developer':
      return { role: 'system', text }
    case 'assistant':
      return { role: 'assistant', text, calls: [] }
    default:
      return {
        role: 'user',
        text,
        images: countParts(at.content, 'input_image'),
        documents: countParts(at.content, 'input_file'),
      }
  }
}

function named(at: Item['at']) {
  return { id: textOf(at.call_id) ?? '', name: textOf(at.name) ?? '' }
}

function calling(call: TwinCall): TwinMessage {
  return { role: 'assistant', text: '', calls: [call] }
}

function countParts(content: unknown, type: string): number {
  return objectsOf(content).filter(part => part.type === type).length
}
