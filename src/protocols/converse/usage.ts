import type { Json, JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/response.ts'
import type { Building } from './wire.ts'

/** Reads the counts. `inputTokens` leave out what the cache had to do with. */
export function decodeUsage(wire: JsonObject): Usage {
  const cached = count(wire['cacheReadInputTokens'])
  const cacheWrite = count(wire['cacheWriteInputTokens'])
  const usage: Building<Usage> = {
    input: (count(wire['inputTokens']) ?? 0) + (cached ?? 0) + (cacheWrite ?? 0),
    output: count(wire['outputTokens']) ?? 0,
  }
  if (cached !== undefined) usage.cached = cached
  if (cacheWrite !== undefined) usage.cacheWrite = cacheWrite
  return usage
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
