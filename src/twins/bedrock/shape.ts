import { isList, isObject, type Json, type JsonObject } from '../anthropic/json.ts'
import { member, Rejection } from './error.ts'

const NAME = /^[a-zA-Z0-9_-]{1,64}$/

/** A message with its blocks. */
export interface Message {
  readonly role: string
  readonly blocks: readonly JsonObject[]
}

/** What a member of a request may be. */
type Kind = 'text' | 'number' | 'list' | 'object' | 'any'

/** The members of an object, each with its kind; those with a `!` must be there. */
type Shape = { readonly [name: string]: Kind | `${Kind}!` }

const KINDS: { readonly [K in Kind]: (value: Json) => boolean } = {
  text: value => typeof value === 'string',
  number: value => typeof value === 'number',
  list: isList,
  object: isObject,
  any: () => true,
}

const BODY: Shape = {
  messages: 'list!',
  system: 'list',
  inferenceConfig: 'object',
  toolConfig: 'object',
  additionalModelRequestFields: 'object',
  additionalModelResponseFieldPaths: 'list',
  guardrailConfig: 'object',
  performanceConfig: 'object',
  promptVariables: 'object',
  requestMetadata: 'object',
}
const INFERENCE: Shape = {
  maxTokens: 'number',
  temperature: 'number',
  topP: 'number',
  stopSequences: 'list',
}
const BLOCKS: { readonly [name: string]: Shape | 'text' } = {
  text: 'text',
  image: { format: 'text!', source: 'object!' },
  document: {
    format: 'text!',
    name: 'text!',
    source: 'object!',
    context: 'text',
    citations: 'object',
  },
  toolUse: { toolUseId: 'text!', name: 'text!', input: 'object!', type: 'text' },
  toolResult: { toolUseId: 'text!', content: 'list!', status: 'text', type: 'text' },
  reasoningContent: { reasoningText: 'object', redactedContent: 'text' },
  searchResult: { source: 'text!', title: 'text!', content: 'list!', citations: 'object' },
  cachePoint: { type: 'text!', ttl: 'text' },
}

/** Checks the form of a request, the strictest way it can be read. @throws Rejection */
export function checkShape(body: JsonObject): void {
  check(body, BODY, '#')
  if (isObject(body['inferenceConfig']))
    check(body['inferenceConfig'], INFERENCE, '#/inferenceConfig')
  for (const [i, block] of listAt(body, 'system').entries())
    checkUnion(block, pick(['text', 'cachePoint']), `#/system/${i}`)
  for (const [i, message] of listAt(body, 'messages').entries())
    checkMessage(message, `#/messages/${i}`)
  if (isObject(body['toolConfig'])) checkToolConfig(body['toolConfig'])
}

/** Checks the form of a tool's name, or of a call's id. @throws Rejection */
export function checkName(at: string, value: string): void {
  if (!NAME.test(value))
    throw member(at, value, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+')
}

/** The list under a name; empty if there is none. */
export function listAt(from: JsonObject, name: string): readonly Json[] {
  const value = from[name]
  return isList(value) ? value : []
}

/** The object under a name, if it is one. */
export function objectAt(from: Json | undefined, name: string): JsonObject | undefined {
  const value = isObject(from) ? from[name] : undefined
  return isObject(value) ? value : undefined
}

/** The text under a name; empty if there is none. */
export function wordAt(from: Json | undefined, name: string): string {
  const value = isObject(from) ? from[name] : undefined
  return typeof value === 'string' ? value : ''
}

function pick(names: readonly string[]): typeof BLOCKS {
  return Object.fromEntries(Object.entries(BLOCKS).filter(([name]) => names.includes(name)))
}

function checkMessage(message: Json, at: string): void {
  check(message, { role: 'text!', content: 'list!' }, at)
  const isAssistant = wordAt(message, 'role') === 'assistant'
  const names = isAssistant
    ? ['text', 'toolUse', 'reasoningContent', 'cachePoint', 'image', 'document']
    : ['text', 'image', 'document', 'toolResult', 'cachePoint']
  for (const [i, block] of (isObject(message) ? listAt(message, 'content') : []).entries()) {
    const inside = `${at}/content/${i}`
    checkUnion(block, pick(names), inside)
    const result = objectAt(block, 'toolResult')
    for (const [j, part] of (result ? listAt(result, 'content') : []).entries()) {
      if (isObject(part) && 'json' in part && Object.keys(part).length === 1) continue
      checkUnion(
        part,
        pick(['text', 'image', 'document', 'searchResult']),
        `${inside}/toolResult/content/${j}`,
      )
    }
  }
}

function checkToolConfig(config: JsonObject): void {
  check(config, { tools: 'list!', toolChoice: 'object' }, '#/toolConfig')
  for (const [i, tool] of listAt(config, 'tools').entries()) {
    const at = `#/toolConfig/tools/${i}`
    const shape = {
      name: 'text!',
      description: 'text',
      inputSchema: 'object!',
      strict: 'any',
    } as const
    checkUnion(tool, { toolSpec: shape, cachePoint: { type: 'text!', ttl: 'text' } }, at)
    const schema = objectAt(objectAt(tool, 'toolSpec'), 'inputSchema')
    if (schema) check(schema, { json: 'object!' }, `${at}/toolSpec/inputSchema`)
  }
}

/** A union holds exactly one member. */
function checkUnion(value: Json, union: typeof BLOCKS, at: string): void {
  const [name, ...others] = isObject(value) ? Object.keys(value) : []
  if (!isObject(value) || name === undefined || others.length > 0)
    throw malformed(`${at}: exactly one member of a union must be given`)
  const shape = union[name]
  const member = value[name]
  if (shape === undefined) throw malformed(`${at}: extraneous key [${name}] is not permitted`)
  if (shape === 'text') {
    if (typeof member !== 'string') throw malformed(`${at}/${name}: expected type: String`)
  } else check(member ?? null, shape, `${at}/${name}`)
}

function check(value: Json, shape: Shape, at: string): void {
  if (!isObject(value)) throw malformed(`${at}: expected type: JSONObject`)
  for (const name of Object.keys(value))
    if (!(name in shape)) throw malformed(`${at}: extraneous key [${name}] is not permitted`)
  for (const [name, kind] of Object.entries(shape)) {
    const member = value[name]
    if (member === undefined) {
      if (kind.endsWith('!')) throw malformed(`${at}: required key [${name}] not found`)
      continue
    }
    const wanted = Object.entries(KINDS).find(([known]) => kind.startsWith(known))
    if (wanted && !wanted[1](member)) throw malformed(`${at}/${name}: expected type: ${wanted[0]}`)
  }
}

function malformed(what: string): Rejection {
  return new Rejection(
    `Malformed input request: ${what}, please reformat your input and try again.`,
  )
}
