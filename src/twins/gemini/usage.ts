import type { TwinBlock, TwinTurn } from '../model.ts'
import type { Random } from '../random.ts'
import type { GeminiRequest } from './request.ts'
import { countPrompt, countText } from './tokens.ts'

/** Token counts of an answer. */
export interface AnswerUsage {
  /** All of the input, cached and pictures included. */
  readonly prompt: number
  readonly cached: number
  readonly images: number
  /** What was said, without thoughts. */
  readonly candidates: number
  readonly thoughts: number
  /** How much of the input a stream counts only in its last chunk. */
  readonly late: number
}

/** What a cached content counts where the turn does not say; its text is not known. */
const CACHED_TOKENS = 2_048

/**
 * Counts given by the turn win; `output` there means everything that was generated, thoughts
 * included. A model that thinks unseen is given a few thoughts, unless the turn has counts.
 */
export function usageOf(
  turn: TwinTurn,
  spoken: readonly TwinBlock[],
  request: GeminiRequest,
  isThinking: boolean,
  random: Random,
): AnswerUsage {
  const given = turn.usage ?? {}
  const counted = countPrompt(request)
  const isCached = request.cachedContent !== undefined
  const prompt = given.input ?? counted.total + (isCached ? CACHED_TOKENS : 0)
  const seen = sumOf(spoken.filter(({ type }) => type === 'reasoning'))
  const unseen = isThinking && seen === 0 && turn.usage === undefined ? 24 + random.below(200) : 0
  const thoughts = given.reasoning ?? (isThinking ? seen : 0) + unseen
  const said = sumOf(spoken.filter(({ type }) => type !== 'reasoning'))
  const late = counted.responses || (random.below(4) === 0 ? random.below(40) : 0)
  return {
    prompt,
    cached: given.cached ?? (isCached ? CACHED_TOKENS : 0),
    images: Math.min(prompt, counted.images),
    candidates: given.output === undefined ? said : Math.max(0, given.output - thoughts),
    thoughts,
    late: Math.min(late, Math.max(0, prompt - 1)),
  }
}

/** Tokens of a block. */
export function countBlock(block: TwinBlock): number {
  if (block.type !== 'call') return countText(block.text)
  return countText(block.name) + countText(block.arguments) + 4
}

function sumOf(blocks: readonly TwinBlock[]): number {
  return blocks.reduce((sum, block) => sum + countBlock(block), 0)
}
