import type { JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import type { Encoded } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { encodeMessages } from './message-encode.ts'
import { encodeReasoningSettings } from './reasoning-settings.ts'
import type { Writing } from './text-content.ts'
import { encodeTools } from './tool.ts'
import { encodeToolChoice } from './tool-choice.ts'
import { NAME, objectAt, ownExtras, restore, textAt } from './wire.ts'

/** The most sequences that `stop` holds (OpenAI API reference, 2026-07). */
const MAX_STOP = 4

/** Sampling fields without a place in the model, with the value that says nothing. */
const SAMPLING_FIELDS: { readonly [field: string]: unknown } = {
  presence_penalty: 0,
  frequency_penalty: 0,
  logit_bias: undefined,
  logprobs: false,
  top_logprobs: undefined,
}

/** Writes a request for a vendor of this protocol, bent to its quirks. */
export function encodeRequest(request: ModelRequest, quirks: Quirks): Encoded {
  const losses: Loss[] = []
  const writing: Writing = { quirks, losses, own: request.protocol === NAME }
  const kept = ownExtras(request.extras)
  const messages = encodeMessages(request.messages, writing)
  const body: JsonObject = { model: request.model, messages }
  restore(body, kept)
  const chosen = encodeToolChoice(request, writing)
  const tools = encodeTools(chosen.tools, writing)
  if (tools.length > 0) {
    body['tools'] = tools
    if (chosen.choice !== undefined) body['tool_choice'] = chosen.choice
    encodeParallel(body, request, writing)
  }
  encodeReasoningSettings(
    body,
    request.reasoning,
    thinkingOff(tools.length > 0, chosen.thinkingOff, quirks),
    writing,
  )
  encodeSampling(body, request, writing)
  encodeLimits(body, request, writing)
  encodeOutput(body, messages, request.output, kept, writing)
  encodeAccount(body, request, kept, writing)
  encodeStream(body, request, kept, tools.length > 0, quirks)
  return { body, losses }
}

function thinkingOff(tools: boolean, forced: boolean, quirks: Quirks): string | undefined {
  if (tools && quirks.toolsNeedReasoningOff === true)
    return 'the vendor takes no tools with it here'
  return forced ? 'the vendor takes no forced tool choice with it' : undefined
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
  const { quirks } = writing
  const effort = body['reasoning_effort']
  const reasons = effort === undefined ? quirks.thinksByDefault === true : effort !== 'none'
  if (quirks.sampling === 'none' || (quirks.sampling === 'quiet' && reasons)) {
    if (request.temperature !== undefined && request.temperature !== 1)
      drop(writing, 'temperature', true)
    if (request.topP !== undefined && request.topP !== 1) drop(writing, 'top_p', true)
    if (request.topK !== undefined) drop(writing, 'top_k', true)
    for (const field in SAMPLING_FIELDS) {
      const value = body[field]
      if (value === undefined) continue
      delete body[field]
      if (value !== SAMPLING_FIELDS[field]) drop(writing, field, true)
    }
  } else {
    if (request.temperature !== undefined) body['temperature'] = request.temperature
    if (request.topP !== undefined) body['top_p'] = request.topP
    if (request.topK !== undefined) {
      if (quirks.topK === true) body['top_k'] = request.topK
      else drop(writing, 'top_k', true)
    }
  }
  if (request.seed !== undefined) body['seed'] = request.seed
}

function encodeLimits(body: JsonObject, request: ModelRequest, writing: Writing): void {
  const { quirks, losses } = writing
  const wanted = request.maxTokens
  if (wanted !== undefined) {
    const field = quirks.maxTokensField ?? 'max_completion_tokens'
    const most = quirks.maxOutput
    body[field] = most !== undefined && wanted > most ? most : wanted
    if (most !== undefined && wanted > most)
      losses.push({
        path: 'max_tokens',
        what: `a limit of ${wanted} tokens, lowered to the model's ${most}`,
        action: 'approximated',
        meaning: false,
      })
  }
  const { stop } = request
  if (!stop || stop.length === 0) return
  if (quirks.stop === false) drop(writing, 'stop', true)
  else {
    body['stop'] = stop.slice(0, MAX_STOP)
    if (stop.length > MAX_STOP)
      losses.push({
        path: 'stop',
        what: `stop sequences beyond the first ${MAX_STOP}`,
        action: 'dropped',
        meaning: true,
      })
  }
}

function encodeOutput(
  body: JsonObject,
  messages: JsonObject[],
  output: OutputFormat | undefined,
  kept: JsonObject | undefined,
  writing: Writing,
): void {
  if (!output) return
  if (output.type === 'json') {
    body['response_format'] = { type: 'json_object', ...objectAt(kept ?? {}, '$response_format') }
    return
  }
  if (writing.quirks.structuredOutput === false) {
    body['response_format'] = { type: 'json_object' }
    instruct(messages, schemaWords(output), writing.quirks)
    writing.losses.push({
      path: 'response_format',
      what: 'a JSON Schema for the output, put into words',
      action: 'emulated',
      meaning: true,
    })
    return
  }
  const definition: JsonObject = { name: output.name ?? 'output' }
  if (output.description !== undefined) definition['description'] = output.description
  for (const _ in output.schema) {
    definition['schema'] = output.schema
    break
  }
  if (output.strict !== undefined) definition['strict'] = output.strict
  restore(definition, objectAt(kept ?? {}, '$json_schema'))
  body['response_format'] = {
    type: 'json_schema',
    json_schema: definition,
    ...objectAt(kept ?? {}, '$response_format'),
  }
}

function schemaWords(output: Extract<OutputFormat, { type: 'json-schema' }>): string {
  const about = output.description === undefined ? '' : ` It is: ${output.description}`
  return `Answer with one JSON object and nothing else.${about} It must match this JSON Schema:\n${JSON.stringify(output.schema)}`
}

/** Adds instructions to the first system message, or puts one at the head. */
function instruct(messages: JsonObject[], words: string, quirks: Quirks): void {
  const [first] = messages
  const role = first?.['role']
  if (first && (role === 'system' || role === 'developer')) {
    const { content } = first
    if (Array.isArray(content)) first['content'] = [...content, { type: 'text', text: words }]
    else first['content'] = `${typeof content === 'string' ? content : ''}\n\n${words}`
  } else messages.unshift({ role: quirks.systemRole ?? 'system', content: words })
}

function encodeAccount(
  body: JsonObject,
  request: ModelRequest,
  kept: JsonObject | undefined,
  writing: Writing,
): void {
  if (request.verbosity !== undefined) body['verbosity'] = request.verbosity
  if (request.user !== undefined) body[textAt(kept ?? {}, '$user') || 'user'] = request.user
  if (request.metadata) body['metadata'] = { ...request.metadata }
  const tier = request.serviceTier
  if (tier === undefined) return
  // The words for tiers differ from protocol to protocol; `auto` is the same everywhere.
  if (writing.own || tier === 'auto') body['service_tier'] = tier
  else drop(writing, 'service_tier', false)
}

/** A stream is always asked for its usage: the gateway counts it, whatever the client wants. */
function encodeStream(
  body: JsonObject,
  request: ModelRequest,
  kept: JsonObject | undefined,
  tools: boolean,
  quirks: Quirks,
): void {
  if (!request.stream) return
  body['stream'] = true
  if (quirks.streamOptions !== false)
    body['stream_options'] = { include_usage: true, ...objectAt(kept ?? {}, '$stream_options') }
  if (tools && quirks.toolStream === true) body['tool_stream'] = true
}
