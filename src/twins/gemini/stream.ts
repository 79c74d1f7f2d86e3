import type { Random } from '../random.ts'
import type { Answer, AnswerPart, Finish } from './answer.ts'
import { type Writable, writeLine, writePretty } from './json-writer.ts'
import { partialCall } from './partial-args.ts'
import { pieces } from './pieces.ts'
import { candidateMember, partMember, responseMember, signLast, usageMember } from './reply.ts'
import { countText } from './tokens.ts'
import type { AnswerUsage } from './usage.ts'

type CallPart = Extract<AnswerPart, { readonly type: 'call' }>

/** One chunk of a stream before it is written. */
interface Chunk {
  readonly parts: readonly AnswerPart[]
  /** A piece of a call whose arguments are streamed; then there are no other parts. */
  readonly piece?: Writable
  /** Whether the piece is an empty call, which ends the one before. */
  readonly isClosing?: boolean
  readonly finish?: Finish
}

/**
 * A streamed answer as events, framed; each chunk is a whole response whose parts continue the ones
 * before. There is no closing event.
 */
export function streamEvents(answer: Answer, random: Random): string[] {
  return responsesIn(answer, random).map(response => `data: ${writeLine(response)}\r\n\r\n`)
}

/** A streamed answer as one JSON list in pieces, as it comes without `alt=sse`. */
export function streamList(answer: Answer, random: Random): string[] {
  const responses = responsesIn(answer, random)
  return responses.map((response, place) => {
    const start = place === 0 ? '[' : '\n,\r\n'
    const end = place === responses.length - 1 ? '\n]\n' : ''
    return start + writePretty(response) + end
  })
}

function responsesIn(answer: Answer, random: Random): Writable[] {
  const { finish } = answer
  if (!finish) return [responseMember(answer, undefined, usageMember(answer, answer.usage))]
  const chunks = withEnd(bodyOf(answer, random), answer, finish, random)
  let said = 0
  return chunks.map((chunk, place) => {
    said += tokensOf(chunk)
    const isLast = place === chunks.length - 1
    const members = chunk.piece ? [chunk.piece] : chunk.parts.map(partMember)
    const candidate = candidateMember(answer, members, chunk.finish)
    const usage = isLast ? usageMember(answer, answer.usage) : earlyUsage(answer, said, chunk)
    return responseMember(answer, [candidate], usage)
  })
}

/** Vertex tells its counts only at the end; AI Studio counts up, and some of the input late. */
function earlyUsage(answer: Answer, said: number, { parts }: Chunk): Writable {
  if (answer.surface === 'vertex') return { trafficType: 'ON_DEMAND' }
  const { usage } = answer
  const isThought = parts.every(({ type }) => type === 'thought')
  const early: AnswerUsage = {
    ...usage,
    prompt: usage.prompt - usage.late,
    images: Math.min(usage.images, usage.prompt - usage.late),
    candidates: Math.min(said, usage.candidates),
    thoughts: isThought ? 0 : usage.thoughts,
  }
  return usageMember(answer, early)
}

function tokensOf({ parts, piece }: Chunk): number {
  return parts.reduce((sum, part) => sum + partTokens(part), piece ? 4 : 0)
}

function partTokens(part: AnswerPart): number {
  if (part.type === 'thought') return 0
  if (part.type === 'text') return countText(part.text)
  return countText(part.name) + countText(part.arguments) + 4
}

/** The chunks without their end. Calls of one step come together before Gemini 3, and on Vertex. */
function bodyOf(answer: Answer, random: Random): Chunk[] {
  const isTogether = answer.surface === 'vertex' || answer.model.generation < 3
  const chunks: Chunk[] = []
  for (const part of answer.parts) {
    const before = chunks.at(-1)
    if (part.type === 'thought') chunks.push({ parts: [part] })
    else if (part.type === 'text') {
      chunks.push(...pieces(part.text, random).map(text => ({ parts: [{ ...part, text }] })))
    } else if (answer.streamsArguments) chunks.push(...argumentChunks(part, random))
    else if (isTogether && before?.parts.at(-1)?.type === 'call') {
      chunks[chunks.length - 1] = { parts: [...before.parts, part] }
    } else chunks.push({ parts: [part] })
  }
  return chunks
}

function argumentChunks(call: CallPart, random: Random): Chunk[] {
  const { members, isClosed } = partialCall(call, random)
  return members.map((piece, place) => ({
    parts: [],
    piece,
    isClosing: isClosed && place === members.length - 1,
  }))
}

/**
 * Adds the reason for the end: on the last chunk, or after it on an empty text, which may carry the
 * signature of an answer without calls. Source: recorded streams of 2025-11 to 2026-08.
 */
function withEnd(
  chunks: readonly Chunk[],
  answer: Answer,
  finish: Finish,
  random: Random,
): readonly Chunk[] {
  const last = chunks.at(-1)
  const { reason } = finish
  // Only a chunk that holds calls says that there are calls.
  const apart = reason === 'STOP' ? { reason } : finish
  const onLast = (chunk: Chunk) => [...chunks.slice(0, -1), chunk]
  if (reason === 'MALFORMED_FUNCTION_CALL') return [...chunks, { parts: [], finish }]
  const kind = last?.parts.at(-1)?.type
  if (last?.piece) {
    if (last.isClosing) return onLast({ ...last, finish: apart })
    return [...chunks, emptyText(undefined, apart)]
  }
  if (last && kind === 'call') {
    const isSeparate = answer.surface === 'studio' && answer.model.generation >= 3
    if (!isSeparate || reason !== 'STOP') return onLast({ ...last, finish })
    // Recorded only where calls of built-in tools are shown, and always there (2026).
    if (!answer.showsServerTools) return [...chunks, emptyText(undefined, apart)]
    return onLast({ parts: [...last.parts, { type: 'text', text: '' }], finish: apart })
  }
  const { signature } = answer
  if (!last || kind !== 'text') return [...chunks, emptyText(signature, finish)]
  const isSeparate = reason === 'STOP' && random.below(3) > 0
  if (isSeparate && (signature !== undefined || answer.surface === 'studio')) {
    return [...chunks, emptyText(signature, finish)]
  }
  const parts = signature === undefined ? last.parts : signLast(last.parts, signature)
  return onLast({ parts, finish })
}

function emptyText(signature: string | undefined, finish: Finish): Chunk {
  return { parts: [{ type: 'text', text: '', ...(signature && { signature }) }], finish }
}
