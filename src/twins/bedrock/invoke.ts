import { anthropicTwin } from '../anthropic/index.ts'
import {
  isList,
  isObject,
  type Json,
  type JsonDocument,
  type JsonObject,
  jsonSource,
  type Writable,
  writeJson,
} from '../anthropic/json.ts'
import { TOOL_TYPES } from '../anthropic/shape-tools.ts'
import type { Random } from '../random.ts'
import type { TwinContext, TwinReply, TwinRequest } from '../vendor.ts'
import type { ModelFacts, Target } from './door.ts'
import { Rejection, replyHeaders } from './error.ts'
import { frameEvent } from './frame.ts'

const VERSION = 'bedrock-2023-05-31'

/** Members that the vendor's own address takes, and this one refuses. */
const STRANGERS = ['model', 'stream', 'service_tier', 'container', 'mcp_servers', 'inference_geo']

/** Tools that the maker's own servers run. Source: recorded answers of 2026-08. */
const SERVED = /^(?:web_search|web_fetch|code_execution)_/

const PADDING = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/**
 * Has Claude answer in its own protocol: `POST /model/{id}/invoke` and
 * `/invoke-with-response-stream`. The model stands in the path, the version in the body, errors are
 * the house's. Sources: Bedrock user guide, "Anthropic Claude Messages API"; AWS API reference,
 * "InvokeModelWithResponseStream"; Anthropic Bedrock SDK; all 2026.
 *
 * @throws Rejection
 */
export async function invoke(
  request: TwinRequest,
  document: JsonDocument,
  { model, isStream }: Target,
  context: TwinContext,
): Promise<TwinReply> {
  if (!model.isClaude)
    throw new Rejection(
      'Malformed input request: #: extraneous key [anthropic_version] is not permitted, please reformat your input and try again.',
    )
  const body = document.value
  if (!isObject(body)) throw new Rejection('Malformed input request: expected type: JSONObject')
  checkBody(body)
  const reply = await anthropicTwin.handle(inner(request, body, document, model, isStream), context)
  if (reply.status !== 200) throw rejectionOf(reply)
  const { random } = context
  if ('body' in reply) {
    return {
      status: 200,
      headers: replyHeaders(random, 'application/json'),
      body: renamed(reply.body),
    }
  }
  return {
    status: 200,
    headers: {
      ...replyHeaders(random, 'application/vnd.amazon.eventstream'),
      'x-amzn-bedrock-content-type': 'application/json',
    },
    events: chunksOf(reply.events, random),
    binary: true,
  }
}

function checkBody(body: JsonObject): void {
  if (body['anthropic_version'] === undefined)
    throw new Rejection('anthropic_version: Field required')
  if (body['anthropic_version'] !== VERSION)
    throw new Rejection(`anthropic_version: Input should be '${VERSION}'`)
  const stranger = STRANGERS.find(name => body[name] !== undefined)
  if (stranger !== undefined) throw new Rejection(`${stranger}: Extra inputs are not permitted`)
  const betas = body['anthropic_beta'] ?? []
  if (!isList(betas) || betas.some(name => typeof name !== 'string'))
    throw new Rejection('anthropic_beta: Input should be a valid list')
  const tools = body['tools']
  for (const [i, tool] of (isList(tools) ? tools : []).entries()) checkTool(tool, i)
}

function checkTool(tool: Json, i: number): void {
  const type = isObject(tool) ? tool['type'] : undefined
  if (typeof type !== 'string' || !SERVED.test(type)) return
  const known = Object.keys(TOOL_TYPES).filter(name => !SERVED.test(name))
  const list = known.map(name => `'${name}'`).join(', ')
  throw new Rejection(
    `tools.${i}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${list}`,
  )
}

/** The request as the Messages twin knows it; what stands in it keeps its spelling. */
function inner(
  request: TwinRequest,
  body: JsonObject,
  document: JsonDocument,
  model: ModelFacts,
  isStream: boolean,
): TwinRequest {
  const { anthropic_version: _, anthropic_beta: betas, ...rest } = body
  const members = Object.entries(rest).map(([name, value]): [string, Writable] => [
    name,
    typeof value === 'object' && value !== null
      ? jsonSource(document.sourceOf(value))
      : (value ?? null),
  ])
  const names = isList(betas) ? betas.join(',') : ''
  const streamed = isStream ? { stream: true } : {}
  return {
    ...request,
    path: '/v1/messages',
    headers: {
      'content-type': request.headers['content-type'] ?? 'application/json',
      'x-api-key': 'bedrock',
      'anthropic-version': '2023-06-01',
      ...(names === '' ? {} : { 'anthropic-beta': names }),
    },
    body: writeJson({ model: nameOf(model), ...streamed, ...Object.fromEntries(members) }),
  }
}

/** `us.anthropic.claude-sonnet-4-5-20250929-v1:0` as its maker says it. */
function nameOf({ id }: ModelFacts): string {
  return id.replace(/^.*anthropic\./, '').replace(/-v\d+(?::.*)?$/, '')
}

/** The maker's complaint in the house's envelope. */
function rejectionOf(reply: TwinReply): Rejection {
  const said: { error?: { message?: string } } = 'body' in reply ? JSON.parse(reply.body) : {}
  const message = said.error?.message ?? ''
  if (reply.status === 404) return new Rejection('The provided model identifier is invalid.')
  return new Rejection(message)
}

/** Ids say where they were made. */
function renamed(json: string): string {
  return json.replace(/"id": ?"(msg|toolu)_01/g, '"id":"$1_bdrk_01')
}

/** The events of Messages as chunks; pings are not sent, and the last one tells the counts. */
function chunksOf(events: readonly string[], random: Random): string[] {
  let usage: Usage = {}
  return events.flatMap(event => {
    const data = event.slice(event.indexOf('data: ') + 6).trim()
    const told: { type: string; usage?: Usage } = JSON.parse(data)
    if (told.type === 'ping') return []
    if (told.usage) usage = told.usage
    const said =
      told.type === 'message_stop'
        ? JSON.stringify({ ...told, 'amazon-bedrock-invocationMetrics': metricsOf(usage, random) })
        : renamed(data)
    const bytes = Buffer.from(said).toString('base64')
    const p = PADDING.slice(0, 1 + random.below(PADDING.length))
    return [frameEvent('chunk', JSON.stringify({ bytes, p }))]
  })
}

interface Usage {
  readonly input_tokens?: number
  readonly output_tokens?: number
  readonly cache_read_input_tokens?: number
  readonly cache_creation_input_tokens?: number
}

function metricsOf(usage: Usage, random: Random): object {
  const firstByteLatency = 200 + random.below(900)
  return {
    inputTokenCount: usage.input_tokens,
    outputTokenCount: usage.output_tokens,
    invocationLatency: firstByteLatency + random.below(3_000),
    firstByteLatency,
    cacheReadInputTokenCount: usage.cache_read_input_tokens,
    cacheWriteInputTokenCount: usage.cache_creation_input_tokens,
  }
}
