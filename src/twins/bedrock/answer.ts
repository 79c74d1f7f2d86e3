import {
  isObject,
  JsonSyntaxError,
  jsonSource,
  parseJson,
  type Writable,
  writeJson,
} from '../anthropic/json.ts'
import { redactThinking, signThinking } from '../anthropic/signature.ts'
import type { TwinBlock, TwinPrompt, TwinTurn } from '../model.ts'
import type { Random } from '../random.ts'
import type { ModelFacts } from './door.ts'

/** A block as it goes on the wire. A call's arguments are still the model's own text. */
export type AnswerBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly signature?: string }
  | { readonly type: 'redacted'; readonly data: string }
  | {
      readonly type: 'call'
      readonly id: string
      readonly name: string
      readonly arguments: string
    }

/** An answer ready to be written, whole or as a stream. */
export interface Answer {
  readonly blocks: readonly AnswerBlock[]
  readonly stopReason: string
  readonly usage: Writable
  readonly latencyMs: number
}

const REASONS = {
  stop: 'end_turn',
  // The vendor has no word for a pause.
  pause: 'end_turn',
  calls: 'tool_use',
  length: 'max_tokens',
  refusal: 'content_filtered',
  'content-filter': 'content_filtered',
  'stop-sequence': 'stop_sequence',
} as const

/** Puts a model's turn into the vendor's clothes. */
export function dress(
  turn: TwinTurn,
  prompt: TwinPrompt,
  model: ModelFacts,
  random: Random,
): Answer {
  const thought: TwinBlock = { type: 'reasoning', text: 'Let me see what is asked.' }
  const isSilent = prompt.reasoning && !turn.blocks.some(({ type }) => type === 'reasoning')
  // Claude thinks when it is asked to; others may have no say in it.
  const isAsked = prompt.reasoning || !model.isClaude
  const said = isAsked ? turn.blocks : turn.blocks.filter(({ type }) => type !== 'reasoning')
  const spoken = isSilent ? [thought, ...said] : said
  const refusal =
    turn.end === 'refusal' && turn.refusal ? [{ type: 'text' as const, text: turn.refusal }] : []
  const hasCalls = turn.blocks.some(({ type }) => type === 'call')
  return {
    blocks: [...spoken, ...refusal].flatMap(block => blockOf(block, model, random)),
    stopReason: REASONS[turn.end ?? (hasCalls ? 'calls' : 'stop')],
    usage: usageOf(turn, prompt),
    latencyMs: 200 + random.below(3_000),
  }
}

function blockOf(block: TwinBlock, model: ModelFacts, random: Random): AnswerBlock[] {
  switch (block.type) {
    case 'text':
      return block.text === '' ? [] : [block]
    case 'reasoning': {
      const { text } = block
      // Only Claude signs; others show what they thought and want nothing back.
      if (!model.isClaude) return [{ type: 'reasoning', text }]
      return block.redacted
        ? [{ type: 'redacted', data: redactThinking(text, model.family, random) }]
        : [{ type: 'reasoning', text, signature: signThinking(text, text, model.family, random) }]
    }
    case 'call': {
      const id = block.id ?? `tooluse_${random.text(22)}`
      return [{ type: 'call', id, name: block.name, arguments: block.arguments }]
    }
  }
}

function usageOf(turn: TwinTurn, prompt: TwinPrompt): Writable {
  const { usage = {} } = turn
  const cached = usage.cached ?? 0
  const cacheWrite = usage.cacheWrite ?? 0
  const estimate = Math.ceil(JSON.stringify([prompt.messages, prompt.tools]).length / 4)
  const input = Math.max(0, (usage.input ?? estimate + cached + cacheWrite) - cached - cacheWrite)
  const output = usage.output ?? Math.ceil(JSON.stringify(turn.blocks).length / 4)
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + cached + cacheWrite + output,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: cacheWrite,
  }
}

/** The body of a whole answer, members in the vendor's order. */
export function writeAnswer({ blocks, stopReason, usage, latencyMs }: Answer): string {
  return writeJson({
    metrics: { latencyMs },
    output: { message: { content: blocks.map(memberOf), role: 'assistant' } },
    stopReason,
    usage,
  })
}

function memberOf(block: AnswerBlock): Writable {
  switch (block.type) {
    case 'text':
      return { text: block.text }
    case 'reasoning':
      return {
        reasoningContent: { reasoningText: { text: block.text, signature: block.signature } },
      }
    case 'redacted':
      return { reasoningContent: { redactedContent: block.data } }
    case 'call': {
      const input = jsonSource(inputSource(block.arguments))
      return { toolUse: { input, name: block.name, toolUseId: block.id, type: 'tool_use' } }
    }
  }
}

/** The model's own arguments, spelling and all, if they are an object. */
function inputSource(text: string): string {
  try {
    return isObject(parseJson(text).value) ? text.trim() : '{}'
  } catch (error) {
    if (error instanceof JsonSyntaxError) return '{}'
    throw error
  }
}
