import type { IncomingMessage } from 'node:http'
import { ToolgateError } from '../core/error.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { HeldQuestion } from '../gateway/holding.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { Route } from './route.ts'

/**
 * Answers a question about an answer that is held, as JSON text.
 *
 * @throws ToolgateError if it is not held, or the method is none for the path.
 */
export async function serveHeld(
  route: Extract<Route, { kind: 'held' }>,
  request: IncomingMessage,
  front: Protocol,
  gateway: Gateway,
  client: string | undefined,
): Promise<string> {
  const what = questionOf(route, request.method ?? '')
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams
  const page: Record<string, string> = {}
  for (const name of ['after', 'limit', 'order'] as const) {
    const value = query.get(name)
    if (value !== null) page[name] = value
  }
  if (!front.held) throw new ToolgateError('not_found', 'Nothing is held here.')
  const stream = query.get('stream') === 'true'
  return gateway.answerHeld(front.held, { id: route.id, what, tenant: client ?? '', stream, page })
}

function questionOf(
  { part, id }: Extract<Route, { kind: 'held' }>,
  method: string,
): HeldQuestion['what'] {
  if (part === 'cancel' && method === 'POST') return 'cancel'
  if (part === 'items' && method === 'GET') return 'items'
  if (part === undefined && method === 'GET') return 'get'
  if (part === undefined && method === 'DELETE') return 'delete'
  const allow = part === undefined ? 'GET, DELETE' : part === 'items' ? 'GET' : 'POST'
  throw new ToolgateError('method_not_allowed', `${id} takes ${allow}, not ${method}.`, {
    details: { allow },
  })
}
