import { isObject, type JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import type { Encoded } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { plainText } from './block-encode.ts'
import { encodeConversation } from './message-encode.ts'
import { planThinking } from './reasoning-settings.ts'
import { encodeTools } from './tool-choice.ts'
import { encodeCache, lose, NAME, ownExtras, restore, VERSIONS, type Writing } from './wire.ts'

/**
 * Writes a request for a vendor. A client of this protocol is taken at its word wherever a flag
 * does not say otherwise, so that the vendor itself may judge what it sent.
 *
 * @throws ToolgateError `unsupported` or `invalid_value` if it cannot be said at all.
 */
export function encodeRequest(request: ModelRequest, quirks: Quirks): Encoded {
  const losses: Loss[] = []
  const isOwn = request.protocol === NAME
  const writing: Writing = { request, quirks, losses, isOwn }
  const own = isOwn ? ownExtras(request.extras) : undefined
  const { tools, choice, isForced } = encodeTools(writing)
  const { system, messages, isLoopBare } = encodeConversation(writing)
  const { maxTokens, thinking, effort } = planThinking(writing, { isForced, isLoopBare })
  const body: JsonObject =
    quirks.bodyVersion === undefined
      ? { model: request.model, max_tokens: maxTokens }
      : { anthropic_version: quirks.bodyVersion, max_tokens: maxTokens }
  const format = encodeOutput(writing, system, own)
  if (system.length > 0) body['system'] = plainText(system) ?? system
  body['messages'] = messages
  if (tools.length > 0) body['tools'] = tools
  if (choice) body['tool_choice'] = choice
  if (thinking) body['thinking'] = thinking
  if (effort !== undefined || format) {
    body['output_config'] = { ...(effort && { effort }), ...(format && { format }) }
  }
  encodeStop(body, writing)
  const isSampled = encodeSampling(body, writing)
  encodeRest(body, writing)
  restore(body, own)
  restoreInside(body, own)
  if (quirks.structuredOutput === false) delete body['output_format']
  return { body, headers: headersOf(own, isSampled), losses }
}

function headersOf(own: JsonObject | undefined, isSampled: boolean): { [name: string]: string } {
  const [oldest] = VERSIONS
  const version = own?.['$version']
  const beta = own?.['$beta']
  const headers: { [name: string]: string } = {
    // The newer version refuses sampling settings, whoever put them in.
    'anthropic-version': typeof version === 'string' && !isSampled ? version : oldest,
  }
  if (typeof beta === 'string') headers['anthropic-beta'] = beta
  return headers
}

/** The wanted form of the answer; what the wire cannot demand is asked for in the instructions. */
function encodeOutput(
  writing: Writing,
  system: JsonObject[],
  own: JsonObject | undefined,
): JsonObject | undefined {
  const { output } = writing.request
  if (!output) return undefined
  const path = writing.isOwn ? 'output_config.format' : 'response_format'
  const isHeld = output.type === 'json-schema' && !output.inWords
  if (isHeld && writing.quirks.structuredOutput !== false) {
    // During its beta the schema stood in a field of its own, which is restored with the others.
    if (isObject(own?.['output_format'])) return undefined
    if (output.description !== undefined) {
      lose(writing, path, 'the schema goes without its description', 'dropped', false)
    }
    const format: JsonObject = { type: 'json_schema', schema: output.schema }
    if (writing.isOwn && output.name !== undefined) format['name'] = output.name
    return format
  }
  const what = 'the form of the answer was asked for in words; nothing holds the model to it'
  lose(writing, path, what, 'emulated', true)
  system.push({ type: 'text', text: instructionFor(output) })
  return undefined
}

function instructionFor(output: OutputFormat): string {
  const alone = 'and nothing else: no prose and no code fence.'
  if (output.type === 'json') return `Answer with one valid JSON object ${alone}`
  const about = output.description === undefined ? '' : ` ${output.description}`
  const schema = JSON.stringify(output.schema)
  const demand = `It must conform to this JSON Schema:\n${schema}`
  return `Answer with one valid JSON value ${alone}${about} ${demand}`
}

/** Stop sequences of white space alone are refused by the vendor. */
function encodeStop(body: JsonObject, writing: Writing): void {
  const { request, isOwn } = writing
  const { stop } = request
  if (!stop || stop.length === 0) return
  const taken = stop.filter(sequence => sequence.trim() !== '')
  if (taken.length < stop.length) {
    lose(
      writing,
      isOwn ? 'stop_sequences' : 'stop',
      'a stop sequence of white space was left out',
      'dropped',
      true,
    )
  }
  if (taken.length > 0) body['stop_sequences'] = taken
}

/**
 * Writes the sampling settings; returns whether any is left. A setting at its default asks for
 * nothing, so leaving it out is no loss.
 */
function encodeSampling(body: JsonObject, writing: Writing): boolean {
  const { request, quirks, isOwn } = writing
  let { temperature, topP, topK } = request
  if (quirks.sampling === 'none') {
    const why = 'the model takes no sampling settings'
    if (temperature !== undefined && temperature !== 1) drop(writing, 'temperature', why)
    if (topP !== undefined && topP !== 1) drop(writing, 'top_p', why)
    if (topK !== undefined) drop(writing, 'top_k', why)
    return false
  }
  if (temperature !== undefined && temperature > 1) {
    lose(writing, 'temperature', `${temperature} was lowered to 1, the most`, 'approximated', false)
    temperature = 1
  }
  const thinking = body['thinking']
  if (!isOwn && isObject(thinking) && thinking['type'] !== 'disabled') {
    // What goes with thinking (Claude docs, "extended thinking", 2026-10).
    const why = 'the model does not take it while it thinks'
    if (temperature !== undefined && temperature !== 1) drop(writing, 'temperature', why)
    if (topP !== undefined && topP < 0.95) drop(writing, 'top_p', why)
    if (topK !== undefined) drop(writing, 'top_k', why)
    temperature = undefined
    topP = topP !== undefined && topP < 0.95 ? undefined : topP
    topK = undefined
  }
  if (quirks.sampling === 'one' && temperature !== undefined && topP !== undefined) {
    if (topP !== 1) drop(writing, 'top_p', 'the model does not take it beside temperature')
    topP = undefined
  }
  if (temperature !== undefined) body['temperature'] = temperature
  if (topP !== undefined) body['top_p'] = topP
  if (topK !== undefined) body['top_k'] = topK
  return temperature !== undefined || topP !== undefined || topK !== undefined
}

function drop(writing: Writing, path: string, why: string): void {
  lose(writing, path, why, 'dropped', false)
}

function encodeRest(body: JsonObject, writing: Writing): void {
  const { request, isOwn } = writing
  if (request.seed !== undefined) {
    lose(writing, 'seed', 'there is no seed here', 'dropped', false)
  }
  if (request.verbosity !== undefined) {
    lose(writing, 'verbosity', 'there is no such setting here', 'dropped', false)
  }
  if (request.metadata !== undefined) {
    lose(writing, 'metadata', 'there is only a name of the user here', 'dropped', false)
  }
  if (request.user !== undefined) body['metadata'] = { user_id: request.user }
  const tier = request.serviceTier
  if (tier !== undefined) {
    const word = isOwn ? tier : tier === 'auto' ? 'auto' : tier === 'default' ? 'standard_only' : ''
    if (word !== '') body['service_tier'] = word
    else lose(writing, 'service_tier', `there is no tier \`${tier}\` here`, 'dropped', false)
  }
  if (request.cache) body['cache_control'] = encodeCache(request.cache)
  if (request.stream) body['stream'] = true
}

/** Fields of which a part may stand alone; the others are nothing without what is known of them. */
const STANDALONE = ['output_config', 'metadata'] as const
const DEPENDENT = ['thinking', 'tool_choice', 'cache_control'] as const

/** Puts back what stood inside known fields, where these remain. */
function restoreInside(body: JsonObject, own: JsonObject | undefined): void {
  if (!own) return
  for (const key of STANDALONE) {
    const kept = own[`$${key}`]
    const written = body[key]
    if (isObject(kept)) body[key] = isObject(written) ? { ...written, ...kept } : kept
  }
  for (const key of DEPENDENT) {
    const kept = own[`$${key}`]
    const written = body[key]
    if (isObject(kept) && isObject(written)) body[key] = { ...written, ...kept }
  }
}
