import type { Json } from '../core/json.ts'
import type { Back } from '../protocols/protocol.ts'
import type { ResolvedModel } from '../providers/index.ts'
import { jsonBytes } from '../wire/json.ts'
import { checkConversation } from './conversation.ts'
import { fitRequest } from './fit.ts'
import type { ClientRequest, Plan } from './plan.ts'
import { addressOf } from './target.ts'
import { fittingQuirks, wordTools } from './worded.ts'

/**
 * Counts the tokens of a request in another protocol's way, or of one that has to be put into words
 * first; nothing if one of the sides counts none.
 *
 * @throws ToolgateError for whatever is wrong with the request.
 */
export function planTranslatedCount(
  client: ClientRequest,
  wire: Json,
  target: ResolvedModel,
  back: Back,
): Plan | undefined {
  const { counts } = client.front
  if (!counts || !back.counts || !target.endpoint.paths.countTokens) return undefined
  const asked = counts.decodeRequest(wire, {
    headers: client.headers,
    ...(client.model === undefined ? {} : { model: client.model }),
    stream: false,
  })
  checkConversation(asked, client.front)
  const fitted = fitRequest(asked, back, fittingQuirks(target.quirks))
  const worded = wordTools(fitted.request, target.quirks)
  const request = { ...worded.request, model: target.model }
  const encoded = back.counts.encodeRequest(request, target.quirks)
  const address = addressOf(target, 'countTokens')
  return {
    target,
    back,
    request: undefined,
    stream: false,
    direct: false,
    losses: [...fitted.losses, ...worded.losses, ...encoded.losses],
    undo: undefined,
    call: {
      ...address,
      headers: { ...address.headers, ...encoded.headers },
      body: jsonBytes(encoded.body),
    },
  }
}
