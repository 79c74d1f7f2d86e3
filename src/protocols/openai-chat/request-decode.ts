import type { Json, JsonObject } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import {
  asArray,
  asObject,
  asString,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  place,
  string,
} from '../../wire/read.ts'
import { decodeMessages } from './message-decode.ts'
import { decodeReasoningSettings } from './reasoning-settings.ts'
import type { Reading } from './text-content.ts'
import { decodeTools } from './tool.ts'
import { decodeFunctionCall, decodeToolChoice } from './tool-choice.ts'
import { type Building, isFilled, leftover, NAME, refused } from './wire.ts'

const KNOWN = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'response_format',
  'max_completion_tokens',
  'max_tokens',
  'stop',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'reasoning_effort',
  'verbosity',
  'safety_identifier',
  'user',
  'metadata',
  'service_tier',
  'stream',
  'stream_options',
])
const KNOWN_FORMAT = new Set(['type', 'json_schema'])
const KNOWN_SCHEMA = new Set(['name', 'description', 'schema', 'strict'])
const KNOWN_STREAM_OPTIONS = new Set(['include_usage'])

const MESSAGES = place('messages')
const METADATA = place('metadata')

/** The most sequences that `stop` holds (OpenAI API reference, 2026-07). */
const MAX_STOP = 4

/**
 * Reads a client's request, strictly for all that it reads. What it does not know stays in the
 * extras, and `bound` says what that is worth.
 *
 * @throws ToolgateError with the path of the field.
 */
export function decodeRequest(wire: Json): ModelRequest {
  const body = asObject(wire)
  const bound: BoundField[] = []
  const reading: Reading = { bound }
  const model = string(body, 'model')
  const list = asArray(body['messages'], MESSAGES)
  if (list.length === 0)
    throw refused(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
      ['messages'],
    )
  const messages = decodeMessages(list, reading)
  const { tools, legacy } = decodeTools(body, reading)
  const request: Building<ModelRequest> = {
    protocol: NAME,
    model,
    messages,
    tools,
    stream: optionalBoolean(body, 'stream') ?? false,
    ...(reading.mustEncode && { mustEncode: true }),
    bound,
  }
  const choice =
    legacy || tools.length === 0
      ? (decodeFunctionCall(body['function_call'], tools) ??
        decodeToolChoice(body['tool_choice'], tools))
      : decodeToolChoice(body['tool_choice'], tools)
  if (choice) request.toolChoice = choice
  const parallel = legacy ? false : optionalBoolean(body, 'parallel_tool_calls')
  if (parallel !== undefined) request.parallel = parallel
  readSettings(request, body)
  readLimits(request, body)
  const extras = readExtras(request, body, legacy, bound)
  if (extras) request.extras = { [NAME]: extras }
  return request
}

function readSettings(request: Building<ModelRequest>, body: JsonObject): void {
  const temperature = optionalNumber(body, 'temperature')
  if (temperature !== undefined) request.temperature = temperature
  const topP = optionalNumber(body, 'top_p')
  if (topP !== undefined) request.topP = topP
  const topK = optionalInteger(body, 'top_k')
  if (topK !== undefined) request.topK = topK
  const seed = optionalInteger(body, 'seed')
  if (seed !== undefined) request.seed = seed
  const reasoning = decodeReasoningSettings(body)
  if (reasoning) request.reasoning = reasoning
  const verbosity = optionalString(body, 'verbosity')
  if (verbosity !== undefined) request.verbosity = verbosity
  const user = optionalString(body, 'safety_identifier') ?? optionalString(body, 'user')
  if (user !== undefined) request.user = user
  const metadata = readMetadata(body)
  if (metadata) request.metadata = metadata
  const tier = optionalString(body, 'service_tier')
  if (tier !== undefined) request.serviceTier = tier
  const cacheKey = optionalString(body, 'prompt_cache_key')
  if (cacheKey !== undefined) request.cacheKey = cacheKey
  const format = optionalObject(body, 'response_format')
  const output = format && readFormat(format)
  if (output) request.output = output
}

function readMetadata(body: JsonObject): { [key: string]: string } | undefined {
  const metadata = optionalObject(body, 'metadata')
  if (!metadata) return undefined
  const read: { [key: string]: string } = {}
  for (const key in metadata) read[key] = asString(metadata[key], place(key, METADATA))
  return read
}

function readLimits(request: Building<ModelRequest>, body: JsonObject): void {
  const limit = optionalInteger(body, 'max_completion_tokens')
  const oldLimit = optionalInteger(body, 'max_tokens')
  if (limit !== undefined && oldLimit !== undefined && limit !== oldLimit)
    throw refused(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
      ['max_tokens'],
    )
  const maxTokens = limit ?? oldLimit
  if (maxTokens !== undefined) request.maxTokens = maxTokens
  const stop = readStop(body)
  if (stop) request.stop = stop
  const options = optionalObject(body, 'stream_options')
  const includeUsage = options && optionalBoolean(options, 'include_usage', place('stream_options'))
  if (includeUsage !== undefined) request.includeUsage = includeUsage
}

function readStop(body: JsonObject): readonly string[] | undefined {
  if (typeof body['stop'] === 'string') return [body['stop']]
  const stop = optionalStrings(body, 'stop')
  if (!stop || stop.length === 0) return undefined
  if (stop.length > MAX_STOP)
    throw refused(
      `Invalid 'stop': array too long. Expected an array with maximum length ${MAX_STOP}, but got an array with length ${stop.length} instead.`,
      'stop',
      'array_above_max_length',
      ['stop'],
    )
  return stop
}

/** The format of the output; `text` is the default, and others than OpenAI's stay in the extras. */
function readFormat(format: JsonObject): OutputFormat | undefined {
  const at = place('response_format')
  const type = string(format, 'type', at)
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema') return undefined
  const schemaAt = place('json_schema', at)
  const definition = asObject(format['json_schema'], schemaAt)
  const output: Building<Extract<OutputFormat, { type: 'json-schema' }>> = {
    type: 'json-schema',
    schema: optionalObject(definition, 'schema', schemaAt) ?? {},
  }
  const name = optionalString(definition, 'name', schemaAt)
  if (name !== undefined) output.name = name
  const description = optionalString(definition, 'description', schemaAt)
  if (description !== undefined) output.description = description
  const strict = optionalBoolean(definition, 'strict', schemaAt)
  if (strict !== undefined) output.strict = strict
  return output
}

function readExtras(
  request: ModelRequest,
  body: JsonObject,
  legacy: boolean,
  bound: BoundField[],
): JsonObject | undefined {
  checkOwnFields(body)
  let extras = leftover(body, KNOWN)
  for (const key in extras) {
    const weight = weigh(key, extras[key] ?? null)
    if (weight) bound.push({ path: key, what: key, weight })
  }
  const note = (key: string, value: Json): void => {
    extras ??= {}
    extras[key] = value
  }
  if (legacy) note('$legacy', true)
  if (isFilled(body['safety_identifier'])) {
    note('$user', 'safety_identifier')
    if (isFilled(body['user'])) note('user', body['user'])
  }
  const options = body['stream_options']
  const moreOptions = isObject(options) ? leftover(options, KNOWN_STREAM_OPTIONS) : undefined
  if (moreOptions) note('$stream_options', moreOptions)
  keepFormat(request, body['response_format'], note, bound)
  return extras
}

/** Keeps what of `response_format` has no place in the model. */
function keepFormat(
  request: ModelRequest,
  format: Json | undefined,
  note: (key: string, value: Json) => void,
  bound: BoundField[],
): void {
  if (!isObject(format)) return
  if (!request.output) {
    if (format['type'] === 'text') return
    note('response_format', format)
    bound.push({ path: 'response_format', what: 'response_format', weight: 'meaning' })
    return
  }
  const more = leftover(format, KNOWN_FORMAT)
  const schema = isObject(format['json_schema'])
    ? leftover(format['json_schema'], KNOWN_SCHEMA)
    : undefined
  if (more) note('$response_format', more)
  if (schema) note('$json_schema', schema)
  for (const key in more ?? {})
    bound.push({ path: `response_format.${key}`, what: key, weight: 'meaning' })
  for (const key in schema ?? {})
    bound.push({ path: `response_format.json_schema.${key}`, what: key, weight: 'meaning' })
}

/** The types of OpenAI's own fields that have no place in the model but decide what is bound. */
function checkOwnFields(body: JsonObject): void {
  optionalInteger(body, 'n')
  optionalBoolean(body, 'logprobs')
  optionalInteger(body, 'top_logprobs')
  optionalObject(body, 'logit_bias')
  optionalNumber(body, 'presence_penalty')
  optionalNumber(body, 'frequency_penalty')
  optionalStrings(body, 'modalities')
  optionalObject(body, 'audio')
  optionalObject(body, 'web_search_options')
  optionalBoolean(body, 'store')
}

/** What it is worth to carry a field that other protocols do not have; nothing if it says nothing. */
function weigh(key: string, value: Json): BoundField['weight'] | undefined {
  switch (key) {
    case 'n':
      return value === 1 ? undefined : 'required'
    case 'logprobs':
      return value === true ? 'required' : undefined
    case 'audio':
    case 'web_search_options':
      return 'required'
    case 'modalities':
      return Array.isArray(value) && value.includes('audio') ? 'required' : undefined
    case 'presence_penalty':
    case 'frequency_penalty':
      return value === 0 ? undefined : 'meaning'
    case 'logit_bias':
      return isFilled(value) ? 'meaning' : undefined
    case 'store':
      return value === true ? 'hint' : undefined
    case 'prediction':
    case 'top_logprobs':
    case 'prompt_cache_key':
    case 'prompt_cache_options':
    case 'prompt_cache_retention':
    case 'provider':
    case 'transforms':
    case 'usage':
    case 'tool_stream':
    // Carried in the model as well: see the reasoning settings.
    case 'thinking':
    case 'enable_thinking':
    case 'thinking_budget':
    case 'reasoning':
      return 'hint'
    default:
      return 'meaning'
  }
}
