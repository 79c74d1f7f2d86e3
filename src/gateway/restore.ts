import type { AssistantPart, ToolCallPart } from '../core/message.ts'
import type { ModelResponse } from '../core/response.ts'
import type { Emit, StreamPart } from '../core/stream.ts'
import { FirstCallStream, firstCallOnly } from './first-call.ts'
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
  const kept = undo?.firstCallOnly ? firstCallOnly(response.content) : response.content
  let changed = kept !== response.content
  const content = kept.map((part): AssistantPart => {
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
  return name === call.name ? call : { ...call, name }
}

function ownId(id: string, seen: Set<string>, newCallId: NewCallId): string {
  const own = id === '' || seen.has(id) ? newCallId() : id
  seen.add(own)
  return own
}

/** The same for a stream. One for each stream; the text of a free-text call comes in one piece. */
export class StreamRestore {
  readonly #undo: Undo | undefined
  readonly #newCallId: NewCallId
  readonly #seen = new Set<string>()
  readonly #custom = new Map<number, string>()
  readonly #first: FirstCallStream | undefined

  constructor(undo: Undo | undefined, newCallId: NewCallId) {
    this.#undo = undo
    this.#newCallId = newCallId
    this.#first = undo?.firstCallOnly ? new FirstCallStream() : undefined
  }

  push(decoded: StreamPart, emit: Emit<StreamPart>): void {
    const part = this.#first ? this.#first.pass(decoded) : decoded
    if (!part) return
    switch (part.type) {
      case 'tool-call-start': {
        const name = this.#undo?.names.get(part.name) ?? part.name
        const id = ownId(part.id, this.#seen, this.#newCallId)
        const custom = this.#undo?.custom.has(name) === true
        if (custom) this.#custom.set(part.index, '')
        if (!custom && id === part.id && name === part.name) emit(part)
        else emit({ ...part, id, name, kind: custom ? 'custom' : part.kind })
        return
      }
      case 'tool-call-delta': {
        const text = this.#custom.get(part.index)
        if (text === undefined) emit(part)
        else this.#custom.set(part.index, text + part.text)
        return
      }
      case 'tool-call-end': {
        const text = this.#custom.get(part.index)
        if (text !== undefined) {
          this.#custom.delete(part.index)
          emit({ type: 'tool-call-delta', index: part.index, text: customText(text) })
        }
        emit(part)
        return
      }
      default:
        emit(part)
    }
  }
}
