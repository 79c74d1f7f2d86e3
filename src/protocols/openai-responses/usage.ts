import type { JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/response.ts'
import { type Building, filledLeftover, NAME, objectAt, ownExtras, restore } from './wire.ts'

const KNOWN = new Set([
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'input_tokens_details',
  'output_tokens_details',
])
const KNOWN_INPUT = new Set(['cached_tokens', 'cache_write_tokens'])
const KNOWN_OUTPUT = new Set(['reasoning_tokens'])

const NOTHING: JsonObject = {}

function count(from: JsonObject, key: string): number | undefined {
  const value = from[key]
  return typeof value === 'number' && value >= 0 ? value : undefined
}

/** Reads the tokens. Cached ones are part of the input, and reasoning is part of the output. */
export function decodeUsage(usage: JsonObject): Usage {
  const input = objectAt(usage, 'input_tokens_details') ?? NOTHING
  const output = objectAt(usage, 'output_tokens_details') ?? NOTHING
  const found: Building<Usage> = {
    input: count(usage, 'input_tokens') ?? 0,
    output: count(usage, 'output_tokens') ?? 0,
  }
  const cached = count(input, 'cached_tokens')
  if (cached !== undefined) found.cached = cached
  const cacheWrite = count(input, 'cache_write_tokens')
  if (cacheWrite !== undefined) found.cacheWrite = cacheWrite
  const reasoning = count(output, 'reasoning_tokens')
  if (reasoning !== undefined) found.reasoning = reasoning
  const extras = usageExtras(usage, input, output)
  if (extras) found.extras = { [NAME]: extras }
  return found
}

function usageExtras(
  usage: JsonObject,
  input: JsonObject,
  output: JsonObject,
): JsonObject | undefined {
  let extras = filledLeftover(usage, KNOWN)
  const moreInput = filledLeftover(input, KNOWN_INPUT)
  const moreOutput = filledLeftover(output, KNOWN_OUTPUT)
  if (moreInput) extras = { ...extras, $input: moreInput }
  if (moreOutput) extras = { ...extras, $output: moreOutput }
  return extras
}

/** Writes the tokens. Where the vendor told none the field is `null`, as while an answer is made. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, output } = usage
  const kept = ownExtras(usage.extras)
  const inputDetails: JsonObject = { cached_tokens: usage.cached ?? 0 }
  if (usage.cacheWrite !== undefined) inputDetails['cache_write_tokens'] = usage.cacheWrite
  const outputDetails: JsonObject = { reasoning_tokens: usage.reasoning ?? 0 }
  const body: JsonObject = {
    input_tokens: input,
    input_tokens_details: inputDetails,
    output_tokens: output,
    output_tokens_details: outputDetails,
    total_tokens: input + output,
  }
  if (kept) {
    restore(inputDetails, objectAt(kept, '$input'))
    restore(outputDetails, objectAt(kept, '$output'))
    restore(body, kept)
  }
  return body
}
