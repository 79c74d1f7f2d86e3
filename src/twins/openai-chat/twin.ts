import type { TwinTurn } from '../model.ts'
import type { TwinContext, TwinReply, TwinRequest, TwinVendor } from '../vendor.ts'
import { type AnswerChoice, type ChatAnswer, choiceOf, usageOf } from './answer.ts'
import { checkFields } from './fields.ts'
import { isRecord } from './json.ts'
import { listReply } from './listing.ts'
import type { Manners } from './manners.ts'
import { promptOf } from './prompt.ts'
import { ChatRefused, type Refusal, type Report, refusal } from './refusal.ts'
import { type Body, type ChatRequest, readRequest } from './request.ts'
import { frame, streamEvents } from './stream.ts'

/** The twin of a vendor with these manners. */
export function twinOf(manners: Manners): TwinVendor {
  return {
    name: manners.name,
    async handle(request, context) {
      try {
        return await route(manners, request, context)
      } catch (error) {
        if (!(error instanceof ChatRefused)) throw error
        return errorReply(manners, error.refusal, context)
      }
    },
    failure(status, context, options = {}) {
      const said = failureOf(manners, status, options.message)
      const reply = errorReply(manners, said, context)
      return { ...reply, headers: { ...reply.headers, ...retryHeaders(status, options) } }
    },
    streamFailure(context) {
      const said = failureOf(manners, 500)
      const { streamFailure } = manners
      if (streamFailure) return streamFailure(said, context.random, context.now())
      return frame(manners.envelope(said, context.random))
    },
  }
}

async function route(
  manners: Manners,
  request: TwinRequest,
  context: TwinContext,
): Promise<TwinReply> {
  const report = reporter(manners)
  const target = targetOf(manners, request.path)
  if (target === undefined) throw new ChatRefused(wrongUrl(request))
  checkKey(manners, request, report)
  if (target.is === 'models') {
    if (request.method !== 'GET') throw new ChatRefused(wrongMethod(request))
    return listReply(manners, target.model, context)
  }
  if (request.method !== 'POST') throw new ChatRefused(wrongMethod(request))
  checkContentType(request, report)
  return complete(manners, checkBody(manners, request), context)
}

type Target = { readonly is: 'chat' } | { readonly is: 'models'; readonly model?: string }

function targetOf(manners: Manners, path: string): Target | undefined {
  for (const prefix of manners.prefixes) {
    if (!path.startsWith(`${prefix}/`)) continue
    const rest = path.slice(prefix.length)
    if (rest === '/chat/completions') return { is: 'chat' }
    if (rest === '/models') return { is: 'models' }
    if (rest.startsWith('/models/')) {
      return { is: 'models', model: decodeName(rest.slice('/models/'.length)) }
    }
  }
  return undefined
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Throws what a broken rule says, unless the vendor drops the rule. */
function reporter(manners: Manners, body: Body = {}, text = ''): Report {
  return found => {
    const reword = manners.words[found.rule]
    const said = reword ? reword(found, body, text) : found
    if (said) throw new ChatRefused(said)
  }
}

function checkKey(manners: Manners, request: TwinRequest, report: Report): void {
  if (!manners.needsKey) return
  const header = request.headers['authorization']
  if (header !== undefined && /^Bearer +\S/i.test(header)) return
  const text =
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys."
  report(refusal('authorization', [], text, { status: 401 }))
}

/** Text from memory. */
function checkContentType(request: TwinRequest, report: Report): void {
  const type = request.headers['content-type']
  if (type !== undefined && /^application\/json *(;|$)/i.test(type)) return
  const found = type ?? ''
  const text = `Unsupported content type: '${found}'. This API method only accepts 'application/json' requests, but you specified the header 'Content-Type: ${found}'. Please try again with a supported content type.`
  report(refusal('content-type', [], text, { code: 'unsupported_content_type', found }))
}

function checkBody(manners: Manners, request: TwinRequest): ChatRequest {
  const body = parseBody(request.body)
  const report = reporter(manners, isRecord(body) ? body : {}, request.body)
  if (!isRecord(body)) {
    const text =
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)"
    const found = refusal('json', [], text)
    report(found)
    throw new ChatRefused(found)
  }
  if (body.model === undefined || body.model === null || body.model === '') {
    report(refusal('no-model', [], 'you must provide a model parameter'))
  }
  const { functions, function_call: chosen, ...rest } = body
  const understood = manners.functions ? body : rest
  checkFields(understood, manners.fields, [], manners.reading, report)
  const read = readRequest(understood, request.body, request.path)
  manners.check(read, report)
  return read
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function complete(
  manners: Manners,
  request: ChatRequest,
  context: TwinContext,
): Promise<TwinReply> {
  const { dress } = manners
  const { random } = context
  const thinking = manners.thinks(request)
  const plain = promptOf(request, thinking)
  const prompt = manners.adapt?.(plain, request) ?? plain
  const counted = thinking || manners.countsUnseen?.(request) === true
  const id = dress.responseId(random, context.now())
  const count = typeof request.body.n === 'number' ? request.body.n : 1
  const turns: TwinTurn[] = []
  const choices: AnswerChoice[] = []
  for (let index = 0; index < count; index++) {
    const turn = await context.model.answer(prompt, random.below(0x7fffffff))
    const mint = (name: string, place: number) => dress.callId(random, name, place, request)
    turns.push(turn)
    choices.push(choiceOf(turn, prompt, index, mint))
  }
  const answer: ChatAnswer = {
    id,
    created: Math.floor(context.now() / 1000),
    model: dress.model?.(request.model) ?? request.model,
    choices,
    usage: usageOf(request, choices, turns, counted),
    request,
    thinking,
  }
  return dressed(manners, answer, context)
}

function dressed(manners: Manners, answer: ChatAnswer, context: TwinContext): TwinReply {
  const { random } = context
  const faults = answer.choices.map(choice => manners.inspect?.(choice, answer.request))
  const fault = faults.find(found => found !== undefined)
  const headers = manners.headers('answer', random)
  if (answer.request.stream) {
    const failed = fault && breakOff(manners, fault, context)
    return {
      status: 200,
      headers: { 'content-type': manners.streamType, ...headers },
      events: streamEvents(withheld(answer, fault), manners.dress.stream, random, failed),
    }
  }
  if (fault) throw new ChatRefused(fault)
  const body = manners.dress.whole(answer, random)
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    body: bodyText(body, manners.indent),
  }
}

/** What is quoted as a failure was not said before. */
function withheld(answer: ChatAnswer, fault: Refusal | undefined): ChatAnswer {
  const quoted = fault?.extra?.['failed_generation']
  if (typeof quoted !== 'string' || quoted === '') return answer
  const choices = answer.choices.map(one => (one.text === quoted ? { ...one, text: '' } : one))
  return { ...answer, choices }
}

function breakOff(manners: Manners, fault: Refusal, context: TwinContext): string {
  const { streamFailure } = manners
  if (streamFailure) return streamFailure(fault, context.random, context.now())
  return frame(manners.envelope(fault, context.random))
}

function errorReply(manners: Manners, said: Refusal, context: TwinContext) {
  const body = manners.envelope(said, context.random)
  const early = [401, 404, 405].includes(said.status)
  return {
    status: said.status,
    headers: {
      'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
      ...manners.headers(early ? 'early-error' : 'error', context.random),
    },
    body: typeof body === 'string' ? body : bodyText(body, manners.indent),
  }
}

function bodyText(body: unknown, indent: number): string {
  return indent > 0 ? `${JSON.stringify(body, undefined, indent)}\n` : JSON.stringify(body)
}

function wrongUrl({ method, path }: TwinRequest): Refusal {
  return refusal('url', [], `Invalid URL (${method} ${path})`, { status: 404 })
}

/** Text from memory. */
function wrongMethod({ method, path }: TwinRequest): Refusal {
  return refusal('method', [], `Invalid method for URL (${method} ${path})`, { status: 405 })
}

const GENERAL: { readonly [status: number]: string } = {
  400: 'The request is not valid.',
  401: 'The API key is not valid.',
  402: 'The balance is not sufficient.',
  403: 'Access is denied.',
  404: 'Not found.',
  408: 'The request took too long to arrive.',
  409: 'The request conflicts with another one.',
  413: 'The request is too large.',
  422: 'The request cannot be processed.',
  429: 'Too many requests.',
  500: 'Internal server error.',
  502: 'Bad gateway.',
  503: 'Service unavailable.',
  504: 'Gateway timeout.',
}

function failureOf(manners: Manners, status: number, message?: string): Refusal {
  const words = manners.failures[status]
  const text = message ?? words?.message ?? GENERAL[status] ?? `The request failed (${status}).`
  return refusal('vendor', [], text, {
    status,
    type: words?.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
    code: words?.code ?? null,
  })
}

/** A wait in seconds; milliseconds are added where whole seconds cannot tell it. */
function retryHeaders(status: number, options: { readonly retryAfter?: number }) {
  const wait = options.retryAfter ?? (status === 429 ? 1 : undefined)
  if (wait === undefined) return {}
  const seconds = { 'retry-after': String(Math.ceil(wait)) }
  return Number.isInteger(wait)
    ? seconds
    : { ...seconds, 'retry-after-ms': String(Math.round(wait * 1000)) }
}
