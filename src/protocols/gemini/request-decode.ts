import type { Extras } from '../../core/extras.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import {
  asObject,
  missing,
  optionalObject,
  optionalString,
  optionalStrings,
  place,
  wrongValue,
} from '../../wire/read.ts'
import type { WireCall } from '../protocol.ts'
import { decodeContents, decodeSystem } from './message-decode.ts'
import { decodeReasoningSettings } from './reasoning-settings.ts'
import { liftSchema } from './schema-lift.ts'
import { decodeTools } from './tool.ts'
import { decodeToolChoice } from './tool-choice.ts'
import {
  type Building,
  camel,
  integerAt,
  leftover,
  listAt,
  messageAt,
  NAME,
  numberAt,
  type Reading,
} from './wire.ts'

const BODY_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
])

const CONFIG_FIELDS: ReadonlySet<string> = new Set([
  'maxOutputTokens',
  'stopSequences',
  'temperature',
  'topP',
  'topK',
  'seed',
  'thinkingConfig',
])

/** Fields of the output's form, where they have a place in the canonical model. */
const FORMAT_FIELDS: ReadonlySet<string> = new Set([
  ...CONFIG_FIELDS,
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  '_responseJsonSchema',
])

/**
 * Reads a client's request, each field in either spelling. Model and streaming switch come from the
 * URL; a `model` in the body counts only without one there.
 *
 * @throws ToolgateError with the exact path.
 */
export function decodeRequest(wire: Json, call: WireCall): ModelRequest {
  const body = camel(asObject(wire))
  const reading: Reading = { root: wire, bound: [] }
  const model = modelOf(body, call)
  const { messages, mustEncode } = readContents(body, reading)
  const tools = decodeTools(listAt(body, 'tools') ?? [], reading)
  const { toolChoice, notes } = decodeToolChoice(body, reading)
  const request: Building<ModelRequest> = {
    protocol: NAME,
    model,
    messages,
    tools,
    ...(toolChoice && { toolChoice }),
    stream: call.stream === true,
    ...(mustEncode && { mustEncode }),
    bound: reading.bound,
  }
  const config = messageAt(body, 'generationConfig')
  if (config) readConfig(config, request, notes, reading)
  const serviceTier = optionalString(body, 'serviceTier')
  if (serviceTier !== undefined) request.serviceTier = serviceTier
  const kept = leftover(body, BODY_FIELDS, undefined, reading, weigh)
  const extras: Extras = { [NAME]: { ...notes, ...kept } }
  for (const _ in extras[NAME]) {
    request.extras = extras
    break
  }
  return request
}

function modelOf(body: JsonObject, call: WireCall): string {
  const name = call.model || optionalString(body, 'model')
  if (!name) throw missing(place('model'))
  return name.startsWith('models/') ? name.slice('models/'.length) : name
}

function readContents(body: JsonObject, reading: Reading): ReturnType<typeof decodeContents> {
  const list = listAt(body, 'contents') ?? []
  if (list.length === 0) throw wrongValue(place('contents'), 'contents is not specified')
  const read = decodeContents(list, reading)
  const system = messageAt(body, 'systemInstruction')
  if (!system) return read
  return { ...read, messages: [decodeSystem(system, reading), ...read.messages] }
}

function readConfig(
  config: JsonObject,
  request: Building<ModelRequest>,
  notes: JsonObject,
  reading: Reading,
): void {
  const at = place('generationConfig')
  const maxTokens = integerAt(config, 'maxOutputTokens', at)
  if (maxTokens !== undefined) request.maxTokens = maxTokens
  const stop = optionalStrings(config, 'stopSequences', at)
  if (stop && stop.length > 0) request.stop = stop
  const temperature = numberAt(config, 'temperature', at)
  if (temperature !== undefined) request.temperature = temperature
  const topP = numberAt(config, 'topP', at)
  if (topP !== undefined) request.topP = topP
  const topK = numberAt(config, 'topK', at)
  if (topK !== undefined) request.topK = topK
  const seed = integerAt(config, 'seed', at)
  if (seed !== undefined) request.seed = seed
  const { settings, rest } = decodeReasoningSettings(config, reading)
  if (settings) request.reasoning = settings
  if (rest) notes['$thinkingConfig'] = rest
  const output = readOutput(config, notes)
  if (output) request.output = output
  const known = output ? FORMAT_FIELDS : CONFIG_FIELDS
  const more = leftover(config, known, at, reading, weighConfig)
  if (more) notes['$generationConfig'] = more
}

/** The wanted form, if it is JSON; a schema without its type of media is left to the vendor. */
function readOutput(config: JsonObject, notes: JsonObject): OutputFormat | undefined {
  const at = place('generationConfig')
  const mediaType = optionalString(config, 'responseMimeType', at)
  if (mediaType !== 'application/json') return undefined
  const schema =
    optionalObject(config, 'responseJsonSchema', at) ??
    optionalObject(config, '_responseJsonSchema', at)
  if (schema) return { type: 'json-schema', schema }
  const own = optionalObject(config, 'responseSchema', at)
  if (!own) return { type: 'json' }
  notes['$responseSchema'] = own
  return { type: 'json-schema', schema: liftSchema(own) }
}

/** What it is worth to carry a field of `generationConfig` that only this protocol has. */
function weighConfig(key: string, value: Json): BoundField['weight'] {
  switch (key) {
    case 'candidateCount':
      return value === 1 || value === '1' ? 'hint' : 'required'
    case 'responseModalities':
      return Array.isArray(value) && value.every(isTextModality) ? 'hint' : 'required'
    case 'responseMimeType':
      return value === 'text/plain' ? 'hint' : 'meaning'
    case 'responseLogprobs':
      return 'required'
    case 'presencePenalty':
    case 'frequencyPenalty':
      return value === 0 ? 'hint' : 'meaning'
    case 'audioTimestamp':
    case 'logprobs':
    case 'mediaResolution':
      return 'hint'
    default:
      return 'meaning'
  }
}

function isTextModality(value: Json): boolean {
  return typeof value === 'string' && value.toUpperCase() === 'TEXT'
}

/** What it is worth to carry a field of the body that only this protocol has. */
function weigh(key: string, value: Json): BoundField['weight'] {
  switch (key) {
    case 'cachedContent':
    case 'continuationToken':
      return 'required'
    case 'labels':
    case 'store':
      return 'hint'
    default:
      return isObject(value) && Object.keys(value).length === 0 ? 'hint' : 'meaning'
  }
}
