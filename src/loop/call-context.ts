import { setMaxListeners } from 'node:events'
import type { Json } from '../core/json.ts'
import { keepShape } from '../core/shape.ts'
import type { ToolContext } from './tool.ts'

/** What of a call's context is known before it is run. */
export type CallFacts = Pick<ToolContext, 'context' | 'callId' | 'idempotencyKey' | 'turn'>

/** An abort signal that is only made once somebody reads it: most tools never do, and one is dear. */
class LazySignal {
  #controller: AbortController | undefined
  #reason: Error | undefined

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      // A tool may ask for many things at once, and hand its signal to each.
      setMaxListeners(0, this.#controller.signal)
      if (this.#reason) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  abort(reason: Error): void {
    this.#reason ??= reason
    this.#controller?.abort(reason)
  }
}

const LAZY = Symbol('lazy signal')

/** One for all contexts: with a function of its own for each, the engine would make each a shape. */
const SIGNAL: PropertyDescriptor & ThisType<CallContext> = {
  enumerable: true,
  configurable: true,
  get() {
    return this[LAZY].signal
  },
}

/**
 * A tool's context. Its signal is a property of its own like the others, so that copies have it too
 * (`{ ...context }`).
 */
export class CallContext implements ToolContext {
  readonly context: unknown
  readonly callId: string
  readonly idempotencyKey: string
  readonly turn: number
  readonly progress: (value: Json) => void
  declare readonly signal: AbortSignal
  readonly [LAZY] = new LazySignal()

  constructor(facts: CallFacts, progress: (value: Json) => void) {
    this.context = facts.context
    this.callId = facts.callId
    this.idempotencyKey = facts.idempotencyKey
    this.turn = facts.turn
    this.progress = progress
    Object.defineProperty(this, 'signal', SIGNAL)
  }

  /** Tells the tool that nobody waits for it any more. */
  abort(reason: Error): void {
    this[LAZY].abort(reason)
  }
}

keepShape(
  new CallContext({ context: undefined, callId: '', idempotencyKey: '', turn: 0 }, () => {}),
)
