import type { ToolgateError } from '../../core/error.ts'
import { isObject, type Json } from '../../core/json.ts'
import { decodeVendorError, inBandStatus } from '../error-said.ts'
import type { WireError } from '../protocol.ts'
import { isFilled, NAME } from './wire.ts'

/** Whether a body is an error although its status or place says otherwise. */
export function isErrorBody(body: Json): boolean {
  if (Array.isArray(body)) return body.length > 0 && isErrorBody(body[0] ?? null)
  if (!isObject(body)) return false
  const error = body['error']
  if (isObject(error) ? isFilled(error) : typeof error === 'string' && error !== '') return true
  return body['object'] === 'error' || body['type'] === 'error'
}

/** Reads a vendor's error, in any of the envelopes of compatible vendors. */
export function decodeError(wire: WireError): ToolgateError {
  return decodeVendorError(NAME, wire)
}

/** Reads an error that came with status 200, in a body or in a stream. */
export function decodeInBandError(body: Json): ToolgateError {
  const status = inBandStatus(body, /invalid_request|BadRequest|invalid_param/)
  return decodeError({ status, headers: {}, body })
}
