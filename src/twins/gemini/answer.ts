import type { TwinBlock, TwinTurn } from '../model.ts'
import type { Random } from '../random.ts'
import { mintCallId, mintResponseId } from './headers.ts'
import { parseObject } from './json.ts'
import type { ModelFacts } from './models.ts'
import { type GeminiRequest, isThinking, responsesOf } from './request.ts'
import { signPart } from './signature.ts'
import type { Manners, SurfaceName } from './surface.ts'
import { type AnswerUsage, usageOf } from './usage.ts'

/** A part as it goes on the wire. */
export type AnswerPart =
  | { readonly type: 'text'; readonly text: string; readonly signature?: string }
  | { readonly type: 'thought'; readonly text: string }
  | {
      readonly type: 'call'
      readonly name: string
      /** The source of a JSON object, spelled as the model did. */
      readonly arguments: string
      readonly id?: string
      readonly signature?: string
    }

/** Why an answer ended. */
export interface Finish {
  readonly reason: string
  readonly message?: string
}

/** An answer ready to be written, whole or as a stream. */
export interface Answer {
  readonly surface: SurfaceName
  readonly model: ModelFacts
  readonly responseId: string
  /** With microseconds, as Vertex tells it. */
  readonly createTime: string
  readonly parts: readonly AnswerPart[]
  /** Absent if the prompt was blocked: then there is no candidate at all. */
  readonly finish: Finish | undefined
  readonly block: Finish | undefined
  /** Of an answer without calls: on its last part, or in a stream often on a part of its own. */
  readonly signature: string | undefined
  readonly usage: AnswerUsage
  readonly streamsArguments: boolean
  readonly showsServerTools: boolean
}

/** What an answer is made from besides the turn. */
export interface Dressing {
  readonly request: GeminiRequest
  readonly manners: Manners
  readonly random: Random
  /** Unix milliseconds. */
  readonly now: number
}

/** Puts a model's turn into the vendor's clothes. */
export function dress(turn: TwinTurn, dressing: Dressing): Answer {
  const { request, random } = dressing
  const { surface, model, calling } = request
  const thinks = isThinking(request)
  const cut = cutAtStop(turn, request.stopSequences)
  const block = blockOf(cut)
  const finish = block ? undefined : finishOf(cut, request)
  const spoken = block ? [] : withThought(keptBlocks(cut, finish), request, thinks)
  const parts = partsOf(spoken, dressing, thinks)
  const hasCalls = parts.some(({ type }) => type === 'call')
  // What ends so is billed for its input only (flutterfire issue #17812, 2025-11).
  const isEmptied = block !== undefined || finish?.reason === 'MALFORMED_FUNCTION_CALL'
  const isSigned = model.needsSignatures && !hasCalls && finish?.reason === 'STOP'
  return {
    surface: surface.name,
    model,
    responseId: mintResponseId(random),
    createTime: timeOf(dressing),
    parts,
    finish,
    block,
    // Not every answer is signed: short ones were recorded without.
    signature:
      isSigned && random.below(4) > 0 ? signPart(undefined, surface.name, random) : undefined,
    usage: usageOf(turn, spoken, request, thinks && !isEmptied, random),
    streamsArguments: calling.streamsArguments && model.generation >= 3,
    showsServerTools: request.showsServerTools,
  }
}

function timeOf({ now, random }: Dressing): string {
  return new Date(now).toISOString().replace('Z', `${random.text(3, '0123456789')}Z`)
}

/**
 * A turn that ends in `content-filter` or `refusal` before anything was said is a blocked prompt;
 * after something was said, the candidate stops for safety. The vendor has no refusal of its own, so
 * the two differ in the reason only, and the words of a refusal become the reason's message.
 */
function blockOf({ end, blocks, refusal }: TwinTurn): Finish | undefined {
  if (end !== 'content-filter' && end !== 'refusal') return undefined
  if (blocks.some(({ type }) => type !== 'reasoning')) return undefined
  return {
    reason: end === 'refusal' ? 'PROHIBITED_CONTENT' : 'SAFETY',
    ...(refusal !== undefined && { message: refusal }),
  }
}

type CallBlock = Extract<TwinBlock, { readonly type: 'call' }>

/** Sources: recorded answers of 2026-02 (undeclared call); flutterfire issue #17812 (malformed). */
function finishOf(turn: TwinTurn, { declarations }: GeminiRequest): Finish {
  const { end, blocks, refusal } = turn
  const message = refusal === undefined ? {} : { message: refusal }
  if (end === 'length') return { reason: 'MAX_TOKENS' }
  if (end === 'content-filter') return { reason: 'SAFETY', ...message }
  if (end === 'refusal') return { reason: 'PROHIBITED_CONTENT', ...message }
  const calls = blocks.filter(block => block.type === 'call')
  const malformed = calls.find(call => argumentsOf(call) === undefined)
  if (malformed) {
    const text = `default_api.${malformed.name}(${malformed.arguments})`
    return { reason: 'MALFORMED_FUNCTION_CALL', message: `Malformed function call: ${text}` }
  }
  const foreign = calls.find(({ name }) => !declarations.some(known => known.name === name))
  if (foreign) {
    const text = `Model tried to call an undeclared function: ${foreign.name}`
    return { reason: 'UNEXPECTED_TOOL_CALL', message: `Unexpected tool call: ${text}` }
  }
  const text = 'Model generated function call(s).'
  return { reason: 'STOP', ...(calls.length > 0 && { message: text }) }
}

/** The object that a call's arguments are; `undefined` if the protocol cannot say them. */
function argumentsOf({ arguments: text }: CallBlock): string | undefined {
  const source = text.trim()
  if (source === '') return '{}'
  return parseObject(source) && source
}

/** A call that cannot be said is left out; a malformed one takes the others with it. */
function keptBlocks({ blocks }: TwinTurn, finish: Finish | undefined): readonly TwinBlock[] {
  const isMalformed = finish?.reason === 'MALFORMED_FUNCTION_CALL'
  return blocks.filter(
    block => block.type !== 'call' || (!isMalformed && argumentsOf(block) !== undefined),
  )
}

/** Ends the turn where a stop sequence appears in its text, unless its end is already fixed. */
function cutAtStop(turn: TwinTurn, sequences: readonly string[]): TwinTurn {
  if (turn.end !== undefined && turn.end !== 'stop') return turn
  for (const [place, block] of turn.blocks.entries()) {
    if (block.type !== 'text') continue
    const found = sequences.map(text => block.text.indexOf(text)).filter(at => at >= 0)
    if (found.length === 0) continue
    const kept = { ...block, text: block.text.slice(0, Math.min(...found)) }
    return { ...turn, blocks: [...turn.blocks.slice(0, place), kept], end: 'stop-sequence' }
  }
  return turn
}

const THOUGHTS = [
  "**Considering the Request**\n\nI'm looking at what is being asked and deciding what to do next.\n\n\n",
  "**Planning the Answer**\n\nI'm working out what is needed before I answer.\n\n\n",
  "**Weighing the Options**\n\nI'm going through this step by step.\n\n\n",
]

/** Adds a thought where thoughts are asked for and the model had none; drops them if it thinks not. */
function withThought(
  blocks: readonly TwinBlock[],
  { thinking, contents }: GeminiRequest,
  thinks: boolean,
): readonly TwinBlock[] {
  if (!thinks) return blocks.filter(({ type }) => type !== 'reasoning')
  const last = contents.at(-1)
  const isLoop = last !== undefined && responsesOf(last).length > 0
  const hasThought = blocks.some(({ type }) => type === 'reasoning')
  if (!thinking.includesThoughts || hasThought || isLoop || blocks.length === 0) return blocks
  const text = THOUGHTS[(blocks.length + contents.length) % THOUGHTS.length] ?? ''
  return [{ type: 'reasoning', text }, ...blocks]
}

function partsOf(
  blocks: readonly TwinBlock[],
  dressing: Dressing,
  thinks: boolean,
): readonly AnswerPart[] {
  const { request, random } = dressing
  const { model, surface, thinking } = request
  const hasIds = givesIds(dressing)
  // Before Gemini 3 about half of the recorded calls are signed, and none without thinking.
  let isSigned = model.needsSignatures || (thinks && random.below(2) === 0)
  const parts: AnswerPart[] = []
  for (const block of blocks) {
    if (block.type === 'text' && block.text !== '') parts.push(block)
    if (block.type === 'reasoning' && thinking.includesThoughts && !block.redacted) {
      parts.push({ type: 'thought', text: block.text })
    }
    if (block.type !== 'call') continue
    const id = block.id ?? (hasIds ? mintCallId(random) : undefined)
    const signature = isSigned ? signPart(block.name, surface.name, random) : undefined
    isSigned = false
    parts.push({
      type: 'call',
      name: block.name,
      arguments: argumentsOf(block) ?? '{}',
      ...(id !== undefined && surface.takesCallIds && { id }),
      ...(signature !== undefined && { signature }),
    })
  }
  return parts
}

function givesIds({ request, manners, random }: Dressing): boolean {
  if (manners.callIds !== 'model') return manners.callIds === 'always'
  const { generation } = request.model
  if (generation >= 3.5) return true
  return generation >= 3 && random.below(11) === 0
}
