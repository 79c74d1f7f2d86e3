import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  SystemMessage,
  ToolMessage,
  UserMessage,
  UserPart,
} from '../../core/message.ts'
import { emptyRequest } from '../../core/request.ts'
import { keepShape } from '../../core/shape.ts'
import {
  encodeAssistantPart,
  encodeResult,
  encodeText,
  encodeUserPart,
  plainText,
} from './block-encode.ts'
import { isOwnState } from './reasoning.ts'
import { encodeCache, lose, messagePath, NAME, ownExtras, restore, type Writing } from './wire.ts'

/** A conversation in the vendor's words. */
export interface EncodedConversation {
  /** The blocks of the top-level `system`. */
  readonly system: JsonObject[]
  readonly messages: JsonObject[]
  /** Whether the running tool loop began without a thinking block. */
  readonly isLoopBare: boolean
}

/** What the vendor sees as one turn: neighbours of one role are one. */
interface Turn {
  readonly role: 'user' | 'assistant' | 'system'
  /** Results stand before all else, whatever order they came in. */
  readonly results: Json[]
  readonly content: Json[]
  readonly extras: JsonObject | undefined
}

/**
 * Writes the messages: instructions from the head of the conversation apart, neighbouring user and
 * tool messages as one turn with the results first, and no empty texts, which the vendor refuses.
 *
 * @throws ToolgateError `unsupported` if the conversation ends with a prefill that the model does
 * not take, and `invalid_value` if nothing is left of it.
 */
export function encodeConversation(writing: Writing): EncodedConversation {
  const writer = new ConversationWriter(writing)
  const { messages } = writing.request
  const following = nextSpoken(messages)
  for (const [i, message] of messages.entries()) writer.add(message, following[i])
  return writer.end()
}

class ConversationWriter {
  readonly #writing: Writing
  readonly #system: JsonObject[] = []
  readonly #turns: Turn[] = []
  #last: Message | undefined

  constructor(writing: Writing) {
    this.#writing = writing
  }

  /** `next` is the next message that is no instruction. */
  add(message: Message, next: Message | undefined): void {
    switch (message.role) {
      case 'system':
        this.#addSystem(message, next)
        break
      case 'user':
        this.#addUser(message)
        break
      case 'tool':
        this.#addResults(message)
        break
      case 'assistant':
        this.#addAssistant(message)
    }
    this.#last = message
  }

  end(): EncodedConversation {
    const turns = this.#turns
    if (turns.length === 0) this.#askInstructions()
    if (turns[0]?.role === 'assistant' && !this.#writing.isOwn) this.#openForUser()
    const last = turns.at(-1)
    if (last?.role === 'assistant') this.#checkPrefill(last)
    return {
      system: this.#system,
      messages: turns.map(encodeTurn),
      isLoopBare: isLoopBare(turns),
    }
  }

  /** The turn to write into. One with fields of its own is never added to another. */
  #turn(role: Turn['role'], message?: Message): Turn {
    const extras = ownExtras(message?.extras)
    const last = this.#turns.at(-1)
    if (last?.role === role && !extras) return last
    const turn: Turn = { role, results: [], content: [], extras }
    this.#turns.push(turn)
    return turn
  }

  #addSystem(message: SystemMessage, next: Message | undefined): void {
    const path = messagePath(message)
    const kept = ownExtras(message.extras)
    const isHead = this.#turns.length === 0 && (message.at < 0 || !kept)
    if (!isHead && !this.#mayStay(next)) {
      const what = 'instructions in the middle were said as a user text in <system> tags'
      lose(this.#writing, path, what, 'approximated', true)
      this.#inline(message, path)
      return
    }
    const blocks: Json[] = []
    for (const [i, part] of message.content.entries()) {
      const block = encodeText(part, `${path}.content[${i}]`, this.#writing)
      if (!block) continue
      if (isHead) this.#system.push(block)
      else blocks.push(block)
    }
    if (isHead) return
    const others = kept?.['$content']
    if (Array.isArray(others)) putBack(others, blocks)
    // Without blocks it may still carry settings (`output_config`) for what follows.
    if (blocks.length > 0 || kept) this.#turn('system', message).content.push(...blocks)
  }

  /**
   * Whether instructions may stand where the next turn would begin: behind a user's turn, and
   * before an assistant's or at the end (Claude docs, "mid-conversation system messages", 2026-10).
   */
  #mayStay(next: Message | undefined): boolean {
    const { quirks, isOwn } = this.#writing
    if (isOwn) return quirks.systemInMessages !== false
    if (quirks.systemInMessages !== true || this.#turns.at(-1)?.role === 'assistant') return false
    return next === undefined || next.role === 'assistant'
  }

  /** Says instructions as the user's, in a turn where no call waits for its result behind them. */
  #inline(message: SystemMessage, path: string): void {
    for (const part of message.content) {
      if (part.text.trim() === '') continue
      const text = `<system>\n${part.text}\n</system>`
      const block: JsonObject = { type: 'text', text }
      if (part.cache) block['cache_control'] = encodeCache(part.cache)
      this.#turn('user').content.push(block)
    }
    if (ownExtras(message.extras)) {
      lose(this.#writing, path, 'what is no text cannot be said by the user', 'dropped', true)
    }
  }

  #addUser(message: UserMessage): void {
    const path = messagePath(message)
    for (const [i, part] of message.content.entries()) {
      const block = encodeUserPart(part, `${path}.content[${i}]`, this.#writing)
      if (block !== undefined) this.#turnOnce('user', message).content.push(block)
    }
  }

  #addResults(message: ToolMessage): void {
    if (message.content.length === 0) return
    const turn = this.#turnOnce('user', message)
    if (this.#last?.role === 'user' && turn.content.length > 0) {
      const what = 'results stand before the other content of their turn'
      lose(this.#writing, messagePath(message), what, 'repaired', false)
    }
    for (const part of message.content) turn.results.push(encodeResult(part, this.#writing))
  }

  /** The turn of a message, also for its second part. */
  #turnOnce(role: Turn['role'], message: Message): Turn {
    const last = this.#turns.at(-1)
    return last?.role === role && last.extras && last.extras === ownExtras(message.extras)
      ? last
      : this.#turn(role, message)
  }

  #addAssistant(message: AssistantMessage): void {
    const path = messagePath(message)
    for (const [i, part] of message.content.entries()) {
      const block = encodeAssistantPart(part, `${path}.content[${i}]`, this.#writing)
      if (block !== undefined) this.#turnOnce('assistant', message).content.push(block)
    }
  }

  /** The vendor wants a question: with instructions alone, the last of them becomes it. */
  #askInstructions(): void {
    const block = this.#system.pop()
    if (!block) {
      throw new ToolgateError('invalid_value', 'messages: at least one message is required', {
        details: { path: ['messages'], why: 'at least one message is required' },
      })
    }
    this.#turns.push({ role: 'user', results: [], content: [block], extras: undefined })
    const what = 'a conversation of instructions alone; the last of them was said as the user'
    lose(this.#writing, 'messages', what, 'approximated', true)
  }

  /** The vendor wants the user to speak first, and a greeting is not worth a refusal. */
  #openForUser(): void {
    const text = '[The assistant begins the conversation.]'
    const content = [{ type: 'text', text }]
    this.#turns.unshift({ role: 'user', results: [], content, extras: undefined })
    const what = 'the assistant spoke first; a user text that says so was put before it'
    lose(this.#writing, 'messages', what, 'repaired', false)
  }

  /**
   * A turn of the assistant at the end is a prefill, which models refuse from 4.6 on; one that was
   * paused, or ends with a block of the vendor's own tools, is a turn that goes on.
   */
  #checkPrefill(turn: Turn): void {
    const { quirks, isOwn } = this.#writing
    const last = this.#last
    if (last?.role === 'assistant' && (last.paused || last.content.at(-1)?.type === 'opaque'))
      return
    if (quirks.prefill ?? isOwn) {
      if (!isOwn) this.#trimEnd(turn)
      return
    }
    throw new ToolgateError(
      'unsupported',
      'This model does not support assistant message prefill. The conversation must end with a user message.',
      { details: { path: ['messages', last?.at ?? 0] } },
    )
  }

  /** The vendor refuses a prefill that ends with white space. */
  #trimEnd(turn: Turn): void {
    const block = turn.content.at(-1)
    if (!isObject(block) || typeof block['text'] !== 'string') return
    const text = block['text'].trimEnd()
    if (text === block['text']) return
    block['text'] = text
    const what = 'white space at the end of the begun answer was left out'
    lose(this.#writing, 'messages', what, 'repaired', false)
  }
}

const request = emptyRequest('anthropic', '')
keepShape(new ConversationWriter({ request, quirks: {}, losses: [], isOwn: true }))

/** For each message, the next one that is no instruction and leaves something to write. */
function nextSpoken(messages: readonly Message[]): (Message | undefined)[] {
  const following = new Array<Message | undefined>(messages.length)
  let next: Message | undefined
  for (let i = messages.length - 1; i >= 0; i--) {
    following[i] = next
    const message = messages[i]
    if (message && isSpoken(message)) next = message
  }
  return following
}

function isSpoken(message: Message): boolean {
  if (message.role === 'system') return false
  return message.role === 'tool' ? message.content.length > 0 : message.content.some(isWritten)
}

/** Whether a part becomes a block: no blank text, no reasoning or block of another's. */
function isWritten(part: AssistantPart | UserPart): boolean {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text.trim() !== ''
    case 'reasoning':
      return isOwnState(part.state)
    case 'opaque':
      return part.protocol === NAME
    default:
      return true
  }
}

/** Puts blocks that are no text back to where they stood among the texts. */
function putBack(others: readonly Json[], blocks: Json[]): void {
  for (const entry of others) {
    if (!Array.isArray(entry)) continue
    const [index, block] = entry
    if (typeof index === 'number' && block !== undefined) blocks.splice(index, 0, block)
  }
}

function encodeTurn(turn: Turn): JsonObject {
  const content = turn.results.length === 0 ? turn.content : [...turn.results, ...turn.content]
  return restore({ role: turn.role, content: plainText(content) ?? content }, turn.extras)
}

/**
 * Whether a tool loop is running whose first turn has no thinking block. With manual thinking the
 * vendor refuses such a conversation, so thinking has to wait until the loop ends.
 */
function isLoopBare(turns: readonly Turn[]): boolean {
  let first: Turn | undefined
  for (let i = turns.length - 1; i >= 0; i--) {
    const turn = turns[i]
    if (turn?.role === 'user' && turn.results.length === 0) break
    if (turn?.role === 'assistant') first = turn
  }
  if (!first) return false
  const [block] = first.content
  const type = isObject(block) ? block['type'] : undefined
  return type !== 'thinking' && type !== 'redacted_thinking'
}
