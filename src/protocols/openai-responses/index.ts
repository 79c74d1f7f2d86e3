import { COMMENT } from '../../wire/sse.ts'
import type { Protocol } from '../protocol.ts'
import { decodeError } from './error-decode.ts'
import { encodeError } from './error-encode.ts'
import { heldAnswers } from './held.ts'
import { placeOf } from './loss-place.ts'
import { FAMILY } from './reasoning.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { ResponsesStreamDecoder } from './stream-decoder.ts'
import { ResponsesStreamEncoder } from './stream-encoder.ts'
import { ResponsesStreamTap } from './stream-tap.ts'
import { NAME } from './wire.ts'

/**
 * OpenAI Responses. Call ids are free text of at most 64 characters (ungate issue #26); tool names
 * keep to OpenAI's rule.
 */
export const openaiResponses: Protocol = {
  name: NAME,
  callId: { pattern: /^[\s\S]+$/, max: 64 },
  toolName: { pattern: /^[a-zA-Z0-9_-]+$/, max: 64 },
  stateFamily: FAMILY,
  customTools: true,
  tellsOwnTools: true,
  toolSchema: { plain: 'openai-chat', strict: 'openai-chat-strict' },
  outputSchema: { plain: 'openai-chat', strict: 'openai-chat-strict' },
  requestIdHeader: 'x-request-id',
  // Not the organization and project: they belong to the key, and that is the gateway's.
  requestHeaders: ['openai-beta', 'idempotency-key', 'x-client-request-id'],
  responseHeaders:
    /^(?:openai-(?:organization|project|processing-ms|version)|x-ratelimit-.+|retry-after(?:-ms)?|x-should-retry)$/,
  decodeRequest,
  encodeResponse,
  streamEncoder: context => new ResponsesStreamEncoder(context),
  signOfLife: () => COMMENT,
  encodeError,
  placeOf,
  encodeRequest,
  decodeResponse,
  streamDecoder: () => new ResponsesStreamDecoder(),
  streamTap: () => new ResponsesStreamTap(),
  decodeError,
  held: heldAnswers,
}
