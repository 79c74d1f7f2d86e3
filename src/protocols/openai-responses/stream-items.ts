import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { tryParseJson } from '../../wire/json.ts'
import { callSignature, signatureState } from '../thought-signature.ts'
import {
  decodeWords,
  type ItemKind,
  kindOf,
  messageFields,
  namelessCall,
  wholeItem,
  wordsExtras,
} from './output-item.ts'
import { decodeReasoning } from './reasoning.ts'
import { argumentText, callExtras, mintedId } from './tool-call.ts'
import { BETWEEN, type Building, filledLeftover, NAME, textAt } from './wire.ts'

type Part<T extends StreamPart['type']> = Building<Extract<StreamPart, { type: T }>>

/** Which of the two lists of a reasoning item its text comes from. */
export type ThoughtSource = 'content' | 'summary'

/** A part of the model's words that is being streamed. */
interface OpenWords {
  readonly index: number
  readonly type: 'output_text' | 'refusal'
  readonly key: Json | undefined
  /** What is known of it beside its text. */
  part: JsonObject
  text: string
  readonly fields: JsonObject | undefined
}

/** An item of the answer, from its beginning on. */
export interface StreamItem {
  readonly kind: ItemKind
  /** As it was when it began. */
  readonly item: JsonObject
  done: boolean
  /** Block index of a call or a reasoning; -1 until it is open. */
  index: number
  /** What has been read of a call or a reasoning. */
  text: string
  source: ThoughtSource | undefined
  section: Json | undefined
  words: OpenWords | undefined
  /** How many parts of a message have begun. */
  begun: number
}

/** Turns the items of a stream into blocks; a block's extras come with the item's end. */
export class StreamItems {
  /** The id of the answer, from which missing call ids are made. */
  responseId = ''
  calls = 0
  refused = false
  count = 0
  #next = 0
  readonly #all: StreamItem[] = []
  readonly #byId = new Map<string, StreamItem>()
  readonly #byIndex = new Map<number, StreamItem>()

  /** The item that an event is about: ids count first, but some vendors change them on the way. */
  find(id: Json | undefined, index: Json | undefined): StreamItem | undefined {
    const found = typeof id === 'string' ? this.#byId.get(id) : undefined
    return found ?? (typeof index === 'number' ? this.#byIndex.get(index) : undefined)
  }

  /** Begins an item, and its block as soon as enough is known. */
  begin(item: JsonObject, index: Json | undefined, emit: Emit<StreamPart>): StreamItem {
    const made: StreamItem = {
      kind: kindOf(item),
      item,
      done: false,
      index: -1,
      text: '',
      source: undefined,
      section: undefined,
      words: undefined,
      begun: 0,
    }
    this.count++
    this.#all.push(made)
    const id = textAt(item, 'id')
    if (id !== '') this.#byId.set(id, made)
    if (typeof index === 'number') this.#byIndex.set(index, made)
    if (made.kind === 'reasoning') {
      made.index = this.#next++
      const start: Part<'reasoning-start'> = { type: 'reasoning-start', index: made.index }
      if (id !== '') start.extras = { [NAME]: { id } }
      emit(start)
    } else if (isCall(made) && textAt(item, 'name') !== '') this.#beginCall(made, item, emit)
    return made
  }

  #beginCall(call: StreamItem, item: JsonObject, emit: Emit<StreamPart>): void {
    call.index = this.#next++
    const start: Part<'tool-call-start'> = {
      type: 'tool-call-start',
      index: call.index,
      id: textAt(item, 'call_id') || mintedId(this.responseId, this.calls),
      name: textAt(item, 'name'),
      kind: call.kind === 'custom' ? 'custom' : 'function',
    }
    this.calls++
    const id = textAt(item, 'id')
    if (id !== '') start.extras = { [NAME]: { id } }
    emit(start)
    if (call.text !== '') emit({ type: 'tool-call-delta', index: call.index, text: call.text })
  }

  /** More of a call's arguments. */
  input(call: StreamItem, text: string, emit: Emit<StreamPart>): void {
    call.text += text
    if (call.index !== -1) emit({ type: 'tool-call-delta', index: call.index, text })
  }

  /** More of a reasoning; of its two texts only the one that came first is streamed. */
  thought(
    item: StreamItem,
    source: ThoughtSource,
    section: Json | undefined,
    text: string,
    emit: Emit<StreamPart>,
  ): void {
    item.source ??= source
    if (item.source !== source) return
    const apart = item.text !== '' && item.section !== section
    item.section = section
    const said = apart ? BETWEEN + text : text
    item.text += said
    emit({ type: 'reasoning-delta', index: item.index, text: said })
  }

  /** More of the model's words; opens their block if the vendor did not. */
  say(
    item: StreamItem,
    type: 'output_text' | 'refusal',
    key: Json | undefined,
    text: string,
    emit: Emit<StreamPart>,
  ): void {
    const open = this.beginWords(item, type, key, emit)
    if (text === '') return
    open.text += text
    emit({ type: 'text-delta', index: open.index, text })
  }

  /** Opens the block of a part of a message, unless it is open already. */
  beginWords(
    item: StreamItem,
    type: 'output_text' | 'refusal',
    key: Json | undefined,
    emit: Emit<StreamPart>,
  ): OpenWords {
    const open = item.words
    if (open && open.type === type && open.key === key) return open
    this.#endWords(item, undefined, undefined, emit)
    const fields = item.begun === 0 ? messageFields(item.item) : undefined
    const words: OpenWords = { index: this.#next++, type, key, part: { type }, text: '', fields }
    item.begun++
    item.words = words
    const start: Part<'text-start'> = { type: 'text-start', index: words.index }
    if (type === 'refusal') {
      start.refusal = true
      this.refused = true
    }
    if (fields) start.extras = { [NAME]: { $message: fields } }
    emit(start)
    return words
  }

  /** Says what of the words has not come in deltas. */
  settleWords(open: OpenWords, whole: string, emit: Emit<StreamPart>): void {
    if (whole.length <= open.text.length || !whole.startsWith(open.text)) return
    const rest = whole.slice(open.text.length)
    open.text = whole
    emit({ type: 'text-delta', index: open.index, text: rest })
  }

  #endWords(
    item: StreamItem,
    part: JsonObject | undefined,
    fields: JsonObject | undefined,
    emit: Emit<StreamPart>,
  ): void {
    const open = item.words
    if (!open) return
    item.words = undefined
    if (part)
      this.settleWords(open, textAt(part, open.type === 'refusal' ? 'refusal' : 'text'), emit)
    const end: Part<'text-end'> = { type: 'text-end', index: open.index }
    const extras = wordsExtras(part ?? open.part, open.fields && (fields ?? open.fields))
    if (extras) end.extras = extras
    emit(end)
  }

  /** Ends an item as the vendor tells it at last. Gives an error if that contradicts what came. */
  end(open: StreamItem, item: JsonObject, emit: Emit<StreamPart>): ToolgateError | undefined {
    if (open.done) return undefined
    open.done = true
    switch (open.kind) {
      case 'message':
        this.#endMessage(open, item, emit)
        return undefined
      case 'reasoning':
        this.#endReasoning(open, item, emit)
        return undefined
      case 'other': {
        const part = { type: 'opaque', protocol: NAME, kind: textAt(item, 'type') } as const
        emit({ type: 'opaque', index: this.#next++, part: { ...part, value: item } })
        return undefined
      }
      default:
        return this.#endCall(open, item, emit)
    }
  }

  #endMessage(open: StreamItem, item: JsonObject, emit: Emit<StreamPart>): void {
    const content = Array.isArray(item['content']) ? item['content'] : []
    const fields = messageFields(item)
    let known = 0
    for (const value of content) {
      if (!isObject(value)) continue
      const words = decodeWords(value, undefined)
      if (!words) {
        const part = wholeItem(item, value)
        if (part.type === 'opaque') emit({ type: 'opaque', index: this.#next++, part })
        continue
      }
      known++
      if (known < open.begun) continue
      const type = words.type === 'refusal' ? 'refusal' : 'output_text'
      if (known > open.begun) this.beginWords(open, type, known, emit)
      this.#endWords(open, value, fields, emit)
    }
    this.#endWords(open, undefined, fields, emit)
  }

  #endReasoning(open: StreamItem, item: JsonObject, emit: Emit<StreamPart>): void {
    const { text, state, extras } = decodeReasoning(item)
    const { index } = open
    if (open.text === '' && text !== '') emit({ type: 'reasoning-delta', index, text })
    const end: Part<'reasoning-end'> = { type: 'reasoning-end', index }
    if (state) end.state = state
    if (extras) end.extras = extras
    emit(end)
  }

  #endCall(open: StreamItem, item: JsonObject, emit: Emit<StreamPart>): ToolgateError | undefined {
    if (open.index === -1) {
      if (textAt(item, 'name') === '') return namelessCall()
      this.#beginCall(open, item, emit)
    }
    const whole = argumentText(item[open.kind === 'custom' ? 'input' : 'arguments'], item)
    const error = this.settleInput(open, whole, emit)
    if (error) return error
    const end: Part<'tool-call-end'> = { type: 'tool-call-end', index: open.index }
    const signature = callSignature(item)
    if (signature !== '') end.state = signatureState(signature)
    const kept = callExtras(item, filledLeftover)
    if (kept) end.extras = { [NAME]: kept }
    emit(end)
    return undefined
  }

  /**
   * Says what of the arguments has not come in deltas: some vendors send them only at the end. Text
   * that is already out cannot be taken back, so another text is an error, unless both say the
   * same in other spaces.
   */
  settleInput(call: StreamItem, whole: string, emit: Emit<StreamPart>): ToolgateError | undefined {
    if (whole === '' || whole === call.text) return undefined
    if (whole.startsWith(call.text)) {
      this.input(call, whole.slice(call.text.length), emit)
      return undefined
    }
    if (tryParseJson(call.text) !== undefined && tryParseJson(whole) !== undefined) return undefined
    return new ToolgateError(
      'vendor_contradiction',
      "The vendor's stream gives a tool call other arguments at its end than before.",
      { origin: 'vendor' },
    )
  }

  /** Ends all that the vendor left open, with what is known of it. */
  endAll(emit: Emit<StreamPart>): ToolgateError | undefined {
    for (const open of this.#all) {
      if (open.done) continue
      const error = this.end(open, lastKnown(open), emit)
      if (error) return error
    }
    return undefined
  }
}

/** Whether an item is a call of the client's tools. */
export function isCall(item: StreamItem): boolean {
  return item.kind === 'function' || item.kind === 'custom'
}

/** An item as far as it was told; what has come of a call's arguments counts. */
function lastKnown(open: StreamItem): JsonObject {
  const { status: _status, ...item } = open.item
  return item
}
