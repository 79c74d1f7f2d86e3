import { ToolgateError } from '../core/error.ts'
import { isObject, type Json } from '../core/json.ts'
import type { AssistantMessage, AssistantPart, Message, ToolCallPart } from '../core/message.ts'
import type { ModelResponse } from '../core/response.ts'
import { protocolNamed } from '../protocols/index.ts'
import type { RunState } from './state.ts'
import { legalName } from './tool-name.ts'

/** A role and a text. */
export interface PlainMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** The house's own form of a message; its place is where it stands in the list. */
type PlacedMessage<M extends Message = Message> = M extends Message
  ? Omit<M, 'at'> & { readonly at?: number }
  : never

/** A message as a program writes it: the house's own form, or a role and a text. */
export type MessageInput = PlacedMessage | PlainMessage

/** Messages in the house's form. @throws ToolgateError `invalid_value` that names what is none. */
export function readMessages(messages: readonly MessageInput[]): Message[] {
  return messages.map((message, at): Message => {
    checkMessage(message, `messages[${at}]`)
    if (!isPlain(message)) return { ...message, at }
    const text = [{ type: 'text', text: message.content }] as const
    if (message.role === 'system') return { role: 'system', voice: 'system', at, content: text }
    return { role: message.role === 'user' ? 'user' : 'assistant', at, content: text }
  })
}

const ROLES = ['system', 'user', 'assistant', 'tool']
const PARTS = 'text image document audio reasoning refusal tool-call tool-result opaque'.split(' ')

/** Messages are often read from a store, or come from another package, which no compiler sees. */
function checkMessage(message: unknown, place: string): void {
  const { role, content } = isObject(message) ? message : {}
  if (typeof role !== 'string' || !ROLES.includes(role))
    throw invalid(`${place}.role must be one of ${ROLES.join(', ')}`)
  if (typeof content === 'string' && role !== 'tool') return
  if (!Array.isArray(content))
    throw invalid(`${place}.content must be a ${role === 'tool' ? '' : 'text or a '}list of parts`)
  for (const [index, part] of content.entries()) {
    const { type } = isObject(part) ? part : {}
    if (typeof type !== 'string' || !PARTS.includes(type))
      throw invalid(`${place}.content[${index}].type must be one of ${PARTS.join(', ')}`)
  }
}

function invalid(message: string): ToolgateError {
  return new ToolgateError('invalid_value', `${message}.`)
}

function isPlain(message: MessageInput): message is PlainMessage {
  return typeof message.content === 'string'
}

/** An answer made fit for the history. */
export interface MendedAnswer {
  readonly message: AssistantMessage | undefined
  /** The calls with the model's own text, each id once. */
  readonly calls: readonly ToolCallPart[]
  /** What had to be mended, in words. */
  readonly mends: readonly string[]
}

/**
 * Makes an answer one that every vendor takes back: ids that are legal and unique in the
 * conversation, a call that came twice once, legal names, arguments that are a JSON object (broken
 * ones under `_raw`), nothing empty.
 */
export function mendAnswer(response: ModelResponse, state: RunState, turn: number): MendedAnswer {
  const protocol = protocolNamed(state.start.protocol)
  const used = usedIds(state.messages)
  const calls = new Map<string, ToolCallPart>()
  const content: AssistantPart[] = []
  const mends: string[] = []
  for (const part of response.content) {
    if (part.type === 'tool-call') {
      const id = part.id
      if (id !== '' && calls.has(id)) {
        mends.push(`the call '${id}' came twice in a turn and is run once`)
        continue
      }
      const legal = protocol.callId.pattern.test(id) && id.length <= protocol.callId.max
      const minted = legal && !used.has(id) ? id : `call_t${turn}_${calls.size}`
      if (minted !== id) mends.push(`the id '${id}' of a call is now '${minted}'`)
      const call = { ...renamed(part, minted), name: knownName(part.name, state) }
      calls.set(id === '' ? minted : id, { ...part, id: minted })
      content.push(mendArguments(call, mends))
    } else if (part.type !== 'text' || part.text !== '') content.push(part)
  }
  const says = content.some(part => part.type !== 'reasoning')
  const message = { role: 'assistant', at: 0, content } as const
  return { message: says ? message : undefined, calls: [...calls.values()], mends }
}

/** A call under another id; what its protocol alone knows of it may hold an id that stands twice too. */
export function renamed(call: ToolCallPart, id: string): ToolCallPart {
  if (id === call.id) return call
  const { extras: _, ...rest } = call
  return { ...rest, id }
}

function usedIds(messages: readonly Message[]): Set<string> {
  const used = new Set<string>()
  for (const message of messages)
    if (message.role === 'assistant')
      for (const part of message.content) if (part.type === 'tool-call') used.add(part.id)
  return used
}

/** A name that every vendor takes: the conversation may go on with another one. */
function knownName(name: string, { tools }: RunState): string {
  return tools.some(tool => tool.name === name) ? name : legalName(name)
}

function mendArguments(call: ToolCallPart, mends: string[]): ToolCallPart {
  if (call.kind === 'custom' || call.arguments.trim() === '' || isJsonObject(call.arguments))
    return call
  mends.push(`the arguments of '${call.id}' are no JSON object and stand under _raw`)
  return { ...call, arguments: JSON.stringify({ _raw: call.arguments }) }
}

function isJsonObject(text: string): boolean {
  try {
    const value: Json = JSON.parse(text)
    return isObject(value)
  } catch {
    return false
  }
}

/** The words of an answer: its texts, and its refusals if there is no text. */
export function textOf(content: readonly AssistantPart[]): string {
  const texts = content.flatMap(part => (part.type === 'text' ? part.text : []))
  if (texts.some(text => text !== '')) return texts.join('')
  return content.flatMap(part => (part.type === 'refusal' ? part.text : [])).join('')
}
