import type { Json, JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/response.ts'
import { type Building, NAME, ownExtras, restOf, restore } from './wire.ts'

const COUNTED: ReadonlySet<string> = new Set([
  'promptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'cachedContentTokenCount',
  'totalTokenCount',
])

/**
 * Lays newer counts over older ones, field by field. Counts are totals, and not every chunk holds
 * all of them: the last value of each field counts (recorded streams, 2026).
 */
export function mergeUsage(into: JsonObject, from: JsonObject): void {
  for (const key in from) {
    const value = from[key]
    if (value !== null && value !== undefined && key !== '__proto__') into[key] = value
  }
}

/**
 * Reads the counts. `candidatesTokenCount` leaves thoughts out, and what the vendor's own tools
 * brought in is counted beside the prompt.
 */
export function decodeUsage(wire: JsonObject): Usage {
  const thoughts = count(wire['thoughtsTokenCount'])
  const usage: Building<Usage> = {
    input: (count(wire['promptTokenCount']) ?? 0) + (count(wire['toolUsePromptTokenCount']) ?? 0),
    output: (count(wire['candidatesTokenCount']) ?? 0) + (thoughts ?? 0),
  }
  const cached = count(wire['cachedContentTokenCount'])
  if (cached !== undefined) usage.cached = cached
  if (thoughts !== undefined) usage.reasoning = thoughts
  const rest = restOf(wire, COUNTED)
  if (rest) usage.extras = { [NAME]: rest }
  return usage
}

/** Writes the counts. Where the vendor told none there is no such object, which is optional here. */
export function encodeUsage(usage: Usage): JsonObject {
  const own = ownExtras(usage.extras)
  const reasoning = usage.reasoning ?? 0
  const wire: JsonObject = {
    promptTokenCount: Math.max(0, usage.input - (count(own?.['toolUsePromptTokenCount']) ?? 0)),
    candidatesTokenCount: Math.max(0, usage.output - reasoning),
    totalTokenCount: usage.input + usage.output,
  }
  if (usage.reasoning !== undefined) wire['thoughtsTokenCount'] = reasoning
  if (usage.cached !== undefined) wire['cachedContentTokenCount'] = usage.cached
  return restore(wire, own)
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
