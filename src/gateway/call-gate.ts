import type { Loss } from '../core/loss.ts'
import type { ToolCallPart } from '../core/message.ts'
import type { Usage } from '../core/response.ts'
import { assemble, type Emit, type StreamPart } from '../core/stream.ts'
import { type Again, addUsage } from './ask-again.ts'
import {
  type BrokenCall,
  brokenCallsError,
  checkCall,
  isWorthRetry,
  type Validation,
} from './validate-calls.ts'

type CallStart = Extract<StreamPart, { type: 'tool-call-start' }>

interface HeldCall {
  readonly start: CallStart
  /** Which of the answer's calls it is. */
  readonly index: number
  text: string
}

/**
 * Holds back the calls of a stream until they are known to be right; all else flows. Calls go on
 * when they are complete, or at the end of the answer where another one may still spoil it. One for
 * each stream; when the model is asked again, the next answer goes on in the same stream.
 */
export class CallGate {
  readonly #validation: Validation
  readonly #held = new Map<number, HeldCall>()
  /** Whole parts of calls that wait for the end of the answer. */
  #waiting: StreamPart[][] = []
  /** The index that the client sees, by the vendor's. */
  readonly #indices = new Map<number, number>()
  #nextIndex = 0
  #calls = 0
  #broken: BrokenCall[] = []
  #heard: StreamPart[] = []
  #started = false
  #tries = 0
  /** Of the answers before this one. */
  #spent: Usage | undefined
  #usage: Usage | undefined
  readonly losses: Loss[] = []
  /** Set when the answer is over and the model must be asked again. */
  again: Again | undefined

  constructor(validation: Validation) {
    this.#validation = validation
  }

  /** Takes a part in the vendor's own words: they are needed if the model is asked again. */
  hear(part: StreamPart): void {
    if (this.#validation.mode === 'retry' && part.type !== 'error') this.#heard.push(part)
  }

  /** The next answer begins. */
  resume(): void {
    this.again = undefined
    this.#tries++
    this.#spent = addUsage(this.#spent, this.#usage)
    this.#usage = undefined
    this.#held.clear()
    this.#indices.clear()
    this.#waiting = []
    this.#broken = []
    this.#heard = []
    this.#calls = 0
  }

  push(part: StreamPart, emit: Emit<StreamPart>): void {
    switch (part.type) {
      case 'message-start':
        if (!this.#started) emit(part)
        this.#started = true
        return
      case 'usage':
        this.#usage = part.usage
        emit({ type: 'usage', usage: addUsage(this.#spent, part.usage) ?? part.usage })
        return
      case 'tool-call-start':
        this.#held.set(part.index, { start: part, index: this.#calls++, text: '' })
        return
      case 'tool-call-delta': {
        const held = this.#held.get(part.index)
        if (held) held.text += part.text
        return
      }
      case 'tool-call-end':
        this.#endCall(part, emit)
        return
      case 'message-end':
        this.#end(part, emit)
        return
      case 'error':
        emit(part)
        return
      default:
        emit({ ...part, index: this.#indexOf(part.index) })
    }
  }

  #indexOf(vendors: number): number {
    const known = this.#indices.get(vendors)
    if (known !== undefined) return known
    const index = this.#nextIndex++
    this.#indices.set(vendors, index)
    return index
  }

  #endCall(part: Extract<StreamPart, { type: 'tool-call-end' }>, emit: Emit<StreamPart>): void {
    const held = this.#held.get(part.index)
    if (!held) return
    this.#held.delete(part.index)
    const { id, name, kind } = held.start
    const given: ToolCallPart = { type: 'tool-call', id, name, kind, arguments: held.text }
    const { index } = held
    const { call, losses, problems } = checkCall(given, index, this.#validation)
    this.losses.push(...losses)
    if (problems.length > 0) {
      this.#broken.push({ index, name, problems })
      return
    }
    const parts: StreamPart[] = [
      held.start,
      ...(call.arguments === ''
        ? []
        : [{ type: 'tool-call-delta' as const, index: part.index, text: call.arguments }]),
      part,
    ]
    if (this.#validation.mode === 'repair') this.#release(parts, emit)
    else this.#waiting.push(parts)
  }

  #release(parts: readonly StreamPart[], emit: Emit<StreamPart>): void {
    for (const part of parts)
      emit('index' in part ? { ...part, index: this.#indexOf(part.index) } : part)
  }

  #end(part: Extract<StreamPart, { type: 'message-end' }>, emit: Emit<StreamPart>): void {
    if (this.#broken.length === 0) {
      for (const parts of this.#waiting) this.#release(parts, emit)
      emit(part)
    } else if (isWorthRetry(part.finish.kind, this.#validation, this.#tries)) {
      this.again = { response: assemble(this.#heard), broken: this.#broken }
    } else emit({ type: 'error', error: brokenCallsError(this.#broken, this.#tries) })
  }
}
