import type { Random } from '../random.ts'
import type { AnswerChoice, AnswerUsage, ChatAnswer } from './answer.ts'
import { callHead, callPiece, callsField, finishReason, plainUsage, spoken } from './dress.ts'
import type { Dress } from './manners.ts'
import type { Body, ChatRequest } from './request.ts'
import type { ChunkPart, Moment, StreamStyle } from './stream.ts'
import { wantsUsage } from './stream.ts'

/** What differs from one compatible vendor to the next. */
export interface PlainKnobs {
  responseId(random: Random, now: number): string
  callId(random: Random, name: string, index: number, request: ChatRequest): string
  model?(requested: string): string
  /** The key of visible reasoning in messages and deltas. */
  readonly reasoning?: 'reasoning_content' | 'reasoning'
  /** `content` of a message that only calls; left out if `undefined`. Default `null`. */
  readonly silence?: '' | null | undefined
  /** `finish_reason`; default as OpenAI has it. */
  reason?(choice: AnswerChoice, answer: ChatAnswer): string | null
  /** Token counts; default the three totals. */
  usage?(usage: AnswerUsage): Body
  /** Changes a message that is complete but for this. */
  message?(message: Body, choice: AnswerChoice, answer: ChatAnswer): Body
  /** Further keys of the whole answer and of each chunk. */
  top?(answer: ChatAnswer): Body
  /** Further keys of each choice. */
  beside?(choice: AnswerChoice, answer: ChatAnswer): Body
  /** Changes a delta; `undefined` sends nothing. */
  delta?(delta: Body, moment: Moment, choice: AnswerChoice, answer: ChatAnswer): Body | undefined
  /** Changes a chunk that is complete but for this. */
  chunk?(chunk: Body, part: ChunkPart): Body
  /** Default never. */
  wholeCalls?(answer: ChatAnswer): boolean
  /** Default `own-if-asked`. */
  readonly counts?: StreamStyle['counts']
  readonly comment?: string
  /** Default true. */
  readonly opens?: boolean
  /** Whether every chunk has `usage`, `null` until the last, if usage was asked for. */
  readonly nullCounts?: boolean
}

/** Dresses answers in the plain form that most compatible vendors send. */
export function plainDress(knobs: PlainKnobs): Dress {
  const { comment } = knobs
  return {
    responseId: knobs.responseId,
    callId: knobs.callId,
    ...(knobs.model && { model: knobs.model }),
    whole: answer => whole(answer, knobs),
    stream: {
      opens: knobs.opens ?? true,
      joinsOnlyCall: false,
      wholeCalls: knobs.wholeCalls ?? (() => false),
      delta(moment, choice, answer) {
        const plain = plainDelta(moment, knobs)
        if (plain === undefined) return undefined
        return knobs.delta ? knobs.delta(plain, moment, choice, answer) : plain
      },
      chunk: part => chunk(part, knobs),
      counts: knobs.counts ?? 'own-if-asked',
      ...(comment !== undefined && { comment }),
    },
  }
}

function whole(answer: ChatAnswer, knobs: PlainKnobs): Body {
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    choices: answer.choices.map(choice => ({
      index: choice.index,
      message: messageOf(choice, answer, knobs),
      ...knobs.beside?.(choice, answer),
      finish_reason: reasonOf(choice, answer, knobs),
    })),
    usage: (knobs.usage ?? plainUsage)(answer.usage),
    ...knobs.top?.(answer),
  }
}

function messageOf(choice: AnswerChoice, answer: ChatAnswer, knobs: PlainKnobs): Body {
  const silence = 'silence' in knobs ? knobs.silence : null
  const words = spoken(choice)
  const content = words === '' && choice.calls.length > 0 ? silence : words
  const { reasoning } = knobs
  const message = {
    role: 'assistant',
    ...(content !== undefined && { content }),
    ...(reasoning && answer.thinking && { [reasoning]: choice.reasoning }),
    ...callsField(choice),
  }
  return knobs.message ? knobs.message(message, choice, answer) : message
}

function reasonOf(choice: AnswerChoice, answer: ChatAnswer, knobs: PlainKnobs): string | null {
  return knobs.reason ? knobs.reason(choice, answer) : finishReason(choice)
}

function plainDelta(moment: Moment, { reasoning }: PlainKnobs): Body | undefined {
  switch (moment.is) {
    case 'open':
      return { role: 'assistant', content: '' }
    case 'reasoning':
      return reasoning && { [reasoning]: moment.text }
    case 'text':
    case 'refusal':
      return { content: moment.text }
    case 'call':
      return { tool_calls: [callHead(moment.call, moment.text)] }
    case 'arguments':
      return { tool_calls: [callPiece(moment.call, moment.text)] }
    case 'end':
      return {}
  }
}

function chunk(part: ChunkPart, knobs: PlainKnobs): Body {
  const { answer, choice, moment, delta, counts } = part
  const nulls = knobs.nullCounts && (knobs.counts === 'last' || wantsUsage(answer))
  const plain = {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: answer.created,
    model: answer.model,
    ...knobs.top?.(answer),
    choices: choice
      ? [
          {
            index: choice.index,
            delta,
            ...knobs.beside?.(choice, answer),
            finish_reason: moment?.is === 'end' ? reasonOf(choice, answer, knobs) : null,
          },
        ]
      : [],
    ...(counts ? { usage: (knobs.usage ?? plainUsage)(answer.usage) } : nulls && { usage: null }),
  }
  return knobs.chunk ? knobs.chunk(plain, part) : plain
}
