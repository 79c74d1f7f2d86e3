import { isToolgateError, ToolgateError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/response.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { stringifyJson } from '../../wire/json.ts'
import { frame } from '../../wire/sse.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { encodeError } from './error-encode.ts'
import { encodeFinish } from './finish.ts'
import { encodeReasoning, encodeSignature, isRedacted } from './reasoning.ts'
import { messageId, messageModel, placeholder } from './response.ts'
import { encodeUsage } from './usage.ts'
import { NAME, ownExtras, restore } from './wire.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>
type BlockPart = Extract<StreamPart, { index: number }>

/**
 * Writes a stream in the vendor's events. The wire has one block open at a time, so the parts of a
 * block that begins inside another wait for the other's end. A text or thinking block opens with
 * its first text, so that no empty one is written: clients would send it back, and the vendor
 * refuses it.
 */
export class MessageStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  /** The start, held until the next part, which may tell the usage that belongs into it. */
  #start: Part<'message-start'> | undefined
  #usage: Usage | undefined
  #isOver = false
  #hasCalls = false
  #isRefused = false
  /** The part index of the block that is being written, or -1. */
  #current = -1
  readonly #waiting = new Map<number, BlockPart[]>()
  /** The wire index of the next block. */
  #count = 0
  /** The head of a delta of the block that is open on the wire; empty if none is. */
  #head = ''
  #isCustom = false
  /** Whether the call that is being written has had nothing but white space for arguments. */
  #isBlank = false

  constructor(context: EncodeContext) {
    this.#context = context
  }

  push(part: StreamPart, emit: Emit<string>): void {
    if (this.#isOver) return
    switch (part.type) {
      case 'message-start':
        this.#start = part
        break
      case 'usage':
        this.#usage = part.usage
        this.#writeStart(emit)
        break
      case 'message-end':
        this.#writeStart(emit)
        this.#writeEnd(part, emit)
        break
      case 'error':
        this.#writeError(part.error, emit)
        break
      default:
        if (this.#start) this.#writeStart(emit)
        this.#pushBlock(part, emit)
    }
  }

  end(emit: Emit<string>): void {
    if (this.#isOver) return
    const text = 'The stream ended before its answer was complete.'
    this.#writeError(new ToolgateError('stream_cut', text, { origin: 'gateway' }), emit)
  }

  #writeStart(emit: Emit<string>): void {
    const start = this.#start
    if (!start) return
    this.#start = undefined
    const message: JsonObject = {
      id: messageId(start.id, this.#context),
      type: 'message',
      role: 'assistant',
      model: messageModel(start.model, this.#context),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: encodeUsage(this.#usage),
    }
    restore(message, ownExtras(start.extras))
    emit(frame(stringifyJson({ type: 'message_start', message }), 'message_start'))
  }

  /** Writes a part of the current block; a part of any other block waits. */
  #pushBlock(part: BlockPart, emit: Emit<string>): void {
    if (this.#current === -1) this.#current = part.index
    if (part.index !== this.#current) {
      const waiting = this.#waiting.get(part.index)
      if (waiting) waiting.push(part)
      else this.#waiting.set(part.index, [part])
      return
    }
    this.#write(part, emit)
    if (isLast(part)) this.#next(emit)
  }

  /** After a block has closed: the blocks that waited, up to one that is not complete. */
  #next(emit: Emit<string>): void {
    this.#current = -1
    for (const [index, parts] of this.#waiting) {
      this.#waiting.delete(index)
      this.#current = index
      let isComplete = false
      for (const part of parts) {
        this.#write(part, emit)
        isComplete = isLast(part)
      }
      if (!isComplete) return
      this.#current = -1
    }
  }

  #write(part: BlockPart, emit: Emit<string>): void {
    switch (part.type) {
      case 'text-start':
        if (part.refusal) this.#isRefused = true
        break
      case 'text-delta':
        if (part.text === '') break
        if (this.#head === '') this.#openText(emit)
        emit(`${this.#head}${JSON.stringify(part.text)}}}\n\n`)
        break
      case 'text-end':
        this.#endText(part, emit)
        break
      case 'reasoning-start':
        break
      case 'reasoning-delta':
        if (part.text === '') break
        if (this.#head === '') this.#openThinking(emit)
        emit(`${this.#head}${JSON.stringify(part.text)}}}\n\n`)
        break
      case 'reasoning-end':
        this.#endThinking(part, emit)
        break
      case 'tool-call-start':
        this.#openCall(part, emit)
        break
      case 'tool-call-delta':
        if (part.text === '') break
        // The official clients parse every piece at once, and white space alone makes them throw.
        if (this.#isBlank && part.text.trim() === '') break
        this.#isBlank = false
        emit(`${this.#head}${this.#inputText(part.text)}}}\n\n`)
        break
      case 'tool-call-end':
        if (this.#isCustom) emit(`${this.#head}${JSON.stringify('"}')}}}\n\n`)
        this.#closeBlock(emit)
        break
      case 'opaque':
        this.#writeWhole(part, emit)
    }
  }

  #openText(emit: Emit<string>): void {
    this.#openBlock('{"type":"text","text":""}', 'text_delta', 'text', emit)
  }

  #openThinking(emit: Emit<string>): void {
    const block = '{"type":"thinking","thinking":"","signature":""}'
    this.#openBlock(block, 'thinking_delta', 'thinking', emit)
  }

  #openCall(part: Part<'tool-call-start'>, emit: Emit<string>): void {
    this.#hasCalls = true
    this.#isCustom = part.kind === 'custom'
    this.#isBlank = !this.#isCustom
    const block: JsonObject = { type: 'tool_use', id: part.id, name: part.name, input: {} }
    const text = JSON.stringify(restore(block, ownExtras(part.extras)))
    this.#openBlock(text, 'input_json_delta', 'partial_json', emit)
    // The vendor's first piece is always empty; a free text goes under one key.
    emit(`${this.#head}${this.#isCustom ? JSON.stringify('{"input":"') : '""'}}}\n\n`)
  }

  /** The JSON text of a piece of arguments; of a free text, one level deeper. */
  #inputText(text: string): string {
    return JSON.stringify(this.#isCustom ? JSON.stringify(text).slice(1, -1) : text)
  }

  /** `delta` and `field` name what its deltas are and where their text stands. */
  #openBlock(block: string, delta: string, field: string, emit: Emit<string>): void {
    const index = this.#count++
    const start = `{"type":"content_block_start","index":${index},"content_block":${block}}`
    emit(frame(start, 'content_block_start'))
    const event = `{"type":"content_block_delta","index":${index}`
    this.#head = `event: content_block_delta\ndata: ${event},"delta":{"type":"${delta}","${field}":`
  }

  #closeBlock(emit: Emit<string>): void {
    this.#head = ''
    this.#isCustom = false
    const stop = `{"type":"content_block_stop","index":${this.#count - 1}}`
    emit(frame(stop, 'content_block_stop'))
  }

  #endText(part: Part<'text-end'>, emit: Emit<string>): void {
    const citations = part.extras?.[NAME]?.['citations']
    if (Array.isArray(citations)) {
      if (this.#head === '') this.#openText(emit)
      for (const citation of citations)
        this.#extraDelta({ type: 'citations_delta', citation }, emit)
    }
    if (this.#head !== '') this.#closeBlock(emit)
  }

  #endThinking(part: Part<'reasoning-end'>, emit: Emit<string>): void {
    const { state } = part
    if (this.#head === '') {
      if (!state) return
      if (isRedacted(state)) {
        const block = encodeReasoning({ type: 'reasoning', text: '', state }) ?? {}
        this.#openBlock(JSON.stringify(block), '', '', emit)
        this.#closeBlock(emit)
        return
      }
      this.#openThinking(emit)
    }
    const signature = encodeSignature(state)
    if (signature !== '') this.#extraDelta({ type: 'signature_delta', signature }, emit)
    this.#closeBlock(emit)
  }

  #extraDelta(delta: JsonObject, emit: Emit<string>): void {
    const event = { type: 'content_block_delta', index: this.#count - 1, delta }
    emit(frame(JSON.stringify(event), 'content_block_delta'))
  }

  #writeWhole({ part }: Part<'opaque'>, emit: Emit<string>): void {
    if (part.type === 'opaque' && part.protocol !== NAME) return
    const block = part.type === 'opaque' ? part.value : placeholder(part)
    this.#openBlock(JSON.stringify(block), '', '', emit)
    this.#closeBlock(emit)
  }

  #writeEnd(part: Part<'message-end'>, emit: Emit<string>): void {
    let stop: ReturnType<typeof encodeFinish>
    try {
      stop = encodeFinish(part.finish, this.#hasCalls, this.#isRefused)
    } catch (error) {
      if (!isToolgateError(error)) throw error
      this.#writeError(error, emit)
      return
    }
    this.#isOver = true
    const { container, ...rest } = ownExtras(part.extras) ?? {}
    const delta: JsonObject = { ...stop }
    if (container !== undefined) delta['container'] = container
    const event: JsonObject = { type: 'message_delta', delta, usage: encodeUsage(this.#usage) }
    emit(frame(stringifyJson(restore(event, rest)), 'message_delta'))
    emit(frame('{"type":"message_stop"}', 'message_stop'))
  }

  #writeError(error: ToolgateError, emit: Emit<string>): void {
    this.#isOver = true
    emit(frame(stringifyJson(encodeError(error, this.#context.requestId).body), 'error'))
  }
}

/** Whether a block is complete with a part. */
function isLast(part: BlockPart): boolean {
  return (
    part.type === 'text-end' ||
    part.type === 'reasoning-end' ||
    part.type === 'tool-call-end' ||
    part.type === 'opaque'
  )
}
