import type { TwinModel, TwinPrompt, TwinTurn } from '../model.ts'
import { seeded } from '../random.ts'
import type { TwinContext, TwinRequest } from '../vendor.ts'
import { openaiResponsesTwin } from './index.ts'
import { type JsonObject, objectOf, objectsOf } from './json.ts'

/** A conversation with the twin, for its own tests. */
export interface Trial {
  /** The prompts that the model was given, in order. */
  readonly prompts: readonly TwinPrompt[]
  readonly context: TwinContext
  /** Posts to `/v1/responses` unless `head` says otherwise. */
  send(body: object | string, head?: Partial<TwinRequest>): Promise<TrialAnswer>
}

/** What the twin answered. */
export interface TrialAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  /** The body's text; for a stream, its events joined. */
  readonly text: string
  /** The parsed body; for a stream, the response in its last event. */
  readonly json: JsonObject
  /** The `output` of the response. */
  readonly output: readonly JsonObject[]
  /** The error of the body, with the status put in front. */
  readonly error: JsonObject
  /** The data of a stream's events. */
  readonly events: readonly JsonObject[]
  /** A stream's events as they were framed. */
  readonly frames: readonly string[]
}

/** The headers of a plain request. */
export const PLAIN_HEADERS = {
  'content-type': 'application/json',
  authorization: 'Bearer sk-test',
} as const

/** A body that the twin accepts, for a model that does not reason. */
export const PLAIN_BODY = { model: 'gpt-4o', input: 'What is the weather in Paris?' } as const

/** A body that the twin accepts, for a model that reasons. */
export const THINKING_BODY = { ...PLAIN_BODY, model: 'gpt-5.6-terra' } as const

const HI: TwinTurn = { blocks: [{ type: 'text', text: 'Hi there.' }] }

/** Opens a trial; each request is answered with the next turn, and the last one stays. */
export function trial(turns: readonly TwinTurn[] = [HI], seed = 1): Trial {
  const prompts: TwinPrompt[] = []
  const model: TwinModel = {
    name: 'trial',
    answer(prompt) {
      prompts.push(prompt)
      return turns[Math.min(prompts.length, turns.length) - 1] ?? { blocks: [] }
    },
  }
  const context: TwinContext = { model, random: seeded(seed), now: () => Date.UTC(2026, 10, 21) }
  return {
    prompts,
    context,
    async send(body, head = {}) {
      const reply = await openaiResponsesTwin.handle(
        {
          method: 'POST',
          path: '/v1/responses',
          query: new URLSearchParams(),
          headers: PLAIN_HEADERS,
          body: typeof body === 'string' ? body : JSON.stringify(body),
          ...head,
        },
        context,
      )
      const frames = 'events' in reply ? reply.events : []
      const text = 'body' in reply ? reply.body : frames.join('')
      const events = frames.map(frame => parsed(frame.slice(frame.indexOf('data: ') + 6)))
      const json = 'body' in reply ? parsed(text) : objectOf(events.at(-1)?.response)
      return {
        status: reply.status,
        headers: reply.headers,
        text,
        json,
        output: objectsOf(json.output),
        error: { status: reply.status, ...objectOf(json.error) },
        events,
        frames,
      }
    },
  }
}

function parsed(text: string): JsonObject {
  return objectOf(JSON.parse(text))
}

/** Sends one request and gives its answer. */
export function sendOnce(body: object | string, head?: Partial<TwinRequest>): Promise<TrialAnswer> {
  return trial().send(body, head)
}

/** The error of a plain body with these fields changed; `undefined` if it is accepted. */
export async function complaint(
  fields: object,
  head?: Partial<TwinRequest>,
): Promise<JsonObject | undefined> {
  const { status, error } = await sendOnce({ ...PLAIN_BODY, ...fields }, head)
  if (status === 200) return undefined
  const { type, ...rest } = error
  return type === 'invalid_request_error' ? rest : error
}

/** A usual refusal: a 400 with this text, place and code. */
export function refusal(message: string, param: string | null, code: string | null = null) {
  return { status: 400, message, param, code }
}

/** A call in the history. */
export function call(callId: string, more: object = {}) {
  const body = { call_id: callId, name: 'get_weather', arguments: '{"city":"Paris"}' }
  return { type: 'function_call', ...body, ...more }
}

/** A result in the history. */
export function result(callId: string, more: object = {}) {
  return { type: 'function_call_output', call_id: callId, output: 'sunny', ...more }
}

/** A user's message. */
export function user(content: unknown) {
  return { role: 'user', content }
}

/** A function of the client's own, not strict. */
export function tool(name = 'get_weather', more: object = {}) {
  const properties = { city: { type: 'string' } }
  const parameters = { type: 'object', properties, required: ['city'] }
  return { type: 'function', name, parameters, strict: false, ...more }
}
