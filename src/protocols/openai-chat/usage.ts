import type { JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/response.ts'
import type { Quirks } from '../quirks.ts'
import { type Building, filledLeftover, NAME, objectAt, ownExtras, restore } from './wire.ts'

const KNOWN = new Set([
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'prompt_tokens_details',
  'completion_tokens_details',
])
const KNOWN_PROMPT = new Set(['cached_tokens', 'cache_write_tokens'])
const KNOWN_COMPLETION = new Set(['reasoning_tokens'])

const NOTHING: JsonObject = {}

function count(from: JsonObject, key: string): number | undefined {
  const value = from[key]
  return typeof value === 'number' && value >= 0 ? value : undefined
}

/**
 * Reads the tokens. Cached ones are taken from `prompt_tokens_details.cached_tokens`, else from
 * DeepSeek's `prompt_cache_hit_tokens`. Where reasoning is left out of `completion_tokens` (xAI),
 * which the quirk says or the total shows, it is added.
 */
export function decodeUsage(usage: JsonObject, quirks: Quirks): Usage {
  const prompt = objectAt(usage, 'prompt_tokens_details') ?? NOTHING
  const completion = objectAt(usage, 'completion_tokens_details') ?? NOTHING
  const input = count(usage, 'prompt_tokens') ?? 0
  const said = count(usage, 'completion_tokens') ?? 0
  const total = count(usage, 'total_tokens')
  const reasoning = count(completion, 'reasoning_tokens')
  const outside =
    reasoning !== undefined &&
    reasoning > 0 &&
    (total === undefined
      ? quirks.reasoningOutsideCompletion === true
      : total === input + said + reasoning ||
        (quirks.reasoningOutsideCompletion === true && total !== input + said))
  const found: Building<Usage> = { input, output: outside ? said + (reasoning ?? 0) : said }
  const cached = count(prompt, 'cached_tokens') ?? count(usage, 'prompt_cache_hit_tokens')
  if (cached !== undefined) found.cached = cached
  const cacheWrite = count(prompt, 'cache_write_tokens')
  if (cacheWrite !== undefined) found.cacheWrite = cacheWrite
  if (reasoning !== undefined) found.reasoning = reasoning
  const extras = usageExtras(usage, prompt, completion)
  if (extras) found.extras = { [NAME]: extras }
  return found
}

function usageExtras(
  usage: JsonObject,
  prompt: JsonObject,
  completion: JsonObject,
): JsonObject | undefined {
  let extras = filledLeftover(usage, KNOWN)
  const morePrompt = filledLeftover(prompt, KNOWN_PROMPT)
  const moreCompletion = filledLeftover(completion, KNOWN_COMPLETION)
  if (morePrompt) extras = { ...extras, $prompt: morePrompt }
  if (moreCompletion) extras = { ...extras, $completion: moreCompletion }
  return extras
}

/** Writes the tokens. Where the vendor told none there is no such object, which is optional here. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, output } = usage
  const kept = ownExtras(usage.extras)
  const prompt: JsonObject = { cached_tokens: usage.cached ?? 0 }
  if (usage.cacheWrite !== undefined) prompt['cache_write_tokens'] = usage.cacheWrite
  const completion: JsonObject = { reasoning_tokens: usage.reasoning ?? 0 }
  const body: JsonObject = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: prompt,
    completion_tokens_details: completion,
  }
  if (kept) {
    restore(prompt, objectAt(kept, '$prompt'))
    restore(completion, objectAt(kept, '$completion'))
    restore(body, kept)
  }
  return body
}
