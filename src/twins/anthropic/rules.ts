import { Rejection } from './error.ts'
import type { JsonDocument } from './json.ts'
import { findModel } from './models.ts'
import { type MessagesRequest, readRequest } from './request.ts'
import { checkCacheControl } from './rules-cache.ts'
import { checkLimits } from './rules-limits.ts'
import { checkMessages } from './rules-messages.ts'
import { checkPairing } from './rules-pairing.ts'
import { checkThinking } from './rules-thinking.ts'
import { checkTools } from './rules-tools.ts'
import { checkShape, type Edition } from './shape-request.ts'

/**
 * Admits a request or turns it down as the vendor would: first the shape of all fields, then the
 * model's name, then what the fields mean together.
 *
 * @throws Rejection
 */
export function admit(document: JsonDocument, edition: Edition): MessagesRequest {
  const body = checkShape(document.value, edition)
  const name = String(body['model'])
  const model = findModel(name)
  if (!model) throw new Rejection(`model: ${name}`, 404, 'not_found_error')
  refuseThread(body)
  const request = readRequest(body, document, model, edition)
  checkTools(request)
  checkMessages(request)
  checkPairing(request)
  checkThinking(request)
  checkCacheControl(request)
  checkLimits(request)
  return request
}

/**
 * A thread leaves the conversation with the vendor, and a twin keeps none: it answers as the vendor
 * does for a request that cannot be threaded, and its clients go on with the full history.
 * Source of the code: Anthropic SDK 1.11, message threads, 2026-11-19; the text is a guess.
 */
function refuseThread(body: { readonly [name: string]: unknown }): void {
  if (body['thread'] === undefined || body['thread'] === null) return
  throw new Rejection('This request cannot be threaded.', 400, 'invalid_request_error', {
    error_code: 'thread_unsupported_request',
    unsupported: ['thread'],
  })
}
