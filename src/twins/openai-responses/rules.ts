import { type ResponsesRequest, readRequest, withItems } from './request.ts'
import { checkModelLimits } from './rules-model.ts'
import { checkPairing } from './rules-pairing.ts'
import { checkReasoning } from './rules-reasoning.ts'
import { resolveItems } from './rules-references.ts'
import { checkState, previousOf } from './rules-state.ts'
import { checkJsonWord, checkTools } from './rules-tools.ts'
import { checkShape } from './shape-request.ts'
import type { ResponseStore } from './store.ts'

/**
 * Admits a request or turns it down as the vendor would: first the shape of all fields, then what
 * it refers to, then what the model can do, then the tools, then the conversation.
 *
 * @throws Rejection
 */
export function admit(
  value: unknown,
  store: ResponseStore,
  organization: string,
): ResponsesRequest {
  const { body, model } = checkShape(value)
  checkState(body, store)
  const read = readRequest(body, model, previousOf(body, store), organization)
  checkModelLimits(read)
  checkTools(read)
  const request = withItems(read, resolveItems(read, store))
  checkJsonWord(request)
  checkPairing(request)
  checkReasoning(request, store)
  return request
}
