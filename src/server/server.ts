import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { isToolgateError, ToolgateError } from '../core/error.ts'
import { asToolgateError, type Gateway } from '../gateway/gateway.ts'
import { newId } from '../gateway/ids.ts'
import { protocolNamed } from '../protocols/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { stringifyJson } from '../wire/json.ts'
import { readBody } from './body.ts'
import { authenticate, checkHost, corsHeaders, type GuardOptions } from './guard.ts'
import { serveHeld } from './held.ts'
import { METRICS_TYPE, type Metrics } from './metrics.ts'
import { modelBody, modelList } from './models.ts'
import { type Route, routeOf } from './route.ts'

/** What a server is made of. */
export interface ServerOptions {
  readonly gateway: Gateway
  readonly guard: GuardOptions
  readonly metrics: Metrics
  /** Bytes of a request's body. */
  readonly maxBodyBytes: number
  /** How long running exchanges may go on after `close`, in milliseconds. */
  readonly graceMs: number
}

/** The gateway's HTTP face. */
export interface GatewayServer {
  /** Begins to listen. @returns the address; with port 0, the port that was free. */
  listen(host: string, port: number): Promise<AddressInfo>
  /**
   * Stops accepting, lets running exchanges finish within the grace, ends the rest with an error.
   * A second call ends them at once.
   */
  close(): Promise<void>
}

type Reply = ServerResponse<IncomingMessage>

/** Makes the server; it listens only when told to. */
export function createGatewayServer(options: ServerOptions): GatewayServer {
  const { gateway } = options
  let closing: Promise<void> | undefined
  let hurry = () => {}
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 300_000 })
  server.on('request', (request: IncomingMessage, reply: Reply) => {
    serve(request, reply, options, () => closing !== undefined)
      .catch(thrown => {
        // Only a broken reply gets here: every failure of the work itself was answered.
        reply.destroy(thrown instanceof Error ? thrown : undefined)
      })
      .then(() => {
        if (closing) endConnection(request, reply)
      })
  })
  return {
    listen: (host, port) => listen(server, host, port),
    close() {
      if (closing) {
        hurry()
        return closing
      }
      closing = (async () => {
        const closed = new Promise<void>(resolve => server.close(() => resolve()))
        server.closeIdleConnections()
        const grace = new Promise<void>(resolve => {
          const timer = setTimeout(resolve, options.graceMs)
          hurry = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        await Promise.race([closed, grace])
        await gateway.close()
        setTimeout(() => server.closeAllConnections(), 500).unref()
        await closed
        hurry()
      })()
      return closing
    },
  }
}

/** Ends a connection after its last answer: kept alive, it would hold up the end of the house. */
function endConnection({ socket }: IncomingMessage, reply: Reply): void {
  if (reply.writableFinished) socket.end()
  else reply.once('finish', () => socket.end())
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address)
      else reject(new Error('the server has no address'))
    })
  })
}

async function serve(
  request: IncomingMessage,
  reply: Reply,
  options: ServerOptions,
  isClosing: () => boolean,
): Promise<void> {
  const path = pathOf(request.url ?? '/')
  const route = routeOf(path, request.headers['anthropic-version'] !== undefined)
  const requestId = newId('req_', 28)
  const front = protocolNamed(route.front)
  const list = route.kind === 'exchange' && route.stream === true && !asksForEvents(request.url)
  try {
    checkHost(request.headers.host, options.guard)
    const cors = corsHeaders(request.headers.origin, options.guard)
    if (cors) for (const name in cors) reply.setHeader(name, cors[name] ?? '')
    if (request.method === 'OPTIONS' && cors) {
      preflight(request, reply)
      return
    }
    if (isClosing()) reply.setHeader('connection', 'close')
    await serveRoute(route, { request, reply, options, requestId, front, path, list }, isClosing)
  } catch (thrown) {
    refuse(thrown, request, reply, front, requestId, list)
    if (reply.headersSent) options.metrics.refuse(reply.statusCode)
  }
}

interface Visit {
  readonly request: IncomingMessage
  readonly reply: Reply
  readonly options: ServerOptions
  readonly requestId: string
  readonly front: Protocol
  readonly path: string
  /** Whether the answer is to be one JSON list. */
  readonly list: boolean
}

async function serveRoute(route: Route, visit: Visit, isClosing: () => boolean): Promise<void> {
  const { request, reply, options } = visit
  switch (route.kind) {
    case 'health':
      json(reply, 200, '{"status":"ok"}')
      return
    case 'ready':
      if (isClosing()) json(reply, 503, '{"status":"closing"}')
      else json(reply, 200, '{"status":"ready"}')
      return
    case 'metrics':
      authenticate(request.headers, options.guard.keys)
      allow(request, 'GET', visit.path)
      send(reply, 200, METRICS_TYPE, options.metrics.text())
      return
    case 'none':
      throw new ToolgateError('not_found', `There is nothing at ${request.method} ${visit.path}.`)
    case 'models': {
      authenticate(request.headers, options.guard.keys)
      allow(request, 'GET', visit.path)
      serveModels(route, visit)
      return
    }
    case 'held': {
      const client = authenticate(request.headers, options.guard.keys)
      json(reply, 200, await serveHeld(route, request, visit.front, options.gateway, client))
      return
    }
    case 'exchange': {
      const client = authenticate(request.headers, options.guard.keys)
      allow(request, 'POST', visit.path)
      const body = await readBody(request, options.maxBodyBytes)
      await options.gateway.handle({
        front: visit.front,
        operation: route.operation,
        headers: singleHeaders(request),
        body,
        requestId: visit.requestId,
        reply,
        ...(route.model === undefined ? {} : { model: route.model }),
        ...(route.stream === undefined ? {} : { stream: route.stream }),
        ...(visit.list ? { list: true } : {}),
        ...(client === undefined ? {} : { client }),
      })
    }
  }
}

function serveModels(route: Extract<Route, { kind: 'models' }>, visit: Visit): void {
  const { resolver } = visit.options.gateway
  const models = resolver.list()
  if (route.id === undefined) {
    json(visit.reply, 200, stringifyJson(modelList(models, route.front)))
    return
  }
  const found = resolver.resolve(route.id)
  const listed = models.find(
    model => model.account === found.account.name && model.id === found.model,
  ) ?? {
    id: found.model,
    vendor: found.provider.name,
    capabilities: found.capabilities,
    aliases: [],
    account: found.account.name,
  }
  json(visit.reply, 200, stringifyJson(modelBody({ ...listed, name: route.id }, route.front)))
}

function allow(request: IncomingMessage, method: string, path: string): void {
  if (request.method === method || (method === 'GET' && request.method === 'HEAD')) return
  throw new ToolgateError('method_not_allowed', `${path} takes ${method}, not ${request.method}.`, {
    details: { allow: method },
  })
}

/** Whether a stream's path asks for events; without it, the vendor answers with one JSON list. */
function asksForEvents(url = ''): boolean {
  return /[?&](?:alt|%24alt|\$alt)=sse(?:&|$)/.test(url)
}

function preflight(request: IncomingMessage, reply: Reply): void {
  reply.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': '600',
  })
  reply.end()
}

/** Answers an error in the client's own envelope, whatever it was. */
function refuse(
  thrown: unknown,
  request: IncomingMessage,
  reply: Reply,
  front: Protocol,
  requestId: string,
  list: boolean,
): void {
  const error = asToolgateError(thrown)
  if (isToolgateError(thrown) && thrown.code === 'client_closed') {
    reply.destroy()
    return
  }
  const { status, headers, body } = front.encodeError(error, requestId)
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) reply.setHeader(name, value)
  }
  if (error.code === 'method_not_allowed') reply.setHeader('allow', String(error.details.allow))
  reply.setHeader('toolgate-request-id', requestId)
  reply.setHeader(front.requestIdHeader, requestId)
  // What is left of a body that was refused unread must not be taken for the next request.
  if (!request.complete) reply.setHeader('connection', 'close')
  json(reply, status, stringifyJson(list ? [body] : body))
}

function json(reply: Reply, status: number, text: string): void {
  send(reply, status, 'application/json', text)
}

function send(reply: Reply, status: number, type: string, text: string): void {
  reply.setHeader('content-type', type)
  reply.setHeader('content-length', Buffer.byteLength(text))
  reply.writeHead(status)
  reply.end(text)
}

function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/** The headers, each with one value. Nearly always they are that already, and are not copied. */
function singleHeaders(request: IncomingMessage): Record<string, string | undefined> {
  const { headers } = request
  if (areSingle(headers)) return headers
  const single: Record<string, string | undefined> = {}
  for (const name in headers) {
    const value = headers[name]
    single[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return single
}

function areSingle(headers: IncomingHttpHeaders): headers is Record<string, string | undefined> {
  // Of the headers that node:http keeps apart, only this one is for requests to have twice.
  return headers['set-cookie'] === undefined
}
