import type { ProtocolName } from '../src/core/extras.ts'
import { isObject, type Json, type JsonObject } from '../src/core/json.ts'
import { exactText } from './answers.ts'

/**
 * What a request means, in one form for all the ways to say it. Two requests mean the same if this
 * is equal; the key order plays no part. What is levelled out is this, and nothing else:
 *
 * - a field of the body, a message, a part or a tool that is `null` is absent;
 * - a text is a list with one text part; content that is absent, empty text or an empty list is
 *   nothing;
 * - a field at its documented default is absent (see `DEFAULTS`);
 * - JSON in text (arguments) is equal token by token, and blank text means `{}`;
 * - Chat Completions: `stop` as a text is a list with one; `stream_options.include_usage` may be
 *   added; the `index` of a call in the history says nothing that its place does not say; a cache
 *   mark on a message stands for one on the last part of its content (LiteLLM's form of it);
 * - Anthropic Messages: neighbouring messages of one role are one, and the results of a turn stand
 *   before its other content, as the vendor itself reads them (API reference, "messages", 2026-11).
 */
export function requestMeaning(protocol: ProtocolName, body: Json): Json {
  if (!isObject(body)) return body
  return protocol === 'openai-chat' ? chatRequest(body) : messagesRequest(body)
}

/** The documented defaults. Sources: OpenAI API reference, 2026-07; Claude API reference, 2026-11. */
const DEFAULTS: { readonly [place: string]: JsonObject } = {
  chat: {
    stream: false,
    n: 1,
    tools: [],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    response_format: { type: 'text' },
    stop: [],
    temperature: 1,
    top_p: 1,
  },
  messages: {
    stream: false,
    tools: [],
    tool_choice: { type: 'auto' },
    stop_sequences: [],
    temperature: 1,
    top_p: 1,
  },
  choice: { disable_parallel_tool_use: false },
  tool: { type: 'custom' },
  function: { type: 'function' },
  result: { is_error: false },
}

/** Without what is `null` or at its default. */
function plain(from: JsonObject, place?: string): JsonObject {
  const defaults = place === undefined ? undefined : DEFAULTS[place]
  return Object.fromEntries(
    Object.entries(from).filter(([key, value]) => {
      if (value === null || value === undefined) return false
      const usual = defaults?.[key]
      return usual === undefined || JSON.stringify(usual) !== JSON.stringify(value)
    }),
  )
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

/** Content as a list of parts; nothing as `undefined`. */
function parts(content: Json | undefined): JsonObject[] | undefined {
  if (typeof content === 'string')
    return content === '' ? undefined : [{ type: 'text', text: content }]
  const found = list(content)
    .filter(isObject)
    .map(part => plain(part))
  return found.length === 0 ? undefined : found
}

function withContent(from: JsonObject, content: Json[] | undefined): JsonObject {
  const { content: _, ...rest } = from
  return content === undefined ? rest : { ...rest, content }
}

function chatRequest(wire: JsonObject): JsonObject {
  const body = plain(wire, 'chat')
  const options = isObject(body['stream_options']) ? plain(body['stream_options']) : {}
  delete options['include_usage']
  delete body['stream_options']
  if (Object.keys(options).length > 0) body['stream_options'] = options
  if (typeof body['stop'] === 'string') body['stop'] = [body['stop']]
  body['messages'] = list(body['messages']).filter(isObject).map(chatMessage)
  if (body['tools'])
    body['tools'] = list(body['tools'])
      .filter(isObject)
      .map(tool => {
        const inner = isObject(tool['function']) ? { function: plain(tool['function']) } : {}
        return { ...plain(tool, 'function'), ...inner }
      })
  const format = body['response_format']
  if (isObject(format) && isObject(format['json_schema']))
    body['response_format'] = { ...plain(format), json_schema: plain(format['json_schema']) }
  return body
}

function chatMessage(wire: JsonObject): JsonObject {
  const { cache_control: mark, ...rest } = plain(wire)
  const content = parts(wire['content'])
  const last = content?.at(-1)
  if (last && mark !== undefined) last['cache_control'] ??= mark
  const message = withContent(rest, content)
  const calls = list(message['tool_calls'])
  delete message['tool_calls']
  if (calls.length > 0)
    message['tool_calls'] = calls.filter(isObject).map(({ index: _, ...call }) => {
      const inner = isObject(call['function']) ? call['function'] : undefined
      const text = inner?.['arguments']
      if (!inner || typeof text !== 'string') return plain(call, 'function')
      return {
        ...plain(call, 'function'),
        function: { ...inner, arguments: exactText(text) ?? text },
      }
    })
  return message
}

function messagesRequest(wire: JsonObject): JsonObject {
  const body = plain(wire, 'messages')
  const choice = body['tool_choice']
  if (isObject(choice)) {
    delete body['tool_choice']
    Object.assign(body, plain({ tool_choice: plain(choice, 'choice') }, 'messages'))
  }
  const system = parts(body['system'])
  delete body['system']
  if (system) body['system'] = system
  if (body['tools'])
    body['tools'] = list(body['tools'])
      .filter(isObject)
      .map(tool => plain(tool, 'tool'))
  body['messages'] = joinTurns(list(body['messages']).filter(isObject).map(messagesMessage))
  return body
}

function messagesMessage(wire: JsonObject): JsonObject {
  const content = parts(wire['content'])?.map(part => {
    if (part['type'] !== 'tool_result') return part
    return withContent(plain(part, 'result'), parts(part['content']))
  })
  return withContent(plain(wire), content)
}

function joinTurns(messages: readonly JsonObject[]): JsonObject[] {
  const turns: JsonObject[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (last && last['role'] === message['role'])
      turns[turns.length - 1] = {
        ...last,
        ...message,
        content: [...list(last['content']), ...list(message['content'])],
      }
    else turns.push(message)
  }
  return turns.map(turn => {
    const content = list(turn['content'])
    const isResult = (part: Json) => isObject(part) && part['type'] === 'tool_result'
    const sorted = [...content.filter(isResult), ...content.filter(part => !isResult(part))]
    return withContent(turn, sorted.length === 0 ? undefined : sorted)
  })
}
