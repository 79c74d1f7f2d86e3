import type { Json, JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import type { Encoded } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { encodeConversation } from './message-encode.ts'
import { encodeReasoningSettings } from './reasoning-settings.ts'
import { encodeTools } from './tool-choice.ts'
import { lose, NAME, objectAt, ownExtras, restore, type Writing } from './wire.ts'

/** The most stop sequences that the vendor takes. */
const MAX_STOP = 5

/**
 * Writes a request for a vendor; model and streaming switch go into the URL. A client of this
 * protocol is taken at its word wherever a flag does not say otherwise, so that the vendor itself
 * may judge what it sent.
 *
 * @throws ToolgateError `unsupported` or `invalid_value` if it cannot be said at all.
 */
export function encodeRequest(request: ModelRequest, quirks: Quirks): Encoded {
  const losses: Loss[] = []
  const isOwn = request.protocol === NAME
  const writing: Writing = { request, quirks, losses, isOwn }
  const own = isOwn ? ownExtras(request.extras) : undefined
  const { tools, config: toolConfig } = encodeTools(writing)
  const { system, systemExtras, contents } = encodeConversation(writing)
  const config: JsonObject = {}
  encodeLimits(config, writing)
  encodeSampling(config, writing)
  encodeThinking(config, own, writing)
  encodeOutput(config, system, own, writing)
  const more = own && objectAt(own, '$generationConfig')
  restore(config, more)
  const body: JsonObject = { contents }
  if (system.length > 0 || systemExtras) {
    body['systemInstruction'] = restore({ parts: system }, systemExtras)
  }
  if (tools.length > 0) body['tools'] = tools
  if (toolConfig) body['toolConfig'] = toolConfig
  for (const _ in config) {
    body['generationConfig'] = config
    break
  }
  encodeRest(body, writing)
  restore(body, own)
  return { body, losses }
}

function encodeLimits(config: JsonObject, writing: Writing): void {
  const { request, quirks, isOwn } = writing
  const { maxTokens: asked, stop } = request
  const most = quirks.maxOutput
  if (asked !== undefined && most !== undefined && asked > most) {
    const path = isOwn ? 'generationConfig.maxOutputTokens' : 'max_tokens'
    lose(writing, path, `the model puts out at most ${most}`, 'approximated', false)
    config['maxOutputTokens'] = most
  } else if (asked !== undefined) config['maxOutputTokens'] = asked
  if (!stop || stop.length === 0) return
  const taken = isOwn ? stop : stop.slice(0, MAX_STOP)
  if (taken.length < stop.length) {
    const what = `stop sequences beyond the first ${MAX_STOP} were left out`
    lose(writing, 'stop', what, 'dropped', true)
  }
  config['stopSequences'] = [...taken]
}

function encodeSampling(config: JsonObject, writing: Writing): void {
  const { request, quirks, isOwn } = writing
  const { temperature, topP, topK, seed } = request
  if (seed !== undefined) config['seed'] = seed
  if (quirks.sampling === 'none') {
    const prefix = isOwn ? 'generationConfig.' : ''
    const why = 'the model takes no sampling settings'
    const drop = (path: string) => lose(writing, `${prefix}${path}`, why, 'dropped', false)
    if (temperature !== undefined && temperature !== 1) drop('temperature')
    if (topP !== undefined && topP !== 1) drop(isOwn ? 'topP' : 'top_p')
    if (topK !== undefined) drop(isOwn ? 'topK' : 'top_k')
    return
  }
  if (temperature !== undefined) config['temperature'] = temperature
  if (topP !== undefined) config['topP'] = topP
  if (topK !== undefined) config['topK'] = topK
}

function encodeThinking(config: JsonObject, own: JsonObject | undefined, writing: Writing): void {
  const thinking = encodeReasoningSettings(writing)
  const kept = own && objectAt(own, '$thinkingConfig')
  if (thinking || kept) config['thinkingConfig'] = restore(thinking ?? {}, kept)
}

/** The wanted form of the answer; what the wire cannot demand is asked for in the instructions. */
function encodeOutput(
  config: JsonObject,
  system: Json[],
  own: JsonObject | undefined,
  writing: Writing,
): void {
  const { output } = writing.request
  if (!output) return
  const path = writing.isOwn ? 'generationConfig.responseJsonSchema' : 'response_format'
  if (output.type === 'json-schema' && writing.quirks.structuredOutput === false) {
    const what = 'the form of the answer was asked for in words; nothing holds the model to it'
    lose(writing, path, what, 'emulated', true)
    system.push({ text: instructionFor(output) })
    config['responseMimeType'] = 'application/json'
    return
  }
  config['responseMimeType'] = 'application/json'
  if (output.type === 'json') return
  if (output.description !== undefined) {
    lose(writing, path, 'the schema goes without its description', 'dropped', false)
  }
  const written = own && objectAt(own, '$responseSchema')
  if (written) config['responseSchema'] = written
  else config['responseJsonSchema'] = output.schema
}

function instructionFor(output: Extract<OutputFormat, { type: 'json-schema' }>): string {
  const alone = 'and nothing else: no prose and no code fence.'
  const about = output.description === undefined ? '' : ` ${output.description}`
  const demand = `It must conform to this JSON Schema:\n${JSON.stringify(output.schema)}`
  return `Answer with one valid JSON value ${alone}${about} ${demand}`
}

function encodeRest(body: JsonObject, writing: Writing): void {
  const { request, isOwn } = writing
  if (request.verbosity !== undefined) {
    lose(writing, 'verbosity', 'there is no such setting here', 'dropped', false)
  }
  if (request.metadata !== undefined) {
    lose(writing, 'metadata', 'there is no such field here', 'dropped', false)
  }
  if (request.user !== undefined) {
    lose(writing, 'user', 'there is no name of the user here', 'dropped', false)
  }
  const tier = request.serviceTier
  if (tier === undefined) return
  if (isOwn) body['serviceTier'] = tier
  else if (tier !== 'auto' && tier !== 'default') {
    lose(writing, 'service_tier', `there is no tier \`${tier}\` here`, 'dropped', false)
  }
}
