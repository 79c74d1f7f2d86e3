import type { ToolgateError } from '../../core/error.ts'
import { isObject, type Json } from '../../core/json.ts'
import { decodeVendorError, inBandStatus } from '../error-said.ts'
import type { WireError } from '../protocol.ts'
import { NAME } from './wire.ts'

const REFUSALS =
  /invalid_request|BadRequest|invalid_param|invalid_prompt|image|_policy|context_length/

/** Reads a vendor's error, in any of the envelopes of compatible vendors. */
export function decodeError(wire: WireError): ToolgateError {
  return decodeVendorError(NAME, wire)
}

/**
 * Reads an error that came with status 200: a failed response, an `error` event in its flat form
 * (openai-node 6.49 types) or its nested one (recorded 2025-12).
 */
export function decodeInBandError(wire: Json): ToolgateError {
  const error = isObject(wire) ? wire['error'] : undefined
  const body: Json = isObject(error) ? { error } : bare(wire)
  return decodeError({ status: inBandStatus(body, REFUSALS), headers: {}, body })
}

/** A flat error without what only frames it; a response that failed and does not say why. */
function bare(wire: Json): Json {
  if (!isObject(wire)) return wire
  const { message, code, param } = wire
  if (typeof message !== 'string' && code === undefined)
    return { error: { message: 'The vendor ended its answer with an error.' } }
  return { error: { message: message ?? null, code: code ?? null, param: param ?? null } }
}
