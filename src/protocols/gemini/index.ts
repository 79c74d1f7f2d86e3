import type { Protocol } from '../protocol.ts'
import { FAMILY } from '../thought-signature.ts'
import { decodeError } from './error-decode.ts'
import { encodeError } from './error-encode.ts'
import { placeOf } from './loss-place.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { ContentStreamDecoder } from './stream-decoder.ts'
import { CHUNK_OF_NOTHING, ContentStreamEncoder } from './stream-encoder.ts'
import { ContentListEncoder, listSignOfLife } from './stream-list.ts'
import { ContentStreamTap } from './stream-tap.ts'
import { tokenCounts } from './token-count.ts'
import { MAX_NAME, TOOL_NAME } from './tool.ts'
import { NAME } from './wire.ts'

/**
 * Google Gemini generateContent. Model and streaming switch stand in the URL. Source: Google Gen AI
 * SDK 2.32 and Gemini API docs, 2026.
 */
export const gemini: Protocol = {
  name: NAME,
  callId: { pattern: /^[\s\S]+$/, max: 256 },
  toolName: { pattern: TOOL_NAME, max: MAX_NAME },
  stateFamily: FAMILY,
  customTools: false,
  toolSchema: { plain: 'gemini-json', strict: 'gemini-json' },
  outputSchema: { strict: 'gemini-json' },
  parallelSwitch: false,
  // The vendor sends none: its answers carry `responseId`. This is the gateway's own id.
  requestIdHeader: 'x-request-id',
  requestHeaders: ['x-goog-api-client', 'x-server-timeout'],
  responseHeaders: /^(server-timing|retry-after)$/,
  decodeRequest,
  encodeResponse,
  streamEncoder: context =>
    context.list ? new ContentListEncoder(context) : new ContentStreamEncoder(context),
  signOfLife: context => (context.list ? listSignOfLife(context) : CHUNK_OF_NOTHING),
  encodeError,
  placeOf,
  encodeRequest,
  decodeResponse,
  streamDecoder: () => new ContentStreamDecoder(),
  streamTap: () => new ContentStreamTap(),
  counts: tokenCounts,
  decodeError,
}
