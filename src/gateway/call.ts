import type { ServerResponse } from 'node:http'
import { emptyRequest } from '../core/request.ts'
import type { EncodeContext } from '../protocols/protocol.ts'
import type { ClientRequest, Plan } from './exchange.ts'
import type { Keeper } from './holding.ts'
import { newId } from './ids.ts'

/** A request of a client, with the way back to it. */
export interface ClientCall extends ClientRequest {
  readonly requestId: string
  readonly reply: ServerResponse
  /** Holds the answer for the client; absent if nobody does. */
  readonly keeper?: Keeper
}

/** What the encoders of one exchange's answer need from outside. */
export function contextOf(call: ClientCall, plan: Plan): EncodeContext {
  return {
    requestId: call.requestId,
    now: Math.floor(Date.now() / 1000),
    request: plan.request ?? emptyRequest(call.front.name, plan.target.name),
    newId,
    ...(call.list ? { list: true, begun: call.reply.headersSent } : {}),
    ...(call.keeper ? { held: call.keeper } : {}),
  }
}
