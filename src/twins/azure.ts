import { openaiTwin } from './openai.ts'
import { isKnownModel } from './openai-chat/families.ts'
import type { Random } from './random.ts'
import type { TwinContext, TwinReply, TwinRequest, TwinVendor } from './vendor.ts'

/** What may be said about a twin of Azure OpenAI. */
export interface AzureOptions {
  /** Deployments by name, each with its model. Names of models are deployments of themselves. */
  readonly deployments?: { readonly [name: string]: string }
}

/** A request that is for the vendor behind Azure: at its path, for its model. */
interface Forwarded {
  readonly path: string
  /** The deployment that the path names; absent where the body does. */
  readonly deployment?: string
}

const DEPLOYMENT = /^\/openai\/deployments\/([^/]+)\/chat\/completions$/
const NEWER = /^\/openai\/v1(\/(?:chat\/completions|models|responses)(?:\/.*)?)$/
const OLDER = /^\/openai(\/responses(?:\/.*)?)$/

/**
 * The twin of Azure OpenAI: OpenAI's models behind Azure's addresses. The newer form is
 * `/openai/v1/…`; the older ones, `/openai/deployments/{name}/chat/completions` and
 * `/openai/responses`, need an `api-version` (Azure docs "API version lifecycle", 2026). The model
 * of a request is the name of a deployment.
 */
export function azureTwin(options: AzureOptions = {}): TwinVendor {
  const deployments = new Map(Object.entries(options.deployments ?? {}))
  const modelOf = (name: string) => deployments.get(name) ?? (isKnownModel(name) ? name : undefined)
  return {
    name: 'azure',
    handle: (request, context) => handle(request, context, modelOf),
    failure(status, context, failure = {}) {
      if (status !== 429 || failure.message !== undefined)
        return openaiTwin.failure(status, context, failure)
      const wait = Math.ceil(failure.retryAfter ?? 1)
      const said = `Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after ${wait} seconds.`
      const reply = refusal(429, '429', said, context)
      return { ...reply, headers: { ...reply.headers, 'retry-after': String(wait) } }
    },
    streamFailure: openaiTwin.streamFailure,
  }
}

async function handle(
  request: TwinRequest,
  context: TwinContext,
  modelOf: (name: string) => string | undefined,
): Promise<TwinReply> {
  const key = keyOf(request)
  if (key === undefined)
    return refusal(
      401,
      '401',
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
      context,
    )
  const forwarded = forward(request)
  if (!forwarded) return refusal(404, '404', 'Resource not found', context)
  const body = parsed(request.body)
  const name = forwarded.deployment ?? (typeof body?.model === 'string' ? body.model : undefined)
  const model = name === undefined ? undefined : modelOf(name)
  if (name !== undefined && model === undefined)
    return refusal(
      404,
      'DeploymentNotFound',
      'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
      context,
    )
  const reply = await openaiTwin.handle(
    {
      ...request,
      path: forwarded.path,
      headers: { ...request.headers, authorization: `Bearer ${key}` },
      body: body && model !== undefined ? JSON.stringify({ ...body, model }) : request.body,
    },
    context,
  )
  return dressed(reply, forwarded.path, context)
}

/** Either header is taken; what stands in it is never checked. */
function keyOf({ headers }: TwinRequest): string | undefined {
  const bearer = /^Bearer +(\S+)/i.exec(headers['authorization'] ?? '')?.[1]
  return headers['api-key'] || bearer
}

function forward({ path, query }: TwinRequest): Forwarded | undefined {
  const [, newer] = NEWER.exec(path) ?? []
  if (newer !== undefined) return { path: `/v1${newer}` }
  if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(query.get('api-version') ?? '')) return undefined
  const [, name] = DEPLOYMENT.exec(path) ?? []
  if (name !== undefined)
    return { path: '/v1/chat/completions', deployment: decodeURIComponent(name) }
  const [, older] = OLDER.exec(path) ?? []
  return older === undefined ? undefined : { path: `/v1${older}` }
}

type Fields = Record<string, unknown>

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Azure tells what its filter of content found, of the prompt before anything else. */
function dressed(reply: TwinReply, path: string, { random }: TwinContext): TwinReply {
  const headers = { ...reply.headers, ...azureHeaders(random) }
  if (reply.status !== 200 || path !== '/v1/chat/completions') return { ...reply, headers }
  if ('events' in reply)
    return { ...reply, headers, events: [PRELUDE, ...reply.events.map(filtered)] }
  const body = parsed(reply.body) ?? {}
  return {
    ...reply,
    headers,
    body: JSON.stringify({ ...body, choices: choicesOf(body), prompt_filter_results: PROMPT }),
  }
}

const SAFE = { filtered: false, severity: 'safe' }
const RESULTS = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE }
const PROMPT = [{ prompt_index: 0, content_filter_results: RESULTS }]

/** The first chunk of a stream has neither a model nor a choice. */
const PRELUDE = frame({
  choices: [],
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: PROMPT,
})

function filtered(event: string): string {
  const chunk = event.startsWith('data: {') ? parsed(event.slice('data: '.length)) : undefined
  return chunk ? frame({ ...chunk, choices: choicesOf(chunk) }) : event
}

function choicesOf({ choices }: Fields): unknown[] {
  const list: unknown[] = Array.isArray(choices) ? choices : []
  return list.map(choice =>
    isFields(choice) ? { ...choice, content_filter_results: RESULTS } : choice,
  )
}

function frame(chunk: Fields): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}

function azureHeaders(random: Random): Record<string, string> {
  const hex = (length: number) => random.text(length, '0123456789abcdef')
  return {
    'apim-request-id': `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    'x-ms-region': 'Sweden Central',
  }
}

/** Azure's own refusals come from before the vendor, and know no `type` (quoted by clients, 2024 on). */
function refusal(
  status: number,
  code: string,
  message: string,
  { random }: TwinContext,
): TwinReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...azureHeaders(random) },
    body: JSON.stringify({ error: { code, message } }),
  }
}
