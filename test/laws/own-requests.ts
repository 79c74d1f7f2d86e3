import fc from 'fast-check'
import type { AssistantPart, Message } from '../../src/core/message.ts'
import type { ModelRequest, Tool } from '../../src/core/request.ts'
import { requestFor, type Spoken } from './arbitraries.ts'

/**
 * Requests with what only their own protocol can say in full: for Chat Completions tools with free
 * text and signatures on calls, for Messages cache marks, tools that the vendor runs, and blocks
 * that nobody else understands.
 */
export function ownRequestFor(protocol: Spoken): fc.Arbitrary<ModelRequest> {
  return fc.tuple(requestFor(protocol), fc.infiniteStream(fc.nat(3))).map(([request, dice]) => {
    const roll = (): number => dice.next().value
    const adorn = protocol === 'anthropic' ? adornMessages : adornChat
    return {
      ...request,
      messages: request.messages.map(message => adorn(message, roll)),
      tools: [...request.tools, ...(request.tools.length > 0 ? moreTools(protocol, roll) : [])],
    }
  })
}

function moreTools(protocol: Spoken, roll: () => number): Tool[] {
  if (roll() !== 0) return []
  if (protocol === 'anthropic') {
    const value = { type: 'web_search_20250305', name: 'web_search', max_uses: 2 }
    return [{ kind: 'server', protocol, type: value.type, name: value.name, value }]
  }
  const grammar = { syntax: 'lark', definition: 'start: "a"' }
  return [{ kind: 'custom', name: 'free_text', description: 'Takes any text', grammar }]
}

function adornChat(message: Message, roll: () => number): Message {
  if (message.role !== 'assistant') return message
  return {
    ...message,
    content: message.content.map((part, i): AssistantPart => {
      if (part.type !== 'tool-call') return part
      if (roll() === 0) return { ...part, kind: 'custom', arguments: `free "text" ${i}\n{` }
      if (roll() !== 0) return part
      return { ...part, state: { family: 'google', kind: 'signature', data: `c2lnbg${i}==` } }
    }),
  }
}

function adornMessages(message: Message, roll: () => number): Message {
  switch (message.role) {
    case 'system':
      return { ...message, content: message.content.map(part => marked(part, roll)) }
    case 'user':
      return { ...message, content: message.content.map(part => marked(part, roll)) }
    case 'tool':
      return {
        ...message,
        content: message.content.map(part => (roll() === 0 ? { ...part, cache: {} } : part)),
      }
    case 'assistant':
      return roll() === 0
        ? { ...message, content: [...serverCall(message.content.length), ...message.content] }
        : message
  }
}

function marked<T extends { readonly type: string }>(part: T, roll: () => number): T {
  return part.type === 'text' && roll() === 0 ? { ...part, cache: { ttl: '1h' } } : part
}

/** A call that the vendor answered itself, and its result. */
function serverCall(count: number): AssistantPart[] {
  const id = `srvtoolu_${count}`
  const call = { type: 'server_tool_use', id, name: 'web_search', input: { query: 'x' } }
  const result = { type: 'web_search_tool_result', tool_use_id: id, content: [] }
  return [call, result].map(value => ({
    type: 'opaque',
    protocol: 'anthropic',
    kind: value.type,
    value,
  }))
}
