import type { Random } from '../random.ts'
import type { Answer, AnswerPart, Finish } from './answer.ts'
import { jsonSource, type Writable } from './json-writer.ts'
import type { AnswerUsage } from './usage.ts'

/** The body of a whole answer. */
export function wholeAnswer(answer: Answer, random: Random): Writable {
  const { parts, finish, signature } = answer
  const signed = signature === undefined ? parts : signLast(parts, signature)
  const candidate = finish && candidateMember(answer, signed.map(partMember), finish)
  const logprobs = { avgLogprobs: -(1 + random.below(2_000)) / 1_000 }
  const isVertex = answer.surface === 'vertex'
  const candidates = candidate && [isVertex ? { ...candidate, ...logprobs } : candidate]
  return responseMember(answer, candidates, usageMember(answer, answer.usage))
}

/** Signs the last text of an answer without calls, or an empty one after everything. */
export function signLast(parts: readonly AnswerPart[], signature: string): readonly AnswerPart[] {
  const last = parts.at(-1)
  if (last?.type !== 'text') return [...parts, { type: 'text', text: '', signature }]
  return [...parts.slice(0, -1), { ...last, signature }]
}

/** A response around its candidates, or around why there are none. */
export function responseMember(
  answer: Answer,
  candidates: readonly Writable[] | undefined,
  usage: Writable,
): Writable {
  const { surface, block, model, createTime, responseId } = answer
  const isVertex = surface === 'vertex'
  return {
    candidates,
    promptFeedback: block && {
      blockReason: block.reason,
      blockReasonMessage: isVertex ? block.message : undefined,
    },
    usageMetadata: usage,
    modelVersion: model.version,
    createTime: isVertex ? createTime : undefined,
    responseId,
  }
}

/** A candidate with these parts; `finish` only on the last one of a stream. */
export function candidateMember(
  { surface }: Answer,
  parts: readonly Writable[],
  finish: Finish | undefined,
): { readonly [name: string]: Writable | undefined } {
  const isVertex = surface === 'vertex'
  const isEmpty = parts.length === 0
  const content = isVertex
    ? { role: 'model', parts: isEmpty ? undefined : parts }
    : { parts: isEmpty ? undefined : parts, role: 'model' }
  return {
    // A malformed call leaves nothing at all (flutterfire issue #17812, 2025-11).
    content: isEmpty && finish?.reason === 'MALFORMED_FUNCTION_CALL' ? undefined : content,
    finishReason: finish?.reason,
    index: isVertex ? undefined : 0,
    safetyRatings: finish?.reason === 'SAFETY' ? SAFETY_RATINGS : undefined,
    finishMessage: isVertex && finish?.reason === 'STOP' ? undefined : finish?.message,
  }
}

const SAFETY_RATINGS: Writable = [
  { category: 'HARM_CATEGORY_HATE_SPEECH', probability: 'NEGLIGIBLE' },
  { category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true },
  { category: 'HARM_CATEGORY_HARASSMENT', probability: 'NEGLIGIBLE' },
  { category: 'HARM_CATEGORY_SEXUALLY_EXPLICIT', probability: 'NEGLIGIBLE' },
]

/** A part, members in the vendor's order. */
export function partMember(part: AnswerPart): Writable {
  switch (part.type) {
    case 'text':
      return { text: part.text, thoughtSignature: part.signature }
    case 'thought':
      return { text: part.text, thought: true }
    case 'call': {
      const { name, arguments: source, id, signature } = part
      const functionCall = { name, args: jsonSource(source), id }
      return { functionCall, thoughtSignature: signature }
    }
  }
}

/** The usage of a whole answer, or of one chunk. Counts of nothing are left out. */
export function usageMember({ surface }: Answer, usage: AnswerUsage): Writable {
  const { prompt, cached, images, candidates, thoughts } = usage
  const isVertex = surface === 'vertex'
  const details = (text: number, pictures: number) => [
    { modality: 'TEXT', tokenCount: text },
    ...(pictures > 0 ? [{ modality: 'IMAGE', tokenCount: pictures }] : []),
  ]
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates || undefined,
    totalTokenCount: prompt + candidates + thoughts,
    cachedContentTokenCount: cached || undefined,
    trafficType: isVertex ? 'ON_DEMAND' : undefined,
    promptTokensDetails: details(Math.max(0, prompt - images), images),
    cacheTokensDetails: cached > 0 ? details(cached, 0) : undefined,
    candidatesTokensDetails: isVertex && candidates > 0 ? details(candidates, 0) : undefined,
    thoughtsTokenCount: thoughts || undefined,
    serviceTier: isVertex ? undefined : 'standard',
  }
}
