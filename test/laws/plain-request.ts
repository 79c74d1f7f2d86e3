import type { Message } from '../../src/core/message.ts'
import type { ModelRequest } from '../../src/core/request.ts'
import { exactText } from '../answers.ts'

/** A request without what is only about where it stood on the wire. */
export function plainRequest(request: ModelRequest): unknown {
  const { extras: _, bound: __, includeUsage: ___, toolChoice, messages, ...rest } = request
  // `auto` is what holds without a choice, and some wires have to say it.
  const isUsual = toolChoice?.mode === 'auto' && !toolChoice.allowed
  return {
    ...rest,
    ...(toolChoice && !isUsual ? { toolChoice } : {}),
    messages: messages.map(plainMessage),
  }
}

function plainMessage(message: Message): unknown {
  const { at: _, extras: __, ...rest } = message
  if (rest.role === 'tool')
    return {
      ...rest,
      content: rest.content.map(({ at: _, atPart: __, extras: ___, ...part }) => part),
    }
  if (rest.role !== 'assistant') return rest
  return {
    ...rest,
    content: rest.content.map(part =>
      part.type === 'tool-call' && part.kind === 'function'
        ? { ...part, arguments: exactText(part.arguments) }
        : part,
    ),
  }
}
