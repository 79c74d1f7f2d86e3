import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AssistantMessage,
  Message,
  ReasoningState,
  SystemMessage,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
  UserMessage,
} from '../../core/message.ts'
import { emptyRequest } from '../../core/request.ts'
import { keepShape } from '../../core/shape.ts'
import { DUMMY_SIGNATURE } from '../thought-signature.ts'
import { encodeResponsePart } from './function-response.ts'
import { encodeCall, encodeModelPart, encodeText, encodeUserPart, sentId } from './part-encode.ts'
import { isOwnState } from './reasoning.ts'
import { lose, messagePath, ownExtras, partPath, restore, type Writing } from './wire.ts'

/** A conversation in the vendor's words. */
export interface EncodedConversation {
  /** The parts of `systemInstruction`. */
  readonly system: Json[]
  /** What else stood in `systemInstruction`. */
  readonly systemExtras: JsonObject | undefined
  readonly contents: JsonObject[]
}

/** One entry of `contents`. Results stand in contents of their own. */
interface Content {
  readonly kind: 'user' | 'results' | 'model'
  readonly at: number
  readonly parts: Json[]
  readonly extras: JsonObject | undefined
  /** Whether the model calls in it, so that results must come next. */
  hasCalls: boolean
}

/**
 * Writes the messages: instructions from the head of the conversation apart, neighbours of one role
 * as one content, results in the order of their calls and apart from what the user says.
 *
 * @throws ToolgateError `unsupported` if the conversation ends with the model and it takes no
 * prefill, and `invalid_value` if nothing is left of it.
 */
export function encodeConversation(writing: Writing): EncodedConversation {
  const { messages } = writing.request
  const writer = new ConversationWriter(writing)
  let turn = messages.length - 1
  while (turn >= 0 && messages[turn]?.role !== 'user') turn--
  for (const [i, message] of messages.entries()) writer.add(message, i > turn)
  return writer.end()
}

class ConversationWriter {
  readonly #writing: Writing
  readonly #system: Json[] = []
  #systemExtras: JsonObject | undefined
  readonly #contents: Content[] = []
  /** The names of all calls so far, by id. */
  readonly #names = new Map<string, string>()
  /** The places of the calls of the last model's message, by id. */
  #order = new Map<string, number>()
  /** Instructions that wait until the calls before them have their results. */
  #held: JsonObject[] = []
  #last: Message | undefined

  constructor(writing: Writing) {
    this.#writing = writing
  }

  /** `isCurrent`: the message belongs to the running turn, whose signatures are checked. */
  add(message: Message, isCurrent: boolean): void {
    switch (message.role) {
      case 'system':
        this.#addSystem(message)
        break
      case 'user':
        this.#flush(message.at)
        this.#addUser(message)
        break
      case 'tool':
        this.#addResults(message)
        break
      case 'assistant':
        this.#flush(message.at)
        this.#addModel(message, isCurrent)
    }
    this.#last = message
  }

  end(): EncodedConversation {
    this.#flush(-1)
    const contents = this.#contents
    if (contents.length === 0) this.#askInstructions()
    if (contents[0]?.kind === 'model' && !this.#writing.isOwn) this.#openForUser()
    if (contents.at(-1)?.kind === 'model' && this.#writing.quirks.prefill === false) {
      throw new ToolgateError(
        'unsupported',
        'Requests ending with a model turn are not supported by this model.',
        { details: { path: ['messages', this.#last?.at ?? 0] } },
      )
    }
    return {
      system: this.#system,
      systemExtras: this.#systemExtras,
      contents: contents.map(content =>
        restore(
          { role: content.kind === 'model' ? 'model' : 'user', parts: content.parts },
          content.extras,
        ),
      ),
    }
  }

  /**
   * The content to write into. What a client of this protocol kept apart stays apart, and what it
   * kept together stays together; but the results of one turn, which the vendor wants in one.
   */
  #content(kind: Content['kind'], at: number, extras?: JsonObject): Content {
    const last = this.#contents.at(-1)
    const { isOwn } = this.#writing
    if (last && isOwn && at >= 0 && last.at === at && last.extras === extras) return last
    const isNeighbour = last?.kind === kind && !extras && !last.extras
    if (last && isNeighbour && (!isOwn || last.at === at)) return last
    const made: Content = { kind, at, parts: [], extras, hasCalls: false }
    this.#contents.push(made)
    return made
  }

  #addSystem(message: SystemMessage): void {
    const path = messagePath(message, this.#writing)
    if (this.#contents.length > 0) {
      const what = 'instructions in the middle were said as a user text in <system> tags'
      lose(this.#writing, path, what, 'approximated', true)
      for (const part of message.content) {
        if (part.text.trim() === '') continue
        this.#held.push({ text: `<system>\n${part.text}\n</system>` })
      }
      if (!this.#contents.at(-1)?.hasCalls) this.#flush(message.at)
      return
    }
    const own = ownExtras(message.extras)
    const parts: Json[] = []
    for (const [i, part] of message.content.entries()) {
      const wire = encodeText(part, partPath(path, i, this.#writing), this.#writing)
      if (wire) parts.push(wire)
    }
    const others = own?.['$parts']
    if (Array.isArray(others)) putBack(others, parts)
    this.#system.push(...parts)
    if (own) this.#systemExtras = own
  }

  /** Says what waited, now that nothing stands between calls and results any more. */
  #flush(at: number): void {
    if (this.#held.length === 0) return
    this.#content('user', at).parts.push(...this.#held)
    this.#held = []
  }

  #addUser(message: UserMessage): void {
    const path = messagePath(message, this.#writing)
    const extras = ownExtras(message.extras)
    for (const [i, part] of message.content.entries()) {
      const wire = encodeUserPart(part, partPath(path, i, this.#writing), this.#writing)
      if (wire !== undefined) this.#content('user', message.at, extras).parts.push(wire)
    }
  }

  #addModel(message: AssistantMessage, isCurrent: boolean): void {
    const path = messagePath(message, this.#writing)
    const extras = ownExtras(message.extras)
    const moved = this.#writing.isOwn ? undefined : statesForCalls(message)
    this.#order = new Map()
    for (const [i, part] of message.content.entries()) {
      const place = partPath(path, i, this.#writing)
      if (part.type === 'tool-call') {
        const content = this.#content('model', message.at, extras)
        const state = part.state ?? moved?.get(part.id)
        content.parts.push(this.#call(part, state, content, isCurrent, place))
      } else if (part.type !== 'reasoning' || !moved?.has(part.state?.id ?? '')) {
        const wire = encodeModelPart(part, place, this.#writing)
        if (wire !== undefined) this.#content('model', message.at, extras).parts.push(wire)
      }
    }
  }

  #call(
    part: ToolCallPart,
    state: ReasoningState | undefined,
    content: Content,
    isCurrent: boolean,
    path: string,
  ): JsonObject {
    const isFirst = !content.hasCalls
    content.hasCalls = true
    this.#names.set(part.id, part.name)
    this.#order.set(part.id, this.#order.size)
    const wire = encodeCall(part, state, path, this.#writing)
    const isRequired = this.#writing.quirks.thoughtSignatures === 'required'
    if (isRequired && isFirst && isCurrent && wire['thoughtSignature'] === undefined) {
      wire['thoughtSignature'] = DUMMY_SIGNATURE
      const what = 'a call without its thought signature got the documented stand-in'
      lose(this.#writing, path, what, 'approximated', false)
    }
    return wire
  }

  #addResults(message: ToolMessage): void {
    const extras = ownExtras(message.extras)
    const following: JsonObject[] = []
    for (const result of this.#inOrder(message.content)) {
      const name = this.#names.get(result.callId) ?? result.name
      if (name === undefined || name === '') {
        throw new ToolgateError(
          'orphan_tool_result',
          `The result for '${result.callId}' has no call before it.`,
          { details: { path: ['messages', result.at], callIds: [result.callId] } },
        )
      }
      const id = sentId(result.callId, this.#writing)
      const { part, moved } = encodeResponsePart(result, name, id, this.#writing)
      this.#content('results', message.at, extras).parts.push(part)
      following.push(...moved)
    }
    following.push(...this.#held)
    this.#held = []
    if (following.length > 0) this.#content('user', -1).parts.push(...following)
  }

  /** Without ids, results belong to the calls in their order (Gemini API docs, 2026). */
  #inOrder(results: readonly ToolResultPart[]): readonly ToolResultPart[] {
    if (this.#writing.isOwn || results.length < 2) return results
    const rank = (result: ToolResultPart) => this.#order.get(result.callId) ?? this.#order.size
    return [...results].sort((a, b) => rank(a) - rank(b))
  }

  /** The vendor wants a question: with instructions alone, the last of them becomes it. */
  #askInstructions(): void {
    const part = this.#system.pop()
    if (part === undefined) {
      const why = 'contents is not specified'
      throw new ToolgateError('invalid_value', `contents: ${why}`, {
        details: { path: ['contents'], why },
      })
    }
    this.#content('user', -1).parts.push(part)
    const what = 'a conversation of instructions alone; the last of them was said as the user'
    lose(this.#writing, 'messages', what, 'approximated', true)
  }

  /** The vendor wants the user to speak first, and a greeting is not worth a refusal. */
  #openForUser(): void {
    const parts = [{ text: '[The assistant begins the conversation.]' }]
    this.#contents.unshift({ kind: 'user', at: -1, parts, extras: undefined, hasCalls: false })
    const what = 'the assistant spoke first; a user text that says so was put before it'
    lose(this.#writing, 'messages', what, 'repaired', false)
  }
}

const request = emptyRequest('gemini', '')
keepShape(new ConversationWriter({ request, quirks: {}, losses: [], isOwn: true }))

/**
 * Signatures that other protocols carry beside the calls, as reasoning with the id of its call
 * (`reasoning_details` of OpenRouter, recorded 2026-08).
 */
function statesForCalls(message: AssistantMessage): Map<string, ReasoningState> | undefined {
  let states: Map<string, ReasoningState> | undefined
  for (const part of message.content) {
    const id = part.type === 'reasoning' && isOwnState(part.state) ? part.state.id : undefined
    if (id === undefined || part.type !== 'reasoning' || !part.state) continue
    if (!message.content.some(other => other.type === 'tool-call' && other.id === id)) continue
    states ??= new Map()
    states.set(id, part.state)
  }
  return states
}

/** Puts parts that are no text back to where they stood among the texts. */
function putBack(others: readonly Json[], parts: Json[]): void {
  for (const entry of others) {
    if (!Array.isArray(entry)) continue
    const [index, part] = entry
    if (typeof index === 'number' && isObject(part)) parts.splice(index, 0, part)
  }
}
