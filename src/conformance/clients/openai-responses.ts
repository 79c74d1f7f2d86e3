import { z } from 'zod'
import type { Answer, Ask, AskMessage, AskResult, Block, Client } from '../ask.ts'
import { eventsOf, must, post } from './http.ts'
import { failure } from './openai-chat.ts'
import {
  type Item,
  item,
  type OutputPart,
  type Response,
  response,
} from './openai-responses-shape.ts'
import { foldResponses } from './openai-responses-stream.ts'

/** OpenAI Responses, as the vendor documents it. */
export const openaiResponses: Client = {
  dialect: 'openai-responses',
  errorText(body) {
    return failure.safeParse(body).data?.error.message
  },
  async ask(door, model, ask, stream) {
    const { text, headers } = await post(
      door,
      `${door.prefixes?.['openai-responses'] ?? ''}/v1/responses`,
      { authorization: `Bearer ${door.key}`, ...ask.headers },
      bodyOf(model, ask, stream),
    )
    const whole = stream ? foldResponses(eventsOf(text)) : response.parse(JSON.parse(text))
    return { ...read(whole), headers }
  },
}

function bodyOf(model: string, ask: Ask, stream: boolean): object {
  const first = ask.messages[0]
  const instructions = first?.role === 'system' ? first.text : undefined
  const rest = instructions === undefined ? ask.messages : ask.messages.slice(1)
  return {
    model,
    instructions,
    input: inputOf(rest),
    tools: toolsOf(ask),
    tool_choice: choiceOf(ask),
    parallel_tool_calls: ask.parallel,
    max_output_tokens: ask.maxTokens,
    reasoning: ask.thinking && { effort: 'low', summary: 'auto' },
    include: ask.thinking && ['reasoning.encrypted_content'],
    store: false,
    text: ask.schema && {
      format: { type: 'json_schema', name: 'answer', schema: ask.schema, strict: true },
    },
    ...(stream ? { stream: true } : {}),
    ...ask.more?.['openai-responses'],
  }
}

function toolsOf({ tools, moreTools }: Ask): unknown[] | undefined {
  const more = moreTools?.['openai-responses'] ?? []
  if (!tools && more.length === 0) return undefined
  const own = (tools ?? []).map(({ custom, name, description, parameters, strict }) =>
    custom
      ? { type: 'custom', name, description }
      : {
          type: 'function',
          name,
          description,
          parameters: parameters ?? { type: 'object', properties: {} },
          strict: strict ?? false,
        },
  )
  return [...own, ...more]
}

function choiceOf({ choice, tools }: Ask): unknown {
  if (choice === undefined) return undefined
  const named = (name: string) => {
    const custom = tools?.find(tool => tool.name === name)?.custom
    return { type: custom ? 'custom' : 'function', name }
  }
  if (choice.mode === 'tool') return named(choice.name)
  if (!choice.allowed) return choice.mode
  return { type: 'allowed_tools', mode: choice.mode, tools: choice.allowed.map(named) }
}

function inputOf(messages: readonly AskMessage[]): unknown[] {
  let turn: Item[] = []
  const items = (said: AskMessage): unknown[] => {
    switch (said.role) {
      case 'system':
        return [{ role: 'system', content: said.text }]
      case 'user': {
        const parts: unknown[] = [{ type: 'input_text', text: said.text }]
        if (said.image)
          parts.push({ type: 'input_image', image_url: `data:image/png;base64,${said.image}` })
        if (said.document) {
          const file_data = `data:application/pdf;base64,${said.document}`
          parts.push({ type: 'input_file', filename: 'a.pdf', file_data })
        }
        return [{ role: 'user', content: parts.length === 1 ? said.text : parts }]
      }
      case 'echo':
        turn = z.array(item).parse(said.answer.raw)
        return said.stripped ? turn.flatMap(stripped) : turn
      case 'results':
        return said.results.map(result => outputOf(result, turn))
    }
  }
  return messages.flatMap(items)
}

function outputOf(result: AskResult, turn: readonly Item[]): object {
  const call = turn.find(one => 'call_id' in one && one.call_id === result.callId)
  const parts: unknown[] = []
  if (result.text !== undefined) parts.push({ type: 'input_text', text: result.text })
  if (result.image !== undefined)
    parts.push({ type: 'input_image', image_url: `data:image/png;base64,${result.image}` })
  return {
    type: call?.type === 'custom_tool_call' ? 'custom_tool_call_output' : 'function_call_output',
    call_id: result.callId,
    output: result.image === undefined ? (result.text ?? '') : parts,
  }
}

/** An item as a client has it that keeps words and calls only. */
function stripped(one: Item): object[] {
  switch (one.type) {
    case 'reasoning':
      return []
    case 'message':
      return [{ role: 'assistant', content: one.content.map(textOf).join('') }]
    case 'function_call':
      return [{ type: one.type, call_id: one.call_id, name: one.name, arguments: one.arguments }]
    case 'custom_tool_call':
      return [{ type: one.type, call_id: one.call_id, name: one.name, input: one.input }]
  }
}

function textOf(one: OutputPart): string {
  return one.type === 'refusal' ? one.refusal : one.text
}

function read(whole: Response): Omit<Answer, 'headers'> {
  const { status: state, incomplete_details: why, output } = whole
  must(state === 'completed' || state === 'incomplete', 'it ends completed or incomplete')
  must((state === 'incomplete') === (why !== null), 'incomplete says why')
  const ids = new Set<string>()
  const items = new Set(output.map(one => one.id))
  must(items.size === output.length, 'ids of items are unique')
  const blocks = output.flatMap((one): Block[] => {
    if (one.type === 'function_call' || one.type === 'custom_tool_call') {
      must(!ids.has(one.call_id), 'ids of calls are unique')
      must(one.id !== one.call_id, 'an item has an id of its own beside the id of its call')
      ids.add(one.call_id)
    }
    return blocksOf(one)
  })
  const used = whole.usage
  must(!used || used.total_tokens === used.input_tokens + used.output_tokens, 'total is the sum')
  return {
    blocks,
    end: why ? `${state}: ${why.reason}` : state,
    usage: { input: used?.input_tokens ?? 0, output: used?.output_tokens ?? 0 },
    raw: output,
  }
}

function blocksOf(one: Item): Block[] {
  switch (one.type) {
    case 'message':
      must(one.content.length > 0, 'a message has content')
      return one.content.map(part =>
        part.type === 'refusal'
          ? { type: 'refusal', text: part.refusal }
          : { type: 'text', text: part.text },
      )
    case 'function_call':
      return [{ type: 'call', id: one.call_id, name: one.name, arguments: one.arguments }]
    case 'custom_tool_call':
      return [{ type: 'call', id: one.call_id, name: one.name, arguments: one.input }]
    case 'reasoning': {
      const shown = [...one.summary, ...(one.content ?? [])].map(({ text }) => text).join('')
      return shown === '' ? [] : [{ type: 'thinking', text: shown }]
    }
  }
}
