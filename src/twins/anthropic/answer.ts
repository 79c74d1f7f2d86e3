import type { TwinBlock, TwinServerCall, TwinTurn } from '../model.ts'
import type { Random } from '../random.ts'
import type { CacheUse } from './cache.ts'
import { mintId } from './headers.ts'
import { asksForThinking, type MessagesRequest, textOf } from './request.ts'
import { redactThinking, signThinking } from './signature.ts'
import { countText } from './tokens.ts'

/** A block as it goes on the wire. A call's arguments are still the model's own text. */
export type AnswerBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | {
      readonly type: 'tool_use'
      readonly id: string
      readonly name: string
      readonly arguments: string
    }
  | {
      readonly type: 'server_tool_use'
      readonly id: string
      readonly name: string
      readonly arguments: string
    }
  /** `result` is JSON. */
  | {
      readonly type: 'server_result'
      readonly tag: string
      readonly id: string
      readonly result: string
    }

/** Token counts of an answer. */
export interface AnswerUsage extends CacheUse {
  readonly output: number
  readonly thinking: number
}

/** An answer ready to be written, whole or as a stream. */
export interface Answer {
  readonly id: string
  readonly model: string
  readonly blocks: readonly AnswerBlock[]
  readonly stopReason: string
  readonly stopSequence: string | null
  readonly stopDetails: RefusalDetails | null
  readonly usage: AnswerUsage
  /** Whether the answer has the members that came with newer models. */
  readonly isRecent: boolean
  /** Whether thinking tokens are broken out. */
  readonly showsThinkingTokens: boolean
  /** Where the answer was made, as the usage says it. */
  readonly region: string
}

/** Why the model declined. */
export interface RefusalDetails {
  readonly type: 'refusal'
  readonly category: null
  readonly explanation: string | null
}

const END_REASONS = {
  stop: 'end_turn',
  calls: 'tool_use',
  length: 'max_tokens',
  refusal: 'refusal',
  // The vendor has no filter apart from the classifiers that end in a refusal.
  'content-filter': 'refusal',
  'stop-sequence': 'stop_sequence',
  pause: 'pause_turn',
} as const

/** Puts a model's turn into the vendor's clothes. */
export function dress(
  turn: TwinTurn,
  request: MessagesRequest,
  cacheUse: CacheUse,
  random: Random,
): Answer {
  const stop = cutAtStop(turn, request.stopSequences)
  const spoken = withThinking(stop.turn, request)
  const served = (stop.turn.serverCalls ?? []).flatMap(call => serverBlocks(call, random))
  const blocks = [...spoken.flatMap(block => blockOf(block, request, random)), ...served]
  const end = endOf(stop.turn)
  const isRefusal = end === 'refusal'
  const { model, thinking } = request
  const usage = usageOf(spoken, turn.usage, cacheUse)
  return {
    id: mintId('msg', random),
    model: model.id,
    blocks,
    stopReason: end,
    stopSequence: end === 'stop_sequence' ? (stop.sequence ?? turn.stopSequence ?? null) : null,
    stopDetails: isRefusal
      ? { type: 'refusal', category: null, explanation: turn.refusal ?? null }
      : null,
    usage,
    isRecent: model.isRecent,
    showsThinkingTokens: model.thinking.adaptive || (thinking.type === 'enabled' && model.isRecent),
    region: model.thinking.adaptive
      ? (textOf(request.body, 'inference_geo') ?? 'global')
      : 'not_available',
  }
}

/** The answer to `max_tokens: 0`, which only warms the cache. Source: Anthropic SDK 1.11, 2026. */
export function warmUp(request: MessagesRequest, cacheUse: CacheUse, random: Random): Answer {
  const answer = dress({ blocks: [], end: 'length' }, request, cacheUse, random)
  return { ...answer, blocks: [], usage: { ...cacheUse, output: 0, thinking: 0 } }
}

function endOf({ end, blocks }: TwinTurn): string {
  if (end) return END_REASONS[end]
  return END_REASONS[blocks.some(({ type }) => type === 'call') ? 'calls' : 'stop']
}

/** Ends the turn where a stop sequence appears in its text, unless its end is already fixed. */
function cutAtStop(
  turn: TwinTurn,
  sequences: readonly string[],
): { readonly turn: TwinTurn; readonly sequence?: string } {
  if (turn.end !== undefined && turn.end !== 'stop') return { turn }
  for (const [place, block] of turn.blocks.entries()) {
    if (block.type !== 'text') continue
    const found = sequences
      .map(sequence => ({ sequence, at: block.text.indexOf(sequence) }))
      .filter(({ at }) => at >= 0)
      .sort((one, other) => one.at - other.at)[0]
    if (!found) continue
    const kept = { ...block, text: block.text.slice(0, found.at) }
    const blocks = [...turn.blocks.slice(0, place), kept]
    return { turn: { ...turn, blocks, end: 'stop-sequence' }, sequence: found.sequence }
  }
  return { turn }
}

const THOUGHTS = [
  'Let me look at what is being asked and decide what to do next.',
  'I should work out what the user needs before I answer.',
  'Let me think this through step by step.',
]

/**
 * Adds a thought where the request asks for thinking and the model had none, and drops thoughts
 * where thinking is off. Without interleaved thinking there is none after a tool's result, either
 * (Claude docs, "extended thinking with tool use", 2026).
 */
function withThinking(turn: TwinTurn, request: MessagesRequest): readonly TwinBlock[] {
  const { thinking, model, messages } = request
  const isOn = asksForThinking(request)
  if (!isOn && !(thinking.type === 'none' && model.thinking.isDefault)) {
    return turn.blocks.filter(({ type }) => type !== 'reasoning')
  }
  const hasThought = turn.blocks.some(({ type }) => type === 'reasoning')
  const isRefusal = endOf(turn) === 'refusal'
  if (!isOn || hasThought || isRefusal) return turn.blocks
  const isLoop = messages.at(-1)?.blocks.some(({ type }) => type === 'tool_result') === true
  if (isLoop && !thinking.isInterleaved) return turn.blocks
  const length = turn.blocks.length + messages.length
  const text = THOUGHTS[length % THOUGHTS.length] ?? ''
  return [{ type: 'reasoning', text }, ...turn.blocks]
}

function blockOf(block: TwinBlock, request: MessagesRequest, random: Random): AnswerBlock[] {
  const { family } = request.model
  switch (block.type) {
    case 'text':
      // The vendor takes no empty text back, so it sends none.
      return block.text === '' ? [] : [block]
    case 'reasoning': {
      if (block.redacted) {
        return [{ type: 'redacted_thinking', data: redactThinking(block.text, family, random) }]
      }
      const thinking = request.thinking.display === 'omitted' ? '' : block.text
      const signature = signThinking(thinking, block.text, family, random)
      return [{ type: 'thinking', thinking, signature }]
    }
    case 'call': {
      const { name, arguments: text } = block
      return [{ type: 'tool_use', id: block.id ?? mintId('toolu', random), name, arguments: text }]
    }
  }
}

/** What the vendor shows of a tool that it runs itself (Claude docs, "web search tool", 2026). */
function serverBlocks({ name, input, result }: TwinServerCall, random: Random): AnswerBlock[] {
  const id = mintId('srvtoolu', random)
  const use = { type: 'server_tool_use', id, name, arguments: JSON.stringify(input) } as const
  if (result === undefined) return [use]
  const tag = `${name}_tool_result`
  return [use, { type: 'server_result', tag, id, result: JSON.stringify(result) }]
}

/** Counts given by the turn win; `input` there means the whole input, cached parts included. */
function usageOf(
  blocks: readonly TwinBlock[],
  given: TwinTurn['usage'],
  estimate: CacheUse,
): AnswerUsage {
  const fixed = given ?? {}
  const { read, write5m, write1h } = { ...estimate, ...fixedCache(fixed) }
  const input = fixed.input ?? estimate.fresh + estimate.read + estimate.write5m + estimate.write1h
  const thinking = fixed.reasoning ?? sumOf(blocks.filter(({ type }) => type === 'reasoning'))
  const shown = sumOf(blocks.filter(({ type }) => type !== 'reasoning'))
  return {
    fresh: Math.max(0, input - read - write5m - write1h),
    read,
    write5m,
    write1h,
    output: fixed.output ?? shown + thinking + 2,
    thinking,
  }
}

function fixedCache({ cached, cacheWrite }: NonNullable<TwinTurn['usage']>): Partial<CacheUse> {
  if (cached === undefined && cacheWrite === undefined) return {}
  return { read: cached ?? 0, write5m: cacheWrite ?? 0, write1h: 0 }
}

function sumOf(blocks: readonly TwinBlock[]): number {
  return blocks.reduce((sum, block) => sum + tokensOf(block), 0)
}

function tokensOf(block: TwinBlock): number {
  if (block.type !== 'call') return countText(block.text)
  return countText(block.name) + countText(block.arguments) + 8
}
