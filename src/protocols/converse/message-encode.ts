import { ToolgateError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { AssistantMessage, Message, SystemMessage, ToolMessage } from '../../core/message.ts'
import { encodeAssistantPart, encodeResult, encodeText, encodeUserPart } from './block-encode.ts'
import { cachePoint, lose, messagePath, type Writing } from './wire.ts'

/** A conversation in the vendor's words. */
export interface EncodedConversation {
  /** The blocks of the top-level `system`. */
  readonly system: JsonObject[]
  readonly messages: JsonObject[]
  /** Whether the running tool loop began without reasoning. */
  readonly isLoopBare: boolean
}

/** What the vendor sees as one turn: neighbours of one role are one. */
interface Turn {
  readonly role: 'user' | 'assistant'
  /** Results stand before all else, whatever order they came in. */
  readonly results: JsonObject[]
  readonly content: JsonObject[]
  readonly at: number
}

/**
 * Writes the messages: instructions from the head of the conversation apart, roles in turn, results
 * first, and no blank texts, which the vendor refuses.
 *
 * @throws ToolgateError `unsupported` if the conversation ends with a prefill that the model does
 * not take, and `invalid_value` if nothing is left of it.
 */
export function encodeConversation(writing: Writing): EncodedConversation {
  const system: JsonObject[] = []
  const turns: Turn[] = []
  for (const message of writing.request.messages) add(message, system, turns, writing)
  if (turns.length === 0) askInstructions(system, turns, writing)
  if (turns[0]?.role === 'assistant') {
    const content = [{ text: '[The assistant begins the conversation.]' }]
    turns.unshift({ role: 'user', results: [], content, at: -1 })
    const what = 'the assistant spoke first; a user text that says so was put before it'
    lose(writing, 'messages', what, 'repaired', false)
  }
  const last = turns.at(-1)
  if (last?.role === 'assistant') checkPrefill(last, writing)
  for (const turn of turns) accompany(turn, writing)
  return {
    system,
    messages: turns.map(({ role, results, content }) => ({
      role,
      content: [...results, ...content],
    })),
    isLoopBare: isLoopBare(turns),
  }
}

function add(message: Message, system: JsonObject[], turns: Turn[], writing: Writing): void {
  const path = messagePath(message)
  switch (message.role) {
    case 'system':
      addSystem(message, system, turns, writing)
      return
    case 'user':
      for (const [i, part] of message.content.entries()) {
        const blocks = encodeUserPart(part, `${path}.content[${i}]`, writing)
        if (blocks.length > 0) turnOf('user', message, turns).content.push(...blocks)
      }
      return
    case 'tool':
      addResults(message, turns, writing)
      return
    case 'assistant':
      addAssistant(message, turns, writing)
  }
}

function turnOf(role: Turn['role'], message: Message, turns: Turn[]): Turn {
  const last = turns.at(-1)
  if (last?.role === role) return last
  const turn: Turn = { role, results: [], content: [], at: message.at }
  turns.push(turn)
  return turn
}

function addSystem(
  message: SystemMessage,
  system: JsonObject[],
  turns: Turn[],
  writing: Writing,
): void {
  const path = messagePath(message)
  if (turns.length === 0) {
    for (const [i, part] of message.content.entries())
      system.push(...encodeText(part, `${path}.content[${i}]`, writing))
    return
  }
  const what = 'instructions in the middle were said as a user text in <system> tags'
  lose(writing, path, what, 'approximated', true)
  for (const { text, cache } of message.content) {
    if (text.trim() === '') continue
    const block = { text: `<system>\n${text}\n</system>` }
    turnOf('user', message, turns).content.push(block, ...cachePoint(cache, path, writing))
  }
}

function addResults(message: ToolMessage, turns: Turn[], writing: Writing): void {
  for (const part of message.content)
    turnOf('user', message, turns).results.push(...encodeResult(part, writing))
}

function addAssistant(message: AssistantMessage, turns: Turn[], writing: Writing): void {
  const path = messagePath(message)
  for (const [i, part] of message.content.entries()) {
    const blocks = encodeAssistantPart(part, `${path}.content[${i}]`, writing)
    if (blocks.length > 0) turnOf('assistant', message, turns).content.push(...blocks)
  }
}

/** The vendor wants a question: with instructions alone, the last of them becomes it. */
function askInstructions(system: JsonObject[], turns: Turn[], writing: Writing): void {
  const index = system.findLastIndex(block => 'text' in block)
  const block = system[index]
  if (!block) {
    const why = 'at least one message is required'
    throw new ToolgateError('invalid_value', `messages: ${why}`, {
      details: { path: ['messages'], why },
    })
  }
  turns.push({ role: 'user', results: [], content: system.splice(index), at: -1 })
  const what = 'a conversation of instructions alone; the last of them was said as the user'
  lose(writing, 'messages', what, 'approximated', true)
}

/** White space at the end of a begun answer is refused. */
function checkPrefill(turn: Turn, writing: Writing): void {
  if (writing.quirks.prefill !== true) {
    throw new ToolgateError(
      'unsupported',
      'This model does not support assistant message prefill. The conversation must end with a user message.',
      { details: { path: ['messages', Math.max(0, turn.at)] } },
    )
  }
  const block = turn.content.at(-1)
  const text = block?.['text']
  if (!block || typeof text !== 'string' || text === text.trimEnd()) return
  block['text'] = text.trimEnd()
  const what = 'white space at the end of the begun answer was left out'
  lose(writing, 'messages', what, 'repaired', false)
}

/** A document needs a text beside it. Source: AWS API reference, "ContentBlock", 2026. */
function accompany({ role, results, content, at }: Turn, writing: Writing): void {
  const isAlone =
    role === 'user' &&
    content.some(block => 'document' in block) &&
    !content.some(block => 'text' in block)
  if (!isAlone || results.length > 0) return
  content.push({ text: 'See the document.' })
  const what = 'a document must have a text beside it; one was added'
  lose(writing, `messages[${at}]`, what, 'repaired', false)
}

/** With a budget for thinking, the vendor refuses a running tool loop that began without any. */
function isLoopBare(turns: readonly Turn[]): boolean {
  const asked = turns.findLastIndex(turn => turn.role === 'user' && turn.results.length === 0)
  const first = turns.slice(asked + 1).find(turn => turn.role === 'assistant')
  const [block] = first?.content ?? []
  return block !== undefined && !('reasoningContent' in block)
}
