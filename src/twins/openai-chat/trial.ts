import type { TwinModel, TwinPrompt, TwinTurn } from '../model.ts'
import { seeded } from '../random.ts'
import type { TwinContext, TwinRequest, TwinVendor } from '../vendor.ts'
import { openaiChatTwin } from './index.ts'
import { recordOf, recordsOf, textOf } from './json.ts'
import type { Body } from './request.ts'

/** What a twin answered, for the twins' own tests. */
export interface TrialAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  /** The body's text; for a stream, its events joined. */
  readonly text: string
  /** The parsed body; empty for a stream or a body that is no object. */
  readonly json: Body
  /** The `error` of the body, with the status put in front. */
  readonly error: Body
  /** The first choice. */
  readonly choice: Body
  /** The first choice's message. */
  readonly message: Body
  /** A stream's events as they were framed. */
  readonly frames: readonly string[]
  /** The parsed data of a stream's events, without comments and the last one. */
  readonly chunks: readonly Body[]
}

/** A conversation with a twin. */
export interface Trial {
  readonly vendor: TwinVendor
  readonly context: TwinContext
  /** The prompts that the model was given, in order. */
  readonly prompts: readonly TwinPrompt[]
  /** Posts to `/v1/chat/completions` unless `head` says otherwise. */
  send(body: object | string, head?: Partial<TwinRequest>): Promise<TrialAnswer>
}

/** The headers of a plain request. */
export const HEADERS = { 'content-type': 'application/json', authorization: 'Bearer sk-test' }

/** A user's message, enough for most requests. */
export const HELLO = [{ role: 'user', content: 'Hello' }]

/** Opens a trial; each request is answered with the next turn, and the last one stays. */
export function trial(
  vendor: TwinVendor | string = 'openai',
  turns: readonly TwinTurn[] = [{ blocks: [{ type: 'text', text: 'Hi there.' }] }],
  seed = 1,
): Trial {
  const twin = typeof vendor === 'string' ? openaiChatTwin(vendor) : vendor
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
    vendor: twin,
    context,
    prompts,
    async send(body, head = {}) {
      const reply = await twin.handle(
        {
          method: 'POST',
          path: '/v1/chat/completions',
          query: new URLSearchParams(),
          headers: HEADERS,
          body: typeof body === 'string' ? body : JSON.stringify(body),
          ...head,
        },
        context,
      )
      return readReply(reply)
    },
  }
}

function readReply(reply: Awaited<ReturnType<TwinVendor['handle']>>): TrialAnswer {
  const frames = 'events' in reply ? reply.events : []
  const text = 'body' in reply ? reply.body : frames.join('')
  const json = 'body' in reply ? parsed(text) : {}
  const choice = recordsOf(json.choices)[0] ?? {}
  return {
    status: reply.status,
    headers: reply.headers,
    text,
    json,
    error: { status: reply.status, ...recordOf(json.error) },
    choice,
    message: recordOf(choice.message),
    frames,
    chunks: frames
      .filter(frame => /^(event: error\n)?data: \{/.test(frame))
      .map(frame => parsed(frame.slice(frame.indexOf('data: ') + 6))),
  }
}

function parsed(text: string): Body {
  try {
    return recordOf(JSON.parse(text))
  } catch {
    return {}
  }
}

/** The error of a single request to a vendor's twin, with its status. */
export async function errorOf(
  body: object | string,
  vendor: TwinVendor | string = 'openai',
  head?: Partial<TwinRequest>,
): Promise<Body> {
  return (await trial(vendor).send(body, head)).error
}

/** A declared function. */
export function tool(name = 'get_weather', more: object = {}) {
  const properties = { city: { type: 'string' } }
  const parameters = { type: 'object', properties, required: ['city'], additionalProperties: false }
  return { type: 'function', function: { name, parameters, ...more } }
}

/** An assistant's message that calls. */
export function calling(...ids: readonly string[]) {
  const called = { name: 'get_weather', arguments: '{"city":"Paris"}' }
  const calls = ids.map(id => ({ id, type: 'function', function: called }))
  return { role: 'assistant', content: null, tool_calls: calls }
}

/** The result of a call. */
export function result(id: string, content: unknown = 'sunny') {
  return { role: 'tool', tool_call_id: id, content }
}

/** The deltas of the first choice of a stream. */
export function deltasOf(chunks: readonly Body[], index = 0): Body[] {
  return chunks.flatMap(chunk =>
    recordsOf(chunk.choices)
      .filter(choice => choice.index === index)
      .map(choice => recordOf(choice.delta)),
  )
}

/** The pieces of a field over the deltas, joined. */
export function joined(deltas: readonly Body[], field: string): string {
  return deltas.map(delta => textOf(delta[field]) ?? '').join('')
}

/** The calls of a stream put together by index, as clients do it. */
export function callsIn(deltas: readonly Body[]): { id: string; name: string; text: string }[] {
  const calls: { id: string; name: string; text: string }[] = []
  for (const piece of deltas.flatMap(delta => recordsOf(delta.tool_calls))) {
    const index = Number(piece.index)
    const called = recordOf(piece.function ?? piece.custom)
    const call = calls[index] ?? { id: '', name: '', text: '' }
    calls[index] = {
      id: call.id + (textOf(piece.id) ?? ''),
      name: call.name + (textOf(called.name) ?? ''),
      text: call.text + (textOf(called.arguments) ?? textOf(called.input) ?? ''),
    }
  }
  return calls
}
