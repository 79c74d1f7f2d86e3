import { z } from 'zod'
import { InBandError } from '../ask.ts'
import { type Event, must } from './http.ts'
import {
  type Item,
  item,
  type OutputPart,
  outputPart,
  type Response,
  response,
  summaryPart,
} from './openai-responses-shape.ts'

const number = { sequence_number: z.int().min(0) }
const inItem = { ...number, output_index: z.int(), item_id: z.string() }
const inPart = { ...inItem, content_index: z.int() }
const inSummary = { ...inItem, summary_index: z.int() }
const type = <T extends string>(name: T) => z.literal(name)
const whole = { ...number, response }

const event = z.discriminatedUnion('type', [
  z.looseObject({ type: type('response.created'), ...whole }),
  z.looseObject({ type: type('response.in_progress'), ...whole }),
  z.looseObject({ type: type('response.completed'), ...whole }),
  z.looseObject({ type: type('response.incomplete'), ...whole }),
  z.looseObject({
    type: type('response.output_item.added'),
    ...number,
    output_index: z.int(),
    item,
  }),
  z.looseObject({
    type: type('response.output_item.done'),
    ...number,
    output_index: z.int(),
    item,
  }),
  z.looseObject({ type: type('response.content_part.added'), ...inPart, part: outputPart }),
  z.looseObject({ type: type('response.content_part.done'), ...inPart, part: outputPart }),
  z.looseObject({ type: type('response.output_text.delta'), ...inPart, delta: z.string() }),
  z.looseObject({ type: type('response.output_text.done'), ...inPart, text: z.string() }),
  z.looseObject({ type: type('response.refusal.delta'), ...inPart, delta: z.string() }),
  z.looseObject({ type: type('response.refusal.done'), ...inPart, refusal: z.string() }),
  z.looseObject({ type: type('response.reasoning_text.delta'), ...inPart, delta: z.string() }),
  z.looseObject({ type: type('response.reasoning_text.done'), ...inPart, text: z.string() }),
  z.looseObject({
    type: type('response.reasoning_summary_part.added'),
    ...inSummary,
    part: summaryPart,
  }),
  z.looseObject({
    type: type('response.reasoning_summary_part.done'),
    ...inSummary,
    part: summaryPart,
  }),
  z.looseObject({
    type: type('response.reasoning_summary_text.delta'),
    ...inSummary,
    delta: z.string(),
  }),
  z.looseObject({
    type: type('response.reasoning_summary_text.done'),
    ...inSummary,
    text: z.string(),
  }),
  z.looseObject({
    type: type('response.function_call_arguments.delta'),
    ...inItem,
    delta: z.string(),
  }),
  z.looseObject({
    type: type('response.function_call_arguments.done'),
    ...inItem,
    arguments: z.string(),
  }),
  z.looseObject({
    type: type('response.custom_tool_call_input.delta'),
    ...inItem,
    delta: z.string(),
  }),
  z.looseObject({
    type: type('response.custom_tool_call_input.done'),
    ...inItem,
    input: z.string(),
  }),
])
type StreamEvent = z.infer<typeof event>
const ENVELOPE = [
  'response.created',
  'response.in_progress',
  'response.completed',
  'response.incomplete',
  'response.output_item.added',
  'response.output_item.done',
] as const

type InItem = Exclude<StreamEvent, { type: (typeof ENVELOPE)[number] }>

/** The item that is being written. */
interface Open {
  readonly id: string
  readonly kind: Item['type']
  /** The text of the part that is open, or of the call's arguments. */
  text: string
  /** What the done events said, in order. */
  readonly done: string[]
}

/** Folds a stream, and holds it to the order of the vendor's reference on events. */
export function foldResponses(events: readonly Event[]): Response {
  const fold = new Fold()
  for (const [index, { event: name, data }] of events.entries()) {
    const json: unknown = JSON.parse(data)
    const kind = z.looseObject({ type: z.string() }).parse(json).type
    must(name === kind, 'the name of an event is its type')
    if (kind === 'error') throw inBand(json, events.slice(index + 1))
    const read = event.parse(json)
    must(read.sequence_number === index, 'sequence numbers count up from 0')
    fold.take(read, index)
  }
  return fold.end()
}

/** It is documented flat, and sent nested. */
const errorEvent = z.union([
  z.looseObject({ message: z.string() }),
  z.looseObject({ error: z.looseObject({ message: z.string() }) }).transform(({ error }) => error),
])

/** The error of a stream; after its event, only `response.failed` may come. */
function inBand(json: unknown, after: readonly Event[]): Error {
  const last = after.map(({ event: name }) => name)
  must(last.length === 1 && last[0] === 'response.failed', 'an error ends with response.failed')
  return new InBandError(errorEvent.parse(json).message)
}

class Fold {
  readonly #items: Item[] = []
  #open: Open | undefined
  #id = ''
  #last: Response | undefined

  take(read: StreamEvent, index: number): void {
    must(!this.#last, 'nothing follows the terminal event')
    if (index < 2) {
      const order = ['response.created', 'response.in_progress']
      must(read.type === order[index], 'a stream begins with created and in_progress')
    }
    switch (read.type) {
      case 'response.created':
      case 'response.in_progress':
        must(index < 2, 'created and in_progress come once')
        must(read.response.status === 'in_progress', 'a stream begins in progress')
        must(read.response.output.length === 0, 'a stream begins with no output')
        this.#id = read.response.id
        break
      case 'response.completed':
      case 'response.incomplete':
        must(!this.#open, 'every item is done before the end')
        must(read.type === `response.${read.response.status}`, 'the last event is the status')
        must(read.response.id === this.#id, 'the id stays the same')
        must(
          JSON.stringify(read.response.output) === JSON.stringify(this.#items),
          'the output is made of the items that were done',
        )
        this.#last = read.response
        break
      case 'response.output_item.added':
        must(!this.#open, 'one item is open at a time')
        must(read.output_index === this.#items.length, 'indices of items count up from 0')
        this.#open = { id: read.item.id, kind: read.item.type, text: '', done: [] }
        break
      case 'response.output_item.done':
        this.#close(read.item, read.output_index)
        break
      default:
        this.#inside(read)
    }
  }

  #inside(read: InItem): void {
    const open = this.#open
    must(open, `an item is open: ${read.type}`)
    must(read.item_id === open.id, 'an event belongs to the open item')
    must(read.output_index === this.#items.length, 'an event has the index of its item')
    switch (read.type) {
      case 'response.content_part.added':
      case 'response.reasoning_summary_part.added':
        open.text = ''
        break
      case 'response.content_part.done':
      case 'response.reasoning_summary_part.done':
        must(partText(read.part) === open.done.at(-1), 'a part that is done has all its text')
        break
      case 'response.output_text.done':
      case 'response.reasoning_text.done':
      case 'response.reasoning_summary_text.done':
        done(open, read.text)
        break
      case 'response.refusal.done':
        done(open, read.refusal)
        break
      case 'response.function_call_arguments.done':
        done(open, read.arguments)
        break
      case 'response.custom_tool_call_input.done':
        done(open, read.input)
        break
      default:
        open.text += read.delta
    }
  }

  #close(done: Item, index: number): void {
    const open = this.#open
    must(open && index === this.#items.length, 'the open item is done')
    must(done.id === open.id && done.type === open.kind, 'an item keeps its id and type')
    must(open.text === '', 'every text is done before its item')
    must(
      JSON.stringify(textsOf(done)) === JSON.stringify(open.done),
      'an item that is done has what its events said',
    )
    this.#items.push(done)
    this.#open = undefined
  }

  end(): Response {
    must(this.#last, 'a stream ends with completed or incomplete')
    return this.#last
  }
}

function done(open: Open, text: string): void {
  must(text === open.text, 'the deltas make up the text that is done')
  open.done.push(text)
  open.text = ''
}

function partText(part: OutputPart | z.infer<typeof summaryPart>): string {
  return part.type === 'refusal' ? part.refusal : part.text
}

function textsOf(done: Item): string[] {
  switch (done.type) {
    case 'message':
      return done.content.map(partText)
    case 'function_call':
      return [done.arguments]
    case 'custom_tool_call':
      return [done.input]
    case 'reasoning':
      return [...done.summary, ...(done.content ?? [])].map(part => part.text)
  }
}
