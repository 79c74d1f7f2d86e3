import type { TwinModel, TwinPrompt, TwinTurn } from '../model.ts'
import { seeded } from '../random.ts'
import type { TwinContext, TwinRequest, TwinVendor } from '../vendor.ts'
import { geminiTwin } from './index.ts'
import { isList, isObject, type Json, type JsonObject, parseJson } from './json.ts'

/** A conversation with the twin, for its own tests. */
export interface Trial {
  /** The prompts that the model was given, in order. */
  readonly prompts: readonly TwinPrompt[]
  readonly context: TwinContext
  /** Posts to `STUDIO` unless `head` says otherwise. */
  send(body: object | string, head?: Partial<TwinRequest>): Promise<TrialAnswer>
}

/** What the twin answered. */
export interface TrialAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  /** The body's text; for a stream, its events joined. */
  readonly text: string
  /** The parsed body; empty for a stream of events or a list. */
  readonly json: JsonObject
  /** The error's message, if the body is an error. */
  readonly message: string | undefined
  /** The error's details. */
  readonly details: readonly JsonObject[]
  /** The responses of a stream, events or list. */
  readonly chunks: readonly JsonObject[]
  /** A stream's events as they were framed. */
  readonly frames: readonly string[]
}

/** The path of a whole answer by a model of AI Studio. */
export function studio(model: string, method = 'generateContent'): string {
  return `/v1beta/models/${model}:${method}`
}

/** The path of a whole answer by a model of Vertex. */
export function vertex(model: string, method = 'generateContent'): string {
  return `/v1/projects/p/locations/global/publishers/google/models/${model}:${method}`
}

/** The headers of a plain request. */
export const PLAIN_HEADERS = {
  'content-type': 'application/json',
  'x-goog-api-key': 'AIza-test',
} as const

/** A body that the twin accepts. */
export const PLAIN_BODY = { contents: [user('What is the weather in Paris?')] } as const

/** The query of a stream in events. */
export const SSE = new URLSearchParams('alt=sse')

/** Opens a trial; each request is answered with the next turn, and the last one stays. */
export function trial(
  turns: readonly TwinTurn[] = [{ blocks: [{ type: 'text', text: 'Sunny.' }] }],
  seed = 1,
  vendor: TwinVendor = geminiTwin,
): Trial {
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
      const reply = await vendor.handle(
        {
          method: 'POST',
          path: vendor.name === 'vertex' ? vertex('gemini-2.5-flash') : studio('gemini-2.5-flash'),
          query: new URLSearchParams(),
          headers: PLAIN_HEADERS,
          body: typeof body === 'string' ? body : JSON.stringify(body),
          ...head,
        },
        context,
      )
      const frames = 'events' in reply ? reply.events : []
      const text = 'body' in reply ? reply.body : frames.join('')
      const value = text.startsWith('data: ') || text.startsWith('<') ? {} : parseJson(text).value
      const error = objectIn(isList(value) ? value[0] : value)['error']
      const { message, details } = objectIn(error)
      return {
        status: reply.status,
        headers: reply.headers,
        text,
        json: objectIn(value),
        message: typeof message === 'string' ? message : undefined,
        details: isList(details) ? details.filter(isObject) : [],
        chunks: isList(value) ? value.filter(isObject) : frames.map(chunkIn),
        frames,
      }
    },
  }
}

function chunkIn(frame: string): JsonObject {
  return objectIn(parseJson(frame.replace(/^data: /, '')).value)
}

function objectIn(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

/** Sends one request and gives its answer. */
export function sendOnce(
  body: object | string,
  head?: Partial<TwinRequest>,
  vendor: TwinVendor = geminiTwin,
): Promise<TrialAnswer> {
  return trial(undefined, 1, vendor).send(body, head)
}

/** The complaint about a plain body with these fields changed; `undefined` if it is accepted. */
export async function complaint(
  fields: object,
  path?: string,
  vendor: TwinVendor = geminiTwin,
): Promise<string | undefined> {
  const head = path === undefined ? {} : { path }
  const { status, message } = await sendOnce({ ...PLAIN_BODY, ...fields }, head, vendor)
  return status === 200 ? undefined : message
}

/** A content of the user's: texts and parts. */
export function user(...parts: readonly (object | string)[]) {
  return {
    role: 'user',
    parts: parts.map(part => (typeof part === 'string' ? { text: part } : part)),
  }
}

/** A content of the model's. */
export function model(...parts: readonly (object | string)[]) {
  return { ...user(...parts), role: 'model' }
}

/** A signature that passes every check. */
export const DUMMY = 'skip_thought_signature_validator'

/** A call in the history; `thoughtSignature: DUMMY` in `more` for models that want one. */
export function call(name = 'get_weather', more: object = {}, fields: object = {}) {
  return { functionCall: { name, args: { city: 'Paris' }, ...fields }, ...more }
}

/** A response in the history. */
export function response(name = 'get_weather', fields: object = {}) {
  return { functionResponse: { name, response: { output: 'sunny' }, ...fields } }
}

/** A function of the client's own. */
export function declaration(name = 'get_weather', more: object = {}) {
  const properties = { city: { type: 'STRING' } }
  return { name, parameters: { type: 'OBJECT', properties, required: ['city'] }, ...more }
}

/** Fields of a request with these functions. */
export function withTools(...declarations: readonly object[]) {
  return { tools: [{ functionDeclarations: declarations }] }
}
