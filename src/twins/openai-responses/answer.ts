import type { TwinBlock, TwinTurn } from '../model.ts'
import type { Random } from '../random.ts'
import { hex } from './headers.ts'
import { isThinking } from './prompt.ts'
import type { ResponsesRequest } from './request.ts'
import { seal } from './seal.ts'
import { type AnswerUsage, CHARACTERS_PER_TOKEN, usageOf } from './tokens.ts'

/** Whether an item is whole, or was cut off with the answer. */
export type ItemStatus = 'completed' | 'incomplete'

/** One part of a message. */
export interface AnswerPart {
  readonly type: 'output_text' | 'refusal'
  readonly text: string
}

/** An item of the answer, before it is written. */
export type AnswerItem =
  | {
      readonly type: 'reasoning'
      readonly id: string
      readonly thought: string
      /** What is shown of the thought; empty unless a summary was asked for. */
      readonly summary: readonly string[]
      /** The encrypted content, if it is to be sent, as it is at the end and at the beginning. */
      readonly token?: { readonly final: string; readonly first: string }
    }
  | {
      readonly type: 'message'
      readonly id: string
      readonly parts: readonly AnswerPart[]
      readonly status: ItemStatus
      readonly phase: 'commentary' | 'final_answer' | undefined
    }
  | {
      readonly type: 'function_call' | 'custom_tool_call'
      readonly id: string
      readonly callId: string
      readonly name: string
      /** The exact text: JSON, or free text for a custom tool. */
      readonly input: string
      readonly namespace: string | undefined
      readonly status: ItemStatus
    }

/** An answer ready to be written, whole or as a stream. */
export interface Answer {
  readonly id: string
  /** Unix seconds. */
  readonly createdAt: number
  readonly items: readonly AnswerItem[]
  /** Why the answer is incomplete; absent if it is complete. */
  readonly cut: 'max_output_tokens' | 'content_filter' | undefined
  readonly usage: AnswerUsage
  readonly request: ResponsesRequest
}

const DEFAULT_REFUSAL = "I'm sorry, but I can't assist with that request."

/** Puts a model's turn into the vendor's clothes. `now` is in Unix milliseconds. */
export function dress(
  turn: TwinTurn,
  request: ResponsesRequest,
  now: number,
  random: Random,
): Answer {
  const { blocks, isCut } = cutAtLimit(turn, request)
  const cut = cutOf(turn, isCut)
  const mint = idMint(now, random)
  const id = mint('resp')
  const spoken = withText(withReasoning(blocks, request), turn)
  const items = spoken.map((block, place) => {
    const status = cut && place === spoken.length - 1 ? 'incomplete' : 'completed'
    return itemOf(block, { request, status, rest: spoken.slice(place + 1), mint, now, random })
  })
  const usage = usageOf(request, items, turn.usage)
  return { id, createdAt: Math.floor(now / 1000), items, cut, usage, request }
}

/** Mints ids that share a beginning, as all of one response do, and tell the time (recorded). */
function idMint(now: number, random: Random): (kind: string) => string {
  const stem = hex(random, 16)
  const time = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')
  return kind => `${kind}_${stem}00${time}${hex(random, 24)}`
}

/** Cuts a turn at the token limit, unless it says itself how it ended. */
function cutAtLimit(
  turn: TwinTurn,
  { body }: ResponsesRequest,
): { readonly blocks: readonly TwinBlock[]; readonly isCut: boolean } {
  const { max_output_tokens: limit } = body
  if (turn.end !== undefined || typeof limit !== 'number') {
    return { blocks: turn.blocks, isCut: false }
  }
  const kept: TwinBlock[] = []
  let room = limit * CHARACTERS_PER_TOKEN
  for (const block of turn.blocks) {
    const head = block.type === 'call' ? block.name.length : 0
    const text = block.type === 'call' ? block.arguments : block.text
    if (head + text.length > room) {
      if (head > room) return { blocks: kept, isCut: true }
      const short = beginning(text, room - head)
      const last =
        block.type === 'call' ? { ...block, arguments: short } : { ...block, text: short }
      return { blocks: [...kept, last], isCut: true }
    }
    kept.push(block)
    room -= head + text.length
  }
  return { blocks: kept, isCut: false }
}

/** The first units of a text, never half a character. */
function beginning(text: string, length: number): string {
  const unit = text.charCodeAt(length - 1)
  return text.slice(0, unit >= 0xd800 && unit <= 0xdbff ? length - 1 : length)
}

function cutOf(turn: TwinTurn, isCut: boolean): Answer['cut'] {
  if (turn.end === 'content-filter') return 'content_filter'
  return isCut || turn.end === 'length' ? 'max_output_tokens' : undefined
}

const THOUGHTS = [
  '**Reading the request**\n\nI should work out what is being asked and what I need for it.',
  '**Planning the answer**\n\nLet me think about the next step before I answer.',
  '**Considering the details**\n\nI want to be sure that nothing in the request is left out.',
]

/** Adds a thought where the model thinks and had none, and drops thoughts where it does not. */
function withReasoning(
  blocks: readonly TwinBlock[],
  request: ResponsesRequest,
): readonly TwinBlock[] {
  if (!isThinking(request)) return blocks.filter(({ type }) => type !== 'reasoning')
  if (blocks.some(({ type }) => type === 'reasoning')) return blocks
  const length = blocks.length + request.items.length + request.history.length
  return [{ type: 'reasoning', text: THOUGHTS[length % THOUGHTS.length] ?? '' }, ...blocks]
}

type Spoken = TwinBlock | { readonly type: 'refusal'; readonly text: string }

/** Adds the words of a refusal, and an empty text to an answer that says nothing at all. */
function withText(blocks: readonly TwinBlock[], turn: TwinTurn): readonly Spoken[] {
  if (turn.end === 'refusal') {
    return [...blocks, { type: 'refusal', text: turn.refusal ?? DEFAULT_REFUSAL }]
  }
  const isSilent = !blocks.some(({ type }) => type !== 'reasoning')
  const isOver = turn.end === 'length' || turn.end === 'content-filter'
  return isSilent && !isOver && turn.blocks.length === 0
    ? [...blocks, { type: 'text', text: '' }]
    : blocks
}

interface Surroundings {
  readonly request: ResponsesRequest
  readonly status: ItemStatus
  /** The blocks that follow. */
  readonly rest: readonly Spoken[]
  readonly mint: (kind: string) => string
  readonly now: number
  readonly random: Random
}

function itemOf(block: Spoken, around: Surroundings): AnswerItem {
  const { request, status, rest, mint, random } = around
  switch (block.type) {
    case 'reasoning':
      return reasoningItem(block, around)
    case 'text':
    case 'refusal': {
      const type = block.type === 'text' ? 'output_text' : 'refusal'
      const phase = rest.some(({ type }) => type === 'call') ? 'commentary' : 'final_answer'
      return {
        type: 'message',
        id: mint('msg'),
        parts: [{ type, text: block.text }],
        status,
        phase: request.model.hasPhases ? phase : undefined,
      }
    }
    case 'call': {
      const { name, arguments: input, id } = block
      const tool = request.tools.find(declared => declared.name === name)
      const isCustom = tool?.kind === 'custom'
      return {
        type: isCustom ? 'custom_tool_call' : 'function_call',
        id: mint(isCustom ? 'ctc' : 'fc'),
        callId: id ?? `call_${random.text(24)}`,
        name,
        input,
        namespace: tool?.namespace,
        status,
      }
    }
  }
}

/**
 * Encrypted content is sent where it was asked for, and unasked where nothing is stored (live
 * answer, 2026-09-24). A stream shows a shorter one first (recorded 2025 to 2026).
 */
function reasoningItem(
  block: Extract<TwinBlock, { readonly type: 'reasoning' }>,
  { request, mint, now, random }: Surroundings,
): AnswerItem {
  const { summary, organization, includes, isStored } = request
  const itemId = mint('rs')
  const thought = block.text
  const isShown = summary !== null && !block.redacted && thought !== ''
  const isSent = includes.includes('reasoning.encrypted_content') || !isStored
  const sealed = (text: string) => seal({ itemId, organization, thought: text }, now, random)
  return {
    type: 'reasoning',
    id: itemId,
    thought,
    summary: isShown ? [thought] : [],
    ...(isSent && { token: { final: sealed(thought), first: sealed('') } }),
  }
}
