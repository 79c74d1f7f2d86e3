import { isObject } from '../core/json.ts'
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  TextPart,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
  UserMessage,
  UserPart,
} from '../core/message.ts'
import { tryParseJson } from '../wire/json.ts'

/** A conversation in which calls and results are words, and how many of each became words. */
export interface PlainHistory {
  /** The same array as came in if it holds neither. */
  readonly messages: readonly Message[]
  readonly calls: number
  readonly results: number
}

/**
 * Writes the calls of a conversation as the model itself would, and their results as what the user
 * says next: in the order of the calls, and in one message with the user's own words after them,
 * because many models take no two messages of one side in a row.
 */
export function plainHistory(messages: readonly Message[]): PlainHistory {
  const all: Message[] = []
  let calls = 0
  let results = 0
  for (const message of messages) {
    const last = all.at(-1)
    if (message.role === 'assistant') {
      calls += message.content.filter(part => part.type === 'tool-call').length
      all.push(plainAssistant(message))
    } else if (message.role === 'tool') {
      results += message.content.length
      all.push({ role: 'user', at: message.at, content: plainResults(message, messages) })
    } else if (message.role === 'user' && last?.role === 'user' && results > 0 && isTold(last)) {
      all[all.length - 1] = { ...message, content: [...last.content, ...message.content] }
    } else all.push(message)
  }
  return { messages: calls + results === 0 ? messages : all, calls, results }
}

const OPEN = '<tool_response>'

/** Whether a message of the user's was made of results. */
function isTold(message: UserMessage): boolean {
  const [first] = message.content
  return first?.type === 'text' && first.text.startsWith(OPEN)
}

function plainAssistant(message: AssistantMessage): AssistantMessage {
  if (message.content.every(part => part.type !== 'tool-call')) return message
  const content: AssistantPart[] = []
  for (const part of message.content) {
    const words = part.type === 'tool-call' ? callText(part) : undefined
    const last = content.at(-1)
    const isWords = words !== undefined || part.type === 'text'
    if (isWords && last?.type === 'text') {
      const text = words ?? (part.type === 'text' ? part.text : '')
      content[content.length - 1] = { type: 'text', text: `${last.text}\n${text}` }
    } else content.push(words === undefined ? part : { type: 'text', text: words })
  }
  return { ...message, content }
}

function callText(call: ToolCallPart): string {
  const { name, arguments: text } = call
  const isSound = call.kind === 'function' && isObject(tryParseJson(text))
  const json = isSound ? text : text.trim() === '' ? '{}' : JSON.stringify(text)
  return `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${json}}\n</tool_call>`
}

/** Results as words, in the order of their calls; pictures and files stand behind the words. */
function plainResults(message: ToolMessage, messages: readonly Message[]): UserPart[] {
  const before = messages[messages.indexOf(message) - 1]
  const calls =
    before?.role === 'assistant' ? before.content.filter(part => part.type === 'tool-call') : []
  const place = (result: ToolResultPart) => calls.findIndex(call => call.id === result.callId)
  const sorted = [...message.content].sort((one, other) => place(one) - place(other))
  const text = sorted
    .map(result => resultText(result, result.name ?? calls[place(result)]?.name))
    .join('\n')
  const rest = sorted.flatMap(result => result.content.filter(part => part.type !== 'text'))
  return [{ type: 'text', text }, ...rest]
}

function resultText(result: ToolResultPart, name: string | undefined): string {
  const words = result.content
    .filter((part): part is TextPart => part.type === 'text')
    .map(part => part.text)
    .join('\n')
  const others = result.content.filter(part => part.type !== 'text').length
  const told = JSON.stringify({
    ...(name === undefined ? {} : { name }),
    ...(result.isError ? { error: words } : { content: words }),
    ...(others === 0 ? {} : { attached: others }),
  })
  // A result must not be able to end its own tag.
  return `${OPEN}\n${told.replaceAll('</', '<\\/')}\n</tool_response>`
}
