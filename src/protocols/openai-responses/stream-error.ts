import type { ToolgateError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import { frame } from '../../wire/sse.ts'
import { encodeErrorBody } from './error-encode.ts'
import { objectAt, textAt } from './wire.ts'

/** An error in the two events that tell it. */
export interface StreamError {
  /** The fields of the event `error`, as JSON text without its braces. */
  readonly flat: string
  /** The `error` of the response that failed. */
  readonly told: JsonObject
}

/**
 * Words an error for a stream. Its event tells it twice: flat, as it is documented, and nested, as it
 * is sent and as OpenAI's own clients look for it (openai-node 6.49).
 */
export function encodeStreamError(error: ToolgateError): StreamError {
  const said = objectAt(encodeErrorBody(error), 'error') ?? {}
  const { message, code, param } = said
  const flat = JSON.stringify({ code, message, param, error: said }).slice(1, -1)
  const told = { code: textAt(said, 'code') || 'server_error', message: textAt(said, 'message') }
  return { flat, told }
}

/** One event of a stream as text; `fields` is JSON text without its braces. */
export function frameEvent(type: string, fields: string, sequence: number): string {
  return frame(`{"type":"${type}",${fields},"sequence_number":${sequence}}`, type)
}
