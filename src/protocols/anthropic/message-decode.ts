import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AssistantPart,
  Message,
  SystemMessage,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../core/message.ts'
import {
  asObject,
  missing,
  type Place,
  place,
  string,
  wrongType,
  wrongValue,
} from '../../wire/read.ts'
import { decodeAssistantPart, decodeResult, decodeText, decodeUserPart } from './block-decode.ts'
import { type Building, keepUnknown, NAME, ownExtras, type Reading } from './wire.ts'

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['role', 'content'])

/** Reads the top-level `system`: a string or text blocks. */
export function decodeSystem(wire: Json, reading: Reading): SystemMessage {
  const at = place('system')
  if (typeof wire === 'string') {
    return { role: 'system', voice: 'system', at: -1, content: [{ type: 'text', text: wire }] }
  }
  if (!Array.isArray(wire)) throw wrongType(at, 'a string or an array', wire)
  const content = wire.map((entry, i) => {
    const blockPlace = place(i, at)
    if (!isObject(entry) || entry['type'] !== 'text') {
      throw wrongValue(blockPlace, 'Input does not match the expected shape.')
    }
    return decodeText(entry, blockPlace, blockPlace, undefined, reading)
  })
  return { role: 'system', voice: 'system', at: -1, content }
}

/**
 * Reads `messages`. A user message is cut where results and other content meet, all pieces with the
 * same `at`; results that stand together, even across messages, become one message.
 */
export function decodeMessages(list: readonly Json[], reading: Reading): Message[] {
  return new MessageReader(reading).read(list)
}

class MessageReader {
  readonly #reading: Reading
  readonly #messages: Message[] = []
  /** The content of the last message, while it is one of results. */
  #results: ToolResultPart[] | undefined

  constructor(reading: Reading) {
    this.#reading = reading
  }

  read(list: readonly Json[]): Message[] {
    const root = place('messages')
    for (let i = 0; i < list.length; i++) {
      const at = place(i, root)
      const wire = asObject(list[i], at)
      const role = string(wire, 'role', at)
      if (role === 'user') this.#user(wire, i, at)
      else if (role === 'assistant') this.#assistant(wire, i, at)
      else if (role === 'system') this.#system(wire, i, at)
      else {
        const allowed = 'Allowed roles are "user" or "assistant"'
        throw wrongValue(root, `Unexpected role "${role}". ${allowed}`, { value: role })
      }
    }
    return this.#messages
  }

  #add(message: Building<Message>, extras: Message['extras']): void {
    if (extras) message.extras = extras
    this.#messages.push(message)
    this.#results = undefined
  }

  #user(wire: JsonObject, index: number, at: Place): void {
    let extras = keepUnknown(wire, MESSAGE_FIELDS, at, this.#reading)
    const content = contentOf(wire, at)
    if (typeof content === 'string') {
      this.#add({ role: 'user', at: index, content: [{ type: 'text', text: content }] }, extras)
      return
    }
    if (content.length === 0) this.#add({ role: 'user', at: index, content: [] }, extras)
    if (extras) this.#results = undefined
    const contentPlace = place('content', at)
    let parts: UserPart[] | undefined
    for (let i = 0; i < content.length; i++) {
      const blockPlace = place(i, contentPlace)
      const block = asObject(content[i], blockPlace)
      if (block['type'] === 'tool_result') {
        const result = decodeResult(block, index, i, blockPlace, this.#reading)
        if (this.#results) this.#results.push(result)
        else {
          const results = [result]
          this.#add({ role: 'tool', at: index, content: results }, extras)
          this.#results = results
          extras = undefined
        }
        parts = undefined
      } else {
        const part = decodeUserPart(block, blockPlace, this.#reading)
        if (parts) parts.push(part)
        else {
          parts = [part]
          this.#add({ role: 'user', at: index, content: parts }, extras)
          extras = undefined
        }
      }
    }
  }

  #assistant(wire: JsonObject, index: number, at: Place): void {
    const extras = keepUnknown(wire, MESSAGE_FIELDS, at, this.#reading)
    const content = contentOf(wire, at)
    if (typeof content === 'string') {
      this.#add(
        { role: 'assistant', at: index, content: [{ type: 'text', text: content }] },
        extras,
      )
      return
    }
    const contentPlace = place('content', at)
    const parts: AssistantPart[] = []
    for (let i = 0; i < content.length; i++) {
      const blockPlace = place(i, contentPlace)
      const block = asObject(content[i], blockPlace)
      parts.push(decodeAssistantPart(block, blockPlace, this.#reading))
    }
    this.#add({ role: 'assistant', at: index, content: parts }, extras)
  }

  /**
   * A `system` message inside the conversation. Blocks that are no text, such as `tool_addition`
   * (beta), are kept with their index, under `$content`.
   */
  #system(wire: JsonObject, index: number, at: Place): void {
    const extras = keepUnknown(wire, MESSAGE_FIELDS, at, this.#reading)
    const content = contentOf(wire, at)
    if (typeof content === 'string') {
      const parts: TextPart[] = [{ type: 'text', text: content }]
      this.#add({ role: 'system', voice: 'system', at: index, content: parts }, extras)
      return
    }
    const contentPlace = place('content', at)
    const parts: TextPart[] = []
    const others: Json[] = []
    for (let i = 0; i < content.length; i++) {
      const blockPlace = place(i, contentPlace)
      const block = asObject(content[i], blockPlace)
      const type = string(block, 'type', blockPlace)
      if (type === 'text') {
        parts.push(decodeText(block, blockPlace, place(type, blockPlace), undefined, this.#reading))
        continue
      }
      others.push([i, block])
      const path = `messages[${index}].content[${i}]`
      this.#reading.bound.push({ path, what: type, weight: 'meaning' })
    }
    this.#add(
      { role: 'system', voice: 'system', at: index, content: parts },
      others.length === 0 ? extras : { [NAME]: { ...ownExtras(extras), $content: others } },
    )
  }
}

function contentOf(wire: JsonObject, at: Place): string | Json[] {
  const content = wire['content']
  if (typeof content === 'string' || Array.isArray(content)) return content
  const contentPlace = place('content', at)
  throw content === undefined
    ? missing(contentPlace)
    : wrongType(contentPlace, 'a string or an array', content)
}
