import { isList, isObject, type Json, type JsonDocument, type JsonObject } from './json.ts'
import type { ModelFacts } from './models.ts'
import type { Surface } from './surface.ts'

/** What a part holds; `nothing` if none of the fields that may is set. */
export type PartKind =
  | 'text'
  | 'inlineData'
  | 'fileData'
  | 'functionCall'
  | 'functionResponse'
  | 'executableCode'
  | 'codeExecutionResult'
  | 'toolCall'
  | 'toolResponse'
  | 'audioTranscription'
  | 'nothing'

/** One part of a content, with its place. */
export interface Part {
  readonly kind: PartKind
  readonly index: number
  readonly isThought: boolean
  readonly signature: string | undefined
  /** The text of a text part; empty for the others. */
  readonly text: string
  /** The object that a part holds; empty for a text. */
  readonly at: JsonObject
}

/** One content of the conversation. */
export interface Content {
  readonly role: string | undefined
  readonly index: number
  readonly parts: readonly Part[]
}

/** A function as the request declares it. */
export interface Declaration {
  /** How complaints name its place: `tools[0].function_declarations[1]`. */
  readonly place: string
  readonly name: string
  readonly at: JsonObject
}

/** How the model may choose functions. */
export interface Calling {
  readonly mode: 'AUTO' | 'ANY' | 'NONE' | 'VALIDATED'
  readonly allowed: readonly string[]
  readonly streamsArguments: boolean
  /** Whether the request has a `functionCallingConfig` at all. */
  readonly isGiven: boolean
}

/** What a request says about thinking. */
export interface DeclaredThinking {
  readonly isGiven: boolean
  readonly includesThoughts: boolean
  readonly budget: number | undefined
  readonly level: string | undefined
}

/** A request whose shape is right, in a form that rules can read. */
export interface GeminiRequest {
  readonly surface: Surface
  readonly model: ModelFacts
  readonly body: JsonObject
  readonly document: JsonDocument
  /** Absent if the request has no `systemInstruction`. */
  readonly system: readonly Part[] | undefined
  readonly contents: readonly Content[]
  readonly declarations: readonly Declaration[]
  /** The names of the tools that Google runs, in the spelling with capitals. */
  readonly builtIns: readonly string[]
  readonly calling: Calling
  /** Whether calls of built-in tools are to be shown. */
  readonly showsServerTools: boolean
  readonly config: JsonObject
  readonly thinking: DeclaredThinking
  readonly cachedContent: string | undefined
  readonly stopSequences: readonly string[]
}

/** A member of an object as a text, or `undefined`. */
export function textOf(at: JsonObject, name: string): string | undefined {
  const value = at[name]
  return typeof value === 'string' ? value : undefined
}

/** A member of an object as a number, or `undefined`. */
export function numberOf(at: JsonObject, name: string): number | undefined {
  const value = at[name]
  return typeof value === 'number' ? value : undefined
}

/** A member of an object as an object, or `undefined`. */
export function objectOf(at: JsonObject, name: string): JsonObject | undefined {
  const value = at[name]
  return isObject(value) ? value : undefined
}

/** The objects in a list that is a member of an object; empty if it is no list. */
export function objectsOf(at: JsonObject, name: string): readonly JsonObject[] {
  return itemsOf(at, name).filter(isObject)
}

/** The texts in a list that is a member of an object; empty if it is no list. */
export function textsOf(at: JsonObject, name: string): readonly string[] {
  return itemsOf(at, name).filter(item => typeof item === 'string')
}

function itemsOf(at: JsonObject, name: string): readonly Json[] {
  const value = at[name]
  return isList(value) ? value : []
}

/** The parts of a content that are calls of the client's functions. */
export function callsOf({ parts }: Content): readonly Part[] {
  return parts.filter(({ kind }) => kind === 'functionCall')
}

/** The parts of a content that answer calls. */
export function responsesOf({ parts }: Content): readonly Part[] {
  return parts.filter(({ kind }) => kind === 'functionResponse')
}

/** Whether the model thinks in answer to this request. */
export function isThinking({ model, thinking }: GeminiRequest): boolean {
  const { canThink, isDefault } = model.thinking
  if (!canThink || thinking.budget === 0) return false
  return isDefault || (thinking.budget ?? 0) !== 0
}

/** Reads a body whose shape has been checked. */
export function readRequest(
  body: JsonObject,
  document: JsonDocument,
  model: ModelFacts,
  surface: Surface,
): GeminiRequest {
  const system = objectOf(body, 'systemInstruction')
  const toolConfig = objectOf(body, 'toolConfig') ?? {}
  const tools = objectsOf(body, 'tools')
  const config = objectOf(body, 'generationConfig') ?? {}
  return {
    surface,
    model,
    body,
    document,
    system: system && partsOf(system),
    contents: objectsOf(body, 'contents').map((content, index) => ({
      role: textOf(content, 'role'),
      index,
      parts: partsOf(content),
    })),
    declarations: tools.flatMap(readDeclarations),
    builtIns: tools.flatMap(tool =>
      Object.keys(tool).filter(name => name !== 'functionDeclarations'),
    ),
    calling: readCalling(objectOf(toolConfig, 'functionCallingConfig')),
    showsServerTools: toolConfig['includeServerSideToolInvocations'] === true,
    config,
    thinking: readThinking(objectOf(config, 'thinkingConfig')),
    cachedContent: textOf(body, 'cachedContent') || undefined,
    stopSequences: textsOf(config, 'stopSequences'),
  }
}

const KINDS: readonly Exclude<PartKind, 'nothing'>[] = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
  'audioTranscription',
]

function partsOf(content: JsonObject): readonly Part[] {
  return objectsOf(content, 'parts').map((part, index) => {
    const kind = KINDS.find(name => name in part) ?? 'nothing'
    return {
      kind,
      index,
      isThought: part['thought'] === true,
      signature: textOf(part, 'thoughtSignature') || undefined,
      text: textOf(part, 'text') ?? '',
      at: objectOf(part, kind) ?? {},
    }
  })
}

function readDeclarations(tool: JsonObject, index: number): readonly Declaration[] {
  return objectsOf(tool, 'functionDeclarations').map((at, place) => ({
    place: `tools[${index}].function_declarations[${place}]`,
    name: textOf(at, 'name') ?? '',
    at,
  }))
}

function readCalling(config: JsonObject | undefined): Calling {
  const mode = config && textOf(config, 'mode')
  const isKnown = mode === 'ANY' || mode === 'NONE' || mode === 'VALIDATED'
  return {
    mode: isKnown ? mode : 'AUTO',
    allowed: config ? textsOf(config, 'allowedFunctionNames') : [],
    streamsArguments: config?.['streamFunctionCallArguments'] === true,
    isGiven: config !== undefined,
  }
}

function readThinking(config: JsonObject | undefined): DeclaredThinking {
  const level = config && textOf(config, 'thinkingLevel')
  return {
    isGiven: config !== undefined,
    includesThoughts: config?.['includeThoughts'] === true,
    budget: config && numberOf(config, 'thinkingBudget'),
    level: level === 'THINKING_LEVEL_UNSPECIFIED' ? undefined : level,
  }
}
