import { ToolgateError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { TokenCounts } from '../protocol.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'

/** What is counted; the rest of a request is refused. Source: Claude docs, "count tokens", 2026. */
const COUNTED = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking'] as const

/** `/v1/messages/count_tokens`: a request without a limit of output. */
export const tokenCounts: TokenCounts = {
  decodeRequest: (wire, call) =>
    decodeRequest(isObject(wire) ? { max_tokens: 1, ...wire } : wire, call),
  encodeRequest(request, quirks) {
    const { body, ...rest } = encodeRequest(request, quirks)
    const counted: JsonObject = {}
    for (const key of COUNTED) if (isObject(body) && key in body) counted[key] = body[key]
    return { ...rest, body: counted }
  },
  decodeAnswer(wire) {
    const tokens = isObject(wire) ? wire['input_tokens'] : undefined
    if (typeof tokens === 'number') return tokens
    throw new ToolgateError('vendor_contradiction', 'The vendor counted no tokens.', {
      origin: 'vendor',
    })
  },
  encodeAnswer: tokens => ({ input_tokens: tokens }),
}
