import type { AssistantPart } from '../core/message.ts'
import type { StreamPart } from '../core/stream.ts'

/**
 * At most one call, of a vendor that cannot be told so: the first one is kept, with its signature,
 * and the others never reach the client, so that they are in no history either.
 */
export function firstCallOnly(content: readonly AssistantPart[]): readonly AssistantPart[] {
  const first = content.findIndex(part => part.type === 'tool-call')
  const kept = content.filter((part, i) => part.type !== 'tool-call' || i === first)
  return kept.length === content.length ? content : kept
}

/** The same for a stream. The blocks that stay are numbered anew. */
export class FirstCallStream {
  #hasCall = false
  #left = 0
  readonly #places = new Map<number, number>()

  /** The part as it goes on; `undefined` if it is left out. */
  pass(part: StreamPart): StreamPart | undefined {
    if (!('index' in part)) return part
    const place = this.#places.get(part.index) ?? this.#placeOf(part)
    if (place === LEFT_OUT) return undefined
    return place === part.index ? part : { ...part, index: place }
  }

  /** The place of a block that begins. */
  #placeOf(start: Extract<StreamPart, { index: number }>): number {
    const isCall = start.type === 'tool-call-start'
    const isOut = isCall && this.#hasCall
    if (isOut) this.#left++
    if (isCall) this.#hasCall = true
    const place = isOut ? LEFT_OUT : start.index - this.#left
    this.#places.set(start.index, place)
    return place
  }
}

const LEFT_OUT = -1
