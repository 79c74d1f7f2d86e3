import type { AssistantPart, ToolCallPart } from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import type { Emit, StreamPart } from '../core/stream.ts'
import { coerceArguments } from '../schema/coerce.ts'
import { FirstCallStream, firstCallOnly } from './first-call.ts'
import { customText, type Undo } from './fit.ts'

/** Makes an id for a call that the vendor gave none, or one that it gave twice. */
export type NewCallId = () => string

/**
 * Undoes in a whole answer what `fitRequest` did to its request, and gives every call an id of its
 * own: one that no other call of the answer has, nor one of the conversation that was `asked`.
 */
export function restoreResponse(
  response: ModelResponse,
  undo: Undo | undefined,
  newCallId: NewCallId,
  asked?: ModelRequest,
): ModelResponse {
  const ids = new OwnIds(newCallId, asked)
  const kept = undo?.firstCallOnly ? firstCallOnly(response.content) : response.content
  let changed = kept !== response.content
  const content = kept.map((part): AssistantPart => {
    if (part.type === 'text' && undo?.output) {
      const text = coerceArguments(part.text, undo.output)
      changed ||= text !== part.text
      return text === part.text ? part : { ...part, text }
    }
    if (part.type !== 'tool-call') return part
    const id = ids.own(part.id)
    const restored = restoreCall(part, undo)
    if (restored === part && id === part.id) return part
    changed = true
    return { ...restored, id }
  })
  return changed ? { ...response, content } : response
}

function restoreCall(call: ToolCallPart, undo: Undo | undefined): ToolCallPart {
  if (!undo) return call
  const name = undo.names.get(call.name) ?? call.name
  if (undo.custom.has(name))
    return { ...call, name, kind: 'custom', arguments: customText(call.arguments) }
  const coercion = undo.schemas.get(name)
  const text = coercion ? coerceArguments(call.arguments, coercion) : call.arguments
  return name === call.name && text === call.arguments ? call : { ...call, name, arguments: text }
}

/** The ids of one answer's calls. Some vendors begin with the same ones in every turn. */
class OwnIds {
  readonly #seen = new Set<string>()
  readonly #newCallId: NewCallId
  readonly #asked: ModelRequest | undefined

  constructor(newCallId: NewCallId, asked: ModelRequest | undefined) {
    this.#newCallId = newCallId
    this.#asked = asked
  }

  own(id: string): string {
    const own = id === '' || this.#seen.has(id) || this.#isOld(id) ? this.#newCallId() : id
    this.#seen.add(own)
    return own
  }

  #isOld(id: string): boolean {
    return (
      this.#asked?.messages.some(
        message =>
          message.role === 'assistant' &&
          message.content.some(part => part.type === 'tool-call' && part.id === id),
      ) === true
    )
  }
}

/**
 * The same for a stream. One for each stream. The arguments of a call, and a structured answer, come
 * in one piece where they have to be made into something else: free text, or what the client's
 * schema asks for.
 */
export class StreamRestore {
  readonly #undo: Undo | undefined
  readonly #ids: OwnIds
  readonly #held = new Map<number, Held>()
  /** Texts of a structured answer, until their end. */
  readonly #texts = new Map<number, Held>()
  readonly #first: FirstCallStream | undefined

  constructor(undo: Undo | undefined, newCallId: NewCallId, asked?: ModelRequest) {
    this.#undo = undo
    this.#ids = new OwnIds(newCallId, asked)
    this.#first = undo?.firstCallOnly ? new FirstCallStream() : undefined
  }

  push(decoded: StreamPart, emit: Emit<StreamPart>): void {
    const part = this.#first ? this.#first.pass(decoded) : decoded
    if (!part) return
    switch (part.type) {
      case 'tool-call-start': {
        const name = this.#undo?.names.get(part.name) ?? part.name
        const id = this.#ids.own(part.id)
        const custom = this.#undo?.custom.has(name) === true
        const coercion = this.#undo?.schemas.get(name)
        if (custom) this.#held.set(part.index, { text: '', finish: customText })
        else if (coercion) {
          const finish = (text: string) => coerceArguments(text, coercion)
          this.#held.set(part.index, { text: '', finish })
        }
        if (!custom && id === part.id && name === part.name) emit(part)
        else emit({ ...part, id, name, kind: custom ? 'custom' : part.kind })
        return
      }
      case 'text-start': {
        const output = this.#undo?.output
        if (output && !part.refusal) {
          const finish = (text: string) => coerceArguments(text, output)
          this.#texts.set(part.index, { text: '', finish })
        }
        emit(part)
        return
      }
      case 'text-delta': {
        const held = this.#texts.get(part.index)
        if (held === undefined) emit(part)
        else held.text += part.text
        return
      }
      case 'text-end': {
        const held = this.#texts.get(part.index)
        if (held !== undefined) {
          this.#texts.delete(part.index)
          const text = held.finish(held.text)
          if (text !== '') emit({ type: 'text-delta', index: part.index, text })
        }
        emit(part)
        return
      }
      case 'tool-call-delta': {
        const held = this.#held.get(part.index)
        if (held === undefined) emit(part)
        else held.text += part.text
        return
      }
      case 'tool-call-end': {
        const held = this.#held.get(part.index)
        if (held !== undefined) {
          this.#held.delete(part.index)
          const text = held.finish(held.text)
          if (text !== '') emit({ type: 'tool-call-delta', index: part.index, text })
        }
        emit(part)
        return
      }
      default:
        emit(part)
    }
  }
}

/** Text that is kept until its end. */
interface Held {
  text: string
  readonly finish: (text: string) => string
}
