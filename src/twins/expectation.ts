import type { TwinPrompt } from './model.ts'
import {
  isRecord,
  readFlag,
  readList,
  readName,
  readOneOf,
  readRecord,
  readText,
  readWhole,
} from './shape.ts'

const ROLES = ['system', 'user', 'assistant', 'tool'] as const
const MODES = ['auto', 'none', 'required', 'tool'] as const

/** What a script's turn expects of the request that it answers; everything left out is free. */
export interface Expectation {
  /** The model's exact name. */
  readonly model?: string
  /** Names that must be among the declared tools. */
  readonly tools?: readonly string[]
  /** The tool choice: a mode, or a mode with the name of the forced tool. */
  readonly choice?:
    | TwinPrompt['choice']['mode']
    | { readonly mode: TwinPrompt['choice']['mode']; readonly name?: string }
  readonly parallel?: boolean
  readonly reasoning?: boolean
  /** How many messages there are. */
  readonly messages?: number
  /** Text that a system message contains. */
  readonly system?: string
  /** The last message. */
  readonly last?: {
    readonly role?: (typeof ROLES)[number]
    /** Text that it contains. */
    readonly text?: string
    /** Of a tool's result: the call it answers. */
    readonly callId?: string
    /** Of a tool's result: whether it is an error. */
    readonly isError?: boolean
  }
}

/** What a request does not fulfil, in words; `undefined` if it fulfils everything. */
export function unmet(expectation: Expectation, prompt: TwinPrompt): string | undefined {
  const { model, tools, choice, parallel, reasoning, messages, system, last } = expectation
  if (model !== undefined && model !== prompt.model) {
    return `expected the model "${model}", found "${prompt.model}"`
  }
  const names = prompt.tools.map(tool => tool.name)
  const missing = tools?.find(name => !names.includes(name))
  if (missing !== undefined) {
    return `expected a tool "${missing}", found ${names.length > 0 ? names.join(', ') : 'no tools'}`
  }
  const wanted = typeof choice === 'string' ? { mode: choice } : choice
  if (wanted && (wanted.mode !== prompt.choice.mode || differs(wanted.name, prompt.choice.name))) {
    return `expected the tool choice ${choiceText(wanted)}, found ${choiceText(prompt.choice)}`
  }
  if (differs(parallel, prompt.parallel)) {
    return `expected parallel calls to be ${allowed(!prompt.parallel)}, found them ${allowed(prompt.parallel)}`
  }
  if (differs(reasoning, prompt.reasoning)) {
    return prompt.reasoning
      ? 'expected no reasoning to be asked for'
      : 'expected reasoning to be asked for'
  }
  if (differs(messages, prompt.messages.length)) {
    return `expected ${messages} messages, found ${prompt.messages.length}`
  }
  if (system !== undefined) {
    const texts = prompt.messages.flatMap(({ role, text }) => (role === 'system' ? [text] : []))
    if (!texts.some(text => text.includes(system))) {
      return `expected a system message with "${system}", found ${quoted(texts.join('\n'))}`
    }
  }
  return last && unmetLast(last, prompt)
}

function unmetLast(
  expected: NonNullable<Expectation['last']>,
  prompt: TwinPrompt,
): string | undefined {
  const last = prompt.messages.at(-1)
  if (last === undefined) return 'expected a last message, found no messages'
  if (differs(expected.role, last.role)) {
    return `expected the last message to be from "${expected.role}", found "${last.role}"`
  }
  if (expected.text !== undefined && !last.text.includes(expected.text)) {
    return `expected the last message to contain "${expected.text}", found ${quoted(last.text)}`
  }
  const { callId, isError } = expected
  if (callId === undefined && isError === undefined) return undefined
  if (last.role !== 'tool') return `expected the last message to be a result, found "${last.role}"`
  if (differs(callId, last.callId)) {
    return `expected the last message to answer "${callId}", found "${last.callId}"`
  }
  if (differs(isError, last.isError)) {
    return `expected the last result ${isError ? 'to be an error' : 'not to be an error'}`
  }
  return undefined
}

/**
 * Checks an expectation that came as JSON.
 *
 * @throws InvalidInput that names the exact place.
 */
export function readExpectation(value: unknown, place: string): Expectation {
  const known = ['model', 'tools', 'choice', 'parallel', 'reasoning', 'messages', 'system', 'last']
  const fields = readRecord(value, place, known)
  const { model, tools, choice, parallel, reasoning, messages, system, last } = fields
  return {
    ...(model !== undefined && { model: readName(model, `${place}.model`) }),
    ...(tools !== undefined && { tools: readList(tools, `${place}.tools`, readName) }),
    ...(choice !== undefined && { choice: readChoice(choice, `${place}.choice`) }),
    ...(parallel !== undefined && { parallel: readFlag(parallel, `${place}.parallel`) }),
    ...(reasoning !== undefined && { reasoning: readFlag(reasoning, `${place}.reasoning`) }),
    ...(messages !== undefined && { messages: readWhole(messages, `${place}.messages`) }),
    ...(system !== undefined && { system: readText(system, `${place}.system`) }),
    ...(last !== undefined && { last: readLast(last, `${place}.last`) }),
  }
}

function readChoice(value: unknown, place: string): NonNullable<Expectation['choice']> {
  if (!isRecord(value)) return readOneOf(value, place, MODES)
  const { mode, name } = readRecord(value, place, ['mode', 'name'])
  return {
    mode: readOneOf(mode, `${place}.mode`, MODES),
    ...(name !== undefined && { name: readName(name, `${place}.name`) }),
  }
}

function readLast(value: unknown, place: string): NonNullable<Expectation['last']> {
  const fields = readRecord(value, place, ['role', 'text', 'callId', 'isError'])
  const { role, text, callId, isError } = fields
  return {
    ...(role !== undefined && { role: readOneOf(role, `${place}.role`, ROLES) }),
    ...(text !== undefined && { text: readText(text, `${place}.text`) }),
    ...(callId !== undefined && { callId: readName(callId, `${place}.callId`) }),
    ...(isError !== undefined && { isError: readFlag(isError, `${place}.isError`) }),
  }
}

function differs<T>(expected: T | undefined, found: T | undefined): boolean {
  return expected !== undefined && expected !== found
}

function choiceText({ mode, name }: { readonly mode: string; readonly name?: string }): string {
  return name === undefined ? `"${mode}"` : `"${mode}" of "${name}"`
}

function allowed(yes: boolean): string {
  return yes ? 'allowed' : 'forbidden'
}

/** A text in quotes, its beginning if it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text)
}
