import type { FaultControl } from './fault-queue.ts'
import { readFaults } from './options.ts'
import type { TwinRecord } from './record.ts'
import { namedError } from './shape.ts'
import type { TwinReply, TwinRequest } from './vendor.ts'

/** Where the control surface begins; no vendor has such a path. */
export const CONTROL_PREFIX = '/__twin/'

/** What other processes may look at and change. */
export interface Controlled {
  readonly vendor: string
  readonly model: string
  readonly seed: number
  readonly requests: readonly TwinRecord[]
  readonly faults: FaultControl
  /** Throws if something that was planned did not happen. */
  finish(): void
}

/**
 * Answers a request to the control surface: `GET health`, `GET requests`, `GET`, `POST` (an array
 * of faults or of their short forms, added to the queue) and `DELETE faults`, `POST finish` (200, or
 * 409 with the text of what is amiss).
 */
export function control(
  request: Pick<TwinRequest, 'method' | 'path' | 'body'>,
  twin: Controlled,
): TwinReply {
  const name = request.path.slice(CONTROL_PREFIX.length)
  const methods = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined
  if (methods === undefined) {
    return json(404, { error: `no such path; there are: ${Object.keys(ROUTES).join(', ')}` })
  }
  const route = methods[request.method]
  if (route === undefined) {
    const allow = Object.keys(methods).join(', ')
    return json(405, { error: `${name} takes ${allow}` }, { allow })
  }
  return route(twin, request.body)
}

type Route = (twin: Controlled, body: string) => TwinReply

const ROUTES: { readonly [name: string]: { readonly [method: string]: Route } | undefined } = {
  health: {
    GET: twin =>
      json(200, {
        ok: true,
        vendor: twin.vendor,
        model: twin.model,
        seed: twin.seed,
        requests: twin.requests.length,
        faults: twin.faults.list().length,
      }),
  },
  requests: { GET: twin => json(200, twin.requests) },
  faults: {
    GET: twin => json(200, twin.faults.list()),
    POST: addFaults,
    DELETE: twin => {
      twin.faults.clear()
      return json(200, [])
    },
  },
  finish: {
    POST: twin => {
      try {
        twin.finish()
        return json(200, { ok: true })
      } catch (error) {
        return json(409, {
          ok: false,
          error: error instanceof Error ? error.message : String(error),
        })
      }
    },
  },
}

function addFaults(twin: Controlled, body: string): TwinReply {
  try {
    twin.faults.add(...readFaults(parse(body), 'faults'))
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) })
  }
  return json(200, twin.faults.list())
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw namedError('InvalidInput', 'faults: the body is not JSON', error)
  }
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): TwinReply {
  const body = `${JSON.stringify(value)}\n`
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}
