import type { Json } from '../core/json.ts'
import type { ModelRequest } from '../core/request.ts'
import type { Back, TokenCounts } from '../protocols/protocol.ts'
import type { ResolvedModel } from '../providers/index.ts'
import { jsonBytes } from '../wire/json.ts'
import { checkConversation } from './conversation.ts'
import type { ClientRequest, Plan } from './exchange.ts'
import type { ExchangeGuard } from './exchange-guard.ts'
import { fitRequest } from './fit.ts'
import { guardRequest } from './guard-request.ts'
import { addressOf } from './target.ts'
import { fittingQuirks, wordTools } from './worded.ts'

/**
 * Counts the tokens of a request in another protocol's way, or of one that has to be put into words
 * first, or is guarded; nothing if one of the sides counts none.
 *
 * @throws ToolgateError for whatever is wrong with the request.
 */
export function planTranslatedCount(
  client: ClientRequest,
  wire: Json,
  target: ResolvedModel,
  back: Back,
  guard?: ExchangeGuard,
): Plan | Promise<Plan> | undefined {
  const { counts } = client.front
  const backCounts = back.counts
  if (!counts || !backCounts || !target.endpoint.paths.countTokens) return undefined
  const asked = counts.decodeRequest(wire, {
    headers: client.headers,
    ...(client.model === undefined ? {} : { model: client.model }),
    stream: false,
  })
  checkConversation(asked, client.front)
  const guarded = guard ? guardRequest(asked, guard) : asked
  return guarded instanceof Promise
    ? guarded.then(request => countPlan(request, target, back, backCounts, guard))
    : countPlan(guarded, target, back, backCounts, guard)
}

function countPlan(
  asked: ModelRequest,
  target: ResolvedModel,
  back: Back,
  counts: TokenCounts,
  guard: ExchangeGuard | undefined,
): Plan {
  const fitted = fitRequest(asked, back, fittingQuirks(target.quirks))
  const worded = wordTools(fitted.request, target.quirks)
  const request = { ...worded.request, model: target.model }
  const encoded = counts.encodeRequest(request, target.quirks)
  const address = addressOf(target, 'countTokens')
  return {
    target,
    back,
    request: undefined,
    stream: false,
    direct: false,
    losses: [...(guard?.takeLosses() ?? []), ...fitted.losses, ...worded.losses, ...encoded.losses],
    undo: undefined,
    ...(guard && { guard }),
    call: {
      ...address,
      headers: { ...address.headers, ...encoded.headers },
      body: jsonBytes(encoded.body),
    },
  }
}
