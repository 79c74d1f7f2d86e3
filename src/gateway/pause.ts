import type { Loss } from '../core/loss.ts'
import type { FinishReason, ModelResponse, Usage } from '../core/response.ts'
import { assemble, type Emit, type StreamPart } from '../core/stream.ts'
import { type Again, addUsage } from './ask-again.ts'

/** How often a turn that its vendor pauses is gone on with, at most. */
export const MAX_PAUSES = 8

/** Where a turn stands that its vendor had paused before. */
export function joinPaused(before: ModelResponse | undefined, next: ModelResponse): ModelResponse {
  if (!before) return next
  const usage = addUsage(before.usage, next.usage)
  return {
    ...next,
    id: before.id,
    model: before.model,
    ...(before.created === undefined ? {} : { created: before.created }),
    content: [...before.content, ...next.content],
    ...(usage ? { usage } : {}),
  }
}

/** Whether an answer is a paused turn that can be gone on with: one without calls of the client's. */
export function goesOn({ finish, content }: ModelResponse, rounds: number): boolean {
  if (finish.kind !== 'pause' || rounds >= MAX_PAUSES) return false
  return content.every(part => part.type !== 'tool-call')
}

/** How a turn ends that is not gone on with; the loss says that it is not whole. */
export function endOfPause(
  finish: FinishReason,
  hasCalls: boolean,
): { readonly finish: FinishReason; readonly losses: readonly Loss[] } {
  if (finish.kind !== 'pause') return { finish, losses: [] }
  const what = hasCalls
    ? "the vendor's own tools had not ended when the client's were called"
    : `the vendor paused its turn more than ${MAX_PAUSES} times; the answer is not whole`
  const loss: Loss = { path: 'answer', what, action: 'approximated', meaning: true }
  return { finish: { ...finish, kind: hasCalls ? 'tool-calls' : 'length' }, losses: [loss] }
}

/**
 * Makes one stream of the rounds of a turn that its vendor pauses: one start, one end, blocks that
 * count on, and the tokens of all rounds. One for each stream.
 */
export class PauseStage {
  /** What went on so far; gone once the client's own tools are called. */
  #said: StreamPart[] | undefined = []
  /** Blocks of the rounds before this one, and of this one. */
  #before = 0
  #blocks = 0
  #rounds = 0
  #isStarted = false
  /** Of the rounds before this one. */
  #spent: Usage | undefined
  #usage: Usage | undefined
  readonly losses: Loss[] = []
  /** Set when a round is over and the turn is to be gone on with. */
  again: Again | undefined

  push(part: StreamPart, emit: Emit<StreamPart>): void {
    switch (part.type) {
      case 'message-start':
        if (!this.#isStarted) this.#give(part, emit)
        this.#isStarted = true
        return
      case 'usage':
        this.#usage = part.usage
        this.#give(this.#spent ? { ...part, usage: this.#sum() ?? part.usage } : part, emit)
        return
      case 'message-end':
        this.#end(part, emit)
        return
      case 'error':
        emit(part)
        return
      case 'tool-call-start':
        this.#said = undefined
        break
    }
    this.#blocks = Math.max(this.#blocks, part.index + 1)
    this.#give(this.#before === 0 ? part : { ...part, index: part.index + this.#before }, emit)
  }

  /** The next round begins. */
  goOn(): void {
    this.again = undefined
    this.#rounds++
    this.#before += this.#blocks
    this.#blocks = 0
    this.#spent = this.#sum()
    this.#usage = undefined
  }

  /** Another answer begins in the place of this one. */
  restart(): void {
    this.#said = []
    this.#before = 0
    this.#blocks = 0
    this.#isStarted = false
    this.#spent = undefined
    this.#usage = undefined
  }

  #sum(): Usage | undefined {
    return addUsage(this.#spent, this.#usage)
  }

  #give(part: StreamPart, emit: Emit<StreamPart>): void {
    this.#said?.push(part)
    emit(part)
  }

  #end(part: Extract<StreamPart, { type: 'message-end' }>, emit: Emit<StreamPart>): void {
    if (part.finish.kind === 'pause' && this.#said && this.#rounds < MAX_PAUSES) {
      this.again = { response: assemble([...this.#said, part]), broken: [] }
      return
    }
    const { finish, losses } = endOfPause(part.finish, this.#said === undefined)
    this.losses.push(...losses)
    emit(finish === part.finish ? part : { ...part, finish })
  }
}
