import type { ToolgateError } from '../core/error.ts'
import type { Loss } from '../core/loss.ts'
import type { AssistantPart } from '../core/message.ts'
import type { ModelResponse } from '../core/response.ts'
import { disassemble, type Emit, type StreamPart } from '../core/stream.ts'
import { type CallReading, readCalls } from '../emulation/index.ts'

/** What is reported when calls were read out of an answer that its vendor would not give out. */
export const RESCUED: Loss = {
  path: 'answer',
  what: "calls that the vendor refused as the model's mistake were read out of its text",
  action: 'repaired',
  meaning: false,
}

/** What of a vendor's error is read here: the text that the model generated. */
function generationOf(error: ToolgateError): string {
  const text = error.code === 'malformed_call' ? error.details['failedGeneration'] : undefined
  return typeof text === 'string' ? text : ''
}

/**
 * The answer that a vendor would not give out, where the text that it quotes holds calls of known
 * tools; `undefined` if it holds none.
 */
export function rescuedAnswer(
  error: ToolgateError,
  reading: CallReading,
): ModelResponse | undefined {
  const text = generationOf(error)
  if (text === '') return undefined
  const finish = { kind: 'stop', raw: 'tool_use_failed' } as const
  const said = { id: '', model: '', content: [{ type: 'text' as const, text }], finish }
  const answer = readCalls(said, reading)
  return answer.content.some(isCall) ? answer : undefined
}

const isCall = (part: AssistantPart) => part.type === 'tool-call'

/**
 * The same in a stream: the error at its end becomes the calls, behind what was said before. One for
 * each stream.
 */
export class RescueStage {
  readonly #reading: CallReading
  #isStarted = false
  #hasCalls = false
  #blocks = 0
  /** The block that stands open; without calls there is one at a time. */
  #open: { readonly type: 'text-end' | 'reasoning-end'; readonly index: number } | undefined
  readonly losses: Loss[] = []

  constructor(reading: CallReading) {
    this.#reading = reading
  }

  push(part: StreamPart, emit: Emit<StreamPart>): void {
    switch (part.type) {
      case 'error': {
        const answer = this.#hasCalls ? undefined : rescuedAnswer(part.error, this.#reading)
        if (answer) this.#give(answer, emit)
        else emit(part)
        return
      }
      case 'message-start':
        this.#isStarted = true
        break
      case 'text-start':
        this.#begin(part.index, 'text-end')
        break
      case 'reasoning-start':
        this.#begin(part.index, 'reasoning-end')
        break
      case 'text-end':
      case 'reasoning-end':
        this.#open = undefined
        break
      case 'tool-call-start':
        this.#hasCalls = true
        break
      case 'opaque':
        this.#blocks = part.index + 1
    }
    emit(part)
  }

  #begin(index: number, type: 'text-end' | 'reasoning-end'): void {
    this.#open = { type, index }
    this.#blocks = index + 1
  }

  #give(answer: ModelResponse, emit: Emit<StreamPart>): void {
    this.losses.push(RESCUED)
    if (this.#open) emit(this.#open)
    // Words beside the calls have flowed before, where the vendor streams.
    const content = this.#isStarted ? answer.content.filter(isCall) : answer.content
    for (const part of disassemble({ ...answer, content })) {
      if (part.type === 'message-start' && this.#isStarted) continue
      emit('index' in part ? { ...part, index: part.index + this.#blocks } : part)
    }
  }
}
