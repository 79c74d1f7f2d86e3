import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelRequest } from '../../core/request.ts'
import type { EncodeContext } from '../protocol.ts'
import { joined, type Writing } from './text-content.ts'
import { encodeTools } from './tool.ts'
import { encodeToolChoice } from './tool-choice.ts'
import { NAME, objectAt, ownExtras } from './wire.ts'

/** Fields of a request that are said again as they came, with the value if they were left out. */
const AS_ASKED: { readonly [field: string]: Json } = {
  background: false,
  max_tool_calls: null,
  previous_response_id: null,
  prompt_cache_key: null,
  truncation: 'disabled',
  presence_penalty: 0,
  frequency_penalty: 0,
  top_logprobs: 0,
}

/**
 * The settings of a request as a response says them again. `store` says whether the answer is held,
 * whatever was asked for.
 */
export function echo({ request, held }: EncodeContext): JsonObject {
  const kept = ownExtras(request.extras) ?? {}
  const writing: Writing = { quirks: {}, losses: [], own: request.protocol === NAME }
  const [first] = request.messages
  const instructed = first?.role === 'system' && first.at === -1
  const settings: JsonObject = {
    instructions: instructed ? joined(first.content) : null,
    max_output_tokens: request.maxTokens ?? null,
    parallel_tool_calls: request.parallel ?? true,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
    store: held !== undefined,
    temperature: request.temperature ?? 1,
    text: {
      format: formatEcho(request.output),
      verbosity: request.verbosity ?? 'medium',
      ...objectAt(kept, '$text'),
    },
    tool_choice: encodeToolChoice(request, writing).choice ?? 'auto',
    tools: encodeTools(request.tools, writing),
    top_p: request.topP ?? 1,
    user: request.user ?? null,
    metadata: { ...request.metadata },
    service_tier: request.serviceTier ?? 'default',
  }
  settings['reasoning'] = { ...objectAt(settings, 'reasoning'), ...objectAt(kept, '$reasoning') }
  if (kept['$user'] === 'safety_identifier') {
    settings['safety_identifier'] = request.user ?? null
    settings['user'] = kept['user'] ?? null
  } else settings['safety_identifier'] = null
  for (const field in AS_ASKED) settings[field] = kept[field] ?? AS_ASKED[field]
  if (held?.from !== undefined) settings['previous_response_id'] = held.from
  return settings
}

function formatEcho(output: ModelRequest['output']): JsonObject {
  if (!output) return { type: 'text' }
  if (output.type === 'json') return { type: 'json_object' }
  const { name, description, schema, strict } = output
  return {
    type: 'json_schema',
    description: description ?? null,
    name: name ?? 'output',
    schema,
    strict: strict ?? false,
  }
}
