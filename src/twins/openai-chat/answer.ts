import type { TwinBlock, TwinPrompt, TwinTurn } from '../model.ts'
import type { ChatRequest } from './request.ts'

/** One call of an answer. */
export interface AnswerCall {
  readonly id: string
  /** Place among the calls of its choice. */
  readonly index: number
  readonly name: string
  /** The exact text: JSON, or free text for a custom tool. */
  readonly arguments: string
  readonly custom: boolean
}

/** One of the answers to a request; more than one only with `n`. */
export interface AnswerChoice {
  readonly index: number
  readonly reasoning: string
  readonly text: string
  readonly refusal: string | undefined
  readonly calls: readonly AnswerCall[]
  readonly end: 'stop' | 'calls' | 'length' | 'content-filter'
}

/** Token counts: `input` includes `cached`, `output` includes `reasoning`. */
export interface AnswerUsage {
  readonly input: number
  readonly output: number
  readonly cached: number
  readonly cacheWrite: number
  readonly reasoning: number
}

/** Everything that an answer says, before a vendor dresses it. */
export interface ChatAnswer {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  /** The model as the answer names it. */
  readonly model: string
  readonly choices: readonly AnswerChoice[]
  readonly usage: AnswerUsage
  readonly request: ChatRequest
  /** Whether reasoning is shown. */
  readonly thinking: boolean
}

/** Mints the id of a call that has none of its own. */
export type MintId = (name: string, index: number) => string

const CHARACTERS_PER_TOKEN = 4
const DEFAULT_REFUSAL = "I'm sorry, but I can't assist with that request."

/** An estimate: four characters a token, and at least one for any text. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}

/**
 * Makes a choice out of a turn: cuts it at the token limit and at a stop sequence, unless the turn
 * says itself how it ended, and gives its calls ids.
 */
export function choiceOf(
  turn: TwinTurn,
  prompt: TwinPrompt,
  index: number,
  mintId: MintId,
): AnswerChoice {
  const cut = turn.end === undefined ? cutTurn(turn.blocks, prompt) : { blocks: turn.blocks }
  const customs = new Set(prompt.tools.filter(tool => tool.custom).map(tool => tool.name))
  const calls = cut.blocks
    .flatMap(block => (block.type === 'call' ? [block] : []))
    .map((call, place) => ({
      id: call.id ?? mintId(call.name, place),
      index: place,
      name: call.name,
      arguments: call.arguments,
      custom: customs.has(call.name),
    }))
  return {
    index,
    reasoning: textOf(cut.blocks, 'reasoning'),
    text: textOf(cut.blocks, 'text'),
    refusal: turn.end === 'refusal' ? (turn.refusal ?? DEFAULT_REFUSAL) : undefined,
    calls,
    end: endOf(turn, calls.length > 0, cut.end),
  }
}

/**
 * Token counts of a request and its answers: what the turns say, else estimates. Reasoning is
 * estimated only if it is `counted`.
 */
export function usageOf(
  request: ChatRequest,
  choices: readonly AnswerChoice[],
  turns: readonly TwinTurn[],
  counted: boolean,
): AnswerUsage {
  const said = turns.map(turn => turn.usage ?? {})
  const input = said.find(usage => usage.input !== undefined)?.input ?? inputTokens(request)
  let output = 0
  let reasoning = 0
  for (const [index, choice] of choices.entries()) {
    const estimate = counted ? estimateTokens(choice.reasoning) : 0
    const thought = said[index]?.reasoning ?? estimate
    reasoning += thought
    output += said[index]?.output ?? thought + visibleTokens(choice)
  }
  return {
    input,
    output,
    cached: Math.min(input, sumOf(said.map(usage => usage.cached))),
    cacheWrite: sumOf(said.map(usage => usage.cacheWrite)),
    reasoning: Math.min(reasoning, output),
  }
}

function inputTokens(request: ChatRequest): number {
  const { messages, tools, functions } = request.body
  const declared = JSON.stringify(tools ?? functions ?? '')
  return estimateTokens(JSON.stringify(messages ?? '')) + estimateTokens(declared)
}

function visibleTokens(choice: AnswerChoice): number {
  const spoken = estimateTokens(choice.text) + estimateTokens(choice.refusal ?? '')
  const called = choice.calls.map(call => estimateTokens(call.name + call.arguments))
  return spoken + sumOf(called)
}

function sumOf(counts: readonly (number | undefined)[]): number {
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

interface Cut {
  readonly blocks: readonly TwinBlock[]
  readonly end?: 'length' | 'stop'
}

function cutTurn(blocks: readonly TwinBlock[], prompt: TwinPrompt): Cut {
  const kept: TwinBlock[] = []
  let room = prompt.maxTokens === undefined ? Infinity : prompt.maxTokens * CHARACTERS_PER_TOKEN
  for (const block of blocks) {
    const stopped = block.type === 'text' ? beforeStop(block.text, prompt.stop) : undefined
    const whole = block.type === 'call' ? block.name.length + block.arguments.length : 0
    const size = block.type === 'call' ? whole : (stopped ?? block.text).length
    if (size > room) {
      const shortened = shorten(block, room)
      return { blocks: shortened ? [...kept, shortened] : kept, end: 'length' }
    }
    if (block.type === 'text' && stopped !== undefined) {
      return { blocks: [...kept, { ...block, text: stopped }], end: 'stop' }
    }
    kept.push(block)
    room -= size
  }
  return { blocks: kept }
}

/** The beginning of a block that fits, or nothing if not even a call's name does. */
function shorten(block: TwinBlock, room: number): TwinBlock | undefined {
  if (block.type !== 'call') return { ...block, text: wholeCharacters(block.text, room) }
  const left = room - block.name.length
  if (left < 0) return undefined
  return { ...block, arguments: wholeCharacters(block.arguments, left) }
}

function beforeStop(text: string, stops: readonly string[]): string | undefined {
  const places = stops.flatMap(stop => {
    const at = stop === '' ? -1 : text.indexOf(stop)
    return at < 0 ? [] : [at]
  })
  return places.length > 0 ? text.slice(0, Math.min(...places)) : undefined
}

/** The first `length` units of a text, or one less if that would halve a character. */
export function wholeCharacters(text: string, length: number): string {
  const unit = text.charCodeAt(length - 1)
  const halves = length < text.length && unit >= 0xd800 && unit <= 0xdbff
  return text.slice(0, halves ? length - 1 : length)
}

function textOf(blocks: readonly TwinBlock[], type: 'text' | 'reasoning'): string {
  return blocks.map(block => (block.type === type && 'text' in block ? block.text : '')).join('')
}

function endOf(turn: TwinTurn, hasCalls: boolean, cut: Cut['end']): AnswerChoice['end'] {
  switch (turn.end) {
    case undefined:
      return cut ?? (hasCalls ? 'calls' : 'stop')
    case 'refusal':
    case 'stop-sequence':
    case 'pause':
      return 'stop'
    default:
      return turn.end
  }
}
