import type { Emit, StreamPart } from '../core/stream.ts'
import type { Objection, StreamGuard } from '../guardrails/index.ts'
import { UNCHECKED_MESSAGE } from '../guardrails/verdict.ts'
import type { ExchangeGuard } from './exchange-guard.ts'

/** The beginning of a block of text. */
export type TextStart = Extract<StreamPart, { type: 'text-start' | 'reasoning-start' }>
/** The end of one. */
export type TextEnd = Extract<StreamPart, { type: 'text-end' | 'reasoning-end' }>

/** A block of text: its beginning leaves with its first words. */
interface Block {
  readonly start: TextStart
  /** Reads the block by itself. */
  readonly guard: StreamGuard
  begun: boolean
  end: TextEnd | undefined
}

/** Characters that rules may look at before the place where they begin. */
const CONTEXT = 16

/**
 * Blocks of one kind that follow each other. Some clients show them apart and some as one text, so
 * both are read: each block by itself, and from the second one on what that leaves of them as one.
 * The last words of a block wait until it is known whether another one follows.
 */
export class TextRun {
  readonly kind: string
  readonly #guard: ExchangeGuard
  readonly #emit: Emit<StreamPart>
  /** The block that comes. */
  #block: Block | undefined
  /** The block that what leaves belongs to. */
  #leaving: Block | undefined
  /** What the end of the only block so far has set free. */
  #tail = ''
  /** Reads all blocks as one, from the seam of the first two on. */
  #joined: StreamGuard | undefined
  #left = { text: '', length: 0 }
  isRewritten = false
  /** What ended the run before its time. */
  stopped: Objection | undefined

  /** @param emit takes the parts that may leave */
  constructor(kind: string, guard: ExchangeGuard, emit: Emit<StreamPart>) {
    this.kind = kind
    this.#guard = guard
    this.#emit = emit
  }

  begin(start: TextStart): void {
    const last = this.#block
    const block: Block = { start, guard: this.#guard.stream(), begun: false, end: undefined }
    this.#block = block
    if (!last) {
      this.#leaving = block
      return
    }
    if (!last.end) {
      // Two texts at once: no decoder gives them, and nobody could tell how they are read.
      this.#stop(UNREADABLE)
      return
    }
    if (!this.#joined) {
      this.#joined = this.#guard.stream(this.#left)
      this.#join(this.#tail)
      this.#tail = ''
    }
    this.#joined.mark(() => {
      this.#close(last)
      this.#leaving = block
    })
  }

  push(index: number, text: string): void {
    const block = this.#block
    if (!block || block.end || block.start.index !== index) this.#stop(UNREADABLE)
    else {
      block.guard.push(text, said => this.#said(said))
      this.#stopIf(block.guard)
    }
  }

  endBlock(end: TextEnd): void {
    const block = this.#block
    if (!block || block.end || block.start.index !== end.index) this.#stop(UNREADABLE)
    else {
      block.end = end
      this.#endGuard(block.guard, said => {
        if (this.#joined) this.#join(said)
        else this.#tail += said
      })
    }
  }

  /** No other block of the kind follows. */
  end(): void {
    const block = this.#block
    if (!block || this.stopped) return
    if (!block.end) this.#stop(UNREADABLE)
    else if (this.#joined) this.#endGuard(this.#joined, said => this.#leave(said))
    else this.#leave(this.#tail)
    if (!this.stopped) this.#close(block)
  }

  #said(text: string): void {
    if (this.#joined) this.#join(text)
    else this.#leave(text)
  }

  #join(text: string): void {
    const joined = this.#joined
    if (!joined || this.stopped) return
    joined.push(text, said => this.#leave(said))
    this.#stopIf(joined)
  }

  #endGuard(guard: StreamGuard, emit: Emit<string>): void {
    const later = guard.end(emit)
    if (later) {
      // A rule that needs time has no place in a stream: such answers are held as a whole.
      later.catch(() => {})
      this.#stop(UNREADABLE)
      return
    }
    this.#stopIf(guard)
    if (guard.findings.length > 0) this.isRewritten = true
    if (!guard.stopped) this.#guard.note(guard.findings, this.#place)
  }

  #leave(text: string): void {
    const block = this.#leaving
    if (!block || text === '' || this.stopped) return
    this.#open(block)
    const { type, index } = block.start
    this.#emit({ type: type === 'text-start' ? 'text-delta' : 'reasoning-delta', index, text })
    const { text: before, length } = this.#left
    this.#left = { text: (before + text).slice(-CONTEXT), length: length + text.length }
  }

  #open(block: Block): void {
    if (block.begun) return
    block.begun = true
    this.#emit(block.start)
  }

  /** State and extras, such as a signature or citations, belonged to the text as it was. */
  #close(block: Block): void {
    if (!block.end) return
    this.#open(block)
    const { type, index } = block.end
    const isChanged = block.guard.findings.length > 0 || (this.#joined?.findings.length ?? 0) > 0
    this.#emit(isChanged ? { type, index } : block.end)
  }

  #stopIf(guard: StreamGuard): void {
    if (!guard.stopped || this.stopped) return
    this.#guard.note(guard.findings, this.#place)
    this.stopped = guard.stopped
  }

  #stop(objection: Objection): void {
    this.stopped ??= objection
  }

  get #place(): string {
    return this.kind === 'reasoning-start' ? 'output.reasoning' : 'output.text'
  }
}

const UNREADABLE: Objection = {
  type: 'refuse',
  reason: 'it could not be checked as a stream',
  message: UNCHECKED_MESSAGE,
}
