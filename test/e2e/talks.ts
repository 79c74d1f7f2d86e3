import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'

/** How a client treats what it is given: it hands all back, or only what it knows of. */
export type Manner = 'echoes' | 'strips'

/** Whom a client talks to, and how. */
export interface TalkOptions {
  readonly url: string
  readonly model: string
  readonly manner: Manner
  readonly stream: boolean
  readonly key?: string
  /** Whether thinking is asked for. */
  readonly thinks?: boolean
}

/** A call as the client sees it. */
export interface SeenCall {
  readonly id: string
  readonly name: string
}

/** A conversation of an official client, which keeps its own history. */
export interface Talk {
  say(text: string): void
  /** Asks its model, or another one, and puts its turn into the history as the client's manner has it. */
  ask(model?: string): Promise<{ readonly calls: readonly SeenCall[]; readonly text: string }>
  /** Answers all calls of the last turn. */
  answer(calls: readonly SeenCall[]): void
}

const parameters = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
}
/** The tools of every talk. */
export const TOOLS = ['look', 'read']
const reply = (call: SeenCall) => `${call.name} is done`

/** A client of Chat Completions, which may go on elsewhere or as somebody else. */
export interface ChatTalk extends Talk {
  /** The same conversation so far, with other options. */
  with(more: Partial<TalkOptions>): ChatTalk
  /** Replaces a text, as it stands in the history's JSON. */
  change(from: string, to: string): void
}

/** A client of Chat Completions; `messages` is what was said before. */
export function chatTalk(
  options: TalkOptions,
  messages: OpenAI.ChatCompletionMessageParam[] = [],
): ChatTalk {
  const { url, model, manner, stream, key, thinks } = options
  const client = new OpenAI({ apiKey: key ?? 'any', baseURL: `${url}/v1`, maxRetries: 0 })
  const tools = TOOLS.map(name => ({ type: 'function' as const, function: { name, parameters } }))
  return {
    say: text => messages.push({ role: 'user', content: text }),
    async ask(other = model) {
      const body = {
        model: other,
        messages,
        tools,
        ...(thinks && { reasoning_effort: 'high' as const }),
      }
      const { choices } = stream
        ? await client.chat.completions.stream(body).finalChatCompletion()
        : await client.chat.completions.create(body)
      const message = choices[0]?.message
      if (!message) throw new Error('no message')
      const calls = (message.tool_calls ?? []).filter(call => call.type === 'function')
      messages.push(
        manner === 'echoes'
          ? message
          : {
              role: 'assistant',
              content: message.content,
              ...(calls.length > 0 && {
                tool_calls: calls.map(({ id, type, function: { name, arguments: text } }) => ({
                  id,
                  type,
                  function: { name, arguments: text },
                })),
              }),
            },
      )
      return {
        calls: calls.map(call => ({ id: call.id, name: call.function.name })),
        text: message.content ?? '',
      }
    },
    answer(calls) {
      for (const call of calls)
        messages.push({ role: 'tool', tool_call_id: call.id, content: reply(call) })
    },
    with: more => chatTalk({ ...options, ...more }, [...messages]),
    change(from, to) {
      const text = JSON.stringify(messages)
      if (!text.includes(from)) throw new Error(`the history holds no ${from}`)
      messages.splice(0, messages.length, ...JSON.parse(text.replaceAll(from, to)))
    },
  }
}

/** A client of Messages. */
export function messagesTalk({ url, model, manner, stream, key, thinks }: TalkOptions): Talk {
  const client = new Anthropic({ apiKey: key ?? 'any', baseURL: url, maxRetries: 0 })
  const messages: Anthropic.MessageParam[] = []
  const tools = TOOLS.map(name => ({ name, input_schema: parameters }))
  return {
    say: text => messages.push({ role: 'user', content: text }),
    async ask(other = model) {
      const thinking = { type: 'enabled' as const, budget_tokens: 1024 }
      const body = { model: other, max_tokens: 4000, messages, tools, ...(thinks && { thinking }) }
      const { content } = stream
        ? await client.messages.stream(body).finalMessage()
        : await client.messages.create(body)
      const kept = content.filter(
        block => manner === 'echoes' || block.type === 'text' || block.type === 'tool_use',
      )
      messages.push({ role: 'assistant', content: kept })
      return {
        calls: content.flatMap(block =>
          block.type === 'tool_use' ? [{ id: block.id, name: block.name }] : [],
        ),
        text: content.map(block => (block.type === 'text' ? block.text : '')).join(''),
      }
    },
    answer(calls) {
      const content = calls.map(call => ({
        type: 'tool_result' as const,
        tool_use_id: call.id,
        content: reply(call),
      }))
      messages.push({ role: 'user', content })
    },
  }
}

/** A client of Responses. */
export function responsesTalk({ url, model, manner, stream, key, thinks }: TalkOptions): Talk {
  const client = new OpenAI({ apiKey: key ?? 'any', baseURL: `${url}/v1`, maxRetries: 0 })
  const input: OpenAI.Responses.ResponseInput = []
  const tools = TOOLS.map(name => ({ type: 'function' as const, name, parameters, strict: false }))
  return {
    say: text => input.push({ role: 'user', content: text }),
    async ask(other = model) {
      const reasoning = { effort: 'high' as const }
      const body = { model: other, input, tools, store: false, ...(thinks && { reasoning }) }
      const response = stream
        ? await client.responses.stream(body).finalResponse()
        : await client.responses.create(body)
      const output: OpenAI.Responses.ResponseOutputItem[] = response.output
      const calls: SeenCall[] = []
      for (const item of output) {
        if (item.type === 'reasoning' && manner === 'echoes') input.push(item)
        else if (item.type === 'message') input.push(item)
        else if (item.type === 'function_call') {
          const { type, call_id, name, arguments: text } = item
          calls.push({ id: call_id, name })
          // A typed client: of a call it hands back what the types of the package know.
          input.push({ type, call_id, name, arguments: text })
        }
      }
      return { calls, text: response.output_text }
    },
    answer(calls) {
      for (const call of calls)
        input.push({ type: 'function_call_output', call_id: call.id, output: reply(call) })
    },
  }
}

/** The talks by the front they are over. */
export const TALKS = {
  'Chat Completions': chatTalk,
  Messages: messagesTalk,
  Responses: responsesTalk,
}
