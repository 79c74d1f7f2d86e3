import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/response.ts'
import { type Building, NAME, ownExtras, restore } from './wire.ts'

const COUNTED: ReadonlySet<string> = new Set([
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens_details',
])

/**
 * Lays newer counts over older ones, field by field. Stream counts are totals that may be restated
 * and raised; a field that is absent or `null` leaves the older value (Claude docs, streaming).
 */
export function mergeUsage(into: JsonObject, from: JsonObject): void {
  for (const key in from) {
    const value = from[key]
    if (value !== null && value !== undefined && key !== '__proto__') into[key] = value
  }
}

/** Reads the counts. This vendor's `input_tokens` leave out what the cache had to do with. */
export function decodeUsage(wire: JsonObject): Usage {
  const cached = count(wire['cache_read_input_tokens'])
  const cacheWrite = count(wire['cache_creation_input_tokens'])
  const usage: Building<Usage> = {
    input: (count(wire['input_tokens']) ?? 0) + (cached ?? 0) + (cacheWrite ?? 0),
    output: count(wire['output_tokens']) ?? 0,
  }
  if (cached !== undefined) usage.cached = cached
  if (cacheWrite !== undefined) usage.cacheWrite = cacheWrite
  const details = wire['output_tokens_details']
  const reasoning = isObject(details) ? count(details['thinking_tokens']) : undefined
  if (reasoning !== undefined) usage.reasoning = reasoning
  let rest: JsonObject | undefined
  for (const key in wire) {
    const value = wire[key]
    if (COUNTED.has(key) || value === null || value === undefined || key === '__proto__') continue
    rest ??= {}
    rest[key] = value
  }
  if (rest) usage.extras = { [NAME]: rest }
  return usage
}

/**
 * Writes the counts. Where the vendor told none they are zeros, because the fields are numbers that
 * cannot be left out, and clients check that (Anthropic SDK 1.11; AI SDK, 2026-11).
 */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  if (!usage) {
    return {
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    }
  }
  const cached = usage.cached ?? 0
  const cacheWrite = usage.cacheWrite ?? 0
  const wire: JsonObject = {
    input_tokens: Math.max(0, usage.input - cached - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cached,
    output_tokens: usage.output,
  }
  if (usage.reasoning !== undefined) {
    wire['output_tokens_details'] = { thinking_tokens: usage.reasoning }
  }
  return restore(wire, ownExtras(usage.extras))
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
