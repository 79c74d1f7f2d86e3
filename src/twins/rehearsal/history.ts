import type { TwinCall, TwinMessage } from '../model.ts'

/** A call that was made, with its result if that has come. */
export interface Made {
  readonly call: TwinCall
  readonly result?: { readonly text: string; readonly isError: boolean; readonly images: number }
}

/** One of the user's messages with what was done for it. */
export interface Exchange {
  readonly text: string
  readonly images: number
  readonly documents: number
  readonly made: readonly Made[]
  /** What the assistant wrote, joined. */
  readonly reply: string
}

/** A conversation as exchanges, in order, and all its system texts as one. */
export interface History {
  readonly system: string
  readonly exchanges: readonly Exchange[]
}

interface Open {
  text: string
  images: number
  documents: number
  made: Made[]
  reply: string
}

/** Reads a conversation. User messages in a row, with nothing from the assistant between, are one. */
export function readHistory(messages: readonly TwinMessage[]): History {
  const exchanges: Open[] = []
  const system: string[] = []
  for (const message of messages) {
    if (message.role === 'system') {
      system.push(message.text)
      continue
    }
    let open = exchanges.at(-1)
    if (open === undefined || (message.role === 'user' && begins(open, message.text))) {
      open = { text: '', images: 0, documents: 0, made: [], reply: '' }
      exchanges.push(open)
    }
    if (message.role === 'user') {
      open.text = open.text === '' ? message.text : `${open.text}\n${message.text}`
      open.images += message.images
      open.documents += message.documents
    } else if (message.role === 'assistant') {
      open.reply = [open.reply, message.text].filter(text => text !== '').join('\n')
      open.made.push(...message.calls.map(call => ({ call })))
    } else settle(open, message)
  }
  return { system: system.join('\n'), exchanges }
}

/** Whether a user's message begins an exchange; one without words after results does not. */
function begins(open: Open, text: string): boolean {
  return (open.made.length > 0 || open.reply !== '') && text.trim() !== ''
}

/** Puts a result to its call: the one with its id, else the first that waits. One without a call stands alone. */
function settle(open: Open, message: Extract<TwinMessage, { role: 'tool' }>): void {
  const result = { text: message.text, isError: message.isError, images: message.images }
  const waiting = (one: Made): boolean => one.result === undefined
  const byId = open.made.findIndex(one => waiting(one) && one.call.id === message.callId)
  const at = byId >= 0 ? byId : open.made.findIndex(waiting)
  const found = open.made[at]
  if (found !== undefined) open.made[at] = { call: found.call, result }
  else open.made.push({ call: { name: 'the tool', arguments: '{}' }, result })
}
