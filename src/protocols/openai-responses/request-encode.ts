import type { JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import type { Encoded } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { encodeMessages } from './message-encode.ts'
import { encodeReasoningSettings } from './reasoning-settings.ts'
import { LEAST_OUTPUT } from './request-decode.ts'
import type { Writing } from './text-content.ts'
import { encodeTools } from './tool.ts'
import { encodeToolChoice } from './tool-choice.ts'
import { BETWEEN, NAME, objectAt, ownExtras, restore, textAt } from './wire.ts'

/** What makes a reasoning model give out its state, so that it can come back. */
const ENCRYPTED = 'reasoning.encrypted_content'

/** Sampling fields without a place in the model, with the value that says nothing. */
const SAMPLING_FIELDS: { readonly [field: string]: unknown } = {
  presence_penalty: 0,
  frequency_penalty: 0,
  top_logprobs: 0,
}

/** Writes a request for a vendor of this protocol, bent to its quirks. */
export function encodeRequest(request: ModelRequest, quirks: Quirks): Encoded {
  const losses: Loss[] = []
  const writing: Writing = { quirks, losses, own: request.protocol === NAME }
  const kept = ownExtras(request.extras)
  // JSON mode wants the word "json" in the input, and instructions do not count.
  const instructed = request.output?.type !== 'json'
  const { instructions, items } = encodeMessages(request.messages, instructed, writing)
  const body: JsonObject = { model: request.model }
  if (instructions !== undefined) body['instructions'] = instructions
  if (items.length > 0 || !writing.own) body['input'] = items
  restore(body, kept)
  const chosen = encodeToolChoice(request, writing)
  const tools = encodeTools(chosen.tools, writing)
  if (tools.length > 0) body['tools'] = tools
  if (chosen.choice !== undefined && (tools.length > 0 || request.tools.length === 0))
    body['tool_choice'] = chosen.choice
  if (tools.length > 0 || writing.own) encodeParallel(body, request, writing)
  encodeReasoningSettings(body, request.reasoning, kept, writing)
  encodeSampling(body, request, writing)
  encodeLimits(body, request, writing)
  const text = encodeText(body, request, kept, writing)
  if (text) body['text'] = text
  encodeAccount(body, request, kept, writing)
  if (!writing.own) encodeState(body, quirks)
  if (request.stream) body['stream'] = true
  return { body, losses }
}

function drop(writing: Writing, path: string, meaning: boolean): void {
  writing.losses.push({ path, what: path, action: 'dropped', meaning })
}

function encodeParallel(body: JsonObject, request: ModelRequest, writing: Writing): void {
  if (request.parallel === undefined) return
  if (writing.quirks.parallelField !== false) body['parallel_tool_calls'] = request.parallel
  else if (!request.parallel) drop(writing, 'parallel_tool_calls', true)
}

function encodeSampling(body: JsonObject, request: ModelRequest, writing: Writing): void {
  const { sampling, thinksByDefault } = writing.quirks
  const effort = objectAt(body, 'reasoning')?.['effort'] ?? undefined
  const reasons = effort === undefined ? thinksByDefault === true : effort !== 'none'
  if (sampling === 'none' || (sampling === 'quiet' && reasons)) {
    if (request.temperature !== undefined && request.temperature !== 1)
      drop(writing, 'temperature', true)
    if (request.topP !== undefined && request.topP !== 1) drop(writing, 'top_p', true)
    for (const field in SAMPLING_FIELDS) {
      const value = body[field]
      if (value === undefined) continue
      delete body[field]
      if (value !== SAMPLING_FIELDS[field]) drop(writing, field, true)
    }
  } else {
    if (request.temperature !== undefined) body['temperature'] = request.temperature
    if (request.topP !== undefined) {
      if (sampling !== 'one' || request.temperature === undefined) body['top_p'] = request.topP
      else drop(writing, 'top_p', true)
    }
  }
  if (request.topK !== undefined) drop(writing, 'top_k', true)
  if (request.seed !== undefined) drop(writing, 'seed', false)
}

function encodeLimits(body: JsonObject, request: ModelRequest, writing: Writing): void {
  const { losses } = writing
  const wanted = request.maxTokens
  if (wanted !== undefined) {
    const most = writing.quirks.maxOutput ?? Number.POSITIVE_INFINITY
    const least = writing.own ? wanted : LEAST_OUTPUT
    const limit = Math.max(Math.min(wanted, most), least)
    body['max_output_tokens'] = limit
    if (limit !== wanted)
      losses.push({
        path: 'max_tokens',
        what: `a limit of ${wanted} tokens, ${limit < wanted ? `lowered to the model's` : 'raised to the least'} ${limit}`,
        action: 'approximated',
        meaning: false,
      })
  }
  if (!request.stop || request.stop.length === 0) return
  losses.push({ path: 'stop', what: 'stop sequences', action: 'dropped', meaning: true })
}

function encodeText(
  body: JsonObject,
  request: ModelRequest,
  kept: JsonObject | undefined,
  writing: Writing,
): JsonObject | undefined {
  const text: JsonObject = {}
  const { output, verbosity } = request
  if (output) text['format'] = encodeFormat(body, output, kept, writing)
  if (verbosity !== undefined) text['verbosity'] = verbosity
  restore(text, kept && objectAt(kept, '$text'))
  for (const _ in text) return text
  return undefined
}

function encodeFormat(
  body: JsonObject,
  output: OutputFormat,
  kept: JsonObject | undefined,
  writing: Writing,
): JsonObject {
  const format: JsonObject = { type: 'json_object' }
  if (output.type === 'json-schema' && writing.quirks.structuredOutput === false) {
    const before = textAt(body, 'instructions')
    const words = schemaWords(output)
    body['instructions'] = before === '' ? words : before + BETWEEN + words
    writing.losses.push({
      path: 'response_format',
      what: 'a JSON Schema for the output, put into words',
      action: 'emulated',
      meaning: true,
    })
    // Without JSON mode, which would want the word in the input itself.
    return { type: 'text' }
  }
  if (output.type === 'json-schema') {
    format['type'] = 'json_schema'
    format['name'] = output.name ?? 'output'
    if (output.description !== undefined) format['description'] = output.description
    format['schema'] = output.schema
    if (output.strict !== undefined) format['strict'] = output.strict
  }
  restore(format, kept && objectAt(kept, '$format'))
  return format
}

function schemaWords(output: Extract<OutputFormat, { type: 'json-schema' }>): string {
  const about = output.description === undefined ? '' : ` It is: ${output.description}`
  return `Answer with one JSON object and nothing else.${about} It must match this JSON Schema:\n${JSON.stringify(output.schema)}`
}

function encodeAccount(
  body: JsonObject,
  request: ModelRequest,
  kept: JsonObject | undefined,
  writing: Writing,
): void {
  if (request.user !== undefined) body[textAt(kept ?? {}, '$user') || 'user'] = request.user
  if (request.metadata) body['metadata'] = { ...request.metadata }
  if (request.cacheKey !== undefined && !writing.own) body['prompt_cache_key'] = request.cacheKey
  const tier = request.serviceTier
  if (tier === undefined) return
  // The words for tiers differ from protocol to protocol, but not between the two of OpenAI's.
  if (writing.own || request.protocol === 'openai-chat' || tier === 'auto')
    body['service_tier'] = tier
  else drop(writing, 'service_tier', false)
}

/**
 * A client of another protocol holds its own conversation: nothing is to be stored for it, and the
 * state of the reasoning has to come along. Models that do not reason refuse to be asked for it
 * (agent-framework issue #7483).
 */
function encodeState(body: JsonObject, quirks: Quirks): void {
  body['store'] = false
  if (quirks.efforts?.length !== 0) body['include'] = [ENCRYPTED]
}
