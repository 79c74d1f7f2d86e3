import type { FinishKind, Usage } from '../core/response.ts'
import type { GuardFacts } from './exchange-guard.ts'

/** What is written down of one exchange: no content and no key. Times in milliseconds. */
export interface ExchangeRecord {
  /** When it was over, in Unix milliseconds. */
  time: number
  readonly requestId: string
  /** The protocol the client spoke. */
  readonly front: string
  readonly operation: 'create' | 'count-tokens'
  /** The name of the client's key, where keys are asked for. */
  client?: string
  /** As the client wrote it. */
  model?: string
  account?: string
  vendor?: string
  /** The protocol the vendor was asked in. */
  back?: string
  /** The vendor's id of the model. */
  vendorModel?: string
  vendorRequestId?: string
  stream?: boolean
  /** `direct`: the bytes passed through; `translated`: they were decoded and encoded. */
  mode?: 'direct' | 'translated'
  tools?: number
  status?: number
  /** Tries at the vendor. */
  tries: number
  finish?: FinishKind
  /** Calls in the answer, where it was decoded. */
  calls?: number
  usage?: Usage
  losses?: number
  /**
   * Reasoning state: turns whose state the client had dropped and that got it back, or for which
   * none was found; and calls of the answer whose state was kept.
   */
  state?: { readonly found: number; readonly missing: number; readonly kept: number }
  /** The guardrails that rewrote or refused something, by name. */
  guardrails?: GuardFacts
  /** The code of the error, if there was one. */
  error?: string
  firstByteMs?: number
  ms: number
  /**
   * Fills in finish, calls and usage of an answer that passed as bytes. Left to the reader of the
   * record, because it means parsing the answer, which the client need not wait for.
   */
  readAnswer?: () => void
}

/** Takes the record of each exchange when it is over. Must not throw. */
export type Recorder = (record: ExchangeRecord) => void
