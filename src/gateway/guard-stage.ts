import type { Emit, StreamPart } from '../core/stream.ts'
import type { StreamGuard } from '../guardrails/index.ts'
import { UNCHECKED_MESSAGE } from '../guardrails/verdict.ts'
import { type ExchangeGuard, refusalIn } from './exchange-guard.ts'
import { guardCall } from './guard-call.ts'

type TextStart = Extract<StreamPart, { type: 'text-start' | 'reasoning-start' }>
type TextEnd = Extract<StreamPart, { type: 'text-end' | 'reasoning-end' }>
type CallStart = Extract<StreamPart, { type: 'tool-call-start' }>

/** A block of text: its beginning leaves with its first words. */
interface Block {
  readonly start: TextStart
  begun: boolean
}

/** Blocks of one kind that follow each other: a client may read them as one text. */
interface Run {
  readonly kind: string
  readonly guard: StreamGuard
  /** The block that text which leaves belongs to. */
  block: Block | undefined
  /** The block that text which comes belongs to, by the vendor's index. */
  coming: number
  isOpen: boolean
}

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
  #run: Run | undefined
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
  #hasRewrittenReasoning = false
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
      const guard = this.#guard.stream()
      this.#run = { kind, guard, block: undefined, coming: start.index, isOpen: true }
    }
    const run = this.#run
    if (!run) return
    run.coming = start.index
    run.isOpen = true
    const block: Block = { start, begun: false }
    run.guard.mark(() => {
      run.block = block
    })
  }

  #text(index: number, text: string): void {
    const run = this.#run
    // Two texts that come at once: no decoder gives them, and nobody could tell how they are read.
    if (run?.coming !== index) {
      this.#refuse(UNCHECKED_MESSAGE)
      return
    }
    run.guard.push(text, said => this.#say(run, said))
    this.#stopIf(run)
  }

  #say({ block }: Run, text: string): void {
    if (!block) return
    const { type, index } = block.start
    this.#begin(block)
    this.#out({ type: type === 'text-start' ? 'text-delta' : 'reasoning-delta', index, text })
  }

  #begin(block: Block): void {
    if (block.begun) return
    block.begun = true
    this.#out(this.#clean(block.start))
  }

  #endText(part: TextEnd): void {
    const run = this.#run
    if (run?.coming !== part.index) {
      this.#refuse(UNCHECKED_MESSAGE)
      return
    }
    run.isOpen = false
    run.guard.mark(() => {
      const { block } = run
      if (!block) return
      this.#begin(block)
      const isRewritten = run.guard.findings.length > 0
      if (isRewritten && part.type === 'reasoning-end') this.#hasRewrittenReasoning = true
      // State and extras, such as a signature or citations, belonged to the text as it was.
      this.#out(isRewritten ? { type: part.type, index: part.index } : this.#clean(part))
    })
  }

  /** What comes next is another kind of block: the text so far is read by itself. */
  #endRun(): void {
    const run = this.#run
    if (!run) return
    const later = run.guard.end(said => this.#say(run, said))
    if (later) {
      // A rule that needs time has no place in a stream: such answers are held as a whole.
      later.catch(() => {})
      this.#refuse(UNCHECKED_MESSAGE)
      return
    }
    this.#stopIf(run)
    if (this.refused !== undefined) return
    this.#run = undefined
    const { findings } = run.guard
    if (findings.length > 0) this.#isRewritten = true
    this.#guard.note(findings, placeOf(run))
  }

  #stopIf(run: Run): void {
    const { stopped, findings } = run.guard
    if (!stopped) return
    this.#guard.note(findings, placeOf(run))
    this.#refuse(refusalIn(stopped) ?? UNCHECKED_MESSAGE)
  }

  #beginCall(start: CallStart): void {
    if (!this.#run?.isOpen) this.#endRun()
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
    const bare = !isSame || this.#hasRewrittenReasoning
    slot.push(bare ? { ...bareStart, ...(isSame && stateOf(start)) } : this.#clean(start))
    if (text !== '') slot.push({ type: 'tool-call-delta', index, text })
    slot.push(bare ? { type: end.type, index, ...(isSame && stateOf(end)) } : this.#clean(end))
  }

  /** What only its own protocol understands comes whole, and cannot be rewritten. */
  #opaque(part: Extract<StreamPart, { type: 'opaque' }>): void {
    if (!this.#run?.isOpen) this.#endRun()
    if (this.refused !== undefined) return
    const value = JSON.parse(JSON.stringify(part.part))
    if (!this.#guard.isClean('output', value, 'output')) this.#refuse(UNCHECKED_MESSAGE)
    else if (this.#run) this.#run.guard.mark(() => this.#out(part))
    else this.#out(part)
  }

  #end(part: Extract<StreamPart, { type: 'message-end' }>): void {
    this.#endRun()
    if (this.refused !== undefined) return
    for (const parts of this.#waiting ?? []) for (const held of parts) this.#release(held)
    const { details, ...finish } = part.finish
    const keeps =
      details !== undefined &&
      !this.#isRewritten &&
      this.#guard.isClean('output', details, 'finish')
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
    if (this.#guard.isClean('output', JSON.parse(JSON.stringify(part.extras)), 'output'))
      return part
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

function placeOf({ kind }: Run): string {
  return kind === 'reasoning-start' ? 'output.reasoning' : 'output.text'
}
