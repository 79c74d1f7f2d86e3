import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { CONTROL_PREFIX, control } from './control.ts'
import { type Disturbance, disturb } from './disturbance.ts'
import { type FailureList, failureList } from './failure-list.ts'
import { type FaultControl, type FaultQueue, faultQueue } from './fault-queue.ts'
import { type Fault, readFault, type WireFault } from './faults.ts'
import type { TwinModel } from './model.ts'
import { type Random, seeded } from './random.ts'
import { type OpenRecord, type RecordBook, recordBook, type TwinRecord } from './record.ts'
import { type ReadBody, readBody } from './request-body.ts'
import { namedError } from './shape.ts'
import { checkTransport, type Delivery, deliver, type Transport } from './transport.ts'
import type { TwinContext, TwinReply, TwinRequest, TwinVendor } from './vendor.ts'

/** What a twin is made of. */
export interface StartTwinOptions {
  readonly vendor: TwinVendor
  readonly model: TwinModel
  /** Default `127.0.0.1`: a twin checks no real key and should not be reachable from elsewhere. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Default 1. The same seed and the same requests in the same order give the same answers. */
  readonly seed?: number
  readonly faults?: readonly Fault[]
  readonly transport?: Transport
  /** Unix milliseconds; default the machine's clock. */
  readonly now?: () => number
}

/** A running twin. */
export interface Twin {
  /** Scheme, host and port, without a path and without a slash at the end. */
  readonly url: string
  readonly port: number
  readonly vendor: TwinVendor
  readonly model: TwinModel
  readonly seed: number
  /** The last 1000 requests, oldest first; those to the control surface are not among them. */
  readonly requests: readonly TwinRecord[]
  readonly faults: FaultControl
  /** Ends all connections, idle or not, and frees the port. May be called again. */
  close(): Promise<void>
  /**
   * Ends a test's story.
   *
   * @throws TwinUnfinished with a text that names every answer that failed (such as a request
   * after a script's end) and whatever the model says was left over.
   */
  finish(): void
}

/** The longest body a twin reads, in bytes, before and after decompression. */
export const BODY_LIMIT = 64 * 1024 * 1024

/** One twin's moving parts. */
interface Engine {
  readonly vendor: TwinVendor
  readonly model: TwinModel
  readonly random: Random
  readonly faults: FaultQueue
  readonly book: RecordBook
  readonly transport: Transport
  readonly now: () => number
  readonly failures: FailureList
  readonly twin: () => Twin
  closing: boolean
}

/**
 * Starts a twin.
 *
 * @throws TwinNotStarted if the address is taken or not allowed.
 */
export async function startTwin(options: StartTwinOptions): Promise<Twin> {
  const { vendor, model, host = '127.0.0.1', port = 0, seed = 1 } = options
  checkTransport(options.transport)
  const random = seeded(seed)
  const engine: Engine = {
    vendor,
    model,
    random,
    faults: faultQueue(random.fork()),
    book: recordBook(),
    transport: options.transport ?? {},
    now: options.now ?? Date.now,
    failures: failureList(),
    twin: () => twin,
    closing: false,
  }
  const faults = options.faults ?? []
  engine.faults.add(...faults.map((fault, index) => readFault(fault, `faults[${index}]`)))
  const server = createServer((request, response) => {
    serve(engine, request, response).catch(error => {
      engine.failures.remember(error)
      response.destroy()
    })
  })
  // Longer than clients keep their idle connections, so that these are never closed under them.
  server.keepAliveTimeout = 75_000
  const bound = await listen(server, host, port)
  let closed: Promise<void> | undefined
  const twin: Twin = {
    url: `http://${addressOf(host)}:${bound}`,
    port: bound,
    vendor,
    model,
    seed,
    requests: engine.book.records,
    faults: engine.faults,
    close() {
      engine.closing = true
      closed ??= new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      return closed
    },
    finish: () => engine.failures.finish(model),
  }
  return twin
}

async function serve(
  engine: Engine,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A client that leaves is told by `close`; what else a broken connection says adds nothing.
  response.on('error', () => {})
  const target = message.url ?? '/'
  const mark = target.indexOf('?')
  const head = {
    method: message.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: plainHeaders(message),
  }
  if (head.path.startsWith(CONTROL_PREFIX)) {
    const body = await readBody(message, BODY_LIMIT)
    const text = 'text' in body ? body.text : ''
    const reply = control({ ...head, body: text }, controlled(engine.twin()))
    return deliver(response, reply, {}, engine.random)
  }
  const random = engine.random.fork()
  const cuts = random.fork()
  const record = engine.book.open(head)
  const fate = { ended: false }
  response.once('close', () => {
    if (!response.headersSent) record.status = undefined
    record.left = !response.writableFinished && !fate.ended && !engine.closing
  })
  const body = await readBody(message, BODY_LIMIT)
  if ('left' in body) return
  if ('text' in body) record.keepBody(body.text)
  const context = contextFor(engine, random, record)
  let outcome: Outcome
  try {
    outcome = await answer(engine, head, body, context, record)
  } catch (error) {
    outcome = { reply: engine.failures.reply(error, engine.vendor, context), delivery: {} }
  }
  if (outcome === 'reset') {
    fate.ended = true
    message.socket.resetAndDestroy()
    return
  }
  record.status = outcome.reply.status
  fate.ended = outcome.delivery.ending === 'cut'
  return deliver(response, outcome.reply, { ...engine.transport, ...outcome.delivery }, cuts)
}

/** A reply and how a fault wants it delivered, or no reply at all. */
type Outcome = { readonly reply: TwinReply; readonly delivery: Delivery } | 'reset'

/** Finds the reply, with at most one wire fault worked into it. */
async function answer(
  engine: Engine,
  head: Omit<TwinRequest, 'body'>,
  body: Exclude<ReadBody, { readonly left: true }>,
  context: TwinContext,
  record: OpenRecord,
): Promise<Outcome> {
  const { vendor } = engine
  if ('refused' in body) {
    const { status, message } = body.refused
    return { reply: vendor.failure(status, context, { message }), delivery: {} }
  }
  const claimed = engine.faults.claim(head.path)
  if (claimed === undefined) {
    return { reply: await vendor.handle({ ...head, body: body.text }, context), delivery: {} }
  }
  const { fault } = claimed
  if (fault.kind === 'reset' || fault.kind === 'status') {
    claimed.settle(true)
    record.faults.push(fault.kind)
    if (fault.kind === 'reset') return 'reset'
    return { reply: failureOf(vendor, fault, context), delivery: {} }
  }
  let disturbance: Disturbance | undefined
  try {
    const reply = await vendor.handle({ ...head, body: body.text }, context)
    disturbance = disturb(reply, fault, () => vendor.streamFailure(context))
    if (disturbance) record.faults.push(fault.kind)
    return disturbance ?? { reply, delivery: {} }
  } finally {
    claimed.settle(disturbance !== undefined)
  }
}

/** The vendor's failure that a fault asks for; the model is not asked. */
function failureOf(
  vendor: TwinVendor,
  { status, retryAfter, message }: Extract<WireFault, { readonly kind: 'status' }>,
  context: TwinContext,
): TwinReply {
  return vendor.failure(status, context, {
    ...(retryAfter !== undefined && { retryAfter }),
    ...(message !== undefined && { message }),
  })
}

/** The model as one request sees it: spoiled, if model faults are armed. */
function contextFor(engine: Engine, random: Random, record: OpenRecord): TwinContext {
  const { model, faults, now } = engine
  if (!faults.spoils) return { model, random, now }
  const spoiled: TwinModel = {
    name: model.name,
    async answer(prompt, seed) {
      const turn = await model.answer(prompt, seed)
      return faults.spoil(turn, prompt, record.path, kind => record.faults.push(kind))
    },
  }
  return { model: spoiled, random, now }
}

function controlled(twin: Twin) {
  return { ...twin, vendor: twin.vendor.name, model: twin.model.name }
}

function plainHeaders(message: IncomingMessage): TwinRequest['headers'] {
  const headers: { [name: string]: string | undefined } = {}
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      const reason = 'code' in error && error.code === 'EADDRINUSE' ? 'is taken' : error.message
      reject(namedError('TwinNotStarted', `cannot listen on ${host}:${port}: ${reason}`, error))
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

/** The address to connect to for a host that was listened on. */
function addressOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
