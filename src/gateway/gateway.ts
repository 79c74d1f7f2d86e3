import type { ServerResponse } from 'node:http'
import { ERROR_CODES, isToolgateError, ToolgateError } from '../core/error.ts'
import { checkReach } from '../core/reach.ts'
import type { HeldAnswers } from '../protocols/held-answers.ts'
import type { Authority, Resolver } from '../providers/index.ts'
import type { Conversations } from '../store/conversations.ts'
import type { Vault } from '../store/vault.ts'
import { deliverError, headOf, streamType, vendorError } from './answer.ts'
import { Attempt, type Outcome } from './attempt.ts'
import { type ClientCall, contextOf } from './call.ts'
import type { Plan } from './exchange.ts'
import { type GuardPolicy, GuardRules } from './guard-rules.ts'
import { Heartbeat, isHeld } from './heartbeat.ts'
import { type HeldQuestion, Holding, keepingPump } from './holding.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { modelNameIn, type PlanContext, type Policy, planExchange } from './plan.ts'
import type { Pump } from './pump.ts'
import type { ExchangeRecord, Recorder } from './record.ts'
import { RESCUED, rescuedAnswer } from './rescue.ts'
import { retryPause } from './retry.ts'
import { type Earlier, nextPlan, settleWhole } from './settle.ts'
import { createPump } from './translating-pump.ts'
import { Upstream } from './upstream.ts'
import { Watch } from './watch.ts'

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly resolver: Resolver
  /** Default: neither strict nor repairing. */
  readonly policy?: Policy
  /** Default: `DEFAULT_LIMITS`. */
  readonly limits?: Partial<Limits>
  /** Default: nothing is written down. */
  readonly recorder?: Recorder
  /** Where answers are held for clients of protocols that ask for it. Default: nowhere. */
  readonly conversations?: Conversations
  /** Where the state of calls is kept for clients that drop it. Default: nowhere. */
  readonly vault?: Vault
  /** What requests and answers are held to. Default: nothing. */
  readonly guardrails?: GuardPolicy
}

/** The life of exchanges: from a client's request to the last byte of its answer. */
export class Gateway {
  readonly resolver: Resolver
  readonly #context: PlanContext
  readonly #limits: Limits
  readonly #upstream: Upstream
  readonly #recorder: Recorder
  readonly #watch: Watch
  readonly #holding: Holding | undefined
  /** What ends the pauses between tries. */
  readonly #pauses = new Set<() => void>()
  #closing = false

  constructor(options: GatewayOptions) {
    this.resolver = options.resolver
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#upstream = new Upstream(this.#limits)
    const { firstByteMs, idleMs, wholeMs } = this.#limits
    this.#watch = new Watch(Math.min(firstByteMs, idleMs, wholeMs))
    this.#recorder = options.recorder ?? (() => {})
    const { conversations, resolver, guardrails } = options
    this.#holding = conversations && new Holding(conversations, resolver)
    this.#context = {
      resolver: options.resolver,
      policy: options.policy ?? { strict: false, repair: false },
      ...(options.vault && { vault: options.vault }),
      ...(guardrails && { guardrails: new GuardRules(guardrails) }),
    }
  }

  /** Exchanges under way. */
  get running(): number {
    return this.#watch.size
  }

  /** Serves one exchange to its end. Never rejects: every failure is an answer, and a record. */
  async handle(given: ClientCall): Promise<void> {
    let call = given
    const started = performance.now()
    const record: ExchangeRecord = {
      time: 0,
      requestId: call.requestId,
      front: call.front.name,
      operation: call.operation,
      ...(call.client === undefined ? {} : { client: call.client }),
      tries: 0,
      ms: 0,
    }
    let plan: Plan | undefined
    let heartbeat: Heartbeat | undefined
    try {
      if (this.#holding) call = await this.#holding.prepare(given)
      const planned = planExchange(call, this.#context)
      plan = planned instanceof Promise ? await planned : planned
      notePlan(record, plan)
      const { heartbeatMs } = this.#limits
      if (heartbeatMs > 0 && isHeld(plan)) heartbeat = new Heartbeat(call, plan, heartbeatMs)
      await this.#carry(call, plan, record, started)
    } catch (thrown) {
      const error = guarded(asToolgateError(thrown), plan)
      record.error = error.code
      if (error.code === 'guardrail_refused')
        record.guardrails = { rewrote: [], refused: error.details.names ?? [] }
      record.model ??= modelNameIn(call.body) ?? ''
      if (!call.reply.headersSent) record.status = deliverError(error, call)
      else if (heartbeat) heartbeat.fail(error)
      else call.reply.destroy()
    }
    heartbeat?.stop()
    if (plan?.guard) record.guardrails = plan.guard.facts
    record.status ??= call.reply.headersSent ? call.reply.statusCode : GONE
    record.ms = performance.now() - started
    record.time = Date.now()
    this.#recorder(record)
  }

  /** Answers a question about an answer that is held. @throws ToolgateError if it is not. */
  async answerHeld(held: HeldAnswers, question: HeldQuestion): Promise<string> {
    if (!this.#holding) throw held.unknown(question.id)
    return this.#holding.answer(held, question)
  }

  /** Ends what is still running with an in-band error, and closes all connections to vendors. */
  async close(): Promise<void> {
    this.#closing = true
    for (const end of this.#pauses) end()
    this.#watch.close(shuttingDown())
    await this.#upstream.close()
  }

  async #carry(
    call: ClientCall,
    first: Plan,
    record: ExchangeRecord,
    started: number,
  ): Promise<void> {
    const deadline = started + this.#wholeMs(call)
    const earlier: Earlier = { again: 0, usage: undefined, paused: undefined, rounds: 0 }
    const { authority } = first.target.account
    let plan = first
    for (let tried = 1; ; tried++) {
      const asked = authority ? await proven(plan, authority) : plan
      // Whoever went away while a guardrail or a store took its time is asked for by nobody.
      if (call.reply.destroyed) {
        record.error = 'client_closed'
        return
      }
      const outcome: Outcome = this.#closing
        ? { kind: 'failed', error: shuttingDown(), headers: {} }
        : await this.#try(call, asked, record, started, deadline, earlier)
      if (outcome.kind === 'streamed') {
        if (outcome.error) record.error = outcome.error.code
        noteMended(record, plan, earlier)
        return
      }
      const error = outcome.kind === 'failed' ? outcome.error : undefined
      const said = outcome.kind === 'whole' ? vendorError(outcome, plan) : error
      const refusal = said && guarded(said, plan)
      const rescued =
        said && outcome.kind === 'whole' && plan.rescue
          ? rescuedAnswer(said, plan.rescue)
          : undefined
      if (!refusal || rescued) {
        const told = rescued ? { ...plan, losses: [...plan.losses, RESCUED] } : plan
        const hadHead = call.reply.headersSent
        const settled =
          outcome.kind === 'whole'
            ? settleWhole(outcome, call, told, record, earlier, rescued)
            : nextPlan(plan, earlier)
        const next = settled instanceof Promise ? await settled : settled
        if (!next) {
          if (call.reply.destroyed) noteGone(record, hadHead)
          return
        }
        plan = next
        tried = 0
        continue
      }
      const pause = this.#closing
        ? undefined
        : retryPause(refusal, outcome.headers, tried, this.#limits, Math.random())
      // What an attempt that failed had begun to build is of no use to the next one.
      if (!call.reply.headersSent) delete earlier.pump
      const left = deadline - performance.now()
      if (pause === undefined || pause >= left || !(await this.#waited(call.reply, pause))) {
        record.error = call.reply.destroyed ? 'client_closed' : refusal.code
        if (call.reply.destroyed) return
        // Without a pump the client has nothing but signs of life.
        if (call.reply.headersSent && !earlier.pump) throw refusal
        if (call.reply.headersSent) call.reply.end(earlier.pump?.fail(refusal))
        else record.status = deliverError(refusal, call, outcome, plan)
        return
      }
    }
  }

  /** One try. Its socket ends with the client's, and with the deadline of the exchange. */
  async #try(
    call: ClientCall,
    plan: Plan,
    record: ExchangeRecord,
    started: number,
    deadline: number,
    earlier: Earlier,
  ): Promise<Outcome> {
    record.tries++
    // A vendor that streams where the whole is asked for has not answered what was asked.
    const streams = plan.stream && !isHeld(plan)
    const pump = () =>
      (earlier.pump ??= keepingPump(
        createPump(plan, call.front, contextOf(call, plan)),
        plan,
        call.keeper,
      ))
    const attempt = new Attempt({
      upstream: this.#upstream,
      call: plan.call,
      reply: call.reply,
      limits: this.#limits,
      deadline,
      pump: streams ? pump : undefined,
      begun: call.reply.headersSent,
      begin: vendor => {
        record.firstByteMs = performance.now() - started
        call.reply.writeHead(200, headOf(call, plan, vendor, streamType(call)))
      },
    })
    const gone = () => attempt.abandon()
    const drained = plan.stream ? () => attempt.resume() : undefined
    call.reply.on('close', gone)
    if (drained) call.reply.on('drain', drained)
    this.#watch.add(attempt)
    try {
      return await attempt.outcome
    } finally {
      this.#watch.delete(attempt)
      call.reply.off('close', gone)
      if (drained) call.reply.off('drain', drained)
      if (earlier.pump) noteStream(record, earlier.pump)
    }
  }

  /** Waits, unless the client goes away meanwhile, or the gateway closes. */
  #waited(reply: ServerResponse, ms: number): Promise<boolean> {
    return new Promise(resolve => {
      const done = (waited: boolean) => {
        clearTimeout(timer)
        reply.off('close', end)
        this.#pauses.delete(end)
        resolve(waited)
      }
      const end = () => done(false)
      const timer = setTimeout(() => done(true), ms)
      if (reply.destroyed) end()
      else {
        reply.on('close', end)
        this.#pauses.add(end)
      }
    })
  }

  /** The limit of the exchange: the house's, or the client's own if it is shorter. */
  #wholeMs(call: ClientCall): number {
    const told = Number(call.headers['x-stainless-timeout'])
    return told > 0 ? Math.min(told * 1000, this.#limits.wholeMs) : this.#limits.wholeMs
  }
}

/** An error as far as the guardrails let the client read it. */
function guarded(error: ToolgateError, plan: Plan | undefined): ToolgateError {
  return plan?.guard ? plan.guard.error(error) : error
}

/** The plan with the vendor's proof of who asks, where that is no fixed key. */
async function proven(plan: Plan, authority: Authority): Promise<Plan> {
  // A proof may have to be fetched, and from nowhere for a call that is not going to be made.
  checkReach(plan.call.origin, plan.call.path)
  const headers = await authority.prove(plan.call)
  return { ...plan, call: { ...plan.call, headers: { ...plan.call.headers, ...headers } } }
}

function notePlan(record: ExchangeRecord, plan: Plan): void {
  record.model = plan.target.name
  record.account = plan.target.account.name
  record.vendor = plan.target.provider.name
  record.vendorModel = plan.target.model
  record.back = plan.back.name
  record.stream = plan.stream
  record.mode = plan.direct ? 'direct' : 'translated'
  if (plan.request) record.tools = plan.request.tools.length
  if (plan.losses.length > 0) record.losses = plan.losses.length
  if (plan.recall) record.state = plan.recall.facts
}

function noteStream(record: ExchangeRecord, pump: Pump): void {
  const { usage, finish, calls } = pump.facts
  if (usage) record.usage = usage
  if (finish) record.finish = finish
  if (calls > 0) record.calls = calls
}

/** Calls of a stream are mended after its head has gone: the record alone can still tell. */
function noteMended(record: ExchangeRecord, plan: Plan, { pump }: Earlier): void {
  const mended = pump?.losses?.length ?? 0
  if (mended > 0) record.losses = plan.losses.length + mended
}

/** The status of an exchange whose client went away before it had one. */
const GONE = ERROR_CODES.client_closed.status

/** Nobody got the answer. */
function noteGone(record: ExchangeRecord, hadHead: boolean): void {
  record.error ??= 'client_closed'
  if (!hadHead) record.status = GONE
}

function shuttingDown(): ToolgateError {
  return new ToolgateError('shutting_down', 'The gateway is shutting down.', { origin: 'gateway' })
}

/** Whatever was thrown, as an error that a client can be told. */
export function asToolgateError(thrown: unknown): ToolgateError {
  if (isToolgateError(thrown)) return thrown
  if (thrown instanceof RangeError && thrown.message.includes('call stack')) {
    return new ToolgateError('invalid_value', 'The body is nested too deeply.', {
      details: { path: [], why: 'nested too deeply' },
    })
  }
  return new ToolgateError('internal', 'Something went wrong inside the gateway.', {
    origin: 'gateway',
    cause: thrown,
  })
}
