import type { Extras } from '../../core/extras.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type { Message } from '../../core/message.ts'
import type { ModelRequest, OutputFormat } from '../../core/request.ts'
import {
  asArray,
  asObject,
  missing,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  type Place,
  place,
  string,
  wrongType,
  wrongValue,
} from '../../wire/read.ts'
import type { WireCall } from '../protocol.ts'
import { decodeMessages, decodeSystem } from './message-decode.ts'
import { decodeReasoningSettings } from './reasoning-settings.ts'
import { decodeTools } from './tool.ts'
import { decodeToolChoice } from './tool-choice.ts'
import {
  type Building,
  decodeCache,
  isFilled,
  isPlainCache,
  NAME,
  type Reading,
  readTag,
  refuseNote,
  unknownField,
  VERSIONS,
  type Version,
} from './wire.ts'

const BODY_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'max_tokens',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'output_config',
  'metadata',
  'service_tier',
  'cache_control',
  'stream',
])

/** Known fields that hold others, and what of these has a place in the canonical model. */
const NESTED: { readonly [field: string]: ReadonlySet<string> } = {
  thinking: new Set(['type', 'budget_tokens', 'display']),
  output_config: new Set(['effort', 'format']),
  metadata: new Set(['user_id']),
  tool_choice: new Set(['type', 'name', 'disable_parallel_tool_use']),
}

/**
 * Reads a client's request, in the order in which the vendor complains.
 *
 * @throws ToolgateError with the vendor's path, tags of blocks included
 * (`messages.0.content.1.text.text`).
 */
export function decodeRequest(wire: Json, call: WireCall): ModelRequest {
  const version = readVersion(call.headers['anthropic-version'])
  const body = asObject(wire)
  const reading: Reading = { root: wire, version, bound: [] }
  const model = string(body, 'model')
  const choice = decodeToolChoice(body)
  const tools = decodeTools(optionalArray(body, 'tools') ?? [], reading)
  const messages = readMessages(body, reading)
  const request: Building<ModelRequest> = {
    protocol: NAME,
    model,
    messages,
    tools,
    ...choice,
    stream: false,
    bound: reading.bound,
  }
  const reasoning = decodeReasoningSettings(body)
  if (reasoning) request.reasoning = reasoning
  const output = readOutput(body)
  if (output) request.output = output
  const cache = decodeCache(body)
  if (cache) request.cache = cache
  request.maxTokens = readMaxTokens(body)
  const metadata = optionalObject(body, 'metadata')
  const user = metadata && optionalString(metadata, 'user_id', place('metadata'))
  if (user !== undefined) request.user = user
  const stop = optionalStrings(body, 'stop_sequences')
  if (stop && stop.length > 0) request.stop = stop
  readSampling(body, version, request)
  const serviceTier = optionalString(body, 'service_tier')
  if (serviceTier !== undefined) request.serviceTier = serviceTier
  if (optionalBoolean(body, 'stream')) request.stream = true
  const thread = optionalObject(body, 'thread')
  if (thread?.['type'] === 'continue') request.continues = true
  request.extras = readExtras(body, call.headers['anthropic-beta'], reading)
  return request
}

/** The header that every call must carry. Source: Claude docs, "API versions", 2026-10. */
function readVersion(header: string | undefined): Version {
  const at = place('anthropic-version')
  if (header === undefined || header === '') throw wrongValue(at, 'header is required')
  const version = VERSIONS.find(known => known === header.trim())
  if (version !== undefined) return version
  throw wrongValue(at, `"${header}" is not a valid version`)
}

function readMessages(body: JsonObject, reading: Reading): Message[] {
  const at = place('messages')
  const list = asArray(body['messages'], at)
  if (list.length === 0) throw wrongValue(at, 'at least one message is required')
  const messages = decodeMessages(list, reading)
  const system = body['system']
  return system === undefined || system === null
    ? messages
    : [decodeSystem(system, reading), ...messages]
}

/** `max_tokens` is required; 0 only warms the cache. */
function readMaxTokens(body: JsonObject): number {
  const at = place('max_tokens')
  const value = optionalInteger(body, 'max_tokens')
  if (value === undefined) {
    throw body['max_tokens'] === null ? wrongType(at, 'an integer', null) : missing(at)
  }
  if (value < 0) throw wrongValue(at, 'must be greater than or equal to 0')
  return value
}

/** The newer version takes no sampling settings, not even at their defaults. */
function readSampling(body: JsonObject, version: Version, request: Building<ModelRequest>): void {
  const { temperature, top_p: topP, top_k: topK } = body
  if (temperature === undefined && topP === undefined && topK === undefined) return
  if (version === '2026-10-21') {
    const first = ['temperature', 'top_p', 'top_k'].find(name => body[name] !== undefined)
    throw unknownField(place(first ?? 'temperature'))
  }
  const heat = readFraction(body, 'temperature')
  if (heat !== undefined) request.temperature = heat
  const mass = readFraction(body, 'top_p')
  if (mass !== undefined) request.topP = mass
  const candidates = optionalInteger(body, 'top_k')
  if (candidates !== undefined) request.topK = candidates
}

function readFraction(body: JsonObject, key: string): number | undefined {
  const value = optionalNumber(body, key)
  if (value !== undefined && (value < 0 || value > 1)) throw wrongValue(place(key), 'range: 0..1')
  return value
}

/** `output_config.format`, or the field it was during its beta. */
function readOutput(body: JsonObject): OutputFormat | undefined {
  const config = optionalObject(body, 'output_config')
  const nested = config && optionalObject(config, 'format', place('output_config'))
  const format = nested ?? optionalObject(body, 'output_format')
  if (!format) return undefined
  const at = nested ? place('format', place('output_config')) : place('output_format')
  const inside = place(readTag(format, ['json_schema'], at), at)
  const schema = asObject(format['schema'], place('schema', inside))
  const name = optionalString(format, 'name', inside)
  return name === undefined
    ? { type: 'json-schema', schema }
    : { type: 'json-schema', schema, name }
}

/**
 * Keeps the headers and whatever of the body has no place in the canonical model: a field of its
 * own as it came, what stood inside a known field as a note under `$` and that field's name.
 */
function readExtras(body: JsonObject, beta: string | undefined, reading: Reading): Extras {
  const kept: JsonObject = { $version: reading.version }
  if (beta !== undefined && beta.trim() !== '') kept['$beta'] = beta
  for (const key in body) {
    const value = body[key]
    if (value === undefined) continue
    if (!BODY_FIELDS.has(key)) {
      refuseNote(key)
      kept[key] = value
      noteBound(key, key, value, reading)
      continue
    }
    if (key === 'cache_control' && !isPlainCache(value)) kept['$cache_control'] = value
    const known = NESTED[key]
    const more = known && isObject(value) ? leftover(value, known, place(key)) : undefined
    if (!more) continue
    kept[`$${key}`] = more
    for (const name in more) noteBound(key, `${key}.${name}`, more[name], reading)
  }
  return { [NAME]: kept }
}

function leftover(from: JsonObject, known: ReadonlySet<string>, at: Place): JsonObject | undefined {
  let found: JsonObject | undefined
  for (const key in from) {
    if (known.has(key)) continue
    refuseNote(key, at)
    found ??= {}
    found[key] = from[key]
  }
  return found
}

function noteBound(key: string, path: string, value: Json | undefined, reading: Reading): void {
  if (isFilled(value)) reading.bound.push({ path, what: path, weight: weigh(key, value) })
}

/** What it is worth to carry a field of the body that only this protocol has. */
function weigh(key: string, value: Json): BoundField['weight'] {
  switch (key) {
    case 'mcp_servers':
    case 'thread':
      return 'required'
    case 'inference_geo':
      return value === 'global' ? 'hint' : 'required'
    case 'container':
      // With skills it runs them; a bare one only keeps files.
      return isObject(value) && isFilled(value['skills']) ? 'required' : 'meaning'
    case 'anthropic_version':
    case 'billing_policy':
    case 'diagnostics':
    case 'fallback_credit_token':
    case 'metadata':
    case 'speed':
    case 'user_profile_id':
    // Carried in the model as well: see the output format.
    case 'output_format':
      return 'hint'
    default:
      return 'meaning'
  }
}
