import type { JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import type { Encoded } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { encodeConversation } from './message-encode.ts'
import { planThinking } from './reasoning-settings.ts'
import { encodeTools } from './tool-choice.ts'
import { lose, type Writing } from './wire.ts'

/**
 * Writes a request for a vendor. Model and streaming switch stand in the URL.
 *
 * @throws ToolgateError `unsupported` or `invalid_value` if it cannot be said at all.
 */
export function encodeRequest(request: ModelRequest, quirks: Quirks): Encoded {
  const losses: Loss[] = []
  const writing: Writing = { request, quirks, losses }
  const { config, isForced, instruction } = encodeTools(writing)
  const { system, messages, isLoopBare } = encodeConversation(writing)
  const { fields, isThinking, maxTokens } = planThinking(writing, { isForced, isLoopBare })
  if (instruction !== undefined) system.push({ text: instruction })
  if (request.output) system.push(encodeOutput(request.output, writing))
  const inference: JsonObject = {}
  if (maxTokens !== undefined) inference['maxTokens'] = maxTokens
  encodeStop(inference, writing)
  const more = { ...fields, ...encodeSampling(inference, isThinking, writing) }
  reportRest(writing)
  const body: JsonObject = { messages }
  if (system.length > 0) body['system'] = system
  if (Object.keys(inference).length > 0) body['inferenceConfig'] = inference
  if (config) body['toolConfig'] = config
  if (Object.keys(more).length > 0) body['additionalModelRequestFields'] = more
  return { body, losses }
}

/** The wanted form of the answer is asked for in the instructions. */
function encodeOutput(output: OutputFormat, writing: Writing): JsonObject {
  const what = 'the form of the answer was asked for in words; nothing holds the model to it'
  lose(writing, 'response_format', what, 'emulated', true)
  const alone = 'and nothing else: no prose and no code fence.'
  if (output.type === 'json') return { text: `Answer with one valid JSON object ${alone}` }
  const about = output.description === undefined ? '' : ` ${output.description}`
  const schema = JSON.stringify(output.schema)
  const demand = `It must conform to this JSON Schema:\n${schema}`
  return { text: `Answer with one valid JSON value ${alone}${about} ${demand}` }
}

/** Stop sequences of white space alone are refused. */
function encodeStop(inference: JsonObject, writing: Writing): void {
  const stop = writing.request.stop ?? []
  const taken = stop.filter(sequence => sequence.trim() !== '')
  if (taken.length < stop.length) {
    lose(writing, 'stop', 'a stop sequence of white space was left out', 'dropped', true)
  }
  if (taken.length > 0) inference['stopSequences'] = taken
}

/** Writes the sampling settings; gives those that are fields of the model's own. */
function encodeSampling(inference: JsonObject, isThinking: boolean, writing: Writing): JsonObject {
  const { request, quirks } = writing
  let { temperature, topP, topK } = request
  const drop = (path: string, why: string) => lose(writing, path, why, 'dropped', false)
  if (quirks.sampling === 'none' || isThinking) {
    const why = isThinking
      ? 'the model does not take it while it thinks'
      : 'the model takes no sampling settings'
    // A setting at its default asks for nothing.
    if (temperature !== undefined && temperature !== 1) drop('temperature', why)
    if (topP !== undefined && topP !== 1) drop('top_p', why)
    if (topK !== undefined) drop('top_k', why)
    return {}
  }
  if (temperature !== undefined && temperature > 1) {
    lose(writing, 'temperature', `${temperature} was lowered to 1, the most`, 'approximated', false)
    temperature = 1
  }
  if (quirks.sampling === 'one' && temperature !== undefined && topP !== undefined) {
    if (topP !== 1) drop('top_p', 'the model does not take it beside temperature')
    topP = undefined
  }
  if (topK !== undefined && quirks.topK !== true) {
    drop('top_k', 'it is no field of this protocol')
    topK = undefined
  }
  if (temperature !== undefined) inference['temperature'] = temperature
  if (topP !== undefined) inference['topP'] = topP
  return topK === undefined ? {} : { top_k: topK }
}

/** What has no word here. */
function reportRest(writing: Writing): void {
  const { seed, verbosity, metadata, user, serviceTier } = writing.request
  const drop = (path: string, value: unknown, what: string) => {
    if (value !== undefined) lose(writing, path, what, 'dropped', false)
  }
  drop('seed', seed, 'there is no seed here')
  drop('verbosity', verbosity, 'there is no such setting here')
  drop('metadata', metadata, 'there is no place for it here')
  drop('user', user, "there is no place for the end user's name here")
  if (serviceTier !== 'auto' && serviceTier !== 'default')
    drop('service_tier', serviceTier, 'there is no such setting here')
}
