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
import { objectTexts } from './source-text.ts'

const block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }).loose(),
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  z
    .object({
      type: z.literal('tool_use'),
      id: z.string().min(1),
      name: z.string(),
      input: z.record(z.string(), z.unknown()),
    })
    .loose(),
])
type WireBlock = z.infer<typeof block>
const usage = z.looseObject({
  input_tokens: z.int().min(0),
  output_tokens: z.int().min(0),
  cache_read_input_tokens: z.int().nullish(),
  cache_creation_input_tokens: z.int().nullish(),
})
const answer = z.looseObject({
  id: z.string().regex(/^msg_/),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string().min(1),
  content: z.array(block),
  stop_reason: z.string().nullable(),
  stop_sequence: z.string().nullable(),
  usage,
})

const failure = z.looseObject({
  type: z.literal('error'),
  error: z.looseObject({ type: z.string(), message: z.string() }),
})

/** Anthropic Messages, as the vendor documents it. */
export const anthropic: Client = {
  dialect: 'anthropic',
  errorText(body) {
    return failure.safeParse(body).data?.error.message
  },
  async ask(door, model, ask, stream) {
    const { text, headers } = await post(
      door,
      `${door.prefixes?.anthropic ?? ''}/v1/messages`,
      { 'x-api-key': door.key, 'anthropic-version': '2023-06-01', ...ask.headers },
      bodyOf(model, ask, stream),
    )
    if (stream) return { ...fold(eventsOf(text)), headers }
    const whole = answer.parse(JSON.parse(text))
    const texts = argumentTexts(text, whole.content)
    return { ...read(whole.content, texts, whole.stop_reason, whole.usage), headers }
  },
}

function bodyOf(model: string, ask: Ask, stream: boolean): object {
  const system = ask.messages[0]?.role === 'system' ? ask.messages[0].text : undefined
  const rest = system === undefined ? ask.messages : ask.messages.slice(1)
  return {
    model,
    max_tokens: ask.maxTokens ?? 4096,
    system,
    messages: rest.map(messageOf),
    tools: toolsOf(ask),
    tool_choice: choiceOf(ask),
    thinking: ask.thinking ? { type: 'enabled', budget_tokens: 1024 } : undefined,
    stop_sequences: ask.stop,
    output_config: ask.schema && { format: { type: 'json_schema', schema: ask.schema } },
    ...(stream ? { stream: true } : {}),
    ...ask.more?.anthropic,
  }
}

function toolsOf({ tools, moreTools }: Ask): unknown[] | undefined {
  const more = moreTools?.anthropic ?? []
  if (!tools && more.length === 0) return undefined
  const own = (tools ?? []).map(tool => ({
    name: tool.name,
    description: tool.description,
    input_schema: tool.parameters ?? { type: 'object' },
    strict: tool.strict,
  }))
  return [...own, ...more]
}

function choiceOf({ choice, parallel }: Ask): unknown {
  const off = parallel === false ? { disable_parallel_tool_use: true } : {}
  switch (choice?.mode) {
    case undefined:
      return parallel === false ? { type: 'auto', ...off } : undefined
    case 'auto':
      return { type: 'auto', ...off }
    case 'required':
      return { type: 'any', ...off }
    case 'tool':
      return { type: 'tool', name: choice.name, ...off }
    case 'none':
      return { type: 'none' }
  }
}

function messageOf(said: AskMessage): unknown {
  switch (said.role) {
    case 'system':
      return { role: 'system', content: said.text }
    case 'user': {
      const source = (media_type: string, data: string) => ({ type: 'base64', media_type, data })
      const content: unknown[] = [{ type: 'text', text: said.text }]
      if (said.image) content.push({ type: 'image', source: source('image/png', said.image) })
      if (said.document)
        content.push({ type: 'document', source: source('application/pdf', said.document) })
      return { role: 'user', content: content.length === 1 ? said.text : content }
    }
    case 'echo':
      return { role: 'assistant', content: said.stripped ? stripped(said.answer) : said.answer.raw }
    case 'results':
      return {
        role: 'user',
        content: said.results.map(result => {
          const content: unknown[] = []
          if (result.text !== undefined) content.push({ type: 'text', text: result.text })
          if (result.image !== undefined) {
            const source = { type: 'base64', media_type: 'image/png', data: result.image }
            content.push({ type: 'image', source })
          }
          return {
            type: 'tool_result',
            tool_use_id: result.callId,
            content,
            ...(result.isError ? { is_error: true } : {}),
          }
        }),
      }
  }
}

/** A history without the blocks of thinking. */
function stripped({ raw }: Answer): unknown[] {
  const kept = z.array(block).parse(raw)
  return kept.filter(part => part.type === 'text' || part.type === 'tool_use')
}

/** The source text of each call's input: what a parser in another language would be given. */
function argumentTexts(text: string, content: readonly WireBlock[]): string[] {
  const found = objectTexts(text, 'input')
  const calls = content.filter(part => part.type === 'tool_use')
  return calls.map((part, i) => found[i] ?? JSON.stringify(part.input))
}

function read(
  content: readonly WireBlock[],
  texts: readonly string[],
  end: string | null,
  used: z.infer<typeof usage>,
): Omit<Answer, 'headers'> {
  const blocks: Block[] = []
  const ids = new Set<string>()
  for (const part of content) {
    if (part.type === 'text') {
      must(part.text !== '', 'text blocks are not empty')
      blocks.push({ type: 'text', text: part.text })
    } else if (part.type === 'thinking') {
      // Thinking that nobody may read has its signature only.
      if (part.thinking !== '') blocks.push({ type: 'thinking', text: part.thinking })
    } else if (part.type === 'tool_use') {
      must(!ids.has(part.id), 'ids of calls are unique')
      blocks.push({ type: 'call', id: part.id, name: part.name, arguments: texts[ids.size] ?? '' })
      ids.add(part.id)
    }
  }
  must((end === 'tool_use') === ids.size > 0 || end === 'max_tokens', 'calls end with tool_use')
  const cached = (used.cache_read_input_tokens ?? 0) + (used.cache_creation_input_tokens ?? 0)
  return {
    blocks,
    end,
    usage: { input: used.input_tokens + cached, output: used.output_tokens },
    raw: content,
  }
}

const delta = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text_delta'), text: z.string() }),
  z.object({ type: z.literal('input_json_delta'), partial_json: z.string() }),
  z.object({ type: z.literal('thinking_delta'), thinking: z.string() }),
  z.object({ type: z.literal('signature_delta'), signature: z.string() }),
])
const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message_start'), message: answer }),
  z.object({ type: z.literal('content_block_start'), index: z.int(), content_block: block }),
  z.object({ type: z.literal('content_block_delta'), index: z.int(), delta }),
  z.object({ type: z.literal('content_block_stop'), index: z.int() }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.looseObject({ stop_reason: z.string(), stop_sequence: z.string().nullable() }),
    usage: usage.partial().loose(),
  }),
  z.object({ type: z.literal('message_stop') }),
  z.object({ type: z.literal('ping') }),
])

/** Folds a stream, and holds it to the rules of the vendor's page on streaming. */
function fold(events: Event[]): Omit<Answer, 'headers'> {
  const content: WireBlock[] = []
  const texts: string[] = []
  let open: WireBlock | undefined
  let json = ''
  let used: z.infer<typeof usage> | undefined
  let end: string | undefined
  let stopped = false
  for (const { event: name, data } of events) {
    const read: unknown = JSON.parse(data)
    const error = failure.safeParse(read).data
    if (error) {
      must(name === 'error' && !stopped, 'an error has its own event, before message_stop')
      throw new InBandError(error.error.message)
    }
    const part = event.parse(read)
    must(name === part.type, 'the name of an event is its type')
    must(!stopped, 'nothing follows message_stop')
    must(used || part.type === 'message_start' || part.type === 'ping', 'message_start comes first')
    switch (part.type) {
      case 'message_start':
        must(!used, 'message_start comes once')
        must(part.message.content.length === 0, 'message_start is empty')
        used = part.message.usage
        break
      case 'content_block_start':
        must(!open, 'one block is open at a time')
        must(end === undefined, 'no block after message_delta')
        must(part.index === content.length, 'indices of blocks count up from 0')
        open = part.content_block
        json = ''
        content.push(open)
        break
      case 'content_block_delta':
        must(open && part.index === content.length - 1, 'a delta belongs to the open block')
        json += applyDelta(open, part.delta)
        break
      case 'content_block_stop':
        must(open && part.index === content.length - 1, 'the open block stops')
        if (open.type === 'tool_use') {
          texts.push(json === '' ? '{}' : json)
          open.input = parsed(json)
        }
        open = undefined
        break
      case 'message_delta':
        must(!open && end === undefined, 'message_delta comes once, after the blocks')
        end = part.delta.stop_reason
        used = usage.parse({ ...used, ...part.usage })
        break
      case 'message_stop':
        must(end !== undefined, 'message_stop follows message_delta')
        stopped = true
        break
      case 'ping':
        break
    }
  }
  must(stopped && used && end !== undefined, 'a stream ends with message_stop')
  return read(content, texts, end, used)
}

/** Broken arguments are possible where the answer was cut; the block is then as good as empty. */
function parsed(json: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(json === '' ? '{}' : json))
  } catch {
    return {}
  }
}

/** Returns the piece of JSON text, if the delta is one. */
function applyDelta(open: WireBlock, change: z.infer<typeof delta>): string {
  if (change.type === 'text_delta') {
    must(open.type === 'text', 'text_delta in a text block')
    open.text += change.text
  } else if (change.type === 'thinking_delta') {
    must(open.type === 'thinking', 'thinking_delta in a thinking block')
    open.thinking += change.thinking
  } else if (change.type === 'signature_delta') {
    must(open.type === 'thinking', 'signature_delta in a thinking block')
    open.signature += change.signature
  } else {
    must(open.type === 'tool_use', 'input_json_delta in a tool_use block')
    return change.partial_json
  }
  return ''
}
