import { reject } from './error.ts'
import { isList } from './json.ts'
import { type Block, blocksOf, type Message, type MessagesRequest, textOf } from './request.ts'

/** Rules on roles, on what may stand where, and on empty content. */
export function checkMessages(request: MessagesRequest): void {
  refuseNoMessages(request)
  refuseSystemRole(request)
  for (const message of request.messages) {
    if (message.role === 'system') checkSystemContent(message)
    else refuseMisplacedBlocks(message, request)
  }
  refuseSystemPlaces(request)
  refuseAssistantFirst(request)
  refuseEmptyUserTurns(request)
  refuseEmptyText(request)
  for (const message of request.messages) refuseBadErrorResults(message)
}

/** Source: langchain issue #31657, 2025-06; measured by others, 2026-08-31. */
function refuseNoMessages({ messages }: MessagesRequest): void {
  if (messages.length === 0) reject('messages: at least one message is required')
}

/** Sources: claude-agent-sdk-typescript issue #350 (4.5), claude-code issue #61242 (4.7), 2026. */
function refuseSystemRole({ messages, model }: MessagesRequest): void {
  if (model.systemMessages === 'accepted' || messages.every(({ role }) => role !== 'system')) return
  reject(
    model.systemMessages === 'unsupported'
      ? "role 'system' is not supported on this model"
      : 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
  )
}

const SYSTEM_BLOCKS = ['text', 'tool_addition', 'tool_removal']

/** Source: measured against the live API by others, 2026-08-31. */
function checkSystemContent({ blocks, index, isDirective }: Message): void {
  if (blocks.length === 0 && !isDirective) {
    reject(`messages.${index}: system content must contain at least one block`)
  }
  if (blocks.some(({ type }) => !SYSTEM_BLOCKS.includes(type))) {
    reject(
      `messages.${index}: role 'system' supports text, tool_addition, and tool_removal blocks only`,
    )
  }
}

const ANYWHERE =
  'the directive-only form (content: [] with output_config) is accepted at any position'

/**
 * A run of system messages follows a user turn (or a server tool's result) and ends the list or
 * comes before an assistant turn. Source: measured against the live API by others, 2026-08-31.
 */
function refuseSystemPlaces({ messages }: MessagesRequest): void {
  const spoken = messages.filter(({ isDirective }) => !isDirective)
  for (const [place, message] of spoken.entries()) {
    if (message.role !== 'system') continue
    const where = `messages.${message.index}`
    const before = spoken[place - 1]
    const after = spoken[place + 1]
    if (!before) {
      reject(
        `${where}: use the top-level 'system' parameter for the initial system prompt; ${ANYWHERE}`,
      )
    }
    if (before.role === 'assistant' && !endsInServerResult(before)) {
      reject(
        `${where}: role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result; ${ANYWHERE}`,
      )
    }
    if (after?.role === 'user') {
      reject(
        `${where}: role 'system' must precede an 'assistant' message or end the array; ${ANYWHERE}`,
      )
    }
    if (message.blocks.some(({ type, at }) => type === 'text' && isBlank(at['text']))) {
      reject(`${where}: system text blocks must contain non-whitespace text`)
    }
  }
}

/** Whether a message stops where a server tool left off, so that it may be continued. */
export function endsInServerResult({ blocks }: Message): boolean {
  const last = blocks.at(-1)?.type ?? ''
  return last === 'server_tool_use' || (last !== 'tool_result' && last.endsWith('_tool_result'))
}

const ASSISTANT_ONLY = ['tool_use', 'thinking', 'redacted_thinking', 'server_tool_use']
const USER_ONLY = ['tool_result', 'image', 'search_result', 'container_upload']

/**
 * Blocks belong to one side. Source: several gateways quote the text for `tool_use`, 2026. Since
 * 2026-10-21 documents and citations belong to fewer places (Claude docs, "API versions").
 */
function refuseMisplacedBlocks({ role, index, blocks }: Message, request: MessagesRequest): void {
  const isNewest = request.edition.version === '2026-10-21'
  for (const { type, index: place, at } of blocks) {
    const isServerSide = type !== 'tool_result' && type.endsWith('_tool_result')
    if (role === 'user' && (ASSISTANT_ONLY.includes(type) || isServerSide)) {
      reject(`messages.${index}: \`${type}\` blocks can only be in \`assistant\` messages`)
    }
    if (role === 'assistant' && (USER_ONLY.includes(type) || (isNewest && type === 'document'))) {
      reject(`messages.${index}: \`${type}\` blocks can only be in \`user\` messages`)
    }
    const citations = at['citations']
    if (isNewest && role === 'user' && type === 'text' && isList(citations) && citations.length) {
      reject(`messages.${index}.content.${place}.text.citations: Extra inputs are not permitted`)
    }
  }
}

/** Source: lobehub issue #1601, 2024; probed by others again on 2026-07-25. */
function refuseAssistantFirst({ messages }: MessagesRequest): void {
  const first = messages.find(({ isDirective }) => !isDirective)
  if (first?.role === 'assistant') reject('messages: first message must use the "user" role')
}

/** A run of user messages is one turn. Source: measured by others, 2026-08-31. */
function refuseEmptyUserTurns({ messages }: MessagesRequest): void {
  for (const turn of turnsOf(messages)) {
    const [first] = turn
    if (first?.role === 'user' && turn.every(({ blocks }) => blocks.length === 0)) {
      reject(`messages.${first.index}: user messages must have non-empty content`)
    }
  }
}

/** Sources: claude-code issue #59812, 2026-05; probed by others, 2026-07-25. */
function refuseEmptyText({ messages, system }: MessagesRequest): void {
  for (const { at } of system) {
    if (at['text'] === '') reject('system: text content blocks must be non-empty')
  }
  for (const { role, index, blocks } of messages) {
    if (role === 'system') continue
    for (const { type, at, index: place } of blocks) {
      if (type !== 'text') continue
      const isMarked = 'cache_control' in at && at['cache_control'] !== null
      if (at['text'] === '' && isMarked) {
        const path = `messages.${index}.content.${place}.text`
        reject(`${path}: cache_control cannot be set for empty text blocks`)
      }
      if (at['text'] === '') reject('messages: text content blocks must be non-empty')
      if (isBlank(at['text'])) {
        reject('messages: text content blocks must contain non-whitespace text')
      }
    }
  }
}

/** Sources: public reports of 2025 and 2026 about clients that sent bare error results. */
function refuseBadErrorResults({ index, blocks }: Message): void {
  for (const { type, at, index: place } of blocks) {
    if (type !== 'tool_result' || at['is_error'] !== true) continue
    const path = `messages.${index}.content.${place}.tool_result`
    const parts = blocksOf(at, 'content')
    if (parts.length === 0) reject(`${path}: content cannot be empty if \`is_error\` is true`)
    if (parts.some(part => part.type !== 'text')) {
      reject(`${path}: all content must be type \`text\` if \`is_error\` is true`)
    }
  }
}

function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === ''
}

/**
 * Groups neighbours of one role into turns, as the vendor does. System messages part turns, unless
 * they are directives, which are looked through.
 */
export function turnsOf(messages: readonly Message[]): Message[][] {
  const turns: Message[][] = []
  for (const message of messages) {
    if (message.isDirective) continue
    const turn = turns.at(-1)
    if (turn?.[0]?.role === message.role) turn.push(message)
    else turns.push([message])
  }
  return turns
}

/** The text of a block's member, empty if it has none. */
export function wordsOf({ at }: Block, name = 'text'): string {
  return textOf(at, name) ?? ''
}
