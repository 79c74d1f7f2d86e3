import type { Random } from '../random.ts'
import { type AnswerCall, type AnswerChoice, type ChatAnswer, wholeCharacters } from './answer.ts'
import { recordOf } from './json.ts'
import type { Body } from './request.ts'

/** One step of a streamed choice. */
export type Moment =
  /** The beginning; with a call if that is all there is and the vendor joins the two. */
  | { readonly is: 'open'; readonly call?: AnswerCall }
  | { readonly is: 'reasoning'; readonly text: string }
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'refusal'; readonly text: string }
  /** A call's head; `text` holds all arguments if calls come whole. */
  | { readonly is: 'call'; readonly call: AnswerCall; readonly text: string }
  | { readonly is: 'arguments'; readonly call: AnswerCall; readonly text: string }
  | { readonly is: 'end' }

/** What one chunk is made of. `choice` is missing in a chunk that holds only usage. */
export interface ChunkPart {
  readonly answer: ChatAnswer
  readonly choice?: AnswerChoice
  readonly moment?: Moment
  readonly delta: Body
  /** Whether this is the first chunk of all. */
  readonly first: boolean
  /** Whether the chunk carries the token counts. */
  readonly counts: boolean
  readonly random: Random
}

/** How a vendor streams. */
export interface StreamStyle {
  /** Whether a chunk with the role comes before anything else. */
  readonly opens: boolean
  /** Whether the head of an only call travels in the first chunk. */
  readonly joinsOnlyCall: boolean
  /** Whether a call comes whole, in one chunk. */
  wholeCalls(answer: ChatAnswer): boolean
  /** The delta of a moment; `undefined` if nothing is sent for it. */
  delta(moment: Moment, choice: AnswerChoice, answer: ChatAnswer): Body | undefined
  chunk(part: ChunkPart): Body
  /** Token counts: in a chunk of their own, always or if asked for, or in each choice's last. */
  readonly counts: 'own' | 'own-if-asked' | 'last'
  /** A comment line that may come before the first chunk, any number of times. */
  readonly comment?: string
}

/** Frames one event. */
export function frame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`
}

/** The event that ends a stream. */
export const DONE = 'data: [DONE]\n\n'

/** Whether the request asks for the token counts of a stream. */
export function wantsUsage(answer: ChatAnswer): boolean {
  return recordOf(answer.request.body.stream_options).include_usage === true
}

/**
 * Streams an answer: the framed events, of which `breakOff` may end the flow of a choice before
 * its last moment with an event of its own, as a vendor does that finds fault with its model.
 */
export function streamEvents(
  answer: ChatAnswer,
  style: StreamStyle,
  random: Random,
  breakOff?: string,
): string[] {
  const events: string[] = []
  if (style.comment !== undefined) {
    for (let count = random.below(4); count > 0; count--) events.push(`${style.comment}\n\n`)
  }
  const lines = answer.choices.map(choice => ({
    choice,
    // From the end: taking them from the front of a long list moves all the others each time.
    moments: momentsOf(choice, answer, style, random).reverse(),
  }))
  let first = true
  for (;;) {
    const open = lines.filter(line => line.moments.length > 0)
    const line = open.length > 1 ? random.pick(open) : open[0]
    const moment = line?.moments.pop()
    if (!line || !moment) break
    if (breakOff !== undefined && !['open', 'reasoning', 'text'].includes(moment.is)) {
      return [...events, breakOff]
    }
    const delta = style.delta(moment, line.choice, answer)
    if (!delta) continue
    const counts = moment.is === 'end' && style.counts === 'last'
    const part = { answer, choice: line.choice, moment, delta, first, counts, random }
    events.push(frame(style.chunk(part)))
    first = false
  }
  if (style.counts === 'own' || (style.counts === 'own-if-asked' && wantsUsage(answer))) {
    events.push(frame(style.chunk({ answer, delta: {}, first: false, counts: true, random })))
  }
  return [...events, DONE]
}

function momentsOf(
  choice: AnswerChoice,
  answer: ChatAnswer,
  style: StreamStyle,
  random: Random,
): Moment[] {
  const { calls, text, refusal } = choice
  const reasoning = answer.thinking ? choice.reasoning : ''
  const only = calls.length === 1 && `${text}${reasoning}` === '' ? calls[0] : undefined
  const joined = style.joinsOnlyCall && refusal === undefined ? only : undefined
  const moments: Moment[] = []
  if (style.opens) moments.push(joined ? { is: 'open', call: joined } : { is: 'open' })
  for (const piece of cut(reasoning, random)) moments.push({ is: 'reasoning', text: piece })
  for (const piece of cut(text, random)) moments.push({ is: 'text', text: piece })
  for (const piece of cut(refusal ?? '', random)) moments.push({ is: 'refusal', text: piece })
  const whole = style.wholeCalls(answer)
  for (const call of calls) {
    if (whole) {
      moments.push({ is: 'call', call, text: call.arguments })
      continue
    }
    if (call !== joined) moments.push({ is: 'call', call, text: '' })
    for (const piece of cut(call.arguments, random)) {
      moments.push({ is: 'arguments', call, text: piece })
    }
  }
  moments.push({ is: 'end' })
  return moments
}

/** Cuts a text at seeded places, also inside escapes but never inside a character. */
export function cut(text: string, random: Random): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest !== '') {
    const piece = wholeCharacters(rest, 1 + random.below(9)) || rest.slice(0, 2)
    pieces.push(piece)
    rest = rest.slice(piece.length)
  }
  return pieces
}
