import { isList, isObject, type JsonDocument, type JsonObject } from './json.ts'
import type { ModelFacts } from './models.ts'
import type { Edition } from './shape-request.ts'

/** One block of a message, with its place; a text content counts as one text block. */
export interface Block {
  readonly type: string
  readonly index: number
  readonly at: JsonObject
}

/** One message of the conversation. */
export interface Message {
  readonly role: 'user' | 'assistant' | 'system'
  /** Its place in the request's list. */
  readonly index: number
  readonly blocks: readonly Block[]
  /** A system message that only carries an `output_config`; it may stand anywhere. */
  readonly isDirective: boolean
}

/** A tool as the request declares it. */
export interface DeclaredTool {
  readonly index: number
  /** `custom` for the client's own tools. */
  readonly type: string
  readonly name: string | undefined
  readonly isStrict: boolean
  readonly isDeferred: boolean
  readonly at: JsonObject
}

/** How the model may choose tools. */
export interface DeclaredChoice {
  readonly type: string
  readonly name: string | undefined
  readonly isParallel: boolean
}

/** What a request says about thinking. */
export interface DeclaredThinking {
  /** `none` if the request does not say. */
  readonly type: string
  readonly budget: number
  readonly display: 'summarized' | 'omitted'
  /** Whether the model may think between calls, too. */
  readonly isInterleaved: boolean
}

/** A request whose shape is right, in a form that rules can read. */
export interface MessagesRequest {
  readonly edition: Edition
  readonly model: ModelFacts
  readonly body: JsonObject
  readonly document: JsonDocument
  /** Absent when tokens are only counted. */
  readonly maxTokens: number | undefined
  readonly system: readonly Block[]
  readonly messages: readonly Message[]
  readonly tools: readonly DeclaredTool[]
  /** Absent if the request has no `tool_choice`. */
  readonly choice: DeclaredChoice | undefined
  readonly thinking: DeclaredThinking
  readonly stopSequences: readonly string[]
  readonly isStream: boolean
}

/** A member of an object as a text, or `undefined`. */
export function textOf(at: JsonObject, name: string): string | undefined {
  const value = at[name]
  return typeof value === 'string' ? value : undefined
}

/** A member of an object as an object, or `undefined`. */
export function objectOf(at: JsonObject, name: string): JsonObject | undefined {
  const value = at[name]
  return isObject(value) ? value : undefined
}

/** The objects in a list that is a member of an object; empty if it is no list. */
export function objectsOf(at: JsonObject, name: string): readonly JsonObject[] {
  const value = at[name]
  return isList(value) ? value.filter(isObject) : []
}

/** Whether thinking is on, by the request's own words. */
export function asksForThinking({ thinking }: MessagesRequest): boolean {
  return thinking.type === 'enabled' || thinking.type === 'adaptive'
}

/** Reads a body whose shape has been checked. */
export function readRequest(
  body: JsonObject,
  document: JsonDocument,
  model: ModelFacts,
  edition: Edition,
): MessagesRequest {
  const maxTokens = body['max_tokens']
  const stops = body['stop_sequences']
  return {
    edition,
    model,
    body,
    document,
    maxTokens: typeof maxTokens === 'number' ? maxTokens : undefined,
    system: blocksOf(body, 'system'),
    messages: objectsOf(body, 'messages').map(readMessage),
    tools: objectsOf(body, 'tools').map(readTool),
    choice: readChoice(body),
    thinking: readThinking(body, model, edition),
    stopSequences: isList(stops) ? stops.filter(stop => typeof stop === 'string') : [],
    isStream: body['stream'] === true,
  }
}

/** The blocks of a content that is a text or a list; an empty text has none. */
export function blocksOf(at: JsonObject, name: string): readonly Block[] {
  const text = textOf(at, name)
  if (text === '') return []
  if (text !== undefined) return [{ type: 'text', index: 0, at: { type: 'text', text } }]
  return objectsOf(at, name).map((block, index) => ({
    type: textOf(block, 'type') ?? '',
    index,
    at: block,
  }))
}

function readMessage(message: JsonObject, index: number): Message {
  const given = textOf(message, 'role')
  const role = given === 'assistant' || given === 'system' ? given : 'user'
  const blocks = blocksOf(message, 'content')
  const isDirective =
    role === 'system' && isList(message['content']) && !blocks.length && 'output_config' in message
  return { role, index, blocks, isDirective }
}

function readTool(tool: JsonObject, index: number): DeclaredTool {
  return {
    index,
    type: textOf(tool, 'type') ?? 'custom',
    name: textOf(tool, 'name'),
    isStrict: tool['strict'] === true,
    isDeferred: tool['defer_loading'] === true,
    at: tool,
  }
}

function readChoice(body: JsonObject): DeclaredChoice | undefined {
  const choice = objectOf(body, 'tool_choice')
  return (
    choice && {
      type: textOf(choice, 'type') ?? 'auto',
      name: textOf(choice, 'name'),
      isParallel: choice['disable_parallel_tool_use'] !== true,
    }
  )
}

function readThinking(body: JsonObject, model: ModelFacts, edition: Edition): DeclaredThinking {
  const thinking = objectOf(body, 'thinking')
  const type = (thinking && textOf(thinking, 'type')) ?? 'none'
  const display = thinking && textOf(thinking, 'display')
  const budget = thinking?.['budget_tokens']
  const hasBeta = edition.betas.some(name => name.startsWith('interleaved-thinking-'))
  return {
    type,
    budget: typeof budget === 'number' ? budget : 0,
    display: display === 'summarized' || display === 'omitted' ? display : model.thinking.display,
    isInterleaved: type === 'adaptive' || (type === 'enabled' && hasBeta && model.version >= 4),
  }
}
