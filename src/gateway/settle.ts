import type { ModelResponse, Usage } from '../core/response.ts'
import { decodeWhole, deliverResponse, deliverWhole, restored } from './answer.ts'
import { addUsage } from './ask-again.ts'
import type { Outcome } from './attempt.ts'
import type { ClientCall } from './call.ts'
import type { Plan } from './exchange.ts'
import { guardAnswer } from './guard-answer.ts'
import { endOfPause, goesOn, joinPaused } from './pause.ts'
import type { Pump } from './pump.ts'
import type { ExchangeRecord } from './record.ts'
import { brokenCallsError, checkAnswer, isWorthRetry } from './validate-calls.ts'

/** What one exchange remembers of the model's earlier answers to it. */
export interface Earlier {
  /** The client's stream, once the vendor has begun one. */
  pump?: Pump
  /** How often the model was asked again. */
  again: number
  usage: Usage | undefined
  /** The turn so far, where the vendor paused it, and how often it did. */
  paused: ModelResponse | undefined
  rounds: number
}

/**
 * Gives a whole answer to the client, or makes the plan for asking the model again. `rescued` is an
 * answer that the vendor had refused to give out. A promise only if a guardrail needs time.
 *
 * @throws ToolgateError if the answer cannot be read, or its calls cannot be had right.
 */
export function settleWhole(
  answer: Extract<Outcome, { kind: 'whole' }>,
  call: ClientCall,
  plan: Plan,
  record: ExchangeRecord,
  earlier: Earlier,
  rescued?: ModelResponse,
): Plan | undefined | Promise<undefined> {
  const isRead = plan.validation || plan.pauses || rescued || (plan.guard && plan.request)
  if (!isRead) {
    deliverWhole(answer, call, plan, record)
    return undefined
  }
  const vendorId = answer.headers[plan.back.requestIdHeader]
  if (vendorId !== undefined) record.vendorRequestId = vendorId
  const read = rescued ?? decodeWhole(answer, plan)
  if (earlier.pump) return giveOn(read, call, plan, earlier)
  const decoded = joinPaused(earlier.paused, read)
  if (plan.pauses && plan.again && goesOn(decoded, earlier.rounds)) {
    earlier.paused = decoded
    earlier.rounds++
    return plan.again(decoded, [])
  }
  earlier.paused = undefined
  return settleRead(decoded, answer, call, plan, record, earlier)
}

/** Gives an answer that is over to the client, if its calls are right. */
function settleRead(
  decoded: ModelResponse,
  answer: Extract<Outcome, { kind: 'whole' }>,
  call: ClientCall,
  plan: Plan,
  record: ExchangeRecord,
  earlier: Earlier,
): Plan | undefined | Promise<undefined> {
  const hasCalls = decoded.content.some(part => part.type === 'tool-call')
  const ended = plan.pauses
    ? endOfPause(decoded.finish, hasCalls)
    : { finish: decoded.finish, losses: [] }
  const over = ended.finish === decoded.finish ? decoded : { ...decoded, finish: ended.finish }
  const own = restored(over, plan)
  const { response, losses, broken } = plan.validation
    ? checkAnswer(own, plan.validation)
    : { response: own, losses: [], broken: [] }
  const usage = addUsage(earlier.usage, response.usage)
  if (plan.validation && broken.length > 0) {
    if (usage) record.usage = usage
    if (!plan.again || !isWorthRetry(response.finish.kind, plan.validation, earlier.again))
      throw brokenCallsError(broken, earlier.again)
    earlier.usage = usage
    earlier.again++
    return plan.again(decoded, broken)
  }
  const summed = usage === response.usage ? response : { ...response, ...(usage && { usage }) }
  const deliver = (given: ModelResponse): undefined => {
    const more = [...ended.losses, ...losses, ...(plan.guard?.takeLosses() ?? [])]
    // Copying a plan costs as much as reading a small answer.
    const told = more.length > 0 ? { ...plan, losses: [...plan.losses, ...more] } : plan
    if (told.losses.length > 0) record.losses = told.losses.length
    deliverResponse(given, answer, call, told, record)
  }
  const guarded = plan.guard ? guardAnswer(summed, plan.guard) : summed
  return guarded instanceof Promise ? guarded.then(deliver) : deliver(guarded)
}

/** A whole answer goes on in the stream that the client already has. */
function giveOn(
  decoded: ModelResponse,
  call: ClientCall,
  plan: Plan,
  earlier: Earlier,
): Plan | undefined {
  const text = earlier.pump?.give?.(decoded) ?? ''
  const next = nextPlan(plan, earlier)
  if (next) call.reply.write(text)
  else call.reply.end(text)
  return next
}

/** The plan for asking again in the middle of a stream; `undefined` if the stream is over. */
export function nextPlan(plan: Plan, earlier: Earlier): Plan | undefined {
  const { pump } = earlier
  const again = pump?.again
  if (!pump || !again || pump.over) return undefined
  earlier.again++
  pump.resume?.()
  return plan.again?.(again.response, again.broken)
}
