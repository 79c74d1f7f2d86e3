import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ReasoningState } from '../../core/message.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { MAX_DEPTH, tryParseJson } from '../../wire/json.ts'
import { isDeeper } from '../../wire/json-scan.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { StreamDecoder } from '../protocol.ts'
import { decodeInBandError } from './error-decode.ts'
import { decodeFinish } from './finish.ts'
import { redactedState, signatureState } from './reasoning.ts'
import { contradiction, extrasOf } from './response.ts'
import { decodeUsage } from './usage.ts'
import { NAME, textAt } from './wire.ts'

/** The block that is open. There is one at a time. */
interface OpenBlock {
  readonly kind: 'text' | 'reasoning' | 'tool-call'
  readonly index: number
  readonly wireIndex: Json | undefined
  /** Whether arguments have come. */
  isFilled: boolean
  signature: string
  redacted: string
  readonly citations: Json[]
}

/**
 * Reads a vendor's stream. Text and reasoning open without a word, and a block that was not closed
 * is closed by whatever comes after it. The counts come last, behind the reason of the end.
 */
export class ConverseStreamDecoder implements StreamDecoder {
  #isStarted = false
  #isOver = false
  #open: OpenBlock | undefined
  #count = 0
  #hasCalls = false
  #reason: string | undefined
  #isCounted = false
  #extras: JsonObject | undefined

  push({ event, data }: SseEvent, emit: Emit<StreamPart>): void {
    if (this.#isOver) return
    const colon = event.indexOf(':')
    if (colon >= 0) {
      this.#refuse(event.slice(0, colon), event.slice(colon + 1), data, emit)
      return
    }
    const wire = tryParseJson(data)
    if (isObject(wire)) this.#read(wire, event, data, emit)
    else this.#fail(contradiction(`an event is no JSON: ${data.slice(0, 200)}`), emit)
  }

  end(emit: Emit<StreamPart>): void {
    if (this.#isOver) return
    if (this.#reason !== undefined) {
      this.#finish(this.#reason, emit)
      return
    }
    const inside = this.#open ? ` in the middle of block ${this.#open.index},` : ''
    const missing = this.#isStarted ? 'messageStop' : 'messageStart'
    const text = `The vendor's stream was cut${inside} before ${missing}.`
    this.#fail(new ToolgateError('stream_cut', text, { origin: 'vendor' }), emit)
  }

  /** An exception that the vendor names, an error of its frame, or bytes that are no frame. */
  #refuse(kind: string, type: string, data: string, emit: Emit<StreamPart>): void {
    const error =
      kind === 'framing' ? contradiction(data) : decodeInBandError(type, tryParseJson(data) ?? data)
    this.#fail(error, emit)
  }

  #read(wire: JsonObject, type: string, data: string, emit: Emit<StreamPart>): void {
    switch (type) {
      case 'contentBlockDelta':
        this.#delta(wire, emit)
        break
      case 'contentBlockStart':
        this.#start(wire, emit)
        break
      case 'contentBlockStop':
        if (this.#open && this.#open.wireIndex === wire['contentBlockIndex']) this.#close(emit)
        break
      case 'messageStart':
        this.#begin(emit)
        break
      case 'messageStop':
        this.#begin(emit)
        this.#close(emit)
        this.#reason = textAt(wire, 'stopReason')
        this.#keep(wire, data)
        if (this.#isCounted) this.#finish(this.#reason, emit)
        break
      case 'metadata':
        this.#begin(emit)
        this.#keep(wire, data)
        if (isObject(wire['usage'])) emit({ type: 'usage', usage: decodeUsage(wire['usage']) })
        this.#isCounted = true
        if (this.#reason !== undefined) this.#finish(this.#reason, emit)
    }
  }

  #begin(emit: Emit<StreamPart>): void {
    if (this.#isStarted) return
    this.#isStarted = true
    emit({ type: 'message-start', id: '', model: '' })
  }

  #start(wire: JsonObject, emit: Emit<StreamPart>): void {
    const toolUse = isObject(wire['start']) ? wire['start']['toolUse'] : undefined
    // Of other blocks the first delta says what they are.
    if (!isObject(toolUse)) return
    const { index } = this.#openAs('tool-call', wire['contentBlockIndex'], emit)
    this.#hasCalls = true
    const [id, name] = [textAt(toolUse, 'toolUseId'), textAt(toolUse, 'name')]
    emit({ type: 'tool-call-start', index, id, name, kind: 'function' })
  }

  #openAs(kind: OpenBlock['kind'], wireIndex: Json | undefined, emit: Emit<StreamPart>): OpenBlock {
    this.#begin(emit)
    this.#close(emit)
    const index = this.#count++
    const blank = { isFilled: false, signature: '', redacted: '', citations: [] }
    const open = { kind, index, wireIndex, ...blank }
    this.#open = open
    return open
  }

  #delta(wire: JsonObject, emit: Emit<StreamPart>): void {
    const { delta, contentBlockIndex } = wire
    if (!isObject(delta)) return
    const { toolUse, reasoningContent, citation } = delta
    if (typeof delta['text'] === 'string') {
      const { index } = this.#block('text', contentBlockIndex, emit)
      if (delta['text'] !== '') emit({ type: 'text-delta', index, text: delta['text'] })
    } else if (isObject(toolUse)) {
      this.#inputDelta(textAt(toolUse, 'input'), contentBlockIndex, emit)
    } else if (isObject(reasoningContent)) {
      const open = this.#block('reasoning', contentBlockIndex, emit)
      const text = textAt(reasoningContent, 'text')
      if (text !== '') emit({ type: 'reasoning-delta', index: open.index, text })
      open.signature += textAt(reasoningContent, 'signature')
      open.redacted += textAt(reasoningContent, 'redactedContent')
    } else if (isObject(citation)) {
      this.#block('text', contentBlockIndex, emit).citations.push(citation)
    }
  }

  /** The open block of this index and kind, opened if need be. */
  #block(
    kind: 'text' | 'reasoning',
    wireIndex: Json | undefined,
    emit: Emit<StreamPart>,
  ): OpenBlock {
    const open = this.#open
    if (open && open.kind === kind && open.wireIndex === wireIndex) return open
    const made = this.#openAs(kind, wireIndex, emit)
    emit({ type: `${kind}-start`, index: made.index })
    return made
  }

  #inputDelta(text: string, wireIndex: Json | undefined, emit: Emit<StreamPart>): void {
    const open = this.#open
    if (open?.kind !== 'tool-call' || open.wireIndex !== wireIndex) {
      const which = typeof wireIndex === 'number' ? `block ${wireIndex}` : 'a block'
      this.#fail(contradiction(`arguments come for ${which}, which is no open call`), emit)
    } else if (text !== '') {
      open.isFilled = true
      emit({ type: 'tool-call-delta', index: open.index, text })
    }
  }

  #close(emit: Emit<StreamPart>): void {
    const open = this.#open
    if (!open) return
    this.#open = undefined
    const { index, citations } = open
    switch (open.kind) {
      case 'text': {
        const extras = citations.length > 0 ? { extras: { [NAME]: { citations } } } : {}
        emit({ type: 'text-end', index, ...extras })
        break
      }
      case 'reasoning': {
        const state = stateOf(open)
        emit({ type: 'reasoning-end', index, ...(state && { state }) })
        break
      }
      case 'tool-call':
        if (!open.isFilled) emit({ type: 'tool-call-delta', index, text: '{}' })
        emit({ type: 'tool-call-end', index })
    }
  }

  #finish(reason: string, emit: Emit<StreamPart>): void {
    this.#isOver = true
    const extras = this.#extras ? { extras: { [NAME]: this.#extras } } : {}
    emit({ type: 'message-end', finish: decodeFinish(reason, this.#hasCalls), ...extras })
  }

  /** What is kept is written again later, and must not be too deep for that. */
  #keep(wire: JsonObject, data: string): void {
    const extras = isDeeper(data, MAX_DEPTH) ? undefined : extrasOf(wire)
    if (extras) this.#extras = { ...this.#extras, ...extras }
  }

  #fail(error: ToolgateError, emit: Emit<StreamPart>): void {
    this.#isOver = true
    emit({ type: 'error', error })
  }
}

function stateOf({ signature, redacted }: OpenBlock): ReasoningState | undefined {
  return redacted === '' ? signatureState(signature) : redactedState(redacted)
}
