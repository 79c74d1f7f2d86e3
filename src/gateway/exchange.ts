import type { Loss } from '../core/loss.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import type { CallReading } from '../emulation/index.ts'
import type { Back, Front } from '../protocols/protocol.ts'
import type { ResolvedModel } from '../providers/index.ts'
import type { ExchangeGuard } from './exchange-guard.ts'
import type { Undo } from './fit.ts'
import type { Recall } from './recall.ts'
import type { VendorCall } from './upstream.ts'
import type { BrokenCall, Validation } from './validate-calls.ts'

/** A request as it came from a client. Header names are in lower case. */
export interface ClientRequest {
  readonly front: Front
  readonly operation: 'create' | 'count-tokens'
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: Buffer
  /** The body with all that the vendor holds of the conversation, where that is held here too. */
  readonly whole?: () => Buffer
  /** The name of the client's key, if there is one. */
  readonly client?: string
  /** The gateway's id of this exchange. */
  readonly requestId?: string
  /** Where the protocol has them in the path. */
  readonly model?: string
  readonly stream?: boolean
  /** Whether the stream is wanted as one JSON list, and not as events. */
  readonly list?: boolean
}

/** All that is decided before a byte goes to the vendor. */
export interface Plan {
  readonly target: ResolvedModel
  readonly back: Back
  /** As the client asked it; absent when only tokens are counted. */
  readonly request: ModelRequest | undefined
  readonly stream: boolean
  /** Whether the vendor's bytes go to the client as they are. */
  readonly direct: boolean
  readonly losses: readonly Loss[]
  readonly undo: Undo | undefined
  /** How calls are read out of the answer's text; absent where text is text. */
  readonly reading?: CallReading
  /** How calls are read out of an answer that the vendor refuses to give out. */
  readonly rescue?: CallReading
  /** What keeps and puts back the state of calls; absent where there is none to keep. */
  readonly recall?: Recall
  readonly call: VendorCall
  /** What the answer's calls are held to; absent: nothing. */
  readonly validation?: Validation
  /** The guardrails of the exchange; absent: none. */
  readonly guard?: ExchangeGuard
  /** Whether the vendor may pause its turn, which is then gone on with here and not by the client. */
  readonly pauses?: boolean
  /** The plan for asking again: after an answer with broken calls, or without any after a pause. */
  again?(response: ModelResponse, broken: readonly BrokenCall[]): Plan
}
