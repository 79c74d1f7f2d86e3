import type { Back } from '../protocol.ts'
import { decodeError } from './error-decode.ts'
import { FAMILY } from './reasoning.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse } from './response.ts'
import { ConverseStreamDecoder } from './stream-decoder.ts'
import { NAME } from './wire.ts'

/**
 * Converse, one form for the models of many makers; spoken with vendors alone. Source: AWS API
 * reference, "Converse" and "ConverseStream", 2026.
 */
export const converse: Back = {
  name: NAME,
  callId: { pattern: /^[a-zA-Z0-9_-]+$/, max: 64 },
  toolName: { pattern: /^[a-zA-Z0-9_-]+$/, max: 64 },
  stateFamily: FAMILY,
  customTools: false,
  toolSchema: { plain: 'converse', strict: 'converse-strict' },
  parallelSwitch: false,
  requestIdHeader: 'x-amzn-requestid',
  framing: 'event-stream',
  encodeRequest,
  decodeResponse,
  streamDecoder: () => new ConverseStreamDecoder(),
  decodeError,
}
