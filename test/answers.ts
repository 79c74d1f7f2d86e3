import type { ProtocolName } from '../src/core/extras.ts'
import { isObject, type Json } from '../src/core/json.ts'
import type { AssistantPart, ReasoningPart } from '../src/core/message.ts'
import {
  type FinishKind,
  finishKind,
  type ModelResponse,
  type Usage,
} from '../src/core/response.ts'

/** What an answer means, without what no client can tell apart. */
export interface Meaning {
  readonly model: string
  readonly content: readonly Json[]
  readonly finish: FinishKind
  readonly usage: Json
}

/**
 * What an answer means to a client of the given protocol: the answer less what that protocol has no
 * words for. This is the list of what may differ, and there is nothing else.
 *
 * Both: an answer without a model has the one that the client named; an empty text is nothing; parts that only another protocol understands are left out; of the
 * usage absent and 0 are the same; arguments are equal as JSON, numbers letter by letter.
 *
 * Chat Completions: one text (apart ones with a blank line between them), before the calls and after
 * the reasoning, of which blank lines are not counted; a stop sequence, a pause and an unknown end are `stop`; a refusal without words is
 * the filter's; a refusal in words ends with `stop`.
 *
 * Anthropic Messages: the filter's end is `refusal`, an unknown one `end_turn`; a refusal in words is
 * a text that ends with `refusal`; a call cut off by the limit is left out; input is an object, so
 * text that is none stands under `_raw`, and free text under `input`.
 *
 * `gap` is what stands between texts that were apart: nothing for an answer that was read back from
 * the wire, where it is part of the texts.
 */
export function meaningFor(front: ProtocolName, response: ModelResponse, gap = '\n\n'): Meaning {
  const { content } = response
  const model = response.model || 'client-model'
  const refused = content.some(part => part.type === 'refusal')
  const kind = response.finish.kind
  if (front === 'openai-chat') {
    const hasCalls = content.some(part => part.type === 'tool-call')
    return {
      model,
      content: chatContent(content, gap),
      finish: finishKind(chatFinish(kind, refused), hasCalls),
      usage: usageOf(response.usage),
    }
  }
  const blocks = content.flatMap(part => messagesContent(part, front, kind))
  const hasCalls = blocks.some(block => isObject(block) && block['type'] === 'tool-call')
  return {
    model,
    content: blocks,
    finish: messagesFinish(finishKind(kind, hasCalls), refused),
    usage: usageOf(response.usage),
  }
}

function chatContent(content: readonly AssistantPart[], gap: string): Json[] {
  const reasoning: Json[] = []
  const thoughts: string[] = []
  const calls: Json[] = []
  let text = ''
  let refusal = ''
  let previous = ''
  for (const part of content) {
    if (part.type === 'text') text += (text && previous !== 'text' ? gap : '') + part.text
    else if (part.type === 'refusal') refusal += part.text
    else if (part.type === 'tool-call')
      calls.push(callOf(part.id, part.name, part.arguments, part.kind))
    else if (part.type === 'reasoning') {
      if (part.text !== '') thoughts.push(part.text)
      if (part.state) reasoning.push(stateOf(part))
    }
    previous = part.type
  }
  return [
    ...(thoughts.length > 0
      ? [{ type: 'reasoning', text: thoughts.join('\n\n').replace(/\n{3,}/g, '\n\n') }]
      : []),
    ...reasoning,
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...(refusal === '' ? [] : [{ type: 'refusal', text: refusal }]),
    ...calls,
  ]
}

function chatFinish(kind: FinishKind, refused: boolean): FinishKind {
  if (kind === 'refusal') return refused ? 'refusal' : 'content-filter'
  const isStop = ['stop', 'stop-sequence', 'pause', 'other'].includes(kind)
  if (!isStop) return kind
  return refused ? 'refusal' : 'stop'
}

function messagesContent(part: AssistantPart, front: ProtocolName, finish: FinishKind): Json[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }]
    case 'reasoning':
      if (part.text === '' && !part.state) return []
      return [{ type: 'reasoning', text: part.text, ...(part.state ? stateOf(part) : {}) }]
    case 'tool-call': {
      if (part.kind === 'custom')
        return [callOf(part.id, part.name, JSON.stringify({ input: part.arguments }))]
      const object = objectText(part.arguments)
      if (object !== undefined) return [callOf(part.id, part.name, object)]
      if (finish === 'length') return []
      return [callOf(part.id, part.name, JSON.stringify({ _raw: part.arguments }))]
    }
    case 'opaque':
      if (part.protocol !== front) return []
      return [{ type: 'opaque', kind: part.kind, value: part.value }]
    default:
      return []
  }
}

function messagesFinish(kind: FinishKind, refused: boolean): FinishKind {
  if (kind === 'content-filter') return 'refusal'
  if (kind !== 'stop' && kind !== 'other') return kind
  return refused ? 'refusal' : 'stop'
}

function stateOf(part: ReasoningPart): { [key: string]: Json } {
  const { family, kind, data, id } = part.state ?? { family: '', kind: '', data: '' }
  return { state: { family, kind, data, ...(id === undefined ? {} : { id }) } }
}

function callOf(id: string, name: string, text: string, kind = 'function'): Json {
  const exact = kind === 'custom' ? text : (exactText(text) ?? text)
  return { type: 'tool-call', id, name, arguments: exact, kind }
}

/** The text of arguments that are an object: `{}` for blank ones and for JSON that says nothing. */
function objectText(text: string): string | undefined {
  if (text.trim() === '') return '{}'
  try {
    const value: Json = JSON.parse(text)
    if (value === null || value === '') return '{}'
    return isObject(value) ? text : undefined
  } catch {
    return undefined
  }
}

/**
 * JSON text without white space between tokens and with strings spelled in one way; numbers stay
 * letter by letter, keys in their order. `undefined` if it is not JSON; blank text means `{}`.
 */
export function exactText(text: string): string | undefined {
  if (text.trim() === '') return '{}'
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, token =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
  )
}

function usageOf(usage: Usage | undefined): Json {
  const { input = 0, output = 0, cached = 0, cacheWrite = 0, reasoning = 0 } = usage ?? {}
  return { input, output, cached, cacheWrite, reasoning }
}
