import type { TwinCall, TwinMessage, TwinPrompt, TwinTool } from '../model.ts'
import { isObject, type Json, type JsonDocument, type JsonObject } from './json.ts'
import {
  type Content,
  callsOf,
  type Declaration,
  type GeminiRequest,
  numberOf,
  objectOf,
  type Part,
  responsesOf,
  textOf,
} from './request.ts'
import { liftSchema } from './schema-lift.ts'
import { mediaTypesOf } from './tokens.ts'

/**
 * Reduces a request to what a twin's model is told. Tools that Google runs itself are left out,
 * because nobody runs them here; of several allowed functions only these are shown.
 */
export function toPrompt(request: GeminiRequest): TwinPrompt {
  const { model, thinking, config, stopSequences, system, contents } = request
  const output = outputOf(request)
  const maxTokens = numberOf(config, 'maxOutputTokens')
  const instruction = (system ?? []).map(({ text }) => text).join('\n')
  return {
    model: model.id,
    tools: allowedDeclarations(request).map(toolOf),
    choice: choiceOf(request),
    parallel: true,
    reasoning: thinking.includesThoughts,
    ...(output && { output }),
    ...(maxTokens !== undefined && maxTokens > 0 && { maxTokens }),
    stop: stopSequences,
    messages: [
      ...(instruction === '' ? [] : [{ role: 'system' as const, text: instruction }]),
      ...contents.flatMap((content, place) => messagesOf(content, contents[place - 1], request)),
    ],
  }
}

function allowedDeclarations({ declarations, calling }: GeminiRequest): readonly Declaration[] {
  const { allowed } = calling
  if (allowed.length === 0) return declarations
  return declarations.filter(({ name }) => allowed.includes(name))
}

function choiceOf(request: GeminiRequest): TwinPrompt['choice'] {
  const { mode, allowed } = request.calling
  if (request.declarations.length === 0 || mode === 'NONE') return { mode: 'none' }
  if (mode !== 'ANY') return { mode: 'auto' }
  const [only, ...others] = allowed
  return only !== undefined && others.length === 0
    ? { mode: 'tool', name: only }
    : { mode: 'required' }
}

function outputOf({ config }: GeminiRequest): TwinPrompt['output'] | undefined {
  if (textOf(config, 'responseMimeType') !== 'application/json') return undefined
  const schema = objectOf(config, 'responseSchema')
  return { schema: schema ? liftSchema(schema) : config['responseJsonSchema'] }
}

function toolOf({ name, at }: Declaration): TwinTool {
  const schema = objectOf(at, 'parameters')
  const empty = { type: 'object', properties: {} }
  return {
    name,
    description: textOf(at, 'description') ?? '',
    parameters: schema ? liftSchema(schema) : (at['parametersJsonSchema'] ?? empty),
  }
}

function messagesOf(
  content: Content,
  before: Content | undefined,
  { document }: GeminiRequest,
): TwinMessage[] {
  const { role, parts } = content
  if (role === 'model') {
    const calls = callsOf(content).map(part => callOf(part, content, document))
    // A text that came in pieces is often sent back in pieces.
    return [{ role: 'assistant', text: wordsIn(parts).join(''), calls }]
  }
  const answered = responsesOf(content)
  const rest = parts.filter(({ kind }) => kind !== 'functionResponse')
  const media = rest.flatMap(mediaTypesOf)
  const images = media.filter(type => type.startsWith('image/')).length
  const spoken = {
    role: 'user' as const,
    text: wordsIn(rest).join('\n'),
    images,
    documents: media.length - images,
  }
  const results = resultsOf(answered, before, document)
  return [...results, ...(rest.length > 0 ? [spoken] : [])]
}

/** The id of a call; one without is known by its place. */
function idOf(part: Part, { index }: Content): string {
  return textOf(part.at, 'id') || `call_${index}_${part.index}`
}

function callOf(part: Part, content: Content, document: JsonDocument): TwinCall {
  return {
    id: idOf(part, content),
    name: textOf(part.at, 'name') ?? '',
    arguments: sourceOf(part.at['args'], document),
  }
}

/** The source of an object; `{}` if there is none. */
function sourceOf(value: Json | undefined, document: JsonDocument): string {
  return isObject(value) ? document.sourceOf(value) : '{}'
}

/** Finds the call of each response: by id, else the next open one of that name, else the next. */
function resultsOf(
  responses: readonly Part[],
  before: Content | undefined,
  document: JsonDocument,
): TwinMessage[] {
  const open = before ? [...callsOf(before)] : []
  return responses.map(part => {
    const id = textOf(part.at, 'id')
    const name = textOf(part.at, 'name')
    const byId = id ? open.findIndex(call => textOf(call.at, 'id') === id) : -1
    const byName = open.findIndex(call => textOf(call.at, 'name') === name)
    const [call] = open.splice(byId >= 0 ? byId : Math.max(0, byName), 1)
    return resultOf(part, call && before ? idOf(call, before) : (id ?? ''), document)
  })
}

/**
 * The text of a response: its `error`, its `output` or `result`, else the whole object. Source:
 * Google Gen AI SDK 2.32, `FunctionResponse.response`, 2026; `result` is equally common.
 */
function resultOf(part: Part, callId: string, document: JsonDocument): TwinMessage {
  const response = objectOf(part.at, 'response') ?? {}
  const isError = response['error'] !== undefined
  const key = ['error', 'output', 'result'].find(name => response[name] !== undefined)
  const isOnly = Object.keys(response).length === 1
  const isWhole = key === undefined || (key === 'result' && !isOnly)
  const images = mediaTypesOf(part).filter(type => type.startsWith('image/')).length
  const text = isWhole ? sourceOf(response, document) : plainText(response, key, document)
  return { role: 'tool', callId, text, images, isError }
}

/** A text as it is; anything else in its own spelling. */
function plainText(at: JsonObject, key: string, document: JsonDocument): string {
  const value = at[key]
  return typeof value === 'string' ? value : (document.sourceOfMember(at, key) ?? '')
}

/** The texts of parts, thoughts left out. */
function wordsIn(parts: readonly Part[]): readonly string[] {
  const texts = parts.filter(({ kind, isThought }) => kind === 'text' && !isThought)
  return texts.map(({ text }) => text)
}
