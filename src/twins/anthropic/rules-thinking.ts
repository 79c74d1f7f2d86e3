import { reject } from './error.ts'
import { asksForThinking, type Message, type MessagesRequest } from './request.ts'
import { turnsOf, wordsOf } from './rules-messages.ts'
import { isGenuine, isGenuineRedacted } from './signature.ts'

/** Rules on the `thinking` field and on the thinking blocks of the history. */
export function checkThinking(request: MessagesRequest): void {
  refuseMode(request)
  refuseBudget(request)
  refuseForcedChoice(request)
  refuseForgery(request)
  refuseDroppedThinking(request)
}

/** Sources: Sylinko/Everywhere issue #410, vellum-assistant pull request #37276, 2026. */
function refuseMode({ thinking: { type }, model }: MessagesRequest): void {
  const { enabled, adaptive, disabled, betweenTools } = model.thinking
  if (type === 'enabled' && !enabled) {
    reject(
      adaptive
        ? '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        : `'${model.id}' does not support thinking.`,
    )
  }
  if (type === 'adaptive' && !adaptive) reject('adaptive thinking is not supported on this model')
  // Source: opencode-anthropic-auth issue #159, 2026-06-09.
  if (type === 'disabled' && !disabled) {
    reject(
      '"thinking.type.disabled" is not supported for this model. Thinking defaults to adaptive mode when not specified; use "thinking.type.enabled" with "budget_tokens" for extended thinking.',
    )
  }
  if (type === 'between_tools' && !betweenTools) {
    reject('"thinking.type.between_tools" is not supported for this model.')
  }
}

/** With interleaved thinking the budget spans a whole tool loop, so it may be larger. */
function refuseBudget({ thinking, maxTokens, tools }: MessagesRequest): void {
  if (thinking.type !== 'enabled' || maxTokens === undefined) return
  if (thinking.budget < maxTokens || (thinking.isInterleaved && tools.length > 0)) return
  reject(
    '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size',
  )
}

/** Sources: mastra issue #7507, 2025; adaptive thinking accepts forcing (Claude docs, 2026). */
function refuseForcedChoice({ thinking, choice }: MessagesRequest): void {
  const isForced = choice?.type === 'any' || choice?.type === 'tool'
  if (isForced && thinking.type === 'enabled') {
    reject('Thinking may not be enabled when tool_choice forces tool use.')
  }
}

/** Thinking of any turn is checked if it is sent. Source: claude-code issue #10627, 2025-10. */
function refuseForgery({ messages, model }: MessagesRequest): void {
  for (const { index, blocks } of messages) {
    for (const block of blocks) {
      const path = `messages.${index}.content.${block.index}`
      const { type } = block
      const signature = wordsOf(block, 'signature')
      if (type === 'thinking' && !isGenuine(wordsOf(block, 'thinking'), signature, model.family)) {
        reject(`${path}: Invalid \`signature\` in \`thinking\` block`)
      }
      if (
        type === 'redacted_thinking' &&
        !isGenuineRedacted(wordsOf(block, 'data'), model.family)
      ) {
        reject(`${path}: Invalid \`data\` in \`redacted_thinking\` block`)
      }
    }
  }
}

/**
 * With manual thinking a tool loop begins with thinking, and so does a prefill. Sources:
 * pydantic-ai issue #2075, 2025; Claude docs, "extended thinking with tool use", 2026.
 */
function refuseDroppedThinking(request: MessagesRequest): void {
  const { thinking, messages } = request
  if (thinking.type !== 'enabled' || !asksForThinking(request)) return
  const first = beginningOfLoop(messages)
  const block = first?.blocks[0]
  if (!first || !block || block.type === 'thinking' || block.type === 'redacted_thinking') return
  reject(
    `messages.${first.index}.content.${block.index}.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${block.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking`,
  )
}

/** The first assistant message after the last user turn that brings no results. */
function beginningOfLoop(messages: readonly Message[]): Message | undefined {
  const turns = turnsOf(messages).filter(([first]) => first?.role !== 'system')
  let first: Message | undefined
  for (const turn of turns.toReversed()) {
    if (turn[0]?.role === 'assistant') first = turn[0]
    else if (!turn.some(({ blocks }) => blocks.some(({ type }) => type === 'tool_result'))) break
  }
  return first
}
