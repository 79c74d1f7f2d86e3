import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { disassemble, type Emit, type StreamPart } from '../../core/stream.ts'
import { MAX_DEPTH, parseJson, tryParseJson } from '../../wire/json.ts'
import { isDeeper } from '../../wire/json-scan.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { StreamDecoder } from '../protocol.ts'
import { decodeInBandError } from './error-decode.ts'
import { decodeFinish } from './finish.ts'
import { decodeReasoning } from './reasoning.ts'
import { contradiction, decodeContent, MESSAGE_FIELDS, restOf } from './response.ts'
import {
  extrasOf,
  gather,
  inputOf,
  isSame,
  kindOf,
  type OpenBlock,
  wholeInput,
} from './stream-block.ts'
import { decodeUsage, mergeUsage } from './usage.ts'
import { type Building, NAME, textAt } from './wire.ts'

type Part<T extends StreamPart['type']> = Building<Extract<StreamPart, { type: T }>>

const DELTA_FIELDS: ReadonlySet<string> = new Set(['stop_reason', 'stop_sequence', 'stop_details'])
const END_FIELDS: ReadonlySet<string> = new Set(['type', 'delta', 'usage'])
const STOP_FIELDS = ['stop_reason', 'stop_sequence', 'stop_details'] as const

/**
 * Reads a vendor's stream. Pings and unknown events are passed over, and a block that the vendor
 * forgot to close is closed by whatever comes after it.
 */
export class MessageStreamDecoder implements StreamDecoder {
  #isStarted = false
  #isOver = false
  #open: OpenBlock | undefined
  #count = 0
  #hasCalls = false
  readonly #stop: JsonObject = {}
  readonly #usage: JsonObject = {}
  #extras: JsonObject | undefined
  /** An event that is no JSON: the last one of a stream that was cut, or else a contradiction. */
  #broken: string | undefined

  push(event: SseEvent, emit: Emit<StreamPart>): void {
    const { data } = event
    if (this.#isOver || data === '' || data === '[DONE]') return
    if (this.#broken !== undefined) {
      this.#contradict(`an event is no JSON: ${this.#broken.slice(0, 200)}`, emit)
      return
    }
    const wire = tryParseJson(data)
    if (isObject(wire)) this.#read(wire, textAt(wire, 'type') || event.event, data, emit)
    else if (event.event === 'error') this.#fail(decodeInBandError(wire ?? data), emit)
    else this.#broken = data
  }

  end(emit: Emit<StreamPart>): void {
    if (this.#isOver) return
    if (this.#broken === undefined && textAt(this.#stop, 'stop_reason') !== '') {
      this.#finish(emit)
      return
    }
    const inside = this.#open ? ` in the middle of block ${this.#open.index},` : ''
    const missing = this.#isStarted ? 'message_delta and message_stop' : 'message_start'
    const text = `The vendor's stream was cut${inside} before ${missing}.`
    this.#fail(new ToolgateError('stream_cut', text, { origin: 'vendor' }), emit)
  }

  #read(wire: JsonObject, type: string, data: string, emit: Emit<StreamPart>): void {
    if (type === 'content_block_delta') {
      this.#delta(wire, data, emit)
      return
    }
    // What is kept of an event is written again later, and must not be too deep for that.
    if (isDeeper(data, MAX_DEPTH)) {
      this.#contradict(TOO_DEEP, emit)
      return
    }
    switch (type) {
      case 'content_block_start':
        this.#openBlock(wire, data, emit)
        break
      case 'content_block_stop':
        if (this.#open && isSame(wire['index'], this.#open.wireIndex)) this.#close(emit)
        break
      case 'message_start':
        this.#start(wire, data, emit)
        break
      case 'message_delta':
        this.#messageDelta(wire, emit)
        break
      case 'message_stop':
        this.#finish(emit)
        break
      case 'error':
        this.#fail(decodeInBandError(wire), emit)
        break
      default:
        if (isObject(wire['error'])) this.#fail(decodeInBandError(wire), emit)
    }
  }

  #start(wire: JsonObject, data: string, emit: Emit<StreamPart>): void {
    if (this.#isStarted) {
      // Said twice it does no harm; behind content another answer begins, and what is out is out.
      if (this.#count > 0) this.#contradict('a second message begins inside the first', emit)
      return
    }
    const message = isObject(wire['message']) ? wire['message'] : {}
    this.#keep(restOf(message, MESSAGE_FIELDS))
    this.#begin(textAt(message, 'id'), textAt(message, 'model'), emit)
    this.#keepStop(message)
    this.#tell(message['usage'], emit)
    const content = message['content']
    if (Array.isArray(content) && content.length > 0) this.#giveWhole(data, emit)
  }

  #begin(id: string, model: string, emit: Emit<StreamPart>): void {
    this.#isStarted = true
    const start: Part<'message-start'> = { type: 'message-start', id, model }
    if (this.#extras) start.extras = { [NAME]: this.#extras }
    emit(start)
  }

  /** An answer that goes on after a pause may begin with blocks that are whole already. */
  #giveWhole(data: string, emit: Emit<StreamPart>): void {
    const root = parseJson(data)
    const message = isObject(root) ? root['message'] : undefined
    const blocks = isObject(message) && Array.isArray(message['content']) ? message['content'] : []
    const content = decodeContent(blocks, root)
    for (const part of disassemble({ id: '', model: '', content, finish: UNFINISHED })) {
      if (!('index' in part)) continue
      if (part.type === 'tool-call-start') this.#hasCalls = true
      emit(part)
    }
    this.#count = content.length
  }

  #openBlock(wire: JsonObject, data: string, emit: Emit<StreamPart>): void {
    const block = wire['content_block']
    if (!isObject(block)) {
      this.#contradict('a block begins without saying what it is', emit)
      return
    }
    this.#openAs(block, wire['index'], data, emit)
  }

  #openAs(
    block: JsonObject,
    wireIndex: Json | undefined,
    source: string,
    emit: Emit<StreamPart>,
  ): void {
    if (!this.#isStarted) this.#begin('', '', emit)
    this.#close(emit)
    const index = this.#count++
    const kind = kindOf(block)
    this.#open = { kind, index, wireIndex, block, source, input: '' }
    switch (kind) {
      case 'text': {
        emit({ type: 'text-start', index })
        const text = textAt(block, 'text')
        if (text !== '') emit({ type: 'text-delta', index, text })
        break
      }
      case 'reasoning': {
        emit({ type: 'reasoning-start', index })
        const text = textAt(block, 'thinking')
        if (text !== '') emit({ type: 'reasoning-delta', index, text })
        break
      }
      case 'tool-call':
        this.#hasCalls = true
        emit({
          type: 'tool-call-start',
          index,
          id: textAt(block, 'id'),
          name: textAt(block, 'name'),
          kind: 'function',
          ...extrasOf(block),
        })
    }
  }

  #delta(wire: JsonObject, data: string, emit: Emit<StreamPart>): void {
    const { delta, index } = wire
    const open = this.#open
    if (!open || !isSame(index, open.wireIndex)) {
      const which = typeof index === 'number' ? `block ${index}` : 'a block'
      this.#contradict(`a delta comes for ${which} that is not open`, emit)
      return
    }
    if (!isObject(delta)) return
    const type = delta['type']
    if (open.kind === 'opaque' || type === 'citations_delta') {
      if (isDeeper(data, MAX_DEPTH)) this.#contradict(TOO_DEEP, emit)
      else gather(open, delta)
      return
    }
    switch (type) {
      case 'text_delta':
        this.#textDelta(open, textAt(delta, 'text'), emit)
        break
      case 'input_json_delta':
        this.#inputDelta(open, textAt(delta, 'partial_json'), emit)
        break
      case 'thinking_delta':
        this.#thinkingDelta(open, textAt(delta, 'thinking'), emit)
        break
      case 'signature_delta':
        // Of several the last one counts, as in the vendor's own client (Anthropic SDK 1.11).
        open.block['signature'] = textAt(delta, 'signature')
    }
  }

  #textDelta(open: OpenBlock, text: string, emit: Emit<StreamPart>): void {
    if (text === '') return
    if (open.kind === 'text') emit({ type: 'text-delta', index: open.index, text })
    else if (open.kind === 'reasoning') {
      this.#openAs({ type: 'text', text }, open.wireIndex, '', emit)
    } else this.#contradict(`text comes for block ${open.index}, which is a call`, emit)
  }

  #thinkingDelta(open: OpenBlock, text: string, emit: Emit<StreamPart>): void {
    if (text === '') return
    if (open.kind === 'reasoning') emit({ type: 'reasoning-delta', index: open.index, text })
    else if (open.kind === 'text') {
      this.#openAs({ type: 'thinking', thinking: text }, open.wireIndex, '', emit)
    } else this.#contradict(`thinking comes for block ${open.index}, which is a call`, emit)
  }

  #inputDelta(open: OpenBlock, text: string, emit: Emit<StreamPart>): void {
    if (text === '') return
    if (open.kind === 'tool-call') {
      open.input = 'some'
      emit({ type: 'tool-call-delta', index: open.index, text })
    } else this.#contradict(`arguments come for block ${open.index}, which is no call`, emit)
  }

  #close(emit: Emit<StreamPart>): void {
    const open = this.#open
    if (!open) return
    this.#open = undefined
    const { index, block } = open
    switch (open.kind) {
      case 'text':
        emit({ type: 'text-end', index, ...extrasOf(block) })
        break
      case 'reasoning': {
        const { state } = decodeReasoning(block)
        emit({ type: 'reasoning-end', index, ...(state && { state }), ...extrasOf(block) })
        break
      }
      case 'tool-call':
        if (open.input === '') emit({ type: 'tool-call-delta', index, text: wholeInput(open) })
        emit({ type: 'tool-call-end', index, ...extrasOf(block) })
        break
      case 'opaque': {
        if (open.input !== '') block['input'] = inputOf(open)
        const part = { type: 'opaque', protocol: NAME, kind: textAt(block, 'type') } as const
        emit({ type: 'opaque', index, part: { ...part, value: block } })
      }
    }
  }

  #messageDelta(wire: JsonObject, emit: Emit<StreamPart>): void {
    if (!this.#isStarted) this.#begin('', '', emit)
    this.#close(emit)
    const delta = wire['delta']
    if (isObject(delta)) {
      this.#keepStop(delta)
      this.#keep(restOf(delta, DELTA_FIELDS))
    }
    this.#keep(restOf(wire, END_FIELDS))
    this.#tell(wire['usage'], emit)
  }

  #finish(emit: Emit<StreamPart>): void {
    if (!this.#isStarted) this.#begin('', '', emit)
    this.#close(emit)
    this.#isOver = true
    const end: Part<'message-end'> = {
      type: 'message-end',
      finish: decodeFinish(this.#stop, this.#hasCalls),
    }
    if (this.#extras) end.extras = { [NAME]: this.#extras }
    emit(end)
  }

  #keepStop(from: JsonObject): void {
    for (const field of STOP_FIELDS) {
      const value = from[field]
      if (value !== null && value !== undefined) this.#stop[field] = value
    }
  }

  #keep(rest: JsonObject | undefined): void {
    if (rest) this.#extras = this.#extras ? { ...this.#extras, ...rest } : rest
  }

  #tell(usage: Json | undefined, emit: Emit<StreamPart>): void {
    if (!isObject(usage)) return
    mergeUsage(this.#usage, usage)
    emit({ type: 'usage', usage: decodeUsage(this.#usage) })
  }

  #contradict(what: string, emit: Emit<StreamPart>): void {
    this.#fail(contradiction(what), emit)
  }

  #fail(error: ToolgateError, emit: Emit<StreamPart>): void {
    this.#isOver = true
    emit({ type: 'error', error })
  }
}

const TOO_DEEP = 'it is nested too deeply'
const UNFINISHED = { kind: 'other', raw: '' } as const
