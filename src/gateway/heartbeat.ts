import type { ToolgateError } from '../core/error.ts'
import { LONGEST_TIMER } from '../core/timer.ts'
import { headOf, streamType } from './answer.ts'
import { type ClientCall, contextOf } from './call.ts'
import type { Plan } from './exchange.ts'
import { inBand } from './in-band.ts'

/** Whether a client that wants a stream has to wait for the whole answer and its check. */
export function isHeld(plan: Plan): boolean {
  return plan.stream && plan.guard?.rules.holdsAnswers === true
}

/**
 * Gives the client of a held answer signs of life, so that neither it nor what stands between takes
 * the connection for dead. The first one begins the stream: from then on an error is in-band, as it is
 * in any stream that has begun. An answer that is there before is given as ever.
 */
export class Heartbeat {
  readonly #call: ClientCall
  readonly #plan: Plan
  readonly #timer: NodeJS.Timeout

  /** @param everyMs milliseconds */
  constructor(call: ClientCall, plan: Plan, everyMs: number) {
    this.#call = call
    this.#plan = plan
    this.#timer = setInterval(() => this.#beat(), Math.min(everyMs, LONGEST_TIMER))
  }

  /** Ends the stream with an error, if it has begun and not ended. */
  fail(error: ToolgateError): void {
    this.stop()
    if (this.#call.reply.writableEnded) return
    this.#call.reply.end(inBand(error, this.#call.front, contextOf(this.#call, this.#plan)))
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    const { reply, front } = this.#call
    if (reply.destroyed || reply.writableEnded || reply.writableNeedDrain) return
    const context = contextOf(this.#call, this.#plan)
    if (!reply.headersSent)
      reply.writeHead(200, headOf(this.#call, this.#plan, {}, streamType(this.#call)))
    reply.write(front.signOfLife(context))
  }
}
