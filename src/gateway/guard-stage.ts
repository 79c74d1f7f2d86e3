import type { Emit, StreamPart } from '../core/stream.ts'
import { UNCHECKED_MESSAGE } from '../guardrails/verdict.ts'
import { type ExchangeGuard, refusalIn } from './exchange-guard.ts'
import { guardCall } from './guard-call.ts'
import { type TextEnd, TextRun, type TextStart } from './text-run.ts'

type CallStart = Extract<StreamPart, { type: 'tool-call-start' }>

interface HeldCall {
  readonly start: CallStart
  readonly place: string
  /** Where its parts go when it has passed. */
  readonly slot: StreamPart[]
  text: string
}

/**
 * Holds an answer to the guardrails, part by part: what it emits will not be taken back. Text leaves
 * as soon as no rule can object to it any more. From the first call on everything waits for the end
 * of the answer, so that no call of an answer that is refused ever reaches the client. A refusal
 * closes what is open, says its message, and ends the answer as filtered. One for each answer.
 */
export class GuardStage {
  readonly #guard: ExchangeGuard
  #run: TextRun | undefined
  /** The end of what has left of earlier texts, by their kinds. */
  readonly #tails = new Map<string, string>()
  #emit: Emit<StreamPart> = () => {}
  /** What waits for the end of the answer; absent until there is a call. */
  #waiting: StreamPart[][] | undefined
  readonly #calls = new Map<number, HeldCall>()
  #callCount = 0
  /** The index that the client sees, by the vendor's. */
  readonly #indices = new Map<number, number>()
  #nextIndex = 0
  /** The blocks that the client has the beginning of, and how they end. */
  readonly #open = new Map<number, TextEnd['type']>()
  /** Whether the calls that come have lost the reasoning that their ids belong to. */
  #hasLostReasoning = false
  #isRewritten = false
  /** What the answer was refused with, once it was. */
  refused: string | undefined

  constructor(guard: ExchangeGuard) {
    this.#guard = guard
  }

  push(part: StreamPart, emit: Emit<StreamPart>): void {
    if (this.refused !== undefined) return
    this.#emit = emit
    switch (part.type) {
      case 'message-start':
        emit(this.#clean(part))
        return
      case 'usage':
        emit(part)
        return
      case 'text-start':
      case 'reasoning-start':
        this.#beginText(part)
        return
      case 'text-delta':
      case 'reasoning-delta':
        this.#text(part.index, part.text)
        return
      case 'text-end':
      case 'reasoning-end':
        this.#endText(part)
        return
      case 'tool-call-start':
        this.#beginCall(part)
        return
      case 'tool-call-delta': {
        const call = this.#calls.get(part.index)
        if (call) call.text += part.text
        return
      }
      case 'tool-call-end':
        this.#endCall(part)
        return
      case 'opaque':
        this.#opaque(part)
        return
      case 'message-end':
        this.#end(part)
        return
      case 'error':
        emit({ type: 'error', error: this.#guard.error(part.error) })
    }
  }

  #beginText(start: TextStart): void {
    const kind = start.type === 'text-start' && start.refusal ? 'refusal' : start.type
    if (this.#run?.kind !== kind) {
      this.#endRun()
      if (this.refused !== undefined) return
      const out = (part: StreamPart) => this.#out(this.#clean(part))
      this.#run = new TextRun(kind, this.#guard, out, this.#tails.get(kind))
    }
    this.#run?.begin(start)
    this.#stopIf(this.#run)
  }

  #text(index: number, text: string): void {
    this.#run?.push(index, text)
    this.#stopIf(this.#run)
  }

  #endText(part: TextEnd): void {
    this.#run?.endBlock(part)
    this.#stopIf(this.#run)
  }

  /** What comes next is another kind of block: the texts so far are read by themselves. */
  #endRun(): void {
    const run = this.#run
    if (!run) return
    run.end()
    this.#stopIf(run)
    if (this.refused !== undefined) return
    this.#run = undefined
    this.#tails.set(run.kind, run.tail)
    if (run.isRewritten) this.#isRewritten = true
    if (run.hasLostState && run.kind === 'reasoning-start') this.#hasLostReasoning = true
  }

  #stopIf(run: TextRun | undefined): void {
    const stopped = run?.stopped
    if (stopped) this.#refuse(refusalIn(stopped) ?? UNCHECKED_MESSAGE)
  }

  #beginCall(start: CallStart): void {
    this.#endRun()
    if (this.refused !== undefined) return
    const slot: StreamPart[] = []
    this.#waiting ??= []
    this.#waiting.push(slot)
    const place = `calls[${this.#callCount++}]`
    this.#calls.set(start.index, { start, place, slot, text: '' })
  }

  #endCall(end: Extract<StreamPart, { type: 'tool-call-end' }>): void {
    const call = this.#calls.get(end.index)
    if (!call) return
    this.#calls.delete(end.index)
    const { start, place, slot } = call
    const { id, name, kind } = start
    const guarded = guardCall({ id, name, kind, arguments: call.text }, place, this.#guard)
    if ('refused' in guarded) {
      this.#refuse(guarded.refused)
      return
    }
    const { index } = start
    const text = guarded.arguments
    const isSame = text === call.text
    if (!isSame) this.#isRewritten = true
    const { state: _, extras: __, ...bareStart } = start
    const bare = !isSame || this.#hasLostReasoning
    slot.push(bare ? { ...bareStart, ...(isSame && stateOf(start)) } : this.#clean(start))
    if (text !== '') slot.push({ type: 'tool-call-delta', index, text })
    slot.push(bare ? { type: end.type, index, ...(isSame && stateOf(end)) } : this.#clean(end))
  }

  /** What only its own protocol understands comes whole, and cannot be rewritten. */
  #opaque(part: Extract<StreamPart, { type: 'opaque' }>): void {
    this.#endRun()
    if (this.refused !== undefined) return
    const value = JSON.parse(JSON.stringify(part.part))
    if (part.part.type === 'opaque') this.#guard.origins?.meet(part.part)
    if (this.#guard.isClean('output', value, 'output')) this.#out(part)
    else this.#refuse(UNCHECKED_MESSAGE)
  }

  #end(part: Extract<StreamPart, { type: 'message-end' }>): void {
    this.#endRun()
    if (this.refused !== undefined) return
    for (const parts of this.#waiting ?? []) for (const held of parts) this.#release(held)
    const { details, ...finish } = part.finish
    const keeps =
      details !== undefined &&
      !this.#isRewritten &&
      this.#guard.isClean('output', details, 'finish', 'dropped')
    const kept = { ...part, finish: keeps ? part.finish : finish }
    const { extras: _, ...bare } = kept
    // The probabilities of tokens spell the text as it was.
    this.#emit(this.#isRewritten ? bare : this.#clean(kept))
  }

  #out(part: StreamPart): void {
    if (this.#waiting) this.#waiting.push([part])
    else this.#release(part)
  }

  /** Gives a part to the client, whose blocks are counted as they come. */
  #release(part: StreamPart): void {
    if (!('index' in part)) {
      this.#emit(part)
      return
    }
    const index = this.#indices.get(part.index) ?? this.#nextIndex++
    this.#indices.set(part.index, index)
    if (part.type === 'text-start') this.#open.set(index, 'text-end')
    else if (part.type === 'reasoning-start') this.#open.set(index, 'reasoning-end')
    else if (part.type === 'text-end' || part.type === 'reasoning-end') this.#open.delete(index)
    this.#emit({ ...part, index })
  }

  /** A part without extras in which a rule finds something. */
  #clean<P extends StreamPart>(part: P): P {
    if (!('extras' in part) || !part.extras) return part
    const extras = JSON.parse(JSON.stringify(part.extras))
    if (this.#guard.isClean('output', extras, 'output', 'dropped')) return part
    return { ...part, extras: {} }
  }

  get isRewritten(): boolean {
    return this.#isRewritten
  }

  /** Ends the answer with a message in place of what it would have gone on with. */
  #refuse(message: string): void {
    this.refused = message
    this.#waiting = undefined
    for (const [index, type] of this.#open) this.#emit({ type, index })
    if (message !== '') {
      const index = this.#nextIndex
      this.#emit({ type: 'text-start', index })
      this.#emit({ type: 'text-delta', index, text: message })
      this.#emit({ type: 'text-end', index })
    }
    this.#emit({ type: 'message-end', finish: { kind: 'content-filter', raw: '' } })
  }
}

function stateOf<P extends { readonly state?: object }>({
  state,
}: P): Pick<P, 'state'> | undefined {
  return state && { state }
}
