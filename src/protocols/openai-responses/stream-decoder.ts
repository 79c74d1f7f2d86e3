import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { MAX_DEPTH, tryParseJson } from '../../wire/json.ts'
import { isDeeper } from '../../wire/json-scan.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { StreamDecoder } from '../protocol.ts'
import { decodeInBandError } from './error-decode.ts'
import { decodeFinish } from './finish.ts'
import { answerExtras, failureIn } from './response.ts'
import { isCall, type StreamItem, StreamItems, type ThoughtSource } from './stream-items.ts'
import { decodeUsage } from './usage.ts'
import { type Building, NAME, objectAt, textAt } from './wire.ts'

type Part<T extends StreamPart['type']> = Building<Extract<StreamPart, { type: T }>>

/**
 * Reads the stream of a vendor that speaks this protocol. Items open with `output_item.added`; what
 * the later `.done` events tell has the last word on what never came in deltas. Events that are not
 * known are passed over, and so is `[DONE]`, which some vendors send after the end.
 */
export class ResponsesStreamDecoder implements StreamDecoder {
  readonly #items = new StreamItems()
  #started = false
  #over = false
  #broken = false

  push(event: SseEvent, emit: Emit<StreamPart>): void {
    const { data } = event
    if (this.#over || data === '') return
    const wire = tryParseJson(data)
    if (this.#broken) {
      this.#contradict('holds an event that is not JSON', emit)
      return
    }
    if (isObject(wire)) {
      const type = textAt(wire, 'type') || event.event
      if (!this.#delta(type, wire, emit)) this.#read(type, wire, data, emit)
    } else if (event.event === 'error') this.#fail(decodeInBandError(wire ?? data), emit)
    // The last event of a stream that was cut is broken too: what comes next tells.
    else if (wire === undefined) this.#broken = data.trim() !== '' && data.trim() !== '[DONE]'
  }

  end(emit: Emit<StreamPart>): void {
    if (this.#over) return
    const why = this.#broken
      ? "The vendor's stream ended in the middle of an event."
      : "The vendor's stream ended without response.completed, response.incomplete or response.failed."
    this.#fail(new ToolgateError('stream_cut', why, { origin: 'vendor' }), emit)
  }

  /** Reads what comes many times; tells whether it was that. */
  #delta(type: string, wire: JsonObject, emit: Emit<StreamPart>): boolean {
    switch (type) {
      case 'response.output_text.delta':
        this.#words('output_text', wire, textAt(wire, 'delta'), emit)
        return true
      case 'response.refusal.delta':
        this.#words('refusal', wire, textAt(wire, 'delta'), emit)
        return true
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        this.#input(type, wire, textAt(wire, 'delta'), emit)
        return true
      case 'response.reasoning_summary_text.delta':
        this.#thought('summary', wire['summary_index'], wire, emit)
        return true
      case 'response.reasoning_text.delta':
        this.#thought('content', wire['content_index'], wire, emit)
        return true
      default:
        return false
    }
  }

  #read(type: string, wire: JsonObject, data: string, emit: Emit<StreamPart>): void {
    // What is kept of an event is written again later, and must not be too deep for that.
    if (isDeeper(data, MAX_DEPTH)) {
      this.#contradict('holds an event that is nested too deeply', emit)
      return
    }
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        if (!this.#started) this.#start(objectAt(wire, 'response') ?? NOTHING, emit)
        break
      case 'response.output_item.added':
        this.#added(wire, emit)
        break
      case 'response.output_item.done':
        this.#done(wire, emit)
        break
      case 'response.content_part.added':
      case 'response.content_part.done':
        this.#contentPart(wire, emit)
        break
      case 'response.output_text.done':
        this.#wordsDone('output_text', wire, textAt(wire, 'text'), emit)
        break
      case 'response.refusal.done':
        this.#wordsDone('refusal', wire, textAt(wire, 'refusal'), emit)
        break
      case 'response.function_call_arguments.done':
        this.#inputDone(wire, wire['arguments'], emit)
        break
      case 'response.custom_tool_call_input.done':
        this.#inputDone(wire, wire['input'], emit)
        break
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        this.#conclude(type, objectAt(wire, 'response') ?? NOTHING, emit)
        break
      case 'error':
        this.#fail(decodeInBandError(wire), emit)
        break
      default:
        if (isObject(wire['error'])) this.#fail(decodeInBandError(wire), emit)
    }
  }

  #start(response: JsonObject, emit: Emit<StreamPart>): void {
    this.#started = true
    const id = textAt(response, 'id')
    this.#items.responseId = id
    const start: Part<'message-start'> = {
      type: 'message-start',
      id,
      model: textAt(response, 'model'),
    }
    if (typeof response['created_at'] === 'number') start.created = response['created_at']
    emit(start)
  }

  #added(wire: JsonObject, emit: Emit<StreamPart>): void {
    const item = objectAt(wire, 'item')
    if (!item) return
    if (!this.#started) this.#start(NOTHING, emit)
    this.#items.begin(item, wire['output_index'], emit)
  }

  #done(wire: JsonObject, emit: Emit<StreamPart>): void {
    const item = objectAt(wire, 'item')
    if (!item) return
    if (!this.#started) this.#start(NOTHING, emit)
    const open =
      this.#items.find(item['id'], wire['output_index']) ??
      this.#items.begin(item, wire['output_index'], emit)
    this.#failIf(this.#items.end(open, item, emit), emit)
  }

  /** The item that an event is about; one that the vendor never began is begun as `type`. */
  #item(wire: JsonObject, type: string, emit: Emit<StreamPart>): StreamItem | undefined {
    if (!this.#started) this.#start(NOTHING, emit)
    const open = this.#items.find(wire['item_id'], wire['output_index'])
    if (open?.done) {
      this.#contradict('goes on with an item after its end', emit)
      return undefined
    }
    const item: JsonObject = { type }
    const id = textAt(wire, 'item_id')
    if (id !== '') item['id'] = id
    return open ?? this.#items.begin(item, wire['output_index'], emit)
  }

  #words(
    type: 'output_text' | 'refusal',
    wire: JsonObject,
    text: string,
    emit: Emit<StreamPart>,
  ): void {
    const open = this.#item(wire, 'message', emit)
    if (open?.kind === 'message') this.#items.say(open, type, wire['content_index'], text, emit)
    else if (open) this.#contradict('puts words into an item that holds none', emit)
  }

  #contentPart(wire: JsonObject, emit: Emit<StreamPart>): void {
    const part = objectAt(wire, 'part')
    const open = this.#items.find(wire['item_id'], wire['output_index'])
    if (!part || !open || open.done || open.kind !== 'message') return
    const type = part['type']
    if (type !== 'output_text' && type !== 'refusal') return
    const words = this.#items.beginWords(open, type, wire['content_index'], emit)
    words.part = part
    this.#items.settleWords(words, textAt(part, type === 'refusal' ? 'refusal' : 'text'), emit)
  }

  #wordsDone(
    type: 'output_text' | 'refusal',
    wire: JsonObject,
    whole: string,
    emit: Emit<StreamPart>,
  ): void {
    const open = this.#items.find(wire['item_id'], wire['output_index'])
    if (!open || open.done || open.kind !== 'message') return
    const words = this.#items.beginWords(open, type, wire['content_index'], emit)
    this.#items.settleWords(words, whole, emit)
  }

  #input(type: string, wire: JsonObject, text: string, emit: Emit<StreamPart>): void {
    const itemType = type.includes('custom') ? 'custom_tool_call' : 'function_call'
    const open = this.#item(wire, itemType, emit)
    if (!open || text === '') return
    if (isCall(open)) this.#items.input(open, text, emit)
    else if (open.kind !== 'other') this.#contradict('puts arguments into what is no call', emit)
  }

  #inputDone(wire: JsonObject, whole: Json | undefined, emit: Emit<StreamPart>): void {
    const open = this.#items.find(wire['item_id'], wire['output_index'])
    if (!open || open.done || !isCall(open) || typeof whole !== 'string') return
    this.#failIf(this.#items.settleInput(open, whole, emit), emit)
  }

  #thought(
    source: ThoughtSource,
    section: Json | undefined,
    wire: JsonObject,
    emit: Emit<StreamPart>,
  ): void {
    const text = textAt(wire, 'delta')
    const open = this.#item(wire, 'reasoning', emit)
    if (!open || text === '') return
    if (open.kind === 'reasoning') this.#items.thought(open, source, section, text, emit)
    else this.#contradict('puts thoughts into an item that holds none', emit)
  }

  #conclude(type: string, response: JsonObject, emit: Emit<StreamPart>): void {
    const usage = objectAt(response, 'usage')
    const failure =
      type === 'response.failed' || type === 'response.cancelled'
        ? decodeInBandError(response)
        : failureIn(response)
    if (failure) {
      if (usage && this.#started) emit({ type: 'usage', usage: decodeUsage(usage) })
      this.#fail(failure, emit)
      return
    }
    if (!this.#started) this.#start(response, emit)
    this.#catchUp(response['output'], emit)
    if (!this.#over) this.#failIf(this.#items.endAll(emit), emit)
    if (this.#over) return
    this.#over = true
    if (usage) emit({ type: 'usage', usage: decodeUsage(usage) })
    // A vendor that leaves the status out has said it with the event.
    const said = textAt(response, 'status')
    const status = said === '' || said === 'in_progress' ? type.slice('response.'.length) : said
    const end: Part<'message-end'> = {
      type: 'message-end',
      finish: decodeFinish({ ...response, status }, this.#items.calls > 0, this.#items.refused),
    }
    const extras = answerExtras(response)
    if (extras) end.extras = { [NAME]: extras }
    emit(end)
  }

  /** The whole output at the end: items that were never ended, or never even begun. */
  #catchUp(output: Json | undefined, emit: Emit<StreamPart>): void {
    if (!Array.isArray(output)) return
    for (let i = 0; i < output.length && !this.#over; i++) {
      const item = output[i]
      if (!isObject(item)) continue
      let open = this.#items.find(item['id'], i)
      if (!open && this.#items.count < output.length) open = this.#items.begin(item, i, emit)
      if (open) this.#failIf(this.#items.end(open, item, emit), emit)
    }
  }

  #contradict(what: string, emit: Emit<StreamPart>): void {
    const message = `The vendor's stream ${what}.`
    this.#fail(new ToolgateError('vendor_contradiction', message, { origin: 'vendor' }), emit)
  }

  #failIf(error: ToolgateError | undefined, emit: Emit<StreamPart>): void {
    if (error) this.#fail(error, emit)
  }

  #fail(error: ToolgateError, emit: Emit<StreamPart>): void {
    this.#over = true
    emit({ type: 'error', error })
  }
}

const NOTHING: JsonObject = {}
