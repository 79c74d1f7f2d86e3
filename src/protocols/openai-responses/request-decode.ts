import type { Json, JsonObject } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type { Message } from '../../core/message.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import {
  asObject,
  asString,
  missing,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  place,
  string,
  wrongType,
} from '../../wire/read.ts'
import { refuseUnheld } from './held.ts'
import { decodeItems } from './message-decode.ts'
import { decodeReasoningSettings, KNOWN_REASONING } from './reasoning-settings.ts'
import type { Reading } from './text-content.ts'
import { decodeTools } from './tool.ts'
import { decodeToolChoice } from './tool-choice.ts'
import { type Building, isFilled, leftover, NAME, refused } from './wire.ts'

const KNOWN = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'max_output_tokens',
  'temperature',
  'top_p',
  'reasoning',
  'safety_identifier',
  'user',
  'metadata',
  'service_tier',
  'stream',
])
const KNOWN_TEXT = new Set(['format', 'verbosity'])
const KNOWN_FORMAT = new Set(['type', 'name', 'description', 'schema', 'strict'])

/** Fields of Chat Completions whose new place the vendor names (live answers, 2026-08 and -09). */
const MOVED: { readonly [name: string]: string } = {
  messages: 'input',
  response_format: 'text.format',
  reasoning_effort: 'reasoning.effort',
  max_completion_tokens: 'max_output_tokens',
}

/** Fields that name something which the server holds. */
const HELD: ReadonlySet<string> = new Set(['previous_response_id', 'conversation', 'prompt'])

/** The least that `max_output_tokens` may be. */
export const LEAST_OUTPUT = 16

const INPUT = place('input')
const METADATA = place('metadata')
const TEXT = place('text')
const FORMAT = place('format', TEXT)

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
  refuseMoved(body)
  const continues = isFilled(body['previous_response_id']) || isFilled(body['conversation'])
  const messages = readMessages(body, continues, reading)
  const tools = decodeTools(body, reading)
  const request: Building<ModelRequest> = {
    protocol: NAME,
    model,
    messages,
    tools,
    stream: optionalBoolean(body, 'stream') ?? false,
    bound,
  }
  if (continues) request.continues = true
  if (reading.mustEncode) request.mustEncode = true
  const { choice, kept: keptChoice } = decodeToolChoice(body['tool_choice'], tools)
  if (choice) request.toolChoice = choice
  const parallel = optionalBoolean(body, 'parallel_tool_calls')
  if (parallel !== undefined) request.parallel = parallel
  readSettings(request, body)
  const extras = readExtras(request, body, bound)
  if (keptChoice !== undefined) extras['$tool_choice'] = keptChoice
  for (const _ in extras) {
    request.extras = { [NAME]: extras }
    break
  }
  return request
}

function refuseMoved(body: JsonObject): void {
  for (const name in MOVED) {
    if (body[name] === undefined) continue
    throw refused(
      `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to '${MOVED[name]}'. Try again with the new parameter. See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create.`,
      null,
      'unsupported_parameter',
      [name],
    )
  }
}

/** Reads `instructions` and `input`. Where the vendor holds something, there may be no input. */
function readMessages(body: JsonObject, continues: boolean, reading: Reading): Message[] {
  const { input } = body
  const instructions = optionalString(body, 'instructions')
  const messages = readInput(input, continues || isFilled(body['prompt']), continues, reading)
  if (instructions !== undefined)
    messages.unshift({
      role: 'system',
      voice: 'system',
      content: [{ type: 'text', text: instructions }],
      at: -1,
    })
  return messages
}

function readInput(
  input: Json | undefined,
  held: boolean,
  continues: boolean,
  reading: Reading,
): Message[] {
  if (input === undefined || input === null) {
    if (held) return []
    throw missing(INPUT)
  }
  const nothing = input === '' || (Array.isArray(input) && input.length === 0)
  if (nothing && !held)
    // Measured 2026-08-31.
    throw refused(
      'One of "input" or "previous_response_id" or \'prompt\' or \'conversation\' must be provided.',
      null,
      'missing_required_parameter',
      ['input'],
    )
  if (nothing) return []
  if (typeof input === 'string')
    return [{ role: 'user', content: [{ type: 'text', text: input }], at: 0 }]
  if (Array.isArray(input)) return decodeItems(input, continues, reading)
  throw wrongType(INPUT, 'one of a string or array of input items', input)
}

function readSettings(request: Building<ModelRequest>, body: JsonObject): void {
  const maxTokens = optionalInteger(body, 'max_output_tokens')
  if (maxTokens !== undefined) request.maxTokens = maxTokens
  const temperature = optionalNumber(body, 'temperature')
  if (temperature !== undefined) request.temperature = temperature
  const topP = optionalNumber(body, 'top_p')
  if (topP !== undefined) request.topP = topP
  const reasoning = decodeReasoningSettings(body)
  if (reasoning) request.reasoning = reasoning
  const user = optionalString(body, 'safety_identifier') ?? optionalString(body, 'user')
  if (user !== undefined) request.user = user
  const metadata = readMetadata(body)
  if (metadata) request.metadata = metadata
  const tier = optionalString(body, 'service_tier')
  if (tier !== undefined) request.serviceTier = tier
  const text = optionalObject(body, 'text')
  if (!text) return
  const verbosity = optionalString(text, 'verbosity', TEXT)
  if (verbosity !== undefined) request.verbosity = verbosity
  const format = optionalObject(text, 'format', TEXT)
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

/** The format of the output; `text` is the default, and others than OpenAI's stay in the extras. */
function readFormat(format: JsonObject): OutputFormat | undefined {
  const type = string(format, 'type', FORMAT)
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema') return undefined
  const output: Building<Extract<OutputFormat, { type: 'json-schema' }>> = {
    type: 'json-schema',
    name: string(format, 'name', FORMAT),
    schema: asObject(format['schema'], place('schema', FORMAT)),
  }
  const description = optionalString(format, 'description', FORMAT)
  if (description !== undefined) output.description = description
  const strict = optionalBoolean(format, 'strict', FORMAT)
  if (strict !== undefined) output.strict = strict
  return output
}

function readExtras(request: ModelRequest, body: JsonObject, bound: BoundField[]): JsonObject {
  checkOwnFields(body)
  const extras = leftover(body, KNOWN) ?? {}
  for (const key in extras) {
    const value = extras[key] ?? null
    const weight = weigh(key, value)
    if (!weight) continue
    const refusal = HELD.has(key) ? { refusal: () => refuseUnheld(key, value) } : {}
    bound.push({ path: key, what: key, weight, ...refusal })
  }
  if (isFilled(body['safety_identifier'])) {
    extras['$user'] = 'safety_identifier'
    if (isFilled(body['user'])) extras['user'] = body['user']
  }
  const { reasoning, text } = body
  const moreReasoning = isObject(reasoning) ? leftover(reasoning, KNOWN_REASONING) : undefined
  if (moreReasoning) extras['$reasoning'] = moreReasoning
  for (const key in moreReasoning ?? {})
    bound.push({ path: `reasoning.${key}`, what: key, weight: 'hint' })
  if (isObject(text)) keepText(request, text, extras, bound)
  return extras
}

/** Keeps what of `text` has no place in the model. */
function keepText(
  request: ModelRequest,
  text: JsonObject,
  extras: JsonObject,
  bound: BoundField[],
): void {
  const more = leftover(text, KNOWN_TEXT) ?? {}
  for (const key in more) bound.push({ path: `text.${key}`, what: key, weight: 'meaning' })
  const { format } = text
  if (isObject(format) && !request.output && format['type'] !== 'text') {
    more['format'] = format
    bound.push({ path: 'text.format', what: 'text.format', weight: 'meaning' })
  }
  if (isFilled(more)) extras['$text'] = more
  const moreFormat = isObject(format) && request.output ? leftover(format, KNOWN_FORMAT) : undefined
  if (moreFormat) extras['$format'] = moreFormat
  for (const key in moreFormat ?? {})
    bound.push({ path: `text.format.${key}`, what: key, weight: 'meaning' })
}

/** The types of OpenAI's own fields that have no place in the model but decide what is bound. */
function checkOwnFields(body: JsonObject): void {
  optionalString(body, 'previous_response_id')
  optionalBoolean(body, 'background')
  optionalObject(body, 'prompt')
  optionalStrings(body, 'include')
  optionalInteger(body, 'max_tool_calls')
  optionalInteger(body, 'top_logprobs')
  optionalString(body, 'truncation')
  optionalBoolean(body, 'store')
  optionalObject(body, 'stream_options')
  optionalNumber(body, 'presence_penalty')
  optionalNumber(body, 'frequency_penalty')
}

/** What it is worth to carry a field that other protocols do not have; nothing if it says nothing. */
function weigh(key: string, value: Json): BoundField['weight'] | undefined {
  switch (key) {
    case 'previous_response_id':
    case 'conversation':
    case 'prompt':
      return 'required'
    case 'background':
      return value === true ? 'required' : undefined
    case 'include':
      return Array.isArray(value) && value.every(item => item === 'reasoning.encrypted_content')
        ? 'hint'
        : 'meaning'
    case 'truncation':
      return value === 'disabled' ? undefined : 'meaning'
    case 'presence_penalty':
    case 'frequency_penalty':
    case 'top_logprobs':
      return value === 0 ? undefined : 'meaning'
    case 'store':
    case 'stream_options':
    case 'prompt_cache_key':
    case 'prompt_cache_options':
    case 'prompt_cache_retention':
    case 'client_metadata':
      return 'hint'
    default:
      return 'meaning'
  }
}
