import type { CallForm } from '../core/call-form.ts'
import { ToolgateError } from '../core/error.ts'
import { type FinishKind, finishKind, type ModelResponse } from '../core/response.ts'
import { assemble, disassemble, type Emit, type StreamPart } from '../core/stream.ts'
import { CallScanner } from './call-scanner.ts'
import type { FoundCall, KnownTools } from './form.ts'

/** How calls are to be read out of an answer's text. */
export interface CallReading {
  readonly tools: KnownTools
  readonly forms: readonly CallForm[]
  /** What must be called, in words for an error; absent if nothing must. */
  readonly required?: string
  /** Whether calls after the first are left out. */
  readonly single: boolean
}

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>

/** A text of the vendor's while it is read. `out` is the index of the text that stands open for it. */
interface OpenText {
  readonly scanner: CallScanner
  readonly start: Part<'text-start'>
  out: number | undefined
  isEmpty: boolean
}

/** Ends after which a missing call is no surprise. */
const CUT: readonly FinishKind[] = [
  'length',
  'content-filter',
  'refusal',
  'pause',
  'malformed-call',
]

/**
 * Turns the calls in a stream's text into calls. One for each stream. Calls that the vendor itself
 * makes have the last word: from the first of them on, text is text. Where a call is required,
 * nothing is given out before the first one, so that a missing one is a plain error.
 */
export class CallStage {
  readonly #reading: CallReading
  readonly #texts = new Map<number, OpenText>()
  /** The index outside by the vendor's. */
  readonly #indices = new Map<number, number>()
  #count = 0
  #calls = 0
  #isNative = false
  #waiting: StreamPart[] | undefined

  constructor(reading: CallReading) {
    this.#reading = reading
    if (reading.required !== undefined) this.#waiting = []
  }

  push(part: StreamPart, emit: Emit<StreamPart>): void {
    switch (part.type) {
      case 'text-start':
        if (part.refusal || this.#isNative) this.#open(part, emit)
        else this.#openText(part)
        return
      case 'text-delta': {
        const open = this.#texts.get(part.index)
        if (open) open.scanner.push(part.text, this.#sink(open, emit))
        else this.#pass(part, emit)
        return
      }
      case 'text-end': {
        const open = this.#texts.get(part.index)
        if (open) this.#endText(open, part, emit)
        else this.#pass(part, emit)
        return
      }
      case 'tool-call-start':
        this.#goNative(emit)
        this.#calls++
        this.#release(emit)
        this.#open(part, emit)
        return
      case 'reasoning-start':
      case 'opaque':
        this.#open(part, emit)
        return
      case 'reasoning-delta':
      case 'reasoning-end':
      case 'tool-call-delta':
      case 'tool-call-end':
        this.#pass(part, emit)
        return
      case 'message-end':
        this.#end(part, emit)
        return
      case 'error':
        this.#waiting = undefined
        emit(part)
        return
      default:
        this.#give(part, emit)
    }
  }

  #openText(start: Part<'text-start'>): void {
    const { forms, tools } = this.#reading
    const scanner = new CallScanner(forms, tools)
    this.#texts.set(start.index, { scanner, start, out: undefined, isEmpty: true })
  }

  #sink(open: OpenText, emit: Emit<StreamPart>) {
    return {
      text: (text: string) => {
        const index = open.out ?? this.#beginText(open, emit)
        this.#give({ type: 'text-delta', index, text }, emit)
      },
      calls: (calls: readonly FoundCall[]) => {
        open.isEmpty = false
        if (open.out !== undefined) this.#give({ type: 'text-end', index: open.out }, emit)
        open.out = undefined
        for (const call of calls) this.#call(call, emit)
      },
    }
  }

  #beginText(open: OpenText, emit: Emit<StreamPart>): number {
    const index = this.#count++
    open.out = index
    open.isEmpty = false
    this.#give({ ...open.start, index }, emit)
    return index
  }

  #endText(open: OpenText, end: Part<'text-end'>, emit: Emit<StreamPart>): void {
    open.scanner.end(this.#sink(open, emit))
    this.#texts.delete(end.index)
    // A text that was all calls leaves nothing, unless it carried something beside its words.
    if (open.out === undefined && !open.isEmpty && !end.state && !end.extras) return
    const index = open.out ?? this.#beginText(open, emit)
    this.#give({ ...end, index }, emit)
  }

  #call({ name, arguments: text }: FoundCall, emit: Emit<StreamPart>): void {
    if (this.#reading.single && this.#calls > 0) return
    this.#calls++
    this.#release(emit)
    const index = this.#count++
    // The id is made where all ids of calls are made.
    emit({ type: 'tool-call-start', index, id: '', name, kind: 'function' })
    emit({ type: 'tool-call-delta', index, text })
    emit({ type: 'tool-call-end', index })
  }

  /** The vendor reads calls itself: what was held back is text. */
  #goNative(emit: Emit<StreamPart>): void {
    if (this.#isNative) return
    this.#isNative = true
    for (const [from, open] of this.#texts) {
      open.scanner.stop(this.#sink(open, emit))
      this.#indices.set(from, open.out ?? this.#beginText(open, emit))
    }
    this.#texts.clear()
  }

  #end(part: Part<'message-end'>, emit: Emit<StreamPart>): void {
    const { required } = this.#reading
    const kind = finishKind(part.finish.kind, this.#calls > 0)
    if (required !== undefined && this.#calls === 0 && !CUT.includes(kind)) {
      this.#waiting = undefined
      emit({ type: 'error', error: missingCall(required) })
      return
    }
    this.#release(emit)
    emit(kind === part.finish.kind ? part : { ...part, finish: { ...part.finish, kind } })
  }

  /** Opens a block of the vendor's outside. */
  #open(
    part: Part<'text-start' | 'reasoning-start' | 'tool-call-start' | 'opaque'>,
    emit: Emit<StreamPart>,
  ): void {
    const index = this.#count++
    this.#indices.set(part.index, index)
    this.#give(index === part.index ? part : { ...part, index }, emit)
  }

  #pass(part: StreamPart & { readonly index: number }, emit: Emit<StreamPart>): void {
    const index = this.#indices.get(part.index) ?? part.index
    this.#give(index === part.index ? part : { ...part, index }, emit)
  }

  #give(part: StreamPart, emit: Emit<StreamPart>): void {
    if (this.#waiting) this.#waiting.push(part)
    else emit(part)
  }

  #release(emit: Emit<StreamPart>): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) for (const part of waiting) emit(part)
  }
}

/** Reads the calls in a whole answer's text. @throws ToolgateError if a required call is missing. */
export function readCalls(response: ModelResponse, reading: CallReading): ModelResponse {
  const stage = new CallStage(reading)
  const parts: StreamPart[] = []
  for (const part of disassemble(response)) stage.push(part, read => parts.push(read))
  return assemble(parts)
}

function missingCall(required: string): ToolgateError {
  return new ToolgateError(
    'malformed_call',
    `The model was asked to call ${required}, and made no call. Its tools are emulated, so that it cannot be forced to.`,
    { origin: 'vendor', retryable: false },
  )
}
