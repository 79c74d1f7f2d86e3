import { isObject, type Json } from '../../core/json.ts'
import type { TokenCounts } from '../protocol.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { contradiction } from './response.ts'

/**
 * `:countTokens`, which takes either contents alone or a whole request under
 * `generateContentRequest`. Source: Gemini API docs, "Counting tokens", 2026.
 */
export const tokenCounts: TokenCounts = {
  decodeRequest(wire, call) {
    const asked = isObject(wire)
      ? (wire['generateContentRequest'] ?? wire['generate_content_request'])
      : undefined
    return decodeRequest(asked ?? wire, call)
  },
  encodeRequest(request, quirks) {
    const { body, ...rest } = encodeRequest(request, quirks)
    const inner = isObject(body) ? body : {}
    const model = `models/${request.model}`
    return { ...rest, body: { generateContentRequest: { ...inner, model } } }
  },
  decodeAnswer(wire) {
    const tokens: Json | undefined = isObject(wire) ? wire['totalTokens'] : undefined
    if (typeof tokens !== 'number') throw contradiction('it counts no tokens')
    return tokens
  },
  encodeAnswer: tokens => ({ totalTokens: tokens }),
}
