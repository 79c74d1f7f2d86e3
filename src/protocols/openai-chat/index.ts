import { COMMENT } from '../../wire/sse.ts'
import type { Protocol } from '../protocol.ts'
import { decodeError } from './error-decode.ts'
import { encodeError } from './error-encode.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { ChatStreamDecoder } from './stream-decoder.ts'
import { ChatStreamEncoder } from './stream-encoder.ts'
import { ChatStreamTap } from './stream-tap.ts'
import { NAME } from './wire.ts'

/**
 * OpenAI Chat Completions, and what the many vendors that speak it make of it. Call ids are free
 * text of at most 40 characters (vercel/ai issue #5171); tool names keep to OpenAI's rule.
 */
export const openaiChat: Protocol = {
  name: NAME,
  callId: { pattern: /^[\s\S]+$/, max: 40 },
  toolName: { pattern: /^[a-zA-Z0-9_-]+$/, max: 64 },
  customTools: true,
  toolSchema: { plain: 'openai-chat', strict: 'openai-chat-strict' },
  outputSchema: { plain: 'openai-chat', strict: 'openai-chat-strict' },
  requestIdHeader: 'x-request-id',
  // Not the organization and project: they belong to the key, and that is the gateway's.
  requestHeaders: ['openai-beta', 'idempotency-key', 'x-client-request-id'],
  responseHeaders:
    /^(?:openai-(?:organization|project|processing-ms|version)|x-ratelimit-.+|retry-after(?:-ms)?|x-should-retry)$/,
  decodeRequest,
  encodeResponse,
  streamEncoder: context => new ChatStreamEncoder(context),
  signOfLife: () => COMMENT,
  encodeError,
  encodeRequest,
  decodeResponse,
  streamDecoder: quirks => new ChatStreamDecoder(quirks),
  streamTap: request => new ChatStreamTap(request),
  decodeError,
}
