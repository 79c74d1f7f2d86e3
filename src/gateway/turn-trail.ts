import { createHash, type Hash } from 'node:crypto'
import type { Message } from '../core/message.ts'
import type { Decision, GuardSubject, Written } from '../guardrails/index.ts'
import type { PassedTexts } from './passed-texts.ts'

/**
 * Knows the turns of a conversation that has come before. A client sends its history with every
 * request, and what was rewritten in it is rewritten again: that is told to the audit log once. What
 * came last in a request is always written, and so is all that is refused; and the words before a
 * text are part of its name, so that the same text in another conversation is another one.
 */
export class TurnTrail {
  readonly #messages: readonly Message[]
  readonly #client: string
  readonly #memory: PassedTexts
  /** Turns before the model's last one have come before. */
  readonly #lastAnswer: number
  #hash: Hash | undefined
  /** The names of the first turns, each made of all words up to its end. */
  readonly #names: string[] = []

  /** @param client the name of the client's key, whose conversation it is */
  constructor(messages: readonly Message[], client: string, memory: PassedTexts) {
    this.#messages = messages
    this.#client = client
    this.#memory = memory
    this.#lastAnswer = messages.findLastIndex(({ role }) => role === 'assistant')
  }

  /** What the audit log has been told of a turn. */
  written(turn: number): Written {
    const memory = this.#memory
    return {
      has: (subject, decision) =>
        turn < this.#lastAnswer &&
        decision.verdict.type === 'rewrite' &&
        memory.has(this.#key(turn, subject, decision)),
      add: (subject, decision) => {
        if (decision.verdict.type === 'rewrite') memory.add(this.#key(turn, subject, decision))
      },
    }
  }

  #key(turn: number, { point, value, tool = '' }: GuardSubject, { findings }: Decision): string {
    const rules = findings.map(({ guardrail, verdict }) => [guardrail, verdict.reason])
    const name = [this.#client, this.#nameOf(turn), point, tool, rules, value]
    return this.#memory.key('written', JSON.stringify(name))
  }

  #nameOf(turn: number): string {
    this.#hash ??= createHash('sha256')
    for (let at = this.#names.length; at <= turn; at++) {
      const message = this.#messages[at]
      // Instructions may tell the time.
      if (message && message.role !== 'system')
        this.#hash.update(JSON.stringify([message.role, message.content.map(unmarked)]))
      this.#names.push(this.#hash.copy().digest('base64'))
    }
    return this.#names[turn] ?? ''
  }
}

/** A part without the mark of a cache: clients let it wander from turn to turn. */
function unmarked(part: Exclude<Message, { role: 'system' }>['content'][number]): object {
  if (part.type !== 'tool-result') return { ...part, cache: undefined }
  return { ...part, cache: undefined, content: part.content.map(unmarked) }
}
