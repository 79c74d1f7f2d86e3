import type { ModelRequest } from '../core/request.ts'
import type { ResolvedModel } from '../providers/index.ts'

/**
 * Picks the endpoint of the account that carries a request: the client's own protocol if it can,
 * else the account's first that can. Where none can, the client's own is taken, and what it lacks
 * is reported when the request is written.
 */
export function chooseEndpoint(request: ModelRequest, target: ResolvedModel): ResolvedModel {
  const { others } = target
  if (others.length === 0) return target
  const isOwn = (way: ResolvedModel) => way.endpoint.protocol === request.protocol
  const own = isOwn(target) ? target : others.find(isOwn)
  if (own && carries(own, request)) return own
  if (carries(target, request)) return target
  return others.find(way => carries(way, request)) ?? own ?? target
}

/** Whether nothing of weight would be refused, or given up, on this way. */
function carries(way: ResolvedModel, request: ModelRequest): boolean {
  if (mustStopReasoning(request, way)) return false
  if (way.endpoint.protocol === request.protocol) return true
  return !request.bound.some(field => field.weight === 'required')
}

/** Whether the model would think beside its tools where that is refused. */
export function mustStopReasoning(request: ModelRequest, way: ResolvedModel): boolean {
  if (way.quirks.toolsNeedReasoningOff !== true || request.tools.length === 0) return false
  const { effort, mode } = request.reasoning ?? way.reasoning ?? {}
  if (effort === 'none' || mode === 'off') return false
  return effort !== undefined || mode !== undefined || way.quirks.thinksByDefault === true
}
