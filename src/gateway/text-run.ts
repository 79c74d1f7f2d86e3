import type { Emit, StreamPart } from '../core/stream.ts'
import type { Objection, StreamGuard } from '../guardrails/index.ts'
import { REFUSED_MESSAGE, UNCHECKED_MESSAGE } from '../guardrails/verdict.ts'
import type { ExchangeGuard } from './exchange-guard.ts'

/** The beginning of a block of text. */
export type TextStart = Extract<StreamPart, { type: 'text-start' | 'reasoning-start' }>
/** The end of one. */
export type TextEnd = Extract<StreamPart, { type: 'text-end' | 'reasoning-end' }>

/** A block of text: its beginning leaves with its first words. */
interface Block {
  readonly start: TextStart
  begun: boolean
  end: TextEnd | undefined
}

/** Characters that rules may look at before the place where they begin. */
const CONTEXT = 16
/** Characters of an earlier run that may be the beginning of what ends in this one. */
const TAIL = 1024

/**
 * Blocks of one kind that follow each other. Some clients show them as one text and some apart, so
 * they are read as one; and where there are several, what that lets pass is read block by block.
 * The end of an earlier run of the kind is read with it, for there are clients that show the texts
 * around a call or a thought as one. It has left: what begins in it and ends here is refused.
 */
export class TextRun {
  readonly kind: string
  readonly #guard: ExchangeGuard
  readonly #emit: Emit<StreamPart>
  /** Reads all blocks as one. */
  readonly #joined: StreamGuard
  /** Reads the blocks behind the end of an earlier run, until nothing that begins there is open. */
  #seam: StreamGuard | undefined
  /** What waits for that, in order. */
  readonly #queue: (() => void)[] = []
  #hasPassedSeam = false
  /** Reads the block that leaves by itself. A block that is the only one has been read so. */
  #own: StreamGuard | undefined
  /** The block that comes. */
  #block: Block | undefined
  /** The block that what leaves belongs to. */
  #leaving: Block | undefined
  /** The last of what has left of it. */
  #left = { text: '', length: 0 }
  isRewritten = false
  /** Whether a block that was rewritten has lost what a later turn may need. */
  hasLostState = false
  /** What ended the run before its time. */
  stopped: Objection | undefined
  /** The end of what has left, in this run and earlier ones. */
  tail: string

  /**
   * @param emit takes the parts that may leave
   * @param tail the end of what has left of earlier runs of the kind
   */
  constructor(kind: string, guard: ExchangeGuard, emit: Emit<StreamPart>, tail = '') {
    this.kind = kind
    this.#guard = guard
    this.#joined = guard.stream()
    this.#emit = emit
    this.tail = tail
    if (tail === '') return
    // What is cut in its midst is only looked at, as what stands before.
    const cut = tail.length < TAIL ? 0 : CONTEXT
    this.#seam = guard.stream({ text: tail.slice(0, cut), length: cut })
    this.#seam.push(tail.slice(cut), nowhere)
    this.#seam.mark(() => {
      this.#hasPassedSeam = true
    })
  }

  begin(start: TextStart): void {
    const last = this.#block
    const block: Block = { start, begun: false, end: undefined }
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
    // What is still held of the block before may be read otherwise where it ends here.
    this.#own ??= this.#guard.stream(this.#left)
    this.#joined.mark(() =>
      this.#pass(() => {
        this.#endOwn()
        if (this.stopped) return
        this.#close(last)
        this.#leaving = block
        this.#own = this.#guard.stream()
      }),
    )
  }

  push(index: number, text: string): void {
    const block = this.#block
    if (!block || block.end || block.start.index !== index) this.#stop(UNREADABLE)
    else {
      this.#seam?.push(text, nowhere)
      this.#joined.push(text, said => this.#pass(() => this.#said(said)))
      this.#stopIf(this.#joined)
      this.#settleSeam()
    }
  }

  endBlock(end: TextEnd): void {
    const block = this.#block
    if (!block || block.end || block.start.index !== end.index) this.#stop(UNREADABLE)
    else block.end = end
  }

  /** No other block of the kind follows. */
  end(): void {
    const block = this.#block
    if (!block || this.stopped) return
    if (!block.end) this.#stop(UNREADABLE)
    this.#seam?.end(nowhere)
    this.#endGuard(this.#joined, said => this.#pass(() => this.#said(said)))
    this.#settleSeam()
    this.#endOwn()
    if (!this.stopped) this.#close(block)
  }

  /** Does something once the seam has passed. */
  #pass(work: () => void): void {
    if (this.#seam) this.#queue.push(work)
    else work()
  }

  #settleSeam(): void {
    const seam = this.#seam
    if (!seam || this.stopped) return
    // What only it has found is not in these blocks alone.
    const { stopped, findings } = seam
    if (stopped || findings.length > this.#joined.findings.length) {
      this.#guard.note(findings, this.#place, 'refused')
      this.#stop(stopped ?? PARTED)
    } else if (this.#hasPassedSeam) {
      this.#seam = undefined
      for (const work of this.#queue.splice(0)) work()
    }
  }

  #said(text: string): void {
    if (!this.#own) this.#leave(text)
    else if (!this.stopped) {
      this.#own.push(text, said => this.#leave(said))
      this.#stopIf(this.#own)
    }
  }

  #endOwn(): void {
    if (this.#own) this.#endGuard(this.#own, said => this.#leave(said))
  }

  #endGuard(guard: StreamGuard, emit: Emit<string>): void {
    if (this.stopped) return
    const later = guard.end(emit)
    if (later) {
      // A rule that needs time has no place in a stream: such answers are held as a whole.
      later.catch(() => {})
      this.#stop(UNREADABLE)
      return
    }
    this.#stopIf(guard)
    if (this.stopped) return
    this.#guard.note(guard.findings, this.#place)
    if (guard.findings.length > 0) this.isRewritten = true
  }

  #leave(text: string): void {
    const block = this.#leaving
    if (!block || text === '' || this.stopped) return
    this.#open(block)
    const { type, index } = block.start
    this.#emit({ type: type === 'text-start' ? 'text-delta' : 'reasoning-delta', index, text })
    this.tail = (this.tail + text).slice(-TAIL)
    const { text: before, length } = this.#left
    this.#left = { text: (before + text).slice(-CONTEXT), length: length + text.length }
  }

  #open(block: Block): void {
    if (block.begun) return
    block.begun = true
    this.#emit(block.start)
  }

  /**
   * State and extras, such as a signature or citations, belonged to the text as it was. An encrypted
   * state stands for itself: the text beside it is no more than its summary.
   */
  #close(block: Block): void {
    if (!block.end) return
    this.#open(block)
    const { type, index, state } = block.end
    if (this.#joined.findings.length + (this.#own?.findings.length ?? 0) === 0) {
      this.#emit(block.end)
      return
    }
    const isKept = state?.kind === 'encrypted'
    if (!isKept) this.hasLostState = true
    this.#emit(isKept ? { type, index, state } : { type, index })
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

function nowhere(): void {}

const PARTED: Objection = {
  type: 'refuse',
  reason: 'what was found began in a text that has left',
  message: REFUSED_MESSAGE,
}

const UNREADABLE: Objection = {
  type: 'refuse',
  reason: 'it could not be checked as a stream',
  message: UNCHECKED_MESSAGE,
}
