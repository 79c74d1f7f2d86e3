import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { OpaquePart, ReasoningState } from '../../core/message.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { MAX_DEPTH, tryParseJson } from '../../wire/json.ts'
import { isDeeper } from '../../wire/json-scan.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { StreamDecoder } from '../protocol.ts'
import { decodeInBandError } from './error-decode.ts'
import { decodeFinish } from './finish.ts'
import { redactedState, signatureState } from './reasoning.ts'
import { contradiction, extrasOf, SERVER_CALL } from './response.ts'
import { decodeUsage } from './usage.ts'
import { NAME, textAt } from './wire.ts'

/** The block that is open. There is one at a time. */
interface OpenBlock {
  readonly kind: 'text' | 'reasoning' | 'tool-call' | 'opaque'
  readonly index: number
  readonly wireIndex: Json | undefined
  /** Whether arguments have come. */
  isFilled: boolean
  signature: string
  redacted: string
  /** What a text rests on, or the parts of an opaque result. */
  readonly pieces: Json[]
  /** An opaque block as it began, and the text of its input. */
  readonly block: JsonObject
  input: string
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
    const start = isObject(wire['start']) ? wire['start'] : {}
    const { toolUse } = start
    // Of texts and reasoning the first delta says what they are.
    if (Object.keys(start).length === 0) return
    if (!isObject(toolUse) || toolUse['type'] === SERVER_CALL) {
      this.#openAs('opaque', wire['contentBlockIndex'], emit, start)
      return
    }
    const { index } = this.#openAs('tool-call', wire['contentBlockIndex'], emit)
    this.#hasCalls = true
    const [id, name] = [textAt(toolUse, 'toolUseId'), textAt(toolUse, 'name')]
    emit({ type: 'tool-call-start', index, id, name, kind: 'function' })
  }

  #openAs(
    kind: OpenBlock['kind'],
    wireIndex: Json | undefined,
    emit: Emit<StreamPart>,
    block: JsonObject = {},
  ): OpenBlock {
    this.#begin(emit)
    this.#close(emit)
    const index = this.#count++
    const blank = { isFilled: false, signature: '', redacted: '', pieces: [], input: '' }
    const open = { kind, index, wireIndex, block, ...blank }
    this.#open = open
    return open
  }

  #delta(wire: JsonObject, emit: Emit<StreamPart>): void {
    const { delta, contentBlockIndex } = wire
    if (!isObject(delta)) return
    const open = this.#open
    if (open?.kind === 'opaque' && open.wireIndex === contentBlockIndex) {
      gather(open, delta)
      return
    }
    const { toolUse, reasoningContent, citation } = delta
    if (typeof delta['text'] === 'string') {
      const { index } = this.#block('text', contentBlockIndex, emit)
      if (delta['text'] !== '') emit({ type: 'text-delta', index, text: delta['text'] })
    } else if (isObject(toolUse)) {
      this.#inputDelta(textAt(toolUse, 'input'), contentBlockIndex, emit)
    } else if (isObject(reasoningContent)) {
      const thought = this.#block('reasoning', contentBlockIndex, emit)
      const text = textAt(reasoningContent, 'text')
      if (text !== '') emit({ type: 'reasoning-delta', index: thought.index, text })
      thought.signature += textAt(reasoningContent, 'signature')
      thought.redacted += textAt(reasoningContent, 'redactedContent')
    } else if (isObject(citation)) {
      this.#block('text', contentBlockIndex, emit).pieces.push(citation)
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
    const { index, pieces } = open
    switch (open.kind) {
      case 'text': {
        const extras = pieces.length > 0 ? { extras: { [NAME]: { citations: pieces } } } : {}
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
        break
      case 'opaque':
        emit({ type: 'opaque', index, part: opaquePart(open) })
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

/** Adds to a block that is given out as one: the text of its input, or the parts of a result. */
function gather(open: OpenBlock, delta: JsonObject): void {
  const { toolUse, toolResult } = delta
  if (isObject(toolUse)) open.input += textAt(toolUse, 'input')
  if (Array.isArray(toolResult)) open.pieces.push(...toolResult)
}

/** The block as a whole answer has it. */
function opaquePart({ block, input, pieces }: OpenBlock): OpaquePart {
  const [kind = 'block'] = Object.keys(block)
  const begun = block[kind]
  const isShallow = input !== '' && !isDeeper(input, MAX_DEPTH)
  const value = {
    ...(isObject(begun) ? begun : {}),
    ...(input === '' ? {} : { input: (isShallow ? tryParseJson(input) : undefined) ?? input }),
    ...(pieces.length > 0 ? { content: pieces } : {}),
  }
  return { type: 'opaque', protocol: NAME, kind, value: { [kind]: value } }
}
