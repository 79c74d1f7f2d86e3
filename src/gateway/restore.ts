import type { AssistantPart, ToolCallPart } from '../core/message.ts'
import type { ModelResponse } from '../core/response.ts'
import type { Emit, StreamPart } from '../core/stream.ts'
import { coerceArguments } from '../schema/coerce.ts'
import { customText, type Undo } from './fit.ts'

/** Makes an id for a call that the vendor gave none, or one that it gave twice. */
export type NewCallId = () => string

/** Undoes in a whole answer what `fitRequest` did to its request, and gives every call an id of its own. */
export function restoreResponse(
  response: ModelResponse,
  undo: Undo | undefined,
  newCallId: NewCallId,
): ModelResponse {
  const seen = new Set<string>()
  let changed = false
  const content = response.content.map((part): AssistantPart => {
    if (part.type !== 'tool-call') return part
    const id = ownId(part.id, seen, newCallId)
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

function ownId(id: string, seen: Set<string>, newCallId: NewCallId): string {
  const own = id === '' || seen.has(id) ? newCallId() : id
  seen.add(own)
  return own
}

/**
 * The same for a stream. One for each stream. The arguments of a call come in one piece where they
 * have to be made into something else: free text, or what the client's schema asks for.
 */
export class StreamRestore {
  readonly #undo: Undo | undefined
  readonly #newCallId: NewCallId
  readonly #seen = new Set<string>()
  readonly #held = new Map<number, Held>()

  constructor(undo: Undo | undefined, newCallId: NewCallId) {
    this.#undo = undo
    this.#newCallId = newCallId
  }

  push(part: StreamPart, emit: Emit<StreamPart>): void {
    switch (part.type) {
      case 'tool-call-start': {
        const name = this.#undo?.names.get(part.name) ?? part.name
        const id = ownId(part.id, this.#seen, this.#newCallId)
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

/** Arguments that are kept until their end. */
interface Held {
  text: string
  readonly finish: (text: string) => string
}
