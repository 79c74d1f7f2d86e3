import type { TwinTurn } from '../model.ts'
import type { AnswerItem } from './answer.ts'
import type { ResponsesRequest } from './request.ts'

/** Token counts: `input` includes `cached`, `output` includes `reasoning`. */
export interface AnswerUsage {
  readonly input: number
  readonly cached: number
  readonly cacheWrite: number
  readonly output: number
  readonly reasoning: number
}

/** Characters that the twin takes for a token. */
export const CHARACTERS_PER_TOKEN = 4

/** An estimate: four characters a token, and at least one for any text. */
export function countText(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}

/** Token counts of a request and its answer: what the turn says, else estimates. */
export function usageOf(
  request: ResponsesRequest,
  items: readonly AnswerItem[],
  given: TwinTurn['usage'] = {},
): AnswerUsage {
  const thought = sumOf(items.filter(({ type }) => type === 'reasoning').map(tokensOf))
  const shown = sumOf(items.filter(({ type }) => type !== 'reasoning').map(tokensOf))
  const { max_output_tokens: limit } = request.body
  const most = typeof limit === 'number' ? limit : Infinity
  const estimate = Math.min(most, shown + (given.reasoning ?? thought))
  const output = given.output ?? estimate
  const input = given.input ?? inputTokens(request)
  return {
    input,
    cached: Math.min(input, given.cached ?? 0),
    cacheWrite: given.cacheWrite ?? 0,
    output,
    reasoning: Math.min(output, given.reasoning ?? thought),
  }
}

function inputTokens({ body, history, items, tools }: ResponsesRequest): number {
  const parts = [...history, ...items].map(({ at }) => JSON.stringify(at))
  const declared = tools.map(({ at }) => JSON.stringify(at))
  const instructions = typeof body.instructions === 'string' ? body.instructions : ''
  return sumOf([instructions, ...parts, ...declared].map(countText))
}

function tokensOf(item: AnswerItem): number {
  switch (item.type) {
    case 'reasoning':
      return countText(item.thought)
    case 'message':
      return sumOf(item.parts.map(({ text }) => countText(text)))
    default:
      return countText(item.name + item.input)
  }
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
