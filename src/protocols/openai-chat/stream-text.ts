import type { Extras } from '../../core/extras.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ReasoningState } from '../../core/message.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import {
  BETWEEN,
  continuesBlock,
  detailState,
  detailTag,
  detailText,
  tagExtras,
} from './reasoning.ts'
import type { BlockCounter } from './stream-calls.ts'

/** What a piece of text is: the answer, the model's refusal, or its reasoning. */
export type TextKind = 'text' | 'refusal' | 'reasoning'

interface OpenBlock {
  readonly kind: TextKind
  readonly index: number
  state: ReasoningState | undefined
  /** The detail that began it, for reasoning that came as `reasoning_details`. */
  tag: JsonObject | undefined
  /** Reasoning that came outside `reasoning_details`, which may be said again in there. */
  plain: string
}

/** The blocks of text and reasoning of a stream: one is open at a time, and each kind has its own. */
export class StreamText {
  readonly #counter: BlockCounter
  #open: OpenBlock | undefined
  /** Whether there has been reasoning before. */
  #reasoned = false
  /** Whether the model has refused in words. */
  refused = false

  constructor(counter: BlockCounter) {
    this.#counter = counter
  }

  /** Adds text to the block of its kind, which it opens if need be. */
  text(kind: TextKind, text: string, emit: Emit<StreamPart>): void {
    if (kind === 'reasoning') {
      this.#reasoning(text, emit)
      return
    }
    const open = this.#open?.kind === kind ? this.#open : this.#begin(kind, emit)
    emit({ type: 'text-delta', index: open.index, text })
  }

  /**
   * Nothing belongs to a block after its signature: what goes on is the next one. What a gateway
   * puts between two blocks belongs to neither.
   */
  #reasoning(said: string, emit: Emit<StreamPart>): void {
    let text = said
    let open = this.#open
    if (open?.kind !== 'reasoning' || open.state) {
      if (this.#reasoned && text.startsWith(BETWEEN)) text = text.slice(BETWEEN.length)
      if (text === '') return
      open = this.#begin('reasoning', emit)
    }
    open.plain += text
    emit({ type: 'reasoning-delta', index: open.index, text })
  }

  /** Adds one of `reasoning_details`: a fragment of the open block, or a block of its own. */
  detail(detail: JsonObject, emit: Emit<StreamPart>): void {
    const text = detailText(detail)
    const state = detailState(detail)
    let open = this.#open?.kind === 'reasoning' ? this.#open : undefined
    // A gateway has said the text in deltas, and says the whole block once more with its signature.
    if (open && !open.tag && text !== '' && text === open.plain) {
      open.state = state
      open.tag = detailTag(detail)
      return
    }
    if (!open || !continuesBlock(open.tag, open.state !== undefined, detail)) {
      if (text === '' && !state) return
      open = this.#begin('reasoning', emit)
    }
    if (text !== '') emit({ type: 'reasoning-delta', index: open.index, text })
    if (state) open.state = state
    open.tag ??= detailTag(detail)
  }

  /** Closes the block that is open, if one is. */
  close(emit: Emit<StreamPart>): void {
    const open = this.#open
    if (!open) return
    this.#open = undefined
    if (open.kind !== 'reasoning') {
      emit({ type: 'text-end', index: open.index })
      return
    }
    const end: {
      type: 'reasoning-end'
      index: number
      state?: ReasoningState
      extras?: Extras
    } = { type: 'reasoning-end', index: open.index }
    if (open.state) end.state = open.state
    if (open.tag) end.extras = tagExtras(open.tag)
    emit(end)
  }

  #begin(kind: TextKind, emit: Emit<StreamPart>): OpenBlock {
    this.close(emit)
    const index = this.#counter.next++
    if (kind === 'reasoning') {
      this.#reasoned = true
      emit({ type: 'reasoning-start', index })
    } else if (kind === 'text') emit({ type: 'text-start', index })
    else {
      this.refused = true
      emit({ type: 'text-start', index, refusal: true })
    }
    const open: OpenBlock = { kind, index, state: undefined, tag: undefined, plain: '' }
    this.#open = open
    return open
  }
}
