import { reject } from './error.ts'
import type { Block, Message, MessagesRequest } from './request.ts'
import { endsInServerResult, turnsOf, wordsOf } from './rules-messages.ts'

interface Placed {
  readonly message: Message
  readonly block: Block
}

/** Rules on calls and their results, and on how a conversation ends. */
export function checkPairing(request: MessagesRequest): void {
  refuseRepeatedIds(request)
  refuseOrphanServerResults(request)
  const turns = turnsOf(request.messages).filter(([first]) => first?.role !== 'system')
  for (const [place, turn] of turns.entries()) {
    if (turn[0]?.role !== 'user') continue
    const calls = placedOf(turns[place - 1] ?? [], 'tool_use')
    refuseOrphans(turn, calls)
    refuseRepeatedResults(turn)
    refuseUnanswered(calls, leadingResults(turn))
  }
  const last = turns.at(-1)
  if (last?.[0]?.role === 'assistant') {
    refuseUnanswered(placedOf(last, 'tool_use'), new Set())
    refusePrefill(last, request)
  }
}

/** Source: trycua/cua issue #524, 2025. */
function refuseRepeatedIds({ messages }: MessagesRequest): void {
  const seen = new Set<string>()
  for (const { message, block } of placedOf(messages, 'tool_use')) {
    const id = wordsOf(block, 'id')
    if (seen.has(id)) {
      reject(`messages.${message.index}.content.${block.index}: \`tool_use\` ids must be unique`)
    }
    seen.add(id)
  }
}

/** Source: claude-code issue #64383, 2026-06. */
function refuseOrphanServerResults({ messages }: MessagesRequest): void {
  const calls = new Set<string>()
  for (const { message, block } of placedOf(messages)) {
    const { type } = block
    const isMcp = type.startsWith('mcp_')
    if (type === 'server_tool_use' || type === 'mcp_tool_use') calls.add(wordsOf(block, 'id'))
    if (type === 'tool_result' || !type.endsWith('_tool_result')) continue
    const id = wordsOf(block, 'tool_use_id')
    if (calls.has(id)) continue
    const path = `messages.${message.index}.content.${block.index}`
    const origin = isMcp ? 'mcp_tool_use' : 'server_tool_use'
    reject(
      `${path}: unexpected \`tool_use_id\` found in \`${type}\` blocks: ${id}. Each \`${type}\` block must have a corresponding \`${origin}\` block before it.`,
    )
  }
}

/** Source: claude-code issue #13460, 2025-12. */
function refuseOrphans(turn: readonly Message[], calls: readonly Placed[]): void {
  const ids = new Set(calls.map(({ block }) => wordsOf(block, 'id')))
  for (const { message, block } of placedOf(turn, 'tool_result')) {
    const id = wordsOf(block, 'tool_use_id')
    if (ids.has(id)) continue
    const path = `messages.${message.index}.content.${block.index}`
    reject(
      `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
    )
  }
}

/** The words are quoted by several clients; their path is not certain. */
function refuseRepeatedResults(turn: readonly Message[]): void {
  const seen = new Set<string>()
  for (const { message, block } of placedOf(turn, 'tool_result')) {
    const id = wordsOf(block, 'tool_use_id')
    if (seen.has(id)) {
      const path = `messages.${message.index}.content.${block.index}`
      reject(
        `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      )
    }
    seen.add(id)
  }
}

/** Source: claude-code issue #8210, 2025-09. */
function refuseUnanswered(calls: readonly Placed[], answered: ReadonlySet<string>): void {
  const open = calls.filter(({ block }) => !answered.has(wordsOf(block, 'id')))
  const index = open[0]?.message.index
  if (index === undefined) return
  const ids = open.filter(({ message }) => message.index === index)
  const list = ids.map(({ block }) => wordsOf(block, 'id')).join(', ')
  reject(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${list}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  )
}

/**
 * The results that count: those before anything else in the user's turn, across messages. Source:
 * Claude docs, "handle tool calls", 2026; probed by others on 2026-07-25.
 */
function leadingResults(turn: readonly Message[]): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const { block } of placedOf(turn)) {
    if (block.type !== 'tool_result') break
    ids.add(wordsOf(block, 'tool_use_id'))
  }
  return ids
}

/** Sources: vscode-unify-chat-provider issue #249 and llm-exe issue #503, 2026. */
function refusePrefill(turn: readonly Message[], { model }: MessagesRequest): void {
  const last = turn.at(-1)
  const block = last?.blocks.at(-1)
  if (!last || !block || endsInServerResult(last)) return
  if (block.type === 'thinking' || block.type === 'redacted_thinking') {
    reject(
      `messages.${last.index}: The final block in an assistant message cannot be \`thinking\`.`,
    )
  }
  if (!model.takesPrefill) {
    reject(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  if (block.type === 'text' && /\s$/.test(wordsOf(block))) {
    reject('messages: final assistant content cannot end with trailing whitespace')
  }
}

function placedOf(messages: readonly Message[], type?: string): Placed[] {
  return messages.flatMap(message =>
    message.blocks
      .filter(block => type === undefined || block.type === type)
      .map(block => ({ message, block })),
  )
}
