import { z } from 'zod'
import {
  type Answer,
  type Ask,
  type AskMessage,
  type Block,
  type Client,
  InBandError,
} from '../ask.ts'
import { type Event, eventsOf, must, post } from './http.ts'

const call = z.object({
  id: z.string().min(1),
  type: z.enum(['function', 'custom']),
  function: z.object({ name: z.string(), arguments: z.string() }).optional(),
  custom: z.object({ name: z.string(), input: z.string() }).optional(),
})
const message = z.looseObject({
  role: z.literal('assistant'),
  content: z.string().nullable(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().optional(),
  tool_calls: z.array(call.loose()).min(1).optional(),
})
const usage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
})
/** Where the vendor told none; what needs a count sees that there is none. */
const NO_USAGE: z.infer<typeof usage> = {
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
}
const streamOptions = z.looseObject({
  stream_options: z.looseObject({ include_usage: z.boolean() }),
})
const completion = z.object({
  id: z.string().min(1),
  object: z.literal('chat.completion'),
  created: z.int(),
  model: z.string().min(1),
  choices: z.tuple([
    z.object({
      index: z.literal(0),
      message,
      finish_reason: z.string(),
      logprobs: z.null().optional(),
    }),
  ]),
  usage: usage.optional(),
})
const delta = z.looseObject({
  role: z.literal('assistant').optional(),
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().optional(),
  reasoning_details: z.array(z.unknown()).optional(),
  tool_calls: z
    .array(
      z.looseObject({
        index: z.int(),
        id: z.string().optional(),
        type: z.string().optional(),
        function: z
          .object({ name: z.string().optional(), arguments: z.string().optional() })
          .optional(),
        custom: z.object({ name: z.string().optional(), input: z.string().optional() }).optional(),
      }),
    )
    .min(1)
    .optional(),
})
const chunk = z.object({
  id: z.string().min(1),
  object: z.literal('chat.completion.chunk'),
  created: z.int(),
  model: z.string().min(1),
  choices: z.array(z.object({ index: z.literal(0), delta, finish_reason: z.string().nullable() })),
  usage: usage.nullish(),
})

/** The envelope of an error, which both of the vendor's protocols have. */
export const failure = z.looseObject({
  error: z.looseObject({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.union([z.string(), z.null()]),
  }),
})

/** OpenAI Chat Completions, as the vendor documents it. */
export const openaiChat: Client = {
  dialect: 'openai-chat',
  errorText(body) {
    return failure.safeParse(body).data?.error.message
  },
  async ask(door, model, ask, stream) {
    const { text, headers } = await post(
      door,
      `${door.prefixes?.['openai-chat'] ?? ''}/v1/chat/completions`,
      { authorization: `Bearer ${door.key}`, ...ask.headers },
      bodyOf(model, ask, stream),
    )
    if (stream) return { ...fold(eventsOf(text), wantsUsage(ask)), headers }
    const { choices, usage } = completion.parse(JSON.parse(text))
    return { ...read(choices[0].message, choices[0].finish_reason, usage ?? NO_USAGE), headers }
  },
}

function bodyOf(model: string, ask: Ask, stream: boolean): object {
  const tools = ask.tools?.map(tool =>
    tool.custom
      ? { type: 'custom', custom: { name: tool.name, description: tool.description } }
      : {
          type: 'function',
          function: {
            name: tool.name,
            description: tool.description,
            parameters: tool.parameters,
            strict: tool.strict,
          },
        },
  )
  const more = ask.moreTools?.['openai-chat'] ?? []
  return {
    model,
    messages: ask.messages.flatMap(messagesOf),
    tools: tools || more.length > 0 ? [...(tools ?? []), ...more] : undefined,
    tool_choice: choiceOf(ask),
    parallel_tool_calls: ask.parallel,
    max_completion_tokens: ask.maxTokens,
    reasoning_effort: ask.thinking ? 'low' : undefined,
    stop: ask.stop,
    response_format: ask.schema && {
      type: 'json_schema',
      json_schema: { name: 'answer', schema: ask.schema, strict: true },
    },
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...ask.more?.['openai-chat'],
  }
}

function choiceOf({ choice, tools }: Ask): unknown {
  if (choice === undefined) return undefined
  if (choice.mode === 'tool') {
    const custom = tools?.find(tool => tool.name === choice.name)?.custom
    return custom
      ? { type: 'custom', custom: { name: choice.name } }
      : { type: 'function', function: { name: choice.name } }
  }
  if (!choice.allowed) return choice.mode
  const allowed = choice.allowed.map(name => ({ type: 'function', function: { name } }))
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: allowed } }
}

function messagesOf(said: AskMessage): unknown[] {
  switch (said.role) {
    case 'system':
      return [{ role: 'system', content: said.text }]
    case 'user': {
      if (!said.image && !said.document) return [{ role: 'user', content: said.text }]
      const parts: unknown[] = [{ type: 'text', text: said.text }]
      if (said.image)
        parts.push({ type: 'image_url', image_url: { url: `data:image/png;base64,${said.image}` } })
      if (said.document) {
        const file_data = `data:application/pdf;base64,${said.document}`
        parts.push({ type: 'file', file: { filename: 'a.pdf', file_data } })
      }
      return [{ role: 'user', content: parts }]
    }
    case 'echo':
      return [said.stripped ? stripped(said.answer) : said.answer.raw]
    case 'results':
      return said.results.map(result => ({
        role: 'tool',
        tool_call_id: result.callId,
        content: result.text ?? '',
      }))
  }
}

const bare = z.object({ role: z.string(), content: z.string().nullable() })
const bareCalls = z.object({ tool_calls: z.array(call).optional() })

/** A message as a client has it that knows no field beyond the vendor's own. */
function stripped({ raw }: Answer): object {
  return { ...bare.parse(raw), ...bareCalls.parse(raw) }
}

function read(
  said: z.infer<typeof message>,
  end: string,
  used: z.infer<typeof usage>,
): Omit<Answer, 'headers'> {
  const blocks: Block[] = []
  if (said.reasoning_content) blocks.push({ type: 'thinking', text: said.reasoning_content })
  if (said.content) blocks.push({ type: 'text', text: said.content })
  if (said.refusal) blocks.push({ type: 'refusal', text: said.refusal })
  const ids = new Set<string>()
  for (const each of said.tool_calls ?? []) {
    must(!ids.has(each.id), 'ids of calls are unique')
    ids.add(each.id)
    const name = each.function?.name ?? each.custom?.name ?? ''
    const text = each.function?.arguments ?? each.custom?.input ?? ''
    blocks.push({ type: 'call', id: each.id, name, arguments: text })
  }
  must(end !== 'tool_calls' || ids.size > 0, 'without calls it does not end with tool_calls')
  must(used.total_tokens === used.prompt_tokens + used.completion_tokens, 'total is the sum')
  return {
    blocks,
    end,
    usage: { input: used.prompt_tokens, output: used.completion_tokens },
    raw: said,
  }
}

interface Partial {
  id: string
  type: string
  name: string
  text: string
  more: object
}

function isError({ data }: Event): boolean {
  return data.startsWith('{"error"')
}

/** A client asks for usage, unless it says itself how it wants a stream. */
function wantsUsage({ more }: Ask): boolean {
  const options = streamOptions.safeParse(more?.['openai-chat']).data?.stream_options
  return options?.include_usage !== false
}

/** Folds a stream, and holds it to the rules of section "Streaming" of the vendor's reference. */
function fold(events: Event[], usageWanted: boolean): Omit<Answer, 'headers'> {
  const error = failure.safeParse(JSON.parse(events.find(isError)?.data ?? '{}')).data
  if (error) {
    must(!events.some(({ data }) => data === '[DONE]'), 'an error is not followed by [DONE]')
    throw new InBandError(error.error.message)
  }
  must(events.at(-1)?.data === '[DONE]', 'a stream ends with [DONE]')
  const calls: Partial[] = []
  const texts = { content: '', refusal: '', reasoning: '' }
  const details: unknown[] = []
  let head: { id: string; model: string; created: number } | undefined
  let end: string | undefined
  let used: z.infer<typeof usage> | undefined
  for (const { data, event } of events.slice(0, -1)) {
    must(event === undefined, 'events have no names')
    const part = chunk.parse(JSON.parse(data))
    head ??= part
    must(part.id === head.id && part.model === head.model, 'id and model stay the same')
    must(!used, 'usage comes last')
    const choice = part.choices[0]
    if (part.usage) {
      must(!choice, 'the chunk of usage has no choices')
      used = part.usage
      continue
    }
    must(choice, 'a chunk has a choice')
    must(end === undefined, 'nothing follows the finish reason')
    texts.content += choice.delta.content ?? ''
    texts.refusal += choice.delta.refusal ?? ''
    texts.reasoning += choice.delta.reasoning_content ?? ''
    details.push(...(choice.delta.reasoning_details ?? []))
    for (const piece of choice.delta.tool_calls ?? []) take(piece, calls)
    end = choice.finish_reason ?? undefined
  }
  must(end !== undefined, 'a stream has a finish reason')
  must(usageWanted || used === undefined, 'usage comes only if it was asked for')
  const raw = message.parse({
    role: 'assistant',
    content: texts.content === '' ? null : texts.content,
    refusal: texts.refusal === '' ? null : texts.refusal,
    ...(texts.reasoning === '' ? {} : { reasoning_content: texts.reasoning }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(whole) }),
  })
  return read(raw, end, used ?? NO_USAGE)
}

type Piece = NonNullable<z.infer<typeof delta>['tool_calls']>[number]

function take(piece: Piece, calls: Partial[]): void {
  const { index, id, type, function: fn, custom, ...more } = piece
  const text = fn?.arguments ?? custom?.input ?? ''
  const known = calls[index]
  if (known) {
    must(id === undefined && fn?.name === undefined, 'id and name come once')
    known.text += text
    known.more = { ...known.more, ...more }
    return
  }
  must(index === calls.length, 'indices of calls count up from 0')
  must(id && type && (fn?.name ?? custom?.name), 'the first piece of a call has id, type and name')
  calls.push({ id, type, name: fn?.name ?? custom?.name ?? '', text, more })
}

function whole({ id, type, name, text, more }: Partial): object {
  return type === 'custom'
    ? { id, type, custom: { name, input: text }, ...more }
    : { id, type, function: { name, arguments: text }, ...more }
}
