import type { JsonObject } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'
import type { ToolCallPart } from '../../core/message.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import type { EncodeContext } from '../protocol.ts'
import {
  callItem,
  encodeAnswerWords,
  messageItem,
  newItemId,
  reasoningItem,
} from './output-encode.ts'
import { itemIdOf } from './reasoning.ts'
import { frameEvent } from './stream-error.ts'
import { itemFields } from './text-content.ts'
import { itemPrefix } from './tool-call.ts'
import { isNote, NAME, ownExtras, textAt } from './wire.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>
type BlockPart = Extract<StreamPart, { index: number }>

/** The message item that is being written; it stays open for further parts. */
interface OpenMessage {
  readonly id: string
  fields: JsonObject | undefined
  readonly parts: JsonObject[]
}

/**
 * Writes blocks, one after the other, as the events of items, and keeps the items for the last
 * event of all.
 */
export class ItemWriter {
  /** The items that are over. */
  readonly output: JsonObject[] = []
  readonly #context: EncodeContext
  #sequence = 0
  /** A call that is over, but may turn out to have been cut off. */
  #ended: JsonObject | undefined
  #message: OpenMessage | undefined
  /** What of the open block has been said. */
  #text = ''
  #id = ''
  #isRefusal = false
  #call: { readonly name: string; readonly id: string; readonly kind: ToolCallPart['kind'] } = NONE
  /** The beginning of a delta of the open block, up to its text. */
  #head = ''

  constructor(context: EncodeContext) {
    this.#context = context
  }

  /** Writes one event; `fields` is JSON text. */
  event(type: string, fields: string, emit: Emit<string>): void {
    emit(frameEvent(type, fields, this.#sequence++))
  }

  /** Writes a part of a block. */
  write(part: BlockPart, emit: Emit<string>): void {
    if (this.#ended) this.release(emit)
    switch (part.type) {
      case 'text-delta':
      case 'tool-call-delta':
        this.#delta(part.text, emit)
        break
      case 'reasoning-delta':
        if (this.#text === '' && part.text !== '') this.#beginSummary(emit)
        this.#delta(part.text, emit)
        break
      case 'text-start':
        this.#beginWords(part.refusal === true, itemFields(part), emit)
        break
      case 'text-end':
        this.#endWords(part, emit)
        break
      case 'reasoning-start':
        this.#beginReasoning(part, emit)
        break
      case 'reasoning-end':
        this.#endReasoning(part, emit)
        break
      case 'tool-call-start':
        this.#beginCall(part, emit)
        break
      case 'tool-call-end':
        this.#endCall(part, emit)
        break
      case 'opaque':
        this.#whole(part, emit)
        break
    }
  }

  /** Ends what is open; an answer that was cut off was cut off in its last item. */
  finish(status: string, emit: Emit<string>): void {
    const cut = status === 'incomplete'
    if (cut && this.#ended) this.#ended['status'] = status
    this.release(emit)
    this.#endMessage(cut, emit)
  }

  /** Says that a call is done, once it is known how. */
  release(emit: Emit<string>): void {
    const item = this.#ended
    this.#ended = undefined
    if (item) this.#done(item, emit)
  }

  #delta(text: string, emit: Emit<string>): void {
    if (text === '') return
    this.#text += text
    emit(`${this.#head}${JSON.stringify(text)},"sequence_number":${this.#sequence++}}\n\n`)
  }

  /** The place of the item that is being written. */
  #place(): string {
    return `"item_id":${JSON.stringify(this.#id)},"output_index":${this.output.length}`
  }

  #begin(type: string, place: string): void {
    this.#text = ''
    this.#head = `event: ${type}\ndata: {"type":"${type}",${place},"delta":`
  }

  #added(item: JsonObject, emit: Emit<string>): void {
    const fields = `"output_index":${this.output.length},"item":${JSON.stringify(item)}`
    this.event('response.output_item.added', fields, emit)
  }

  #done(item: JsonObject, emit: Emit<string>): void {
    const fields = `"output_index":${this.output.length},"item":${JSON.stringify(item)}`
    this.event('response.output_item.done', fields, emit)
    this.output.push(item)
  }

  /** Opens a part of the model's words, in the open message unless an item begins with it. */
  #beginWords(isRefusal: boolean, fields: JsonObject | undefined, emit: Emit<string>): void {
    if (this.#message && fields) this.#endMessage(false, emit)
    if (!this.#message) {
      const id = textAt(fields ?? {}, 'id') || newItemId('msg_', this.#context)
      this.#message = { id, fields, parts: [] }
      const item = messageItem({ ...fields, id }, [], this.#context)
      item['status'] = 'in_progress'
      this.#added(item, emit)
    }
    this.#id = this.#message.id
    this.#isRefusal = isRefusal
    const place = this.#wordsPlace()
    const part = isRefusal
      ? '{"type":"refusal","refusal":""}'
      : '{"type":"output_text","annotations":[],"logprobs":[],"text":""}'
    this.event('response.content_part.added', `${place},"part":${part}`, emit)
    if (isRefusal) this.#begin('response.refusal.delta', place)
    else this.#begin('response.output_text.delta', `${place},"logprobs":[]`)
  }

  #wordsPlace(): string {
    return `"content_index":${this.#message?.parts.length ?? 0},${this.#place()}`
  }

  #endWords(end: Part<'text-end'>, emit: Emit<string>): void {
    const message = this.#message
    if (!message) return
    const extras = end.extras ? { extras: end.extras } : {}
    const part = encodeAnswerWords({
      type: this.#isRefusal ? 'refusal' : 'text',
      text: this.#text,
      ...extras,
    })
    const place = this.#wordsPlace()
    const { annotations } = part
    if (Array.isArray(annotations))
      for (const [i, annotation] of annotations.entries()) {
        const fields = `${place},"annotation_index":${i},"annotation":${JSON.stringify(annotation)}`
        this.event('response.output_text.annotation.added', fields, emit)
      }
    const text = JSON.stringify(this.#text)
    if (this.#isRefusal) this.event('response.refusal.done', `${place},"refusal":${text}`, emit)
    else this.event('response.output_text.done', `${place},"text":${text},"logprobs":[]`, emit)
    this.event('response.content_part.done', `${place},"part":${JSON.stringify(part)}`, emit)
    message.parts.push(part)
    message.fields = itemFields(end) ?? message.fields
  }

  #endMessage(cut: boolean, emit: Emit<string>): void {
    const message = this.#message
    if (!message) return
    this.#message = undefined
    const { id, fields, parts } = message
    const item = messageItem({ ...fields, id }, parts, this.#context)
    if (cut) item['status'] = 'incomplete'
    this.#done(item, emit)
  }

  #beginReasoning(start: Part<'reasoning-start'>, emit: Emit<string>): void {
    this.#endMessage(false, emit)
    this.#text = ''
    this.#id = itemIdOf(start) ?? newItemId('rs_', this.#context)
    this.#added({ id: this.#id, type: 'reasoning', summary: [] }, emit)
  }

  #beginSummary(emit: Emit<string>): void {
    const place = `${this.#place()},"summary_index":0`
    const part = '"part":{"type":"summary_text","text":""}'
    this.event('response.reasoning_summary_part.added', `${place},${part}`, emit)
    this.#begin('response.reasoning_summary_text.delta', place)
  }

  #endReasoning(end: Part<'reasoning-end'>, emit: Emit<string>): void {
    const text = this.#text
    if (text !== '') {
      const place = `${this.#place()},"summary_index":0`
      const said = JSON.stringify(text)
      const part = `"part":{"type":"summary_text","text":${said}}`
      this.event('response.reasoning_summary_text.done', `${place},"text":${said}`, emit)
      this.event('response.reasoning_summary_part.done', `${place},${part}`, emit)
    }
    const kept = this.#fields(end, text !== '')
    const { state } = end
    const item = reasoningItem(
      { type: 'reasoning', text, extras: { [NAME]: kept }, ...(state && { state }) },
      this.#context,
    )
    item['id'] = this.#id
    this.#done(item, emit)
  }

  /** What was kept of an item, under the id it began with. Text that is out as a summary stays one. */
  #fields(end: { readonly extras?: ToolCallPart['extras'] }, bare: boolean): JsonObject {
    const fields: JsonObject = {}
    const kept = ownExtras(end.extras)
    for (const key in kept) if (!bare || !isNote(key)) fields[key] = kept[key]
    fields['id'] = this.#id
    return fields
  }

  #beginCall(start: Part<'tool-call-start'>, emit: Emit<string>): void {
    this.#endMessage(false, emit)
    const { id, name, kind } = start
    this.#call = { id, name, kind }
    this.#id =
      textAt(ownExtras(start.extras) ?? {}, 'id') || newItemId(itemPrefix(kind), this.#context)
    const extras = { [NAME]: this.#fields(start, false) }
    const item = callItem(
      { type: 'tool-call', id, name, kind, arguments: '', extras },
      this.#context,
    )
    item['status'] = 'in_progress'
    item[kind === 'custom' ? 'input' : 'arguments'] = ''
    this.#added(item, emit)
    this.#begin(`${CALL_EVENTS[kind]}.delta`, this.#place())
  }

  #endCall(end: Part<'tool-call-end'>, emit: Emit<string>): void {
    const { kind } = this.#call
    if (kind === 'function' && this.#text.trim() === '') this.#delta('{}', emit)
    const said = JSON.stringify(this.#text)
    const { state } = end
    const item = callItem(
      {
        type: 'tool-call',
        ...this.#call,
        arguments: this.#text,
        extras: { [NAME]: this.#fields(end, false) },
        ...(state && { state }),
      },
      this.#context,
    )
    const field = kind === 'custom' ? 'input' : 'arguments'
    const name = kind === 'custom' ? '' : `,"name":${JSON.stringify(this.#call.name)}`
    this.event(`${CALL_EVENTS[kind]}.done`, `${this.#place()},"${field}":${said}${name}`, emit)
    this.#ended = item
  }

  /** A part that comes in one piece; what this protocol cannot hold becomes words about it. */
  #whole({ part }: Part<'opaque'>, emit: Emit<string>): void {
    if (part.type !== 'opaque') {
      this.#beginWords(false, {}, emit)
      this.#delta(`[${part.type} left out: the protocol cannot carry it]`, emit)
      this.#endWords({ type: 'text-end', index: 0 }, emit)
      this.#endMessage(false, emit)
    } else if (part.protocol === NAME && isObject(part.value)) {
      this.#endMessage(false, emit)
      this.#added(part.value, emit)
      this.#done(part.value, emit)
    }
  }
}

const CALL_EVENTS = {
  function: 'response.function_call_arguments',
  custom: 'response.custom_tool_call_input',
} as const

const NONE = { id: '', name: '', kind: 'function' } as const
