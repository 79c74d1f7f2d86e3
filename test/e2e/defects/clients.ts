import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { request } from 'undici'
import { expect } from 'vitest'

const parameters = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
}
/** A function with one parameter. */
export const LOOK = { name: 'look', parameters }
/** `look` and `now`, the second without parameters, as Chat Completions declares them. */
export const CHAT_TOOLS = [
  { type: 'function' as const, function: LOOK },
  {
    type: 'function' as const,
    function: { name: 'now', parameters: { type: 'object', properties: {} } },
  },
]
/** The same, as Messages declares them. */
export const MESSAGES_TOOLS = [
  { name: 'look', input_schema: parameters },
  { name: 'now', input_schema: { type: 'object' as const, properties: {} } },
]
/** What every conversation begins with. */
export const QUESTION = { role: 'user' as const, content: 'And Bonn?' }

/** One event of a stream, as it is on the wire. */
export interface WireEvent {
  readonly type?: string
  readonly index?: number
  readonly content_block?: { readonly type: string }
  readonly delta?: { readonly type?: string; readonly partial_json?: string }
  readonly choices?: readonly {
    readonly index: number
    readonly finish_reason: string | null
    readonly delta: {
      readonly tool_calls?: readonly { readonly index: number; readonly id?: string }[]
    }
  }[]
}

/** Posts a body as a client without a package would; the status must be as told. */
export async function post(url: string, path: string, body: object, status = 200): Promise<string> {
  const answer = await request(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  })
  const text = await answer.body.text()
  expect(answer.statusCode, text).toBe(status)
  return text
}

/** The events of a stream's text. */
export function eventsOf(text: string): WireEvent[] {
  const lines = text.split('\n').filter(line => line.startsWith('data: {'))
  return lines.map(line => JSON.parse(line.slice(6)))
}

/** Fields of a request besides the question and the tools; streamed unless told otherwise. */
interface More<Message> {
  readonly stream?: boolean
  readonly messages?: Message[]
  readonly [field: string]: unknown
}

/** Asks with the package of OpenAI, which puts a stream together itself. */
export async function openaiChat(
  url: string,
  model: string,
  more: More<OpenAI.ChatCompletionMessageParam> = {},
): Promise<OpenAI.ChatCompletion.Choice> {
  const { stream = true, messages = [QUESTION], ...fields } = more
  const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 })
  const body = { model, messages, tools: CHAT_TOOLS, ...fields }
  const answer = stream
    ? await client.chat.completions.stream(body).finalChatCompletion()
    : await client.chat.completions.create(body)
  const [choice] = answer.choices
  if (!choice) throw new Error('no choice')
  return choice
}

/** Asks with the package of Anthropic, which throws on events that do not fit one another. */
export async function claudeMessages(
  url: string,
  model: string,
  more: More<Anthropic.MessageParam> = {},
): Promise<Anthropic.Message> {
  const { stream = true, messages = [QUESTION], ...fields } = more
  const client = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 0 })
  const body = { model, max_tokens: 2000, messages, tools: MESSAGES_TOOLS, ...fields }
  return stream ? client.messages.stream(body).finalMessage() : client.messages.create(body)
}

/** Name and arguments of each call of a choice. */
export function chatCalls(choice: OpenAI.ChatCompletion.Choice): [string, string][] {
  return (choice.message.tool_calls ?? []).map(call =>
    call.type === 'function' ? [call.function.name, call.function.arguments] : ['', ''],
  )
}

/** Name and input of each call of a message. */
export function messageCalls(message: Anthropic.Message): [string, unknown][] {
  return message.content.flatMap(block =>
    block.type === 'tool_use' ? [[block.name, block.input]] : [],
  )
}

/** The streams of one question over Messages, as text, once it has kept the rules of its protocol. */
export async function strictMessages(
  url: string,
  model: string,
  more: object = {},
): Promise<WireEvent[]> {
  const body = { model, max_tokens: 2000, messages: [QUESTION], tools: MESSAGES_TOOLS, ...more }
  const events = eventsOf(await post(url, '/v1/messages', { ...body, stream: true }))
  keepsMessagesRules(events.filter(event => event.type !== 'ping'))
  return events
}

const DELTAS: Record<string, readonly string[]> = {
  text: ['text_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
}

/** One start, blocks one after another with indices from 0, deltas of their block's kind, one end. */
function keepsMessagesRules(events: readonly WireEvent[]): void {
  const types = events.map(event => event.type)
  expect(types[0]).toBe('message_start')
  expect(types.slice(-2)).toEqual(['message_delta', 'message_stop'])
  for (const once of ['message_start', 'message_delta', 'message_stop'])
    expect(types.filter(type => type === once)).toHaveLength(1)
  let next = 0
  let open: string | undefined
  let empty = 0
  for (const { type, index, content_block, delta } of events.slice(1, -2)) {
    if (type === 'content_block_start') {
      expect([open, index]).toEqual([undefined, next])
      open = content_block?.type
      empty = 0
    } else {
      expect([open === undefined, index]).toEqual([false, next])
      if (type === 'content_block_stop') {
        open = undefined
        next += 1
        continue
      }
      expect(type).toBe('content_block_delta')
      expect(DELTAS[open ?? '']).toContain(delta?.type)
      if (delta?.partial_json === '') empty += 1
      expect(empty).toBeLessThan(2)
    }
  }
  expect(open).toBeUndefined()
}

/** The calls' indices and ids in a stream over Chat Completions, in the order they began. */
export async function chatHeads(
  url: string,
  model: string,
): Promise<{ index: number; id: string }[]> {
  const body = { model, messages: [QUESTION], tools: CHAT_TOOLS, stream: true }
  const events = eventsOf(await post(url, '/v1/chat/completions', body))
  const choices = events.flatMap(event => event.choices ?? [])
  expect(new Set(choices.map(choice => choice.index))).toEqual(new Set([0]))
  const heads: { index: number; id: string }[] = []
  for (const { index, id } of choices.flatMap(choice => choice.delta.tool_calls ?? [])) {
    if (id === undefined) expect(heads.map(head => head.index)).toContain(index)
    else heads.push({ index, id })
  }
  return heads
}
