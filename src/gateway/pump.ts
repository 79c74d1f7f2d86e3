import type { ToolgateError } from '../core/error.ts'
import type { Loss } from '../core/loss.ts'
import type { FinishKind, ModelResponse, Usage } from '../core/response.ts'
import type { Again } from './ask-again.ts'

/** What a stream turned out to be, for the record. */
export interface StreamFacts {
  usage: Usage | undefined
  finish: FinishKind | undefined
  calls: number
}

/**
 * Carries one stream from the vendor's bytes to the client's. `push` gives back what is to be
 * written for a chunk, so that there is one write for each chunk; an empty result means nothing yet.
 */
export interface Pump {
  readonly facts: StreamFacts
  push(chunk: Buffer): Buffer | string
  /** The vendor's bytes are over: what is still to be written. */
  end(): Buffer | string
  /** The stream cannot go on: the in-band error to be written, if the answer was not whole before. */
  fail(error: ToolgateError): string
  /** Once the answer is over: whether the model must be asked again, and with what. */
  readonly again?: Again | undefined
  /** Goes on with another answer of the model, in the same stream of the client's. */
  resume?(): void
  /** Another answer that came whole. */
  give?(response: ModelResponse): string
  /** What was mended in calls, and what guardrails did. */
  readonly losses?: readonly Loss[]
  /** Whether the client's answer is whole, whatever the vendor still says. */
  readonly over?: boolean
  /** The error that the stream ended with, once it has. */
  readonly error: ToolgateError | undefined
}
