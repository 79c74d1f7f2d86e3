import type { StreamPart } from '../core/stream.ts'
import type { StreamGuard } from '../guardrails/index.ts'
import type { GuardVerdict } from './guard.ts'
import type { Session } from './session.ts'

/**
 * Tells the parts of an answer as they come. Where the run is guarded, of texts only what no rule
 * can object to any more, and of arguments and reasoning nothing.
 */
export class Teller {
  readonly #session: Session
  readonly #turn: number
  readonly #calls = new Map<number, { callId: string; tool: string; text: string }>()
  readonly #isGuarded: boolean
  /** Reads the text as it comes; absent if it can only be checked as a whole. */
  readonly #guard: StreamGuard | undefined
  /** What came, and what was told of it. */
  #heard = ''
  #told = ''

  constructor(session: Session, turn: number) {
    this.#session = session
    this.#turn = turn
    const { guard } = session.options
    this.#isGuarded = guard !== undefined
    this.#guard = guard?.stream?.()
  }

  get hasToldText(): boolean {
    return this.#told !== ''
  }

  part(part: StreamPart): void {
    const { emit } = this.#session
    const turn = this.#turn
    switch (part.type) {
      case 'text-delta':
        if (!this.#isGuarded) this.#tell(part.text)
        else if (this.#guard) {
          this.#heard += part.text
          this.#guard.push(part.text, text => this.#tell(text))
        }
        return
      case 'reasoning-delta':
        if (!this.#isGuarded) emit({ type: 'reasoning-delta', turn, text: part.text })
        return
      case 'tool-call-start':
        this.#calls.set(part.index, { callId: part.id, tool: part.name, text: '' })
        return
      case 'tool-call-delta': {
        const call = this.#calls.get(part.index)
        if (!call) return
        call.text += part.text
        if (!this.#isGuarded) emit({ type: 'arguments-delta', turn, ...call, delta: part.text })
        return
      }
      default:
        return
    }
  }

  /**
   * What the guard of the stream decided on the text of the answer, once it is over; `undefined` if
   * it is not the text that came, and has to be checked as a whole.
   */
  verdictOn(text: string): GuardVerdict | undefined {
    const guard = this.#guard
    if (!guard || this.#heard !== text) return undefined
    // Only rules that need time answer with a promise, and for those there is no stream.
    if (guard.end(out => this.#tell(out))) return undefined
    const reasons = guard.findings.map(({ verdict }) => verdict.reason).join('; ')
    const verdict: GuardVerdict =
      guard.stopped ??
      (guard.findings.length === 0
        ? { type: 'allow' }
        : { type: 'rewrite', value: this.#told, reason: reasons })
    this.#session.tellVerdict({ point: 'output' }, verdict)
    return verdict
  }

  #tell(text: string): void {
    this.#told += text
    this.#session.emit({ type: 'text-delta', turn: this.#turn, text })
  }
}
