import type { TwinModel, TwinPrompt, TwinTurn } from '../model.ts'
import { seeded } from '../random.ts'
import type { TwinContext, TwinRequest } from '../vendor.ts'
import { anthropicTwin } from './index.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'

/** A conversation with the twin, for its own tests. */
export interface Trial {
  /** The prompts that the model was given, in order. */
  readonly prompts: readonly TwinPrompt[]
  readonly context: TwinContext
  /** Posts to `/v1/messages` unless `head` says otherwise. */
  send(body: object | string, head?: Partial<TwinRequest>): Promise<TrialAnswer>
}

/** What the twin answered. */
export interface TrialAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  /** The body's text; for a stream, its events joined. */
  readonly text: string
  /** The parsed body; empty for a stream. */
  readonly json: JsonObject
  /** The error's message, if the body is an error. */
  readonly message: string | undefined
  /** The data of a stream's events. */
  readonly events: readonly JsonObject[]
  /** A stream's events as they were framed. */
  readonly frames: readonly string[]
}

/** The headers of a plain request. */
export const PLAIN_HEADERS = {
  'content-type': 'application/json',
  'x-api-key': 'sk-ant-test',
  'anthropic-version': '2023-06-01',
} as const

/** A body that the twin accepts. */
export const PLAIN_BODY = {
  model: 'claude-sonnet-4-5',
  max_tokens: 4_096,
  messages: [{ role: 'user', content: 'What is the weather in Paris?' }],
} as const

/** Opens a trial; each request is answered with the next turn, and the last one stays. */
export function trial(turns: readonly TwinTurn[] = [{ blocks: [] }], seed = 1): Trial {
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
      const reply = await anthropicTwin.handle(
        {
          method: 'POST',
          path: '/v1/messages',
          query: new URLSearchParams(),
          headers: PLAIN_HEADERS,
          body: typeof body === 'string' ? body : JSON.stringify(body),
          ...head,
        },
        context,
      )
      const frames = 'events' in reply ? reply.events : []
      const text = 'body' in reply ? reply.body : frames.join('')
      const json = 'body' in reply ? objectIn(text) : {}
      const error = json['error']
      const message = isObject(error) ? String(error['message']) : undefined
      const events = frames.map(frame => objectIn(frame.slice(frame.indexOf('data: ') + 6)))
      return { status: reply.status, headers: reply.headers, text, json, message, events, frames }
    },
  }
}

function objectIn(text: string): JsonObject {
  const { value } = parseJson(text)
  return isObject(value) ? value : {}
}

/** Sends one request and gives its answer. */
export function sendOnce(body: object | string, head?: Partial<TwinRequest>): Promise<TrialAnswer> {
  return trial().send(body, head)
}

/** The complaint about a plain body with these fields changed; `undefined` if it is accepted. */
export async function complaint(
  fields: object,
  head?: Partial<TwinRequest>,
): Promise<string | undefined> {
  const { status, message } = await sendOnce({ ...PLAIN_BODY, ...fields }, head)
  return status === 200 ? undefined : message
}

/** A plain request's head with other headers. */
export function withHeaders(headers: Record<string, string>): Partial<TwinRequest> {
  return { headers: { ...PLAIN_HEADERS, ...headers } }
}

/** A call in the history. */
export function toolUse(id: string, name = 'get_weather', input: object = { city: 'Paris' }) {
  return { type: 'tool_use', id, name, input }
}

/** A result in the history. */
export function toolResult(id: string, content = 'sunny') {
  return { type: 'tool_result', tool_use_id: id, content }
}

/** A user's message. */
export function user(...content: readonly (object | string)[]) {
  return {
    role: 'user',
    content: content.map(part => (typeof part === 'string' ? { type: 'text', text: part } : part)),
  }
}

/** An assistant's message. */
export function assistant(...content: readonly (object | string)[]) {
  return { ...user(...content), role: 'assistant' }
}

/** A tool of the client's own. */
export function tool(name = 'get_weather', more: object = {}) {
  const properties = { city: { type: 'string' } }
  return { name, input_schema: { type: 'object', properties, required: ['city'] }, ...more }
}
