import { frame } from '../../wire/sse.ts'
import type { Protocol } from '../protocol.ts'
import { decodeError } from './error-decode.ts'
import { encodeError } from './error-encode.ts'
import { placeOf } from './loss-place.ts'
import { FAMILY } from './reasoning.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { MessageStreamDecoder } from './stream-decoder.ts'
import { MessageStreamEncoder } from './stream-encoder.ts'
import { MessageStreamTap } from './stream-tap.ts'
import { tokenCounts } from './token-count.ts'
import { TOOL_NAME } from './tool.ts'
import { NAME } from './wire.ts'

/** Anthropic Messages. Source: Claude docs and Anthropic SDK 1.11, 2026-11. */
export const anthropic: Protocol = {
  name: NAME,
  callId: { pattern: /^[a-zA-Z0-9_-]+$/, max: 64 },
  toolName: { pattern: TOOL_NAME, max: 128 },
  stateFamily: FAMILY,
  customTools: false,
  needsUsage: true,
  pauses: true,
  tellsOwnTools: true,
  objectArguments: true,
  toolSchema: { plain: 'anthropic', strict: 'anthropic-strict' },
  outputSchema: { strict: 'anthropic-strict' },
  requestIdHeader: 'request-id',
  requestHeaders: ['anthropic-version', 'anthropic-beta'],
  responseHeaders: /^(anthropic-ratelimit-.*|retry-after|retry-after-ms|x-should-retry)$/,
  decodeRequest,
  encodeResponse,
  streamEncoder: context => new MessageStreamEncoder(context),
  // Any number may come anywhere: Claude docs, "Streaming messages", 2026-11.
  signOfLife: () => frame('{"type":"ping"}', 'ping'),
  encodeError,
  placeOf,
  encodeRequest,
  decodeResponse,
  streamDecoder: () => new MessageStreamDecoder(),
  streamTap: () => new MessageStreamTap(),
  counts: tokenCounts,
  decodeError,
}
