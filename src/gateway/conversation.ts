import { Derived } from '../core/derived.ts'
import { type ErrorCode, ToolgateError, type WirePath } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import type { Loss } from '../core/loss.ts'
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
} from '../core/message.ts'
import type { ModelRequest, Tool } from '../core/request.ts'
import type { Front } from '../protocols/protocol.ts'
import type { TextRule } from '../protocols/quirks.ts'
import { tryParseJson } from '../wire/json.ts'

/** What an unanswered call is answered with when a conversation is repaired. */
const INTERRUPTED = 'The call was interrupted: it has no result.'

/**
 * Checks a conversation before a token is spent on it: every call answered, right after it was
 * made; no result without its call; no id twice in a turn; legal tool names; arguments that are
 * JSON text. Of a conversation that the vendor holds, the first message may answer calls that are
 * not here. The first fault is thrown, with the place in the client's own body.
 *
 * @throws ToolgateError in the codes that every protocol has words for.
 */
export function checkConversation(
  request: ModelRequest,
  front: Pick<Front, 'toolName' | 'objectArguments'>,
): void {
  checkTools(request, front.toolName)
  const { messages } = request
  const first = request.continues ? messages.findIndex(({ role }) => role !== 'system') : -1
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]
    if (message?.role === 'assistant')
      checkCalls(message, messages[i + 1], front.objectArguments === true)
    else if (message?.role === 'tool' && i !== first) checkResults(message, messages[i - 1])
  }
}

function checkTools(request: ModelRequest, rule: TextRule): void {
  const { tools, toolChoice } = request
  const names = namesFor(rule).of(tools, list => namesOf(list, rule))
  if (toolChoice?.mode === 'tool' && !names.has(toolChoice.name)) throw unknownTool(toolChoice.name)
  if (toolChoice?.mode === 'required' && names.size === 0) {
    throw fault('invalid_value', 'A tool call is required, but no tools are given.', [
      'tool_choice',
    ])
  }
  if (toolChoice?.mode === 'auto' || toolChoice?.mode === 'required') {
    const absent = toolChoice.allowed?.find(name => !names.has(name))
    if (absent !== undefined) throw unknownTool(absent)
  }
}

/** Agents bring the same tools with every request: they are checked once for each rule. */
const namesByRule = new WeakMap<TextRule, Derived<readonly Tool[], ReadonlySet<string>>>()

function namesFor(rule: TextRule): Derived<readonly Tool[], ReadonlySet<string>> {
  const known = namesByRule.get(rule)
  if (known) return known
  const made = new Derived<readonly Tool[], ReadonlySet<string>>()
  namesByRule.set(rule, made)
  return made
}

/** The names of tools. @throws ToolgateError if one stands twice, or is not legal. */
function namesOf(tools: readonly Tool[], rule: TextRule): ReadonlySet<string> {
  const found = new Set<string>()
  for (const [index, tool] of tools.entries()) {
    if (found.has(tool.name)) {
      throw fault('duplicate_tool', `Two tools are named '${tool.name}'.`, ['tools', index], {
        names: [tool.name],
      })
    }
    found.add(tool.name)
    if (tool.kind !== 'server') checkName(tool.name, rule, ['tools', index])
  }
  return found
}

function unknownTool(name: string): ToolgateError {
  return fault(
    'unknown_tool',
    `Tool choice names '${name}', which is not among the tools.`,
    ['tool_choice'],
    { names: [name] },
  )
}

function checkName(name: string, rule: TextRule, path: WirePath): void {
  if (rule.pattern.test(name) && name.length <= rule.max) return
  throw fault('invalid_tool_name', `'${name}' is not a legal name of a tool.`, path, {
    names: [name],
    pattern: rule.pattern.source,
    max: rule.max,
  })
}

function checkCalls(
  message: AssistantMessage,
  next: Message | undefined,
  areObjects: boolean,
): void {
  let unanswered: string[] | undefined
  let seen: Set<string> | undefined
  let index = -1
  const isAnswered = finderOf(resultsIn(next), resultId)
  for (const part of message.content) {
    if (part.type !== 'tool-call') continue
    index++
    if (seen?.has(part.id)) {
      throw fault(
        'duplicate_tool_call',
        `Two calls of one turn have the id '${part.id}'.`,
        ['messages', message.at],
        { callIds: [part.id] },
      )
    }
    seen ??= new Set()
    seen.add(part.id)
    if (!areObjects) checkArguments(message, part, index)
    if (!isAnswered(part.id)) {
      unanswered ??= []
      unanswered.push(part.id)
    }
  }
  if (unanswered) {
    throw fault(
      'unanswered_tool_calls',
      `These tool calls have no result right after them: ${unanswered.join(', ')}.`,
      ['messages', message.at],
      { callIds: unanswered },
    )
  }
}

function checkArguments(message: AssistantMessage, call: ToolCallPart, index: number): void {
  if (argumentsAreSound(call)) return
  throw fault(
    'invalid_tool_arguments',
    `The arguments of call '${call.id}' are not the text of a JSON object.`,
    ['messages', message.at],
    { callIds: [call.id], callIndex: index },
  )
}

/** Blank text means no arguments; otherwise the text must be a JSON object. */
function argumentsAreSound(call: ToolCallPart): boolean {
  if (call.kind === 'custom') return true
  const text = call.arguments
  return text === '{}' || text.trim() === '' || isObject(tryParseJson(text))
}

function checkResults(message: ToolMessage, before: Message | undefined): void {
  let seen: Set<string> | undefined
  const isCall = finderOf(partsIn(before), callId)
  for (const result of message.content) {
    if (!isCall(result.callId)) {
      throw fault(
        'orphan_tool_result',
        `The result for '${result.callId}' has no call in the message before it.`,
        resultPath(result),
        { callIds: [result.callId] },
      )
    }
    if (seen?.has(result.callId)) {
      throw fault(
        'duplicate_tool_result',
        `Call '${result.callId}' has more than one result.`,
        resultPath(result),
        { callIds: [result.callId] },
      )
    }
    seen ??= new Set()
    seen.add(result.callId)
  }
}

/** So many are looked through faster than put into a table. */
const FEW = 16

/** Whether an id is among those of a list. Many are put into a table: there may be 100,000. */
function finderOf<T>(
  list: readonly T[],
  idOf: (one: T) => string | undefined,
): (id: string) => boolean {
  if (list.length <= FEW) return id => list.some(one => idOf(one) === id)
  const ids = new Set(list.map(idOf))
  return id => ids.has(id)
}

function resultsIn(message: Message | undefined): readonly ToolResultPart[] {
  return message?.role === 'tool' ? message.content : []
}

function resultId(result: ToolResultPart): string {
  return result.callId
}

function partsIn(message: Message | undefined): readonly AssistantPart[] {
  return message?.role === 'assistant' ? message.content : []
}

function callId(part: AssistantPart): string | undefined {
  return part.type === 'tool-call' ? part.id : undefined
}

function resultPath(result: ToolResultPart): WirePath {
  return result.atPart === undefined
    ? ['messages', result.at]
    : ['messages', result.at, 'content', result.atPart]
}

function fault(
  code: ErrorCode,
  text: string,
  path: WirePath,
  details: { callIds?: readonly string[]; names?: readonly string[]; [key: string]: unknown } = {},
): ToolgateError {
  return new ToolgateError(code, text, { details: { path, ...details } })
}

/**
 * Mends what `checkConversation` would refuse in the messages, and reports each mend: an unanswered
 * call gets an error result, a result without its call is left out, the second result of a call
 * too, and broken arguments are kept as `{"_raw": text}`. Tools and names are not touched.
 */
export function repairConversation(request: ModelRequest): {
  request: ModelRequest
  losses: Loss[]
} {
  const losses: Loss[] = []
  const repaired = (path: string, what: string) =>
    losses.push({ path, what, action: 'repaired', meaning: false })
  const messages: Message[] = []
  const all = request.messages
  for (let i = 0; i < all.length; i++) {
    const message = all[i]
    if (message === undefined) continue
    if (message.role === 'tool') {
      const kept = soundResults(message, messages.at(-1), repaired)
      if (kept.length > 0) messages.push({ ...message, content: kept })
    } else if (message.role === 'assistant') {
      messages.push(soundCalls(message, repaired))
      const missing = missingResults(message, all[i + 1], repaired)
      if (missing.length === 0) continue
      const next = all[i + 1]
      const results = next?.role === 'tool' ? soundResults(next, message, repaired) : []
      if (next?.role === 'tool') i++
      messages.push({ role: 'tool', at: message.at, content: [...results, ...missing] })
    } else messages.push(message)
  }
  return losses.length === 0 ? { request, losses } : { request: { ...request, messages }, losses }
}

function soundCalls(
  message: AssistantMessage,
  repaired: (path: string, what: string) => void,
): AssistantMessage {
  if (message.content.every(part => part.type !== 'tool-call' || argumentsAreSound(part)))
    return message
  const content = message.content.map(part => {
    if (part.type !== 'tool-call' || argumentsAreSound(part)) return part
    repaired(`messages[${message.at}]`, `the arguments of '${part.id}' are not a JSON object`)
    return { ...part, arguments: JSON.stringify({ _raw: part.arguments }) }
  })
  return { ...message, content }
}

function missingResults(
  message: AssistantMessage,
  next: Message | undefined,
  repaired: (path: string, what: string) => void,
): ToolResultPart[] {
  const missing: ToolResultPart[] = []
  const isAnswered = finderOf(resultsIn(next), resultId)
  for (const part of message.content) {
    if (part.type !== 'tool-call' || isAnswered(part.id)) continue
    repaired(`messages[${message.at}]`, `call '${part.id}' had no result`)
    missing.push({
      type: 'tool-result',
      callId: part.id,
      name: part.name,
      content: [{ type: 'text', text: INTERRUPTED }],
      isError: true,
      at: message.at,
    })
  }
  return missing
}

function soundResults(
  message: ToolMessage,
  before: Message | undefined,
  repaired: (path: string, what: string) => void,
): ToolResultPart[] {
  const seen = new Set<string>()
  const isCall = finderOf(partsIn(before), callId)
  return message.content.filter(result => {
    const sound = isCall(result.callId) && !seen.has(result.callId)
    if (!sound) {
      const what = seen.has(result.callId) ? 'a second result' : 'no call'
      repaired(`messages[${result.at}]`, `the result for '${result.callId}' has ${what}`)
    }
    seen.add(result.callId)
    return sound
  })
}
