import type { Random } from '../random.ts'
import type { Answer, AnswerItem, AnswerPart } from './answer.ts'
import { failureOf } from './error.ts'
import { type JsonObject, objectOf } from './json.ts'
import { endOf, errorBody, itemBody, partBody, responseBody } from './reply.ts'

type Event = { readonly type: string } & JsonObject

/**
 * The events of a streamed answer, framed and numbered. Where texts are cut comes from `random`.
 * There is no `[DONE]`: the last event is the end (recorded 2025 and 2026).
 */
export function streamAnswer(answer: Answer, random: Random): string[] {
  const { request, items } = answer
  const { include_obfuscation: obfuscates } = objectOf(request.body.stream_options)
  const piece: Piece = { random, obfuscates: obfuscates !== false }
  const end = endOf(answer)
  const opening = request.isBackground ? (['queued', 'in_progress'] as const) : IN_PROGRESS
  const events: Event[] = [
    lifecycle('created', answer, opening[0]),
    ...opening.map(status => lifecycle(status, answer, status)),
    ...items.flatMap((item, index) => itemEvents(item, index, piece)),
    lifecycle(end, answer, end),
  ]
  return events.map(frame)
}

const IN_PROGRESS = ['in_progress'] as const

/**
 * The end of a stream that fails: an error event, then the failed response. `number` is the place
 * of the first of the two; what the stream holds after the failure is not known here. The error is
 * nested, as in an answer captured in 2025-12; openai-node 6.49 types have it flat.
 */
export function streamFailure(answer: Answer, number: number): string {
  const { type, message } = failureOf(500)
  const error = { type, code: type, message, param: null }
  const response = responseBody(answer, 'failed', { error: errorBody(error) })
  return [
    frame({ type: 'error', error }, number),
    frame({ type: 'response.failed', response }, number + 1),
  ].join('')
}

/** The events after a number, of those that a stream had. */
export function eventsAfter(events: readonly string[], number: number): readonly string[] {
  return events.slice(Math.max(0, number + 1))
}

/** After the type, the vendor's members stand in the order of the alphabet. */
function frame(event: Event, number: number): string {
  const { type, ...rest } = { ...event, sequence_number: number }
  const members = Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1))
  const data = JSON.stringify({ type, ...Object.fromEntries(members) })
  return `event: ${type}\ndata: ${data}\n\n`
}

function lifecycle(
  name: string,
  answer: Answer,
  status: Parameters<typeof responseBody>[1],
): Event {
  return { type: `response.${name}`, response: responseBody(answer, status) }
}

/** What the cutting of texts goes by. */
interface Piece {
  readonly random: Random
  readonly obfuscates: boolean
}

function itemEvents(item: AnswerItem, index: number, piece: Piece): Event[] {
  const place = { output_index: index }
  return [
    { type: 'response.output_item.added', ...place, item: openingOf(item) },
    ...contentEvents(item, { ...place, item_id: item.id }, piece),
    { type: 'response.output_item.done', ...place, item: itemBody(item) },
  ]
}

/** An item as it stands at its beginning. */
function openingOf(item: AnswerItem): JsonObject {
  const whole = itemBody(item)
  switch (item.type) {
    case 'reasoning':
      return {
        ...whole,
        ...(item.token && { encrypted_content: item.token.first }),
        summary: [],
      }
    case 'message':
      return { ...whole, status: 'in_progress', content: [] }
    case 'function_call':
      return { ...whole, status: 'in_progress', arguments: '' }
    case 'custom_tool_call':
      return { ...whole, status: 'in_progress', input: '' }
  }
}

function contentEvents(item: AnswerItem, place: JsonObject, piece: Piece): Event[] {
  switch (item.type) {
    case 'reasoning':
      return item.summary.flatMap((text, number) =>
        summaryEvents(text, { ...place, summary_index: number }, piece),
      )
    case 'message':
      return item.parts.flatMap((part, number) =>
        partEvents(part, { ...place, content_index: number }, piece),
      )
    case 'function_call': {
      const type = 'response.function_call_arguments'
      const deltas = deltasOf(`${type}.delta`, item.input, place, piece)
      return [...deltas, { type: `${type}.done`, ...place, arguments: item.input }]
    }
    case 'custom_tool_call': {
      const type = 'response.custom_tool_call_input'
      const deltas = deltasOf(`${type}.delta`, item.input, place, piece)
      return [...deltas, { type: `${type}.done`, ...place, input: item.input }]
    }
  }
}

function summaryEvents(text: string, place: JsonObject, piece: Piece): Event[] {
  const type = 'response.reasoning_summary'
  const part = (shown: string) => ({ type: 'summary_text', text: shown })
  return [
    { type: `${type}_part.added`, ...place, part: part('') },
    ...deltasOf(`${type}_text.delta`, text, place, piece),
    { type: `${type}_text.done`, ...place, text },
    { type: `${type}_part.done`, ...place, part: part(text) },
  ]
}

function partEvents(part: AnswerPart, place: JsonObject, piece: Piece): Event[] {
  const { type, text } = part
  const isText = type === 'output_text'
  const body = isText
    ? deltasOf('response.output_text.delta', text, { ...place, logprobs: [] }, piece)
    : // Refusals are not padded (recorded 2025-10).
      deltasOf('response.refusal.delta', text, place, { ...piece, obfuscates: false })
  const done = isText ? { ...place, logprobs: [], text } : { ...place, refusal: text }
  return [
    { type: 'response.content_part.added', ...place, part: partBody({ type, text: '' }) },
    ...body,
    { type: `response.${type}.done`, ...done },
    { type: 'response.content_part.done', ...place, part: partBody(part) },
  ]
}

function deltasOf(type: string, text: string, place: JsonObject, piece: Piece): Event[] {
  return pieces(text, piece.random).map(delta => ({
    type,
    ...place,
    delta,
    ...(piece.obfuscates && { obfuscation: paddingFor(delta, piece.random) }),
  }))
}

/** Every delta is padded to this many characters, or a multiple (recorded 2026). */
const PADDED_LENGTH = 16

function paddingFor(delta: string, random: Random): string {
  return random.text((PADDED_LENGTH - (delta.length % PADDED_LENGTH)) % PADDED_LENGTH)
}

/** Cuts a text at random places, never inside a character; an empty text has no pieces. */
function pieces(text: string, random: Random): string[] {
  const characters = [...text]
  const found: string[] = []
  for (let at = 0; at < characters.length; ) {
    const length = 1 + random.below(random.below(3) === 0 ? 24 : 8)
    found.push(characters.slice(at, at + length).join(''))
    at += length
  }
  return found
}
