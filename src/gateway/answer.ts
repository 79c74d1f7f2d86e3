import { ToolgateError } from '../core/error.ts'
import { isObject, type Json } from '../core/json.ts'
import type { ModelResponse } from '../core/response.ts'
import { readCalls } from '../emulation/index.ts'
import type { Back } from '../protocols/protocol.ts'
import type { Quirks } from '../protocols/quirks.ts'
import { parseJson, stringifyJson, tryParseJson } from '../wire/json.ts'
import type { Outcome } from './attempt.ts'
import { type ClientCall, contextOf } from './call.ts'
import { lowerState } from './call-state.ts'
import type { Plan } from './exchange.ts'
import { newId } from './ids.ts'
import { lossesHeader, lossOfUsage } from './losses.ts'
import type { ExchangeRecord } from './record.ts'
import { restoreResponse } from './restore.ts'
import { streamWhole } from './translating-pump.ts'
import { decompress, type VendorHeaders } from './upstream.ts'

type Whole = Extract<Outcome, { kind: 'whole' }>
type Headers = Record<string, string | number>

/** The head of an answer: what kind it is, whose it is, and what was lost on the way to the vendor. */
export function headOf(
  call: ClientCall,
  plan: Plan,
  vendor: VendorHeaders,
  contentType: string,
): Headers {
  const headers: Headers = {
    'content-type': contentType,
    'toolgate-request-id': call.requestId,
    [call.front.requestIdHeader]: vendor[plan.back.requestIdHeader] ?? call.requestId,
  }
  if (call.list || contentType.startsWith('text/event-stream'))
    headers['cache-control'] = 'no-cache'
  if (plan.losses.length > 0) headers['toolgate-losses'] = lossesHeader(plan.losses)
  if (plan.back.name === call.front.name) {
    for (const name in vendor) {
      const value = vendor[name]
      if (value !== undefined && call.front.responseHeaders.test(name)) headers[name] = value
    }
  }
  return headers
}

/** What kind a stream is. */
export function streamType(call: ClientCall): string {
  return call.list ? 'application/json; charset=UTF-8' : 'text/event-stream; charset=utf-8'
}

/** The error that a vendor's whole answer is, or `undefined` if it is none. */
export function vendorError(answer: Whole, plan: Plan): ToolgateError | undefined {
  if (answer.status >= 200 && answer.status < 300) return undefined
  const text = plainBody(answer).toString('utf8')
  const body: Json = tryParseJson(text) ?? text
  const error = plan.back.decodeError({ status: answer.status, headers: answer.headers, body })
  if (error.code !== 'authentication' && error.code !== 'permission') return error
  // It is the gateway's key that was refused, not the client's; and a vendor's words may quote it.
  const { account, provider } = plan.target
  return new ToolgateError(
    'vendor_auth',
    `${provider.title} refused the key of account '${account.name}' (status ${answer.status}).`,
    { origin: 'gateway', details: { vendor: { name: provider.name } } },
  )
}

/** Gives a vendor's good answer to the client. @throws ToolgateError if it cannot be read. */
export function deliverWhole(
  answer: Whole,
  call: ClientCall,
  plan: Plan,
  record: ExchangeRecord,
): void {
  const vendorId = answer.headers[plan.back.requestIdHeader]
  if (vendorId !== undefined) record.vendorRequestId = vendorId
  const body = plainBody(answer)
  if (plan.direct && !plan.stream) {
    checkPassing(body, plan)
    if (plan.request) record.readAnswer = reader(body, plan.back, plan.target.quirks, record)
    call.keeper?.whole(plan, body.toString('utf8'))
    send(call, answer.status, headOf(call, plan, answer.headers, 'application/json'), body)
    return
  }
  const { counts } = call.front
  if (!plan.request && counts && plan.back.counts) {
    const counted = counts.encodeAnswer(plan.back.counts.decodeAnswer(vendorJson(body)))
    const head = headOf(call, plan, answer.headers, 'application/json')
    send(call, 200, head, stringifyJson(counted))
    return
  }
  deliverResponse(restored(decodeWhole(answer, plan), plan), answer, call, plan, record)
}

/** Reads a vendor's good answer, in the vendor's own words. @throws ToolgateError if it cannot be. */
export function decodeWhole(answer: Whole, plan: Plan): ModelResponse {
  const decoded = plan.back.decodeResponse(vendorJson(plainBody(answer)), plan.target.quirks)
  return plan.reading ? readCalls(decoded, plan.reading) : decoded
}

/** An answer in the client's words for ids, names and arguments. */
export function restored(decoded: ModelResponse, plan: Plan): ModelResponse {
  return restoreResponse(decoded, plan.undo, () => newId('call_', 29), plan.request)
}

/** Gives an answer that was read, and perhaps checked, to the client. */
export function deliverResponse(
  own: ModelResponse,
  answer: Whole,
  call: ClientCall,
  given: Plan,
  record: ExchangeRecord,
): void {
  const plan = own.usage ? given : { ...given, losses: [...given.losses, lossOfUsage(call.front)] }
  if (plan.losses.length > 0) record.losses = plan.losses.length
  plan.recall?.keep(own.content)
  note(record, own)
  const response = lowerState(own, call.front)
  const context = contextOf(call, plan)
  if (plan.stream) {
    const head = headOf(call, plan, answer.headers, streamType(call))
    const events = streamWhole(response, call.front, context)
    call.keeper?.stream(plan)(events)
    send(call, 200, head, events)
    return
  }
  const text = stringifyJson(call.front.encodeResponse(response, context))
  call.keeper?.whole(plan, text)
  send(call, 200, headOf(call, plan, answer.headers, 'application/json'), text)
}

/**
 * Gives an error to the client, in its protocol's words; where the bytes pass, the vendor's own.
 * Returns the status.
 */
export function deliverError(
  error: ToolgateError,
  call: ClientCall,
  outcome?: Outcome,
  plan?: Plan,
): number {
  // A redirection, for one, is an error here, and nothing that a client could follow.
  const isVendors = outcome?.kind === 'whole' && outcome.status >= 400
  if (plan?.direct && isVendors && error.code !== 'vendor_auth') {
    const head = headOf(
      call,
      plan,
      outcome.headers,
      outcome.headers['content-type'] ?? 'application/json',
    )
    send(call, outcome.status, head, plainBody(outcome))
    return outcome.status
  }
  const { status, headers, body } = call.front.encodeError(error, call.requestId)
  // In the list form every answer is a list, an error too.
  const told = call.list ? [body] : body
  const head: Headers = {
    'content-type': 'application/json',
    'toolgate-request-id': call.requestId,
    [call.front.requestIdHeader]:
      (plan && outcome?.headers[plan.back.requestIdHeader]) ?? call.requestId,
  }
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) head[name] = value
  }
  const should = outcome?.headers['x-should-retry']
  if (should !== undefined) head['x-should-retry'] = should
  send(call, status, head, stringifyJson(told))
  return status
}

/** Up to this many bytes, head and body are joined into one write: copying is cheaper than two. */
const ONE_WRITE = 64 * 1024

function send(call: ClientCall, status: number, head: Headers, body: Buffer | string): void {
  if (call.reply.headersSent) {
    // A sign of life has begun the stream that this is.
    call.reply.end(body)
    return
  }
  const length = Buffer.byteLength(body)
  head['content-length'] = length
  call.reply.writeHead(status, head)
  // As latin1 text the bytes stay what they are, and node:http sends them along with the head.
  if (length > ONE_WRITE) call.reply.end(body)
  else if (typeof body !== 'string') call.reply.end(body.toString('latin1'), 'latin1')
  else if (length === body.length) call.reply.end(body, 'latin1')
  else call.reply.end(Buffer.from(body).toString('latin1'), 'latin1')
}

function plainBody({ body, headers, maxBytes }: Whole): Buffer {
  return decompress(body, headers['content-encoding'], maxBytes)
}

function vendorJson(body: Buffer): Json {
  try {
    return parseJson(body.toString('utf8'))
  } catch (cause) {
    throw brokenJson(cause)
  }
}

function brokenJson(cause?: unknown): ToolgateError {
  return new ToolgateError('vendor_contradiction', 'The vendor answered with broken JSON.', {
    origin: 'vendor',
    cause,
  })
}

/** Longer answers say more than that something failed. In bytes. */
const LONGEST_ERROR = 16 * 1024

/**
 * Looks at an answer that passes as bytes, without reading it: a page of a proxy, events, half an
 * object and nothing at all are no answers, whatever their status; nor is an error that some vendors
 * send with status 200. An answer that holds an error has an id.
 *
 * @throws ToolgateError the error that it is.
 */
function checkPassing(body: Buffer, { back, target }: Plan): void {
  if (!hasBraces(body)) throw brokenJson()
  if (body.length > LONGEST_ERROR || !body.includes('"error"')) return
  // Most that have the word say `null`, and are not worth being parsed.
  const text = body.toString('utf8')
  if (!/"error"\s*:\s*\{/.test(text)) return
  const wire = tryParseJson(text)
  if (isObject(wire) && isObject(wire['error']) && wire['id'] === undefined)
    back.decodeResponse(wire, target.quirks)
}

/** Whether text begins and ends as a JSON object does. */
function hasBraces(body: Buffer): boolean {
  let from = 0
  let to = body.length - 1
  while ((body[from] ?? 33) <= 32) from++
  while ((body[to] ?? 33) <= 32) to--
  return from < to && body[from] === 123 && body[to] === 125
}

/**
 * What reads an answer that passed as bytes; what cannot be read is not recorded. It holds on to
 * the answer alone: records wait for their reader, and the plan holds the whole request.
 */
function reader(body: Buffer, back: Back, quirks: Quirks, record: ExchangeRecord): () => void {
  return () => {
    const wire = tryParseJson(body.toString('utf8'))
    if (wire === undefined) return
    try {
      note(record, back.decodeResponse(wire, quirks))
    } catch {
      // The client has the vendor's bytes all the same: reading them is only for the record.
    }
  }
}

function note(record: ExchangeRecord, response: ReturnType<typeof restoreResponse>): void {
  if (response.usage) record.usage = response.usage
  record.finish = response.finish.kind
  const calls = response.content.filter(part => part.type === 'tool-call').length
  if (calls > 0) record.calls = calls
}
