import { isToolgateError, ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ReasoningState } from '../../core/message.ts'
import type { FinishReason } from '../../core/response.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { parseJson, tryParseJson } from '../../wire/json.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { StreamDecoder } from '../protocol.ts'
import {
  type AnswerText,
  callExtras,
  decodeAnswerOther,
  decodeAnswerText,
  stateOf,
} from './answer-part.ts'
import { decodeInBandError, isErrorBody } from './error-decode.ts'
import { blockOf, decodeFinish, finishWord } from './finish.ts'
import { PartialArguments } from './partial-arguments.ts'
import {
  ANSWER_FIELDS,
  CANDIDATE_FIELDS,
  contradiction,
  isFirst,
  namelessCall,
  partsOf,
} from './response.ts'
import { answerCallId, argumentsText } from './tool-call.ts'
import { decodeUsage, mergeUsage } from './usage.ts'
import { type Building, NAME, restOf, textAt } from './wire.ts'

type Part<T extends StreamPart['type']> = Building<Extract<StreamPart, { type: T }>>

interface OpenText {
  readonly kind: 'text' | 'reasoning'
  readonly index: number
}

/** A call whose arguments come value by value. */
interface OpenCall {
  readonly index: number
  readonly values: PartialArguments
  readonly more: CallMore
}

interface CallMore {
  readonly state?: ReasoningState
  readonly extras?: { readonly [NAME]: JsonObject }
}

/**
 * Reads a vendor's stream. Each event is an answer whose parts go on from the last: calls come whole
 * or value by value, and the reason why it ends may come more than once, so that only the end of the
 * bytes is the end of the answer.
 */
export class ContentStreamDecoder implements StreamDecoder {
  #isStarted = false
  #isOver = false
  #id = ''
  #text: OpenText | undefined
  #call: OpenCall | undefined
  #count = 0
  #calls = 0
  #word = ''
  #message = ''
  #blocked: FinishReason | undefined
  readonly #usage: JsonObject = {}
  /** Whether counts have come that were not given out. */
  #hasNews = false
  #extras: JsonObject | undefined
  #candidate: JsonObject | undefined
  /** An event that is no JSON: the last one of a stream that was cut, or else a contradiction. */
  #broken: string | undefined

  push(event: SseEvent, emit: Emit<StreamPart>): void {
    const { data } = event
    if (this.#isOver || data === '' || data === '[DONE]') return
    if (this.#broken !== undefined) {
      this.#contradict(`an event is no JSON: ${this.#broken.slice(0, 200)}`, emit)
      return
    }
    const wire = readEvent(data)
    if (wire === undefined) {
      if (tryParseJson(data) === undefined) this.#broken = data
      else this.#contradict('it is nested too deeply', emit)
    } else if (isErrorBody(wire)) this.#fail(decodeInBandError(wire), emit)
    else if (Array.isArray(wire)) {
      for (const chunk of wire) if (isObject(chunk)) this.#read(chunk, wire, emit)
    } else if (isObject(wire)) this.#read(wire, wire, emit)
  }

  end(emit: Emit<StreamPart>): void {
    if (this.#isOver) return
    if (this.#broken === undefined && (this.#word !== '' || this.#blocked)) {
      this.#finish(emit)
      return
    }
    const inside = this.#call ? ' in the middle of a call,' : ''
    const missing = this.#isStarted ? 'finishReason' : 'its first chunk'
    const text = `The vendor's stream was cut${inside} before ${missing}.`
    this.#fail(new ToolgateError('stream_cut', text, { origin: 'vendor' }), emit)
  }

  #read(chunk: JsonObject, root: Json, emit: Emit<StreamPart>): void {
    if (!this.#isStarted) this.#start(chunk, emit)
    const usage = chunk['usageMetadata']
    if (isObject(usage)) this.#tell(usage, emit)
    this.#blocked = blockOf(chunk['promptFeedback']) ?? this.#blocked
    const rest = restOf(chunk, ANSWER_FIELDS)
    if (rest) this.#extras = this.#extras ? { ...this.#extras, ...rest } : rest
    const candidates = chunk['candidates']
    if (!Array.isArray(candidates)) return
    const candidate = candidates.find(isFirst)
    if (!isObject(candidate)) return
    for (const part of partsOf(candidate)) {
      if (this.#isOver) return
      if (isObject(part)) this.#part(part, root, emit)
    }
    this.#word = finishWord(candidate) || this.#word
    this.#message = textAt(candidate, 'finishMessage') || this.#message
    const more = restOf(candidate, CANDIDATE_FIELDS)
    if (more) this.#candidate = this.#candidate ? { ...this.#candidate, ...more } : more
  }

  #start(chunk: JsonObject, emit: Emit<StreamPart>): void {
    this.#isStarted = true
    this.#id = textAt(chunk, 'responseId')
    emit({ type: 'message-start', id: this.#id, model: textAt(chunk, 'modelVersion') })
  }

  /** The first counts are given out at once, because some clients are told them at the start. */
  #tell(usage: JsonObject, emit: Emit<StreamPart>): void {
    const isNew = Object.keys(this.#usage).length === 0
    mergeUsage(this.#usage, usage)
    if (isNew) emit({ type: 'usage', usage: decodeUsage(this.#usage) })
    else this.#hasNews = true
  }

  #part(part: JsonObject, root: Json, emit: Emit<StreamPart>): void {
    const call = part['functionCall']
    if (isObject(call)) {
      this.#callPart(part, call, root, emit)
      return
    }
    const text = decodeAnswerText(part)
    if (text) {
      this.#textPart(text, emit)
      return
    }
    this.#close(emit)
    emit({ type: 'opaque', index: this.#count++, part: decodeAnswerOther(part) })
  }

  #textPart({ kind, text, state, extras }: AnswerText, emit: Emit<StreamPart>): void {
    const isBare = !state && !extras
    if (text === '' && isBare) return
    if (this.#text?.kind !== kind) {
      this.#close(emit)
      const index = this.#count++
      this.#text = { kind, index }
      emit({ type: kind === 'text' ? 'text-start' : 'reasoning-start', index })
    }
    const { index } = this.#text
    if (text !== '') emit({ type: kind === 'text' ? 'text-delta' : 'reasoning-delta', index, text })
    // A signature belongs to what stands before it, and what follows is a part of its own.
    if (!isBare) this.#closeText(emit, state, extras)
  }

  #callPart(part: JsonObject, call: JsonObject, root: Json, emit: Emit<StreamPart>): void {
    const name = textAt(call, 'name')
    const goesOn = call['willContinue'] === true
    const open = this.#call
    if (name === '') {
      if (open) this.#continue(open, call, goesOn, emit)
      else if ('args' in call || 'partialArgs' in call) this.#fail(namelessCall(), emit)
      return
    }
    this.#close(emit)
    if (this.#isOver) return
    const index = this.#count++
    const id = textAt(call, 'id') || answerCallId(this.#id, this.#calls)
    this.#calls++
    const more = moreOf(part, call)
    emit({ type: 'tool-call-start', index, id, name, kind: 'function', ...more })
    if (goesOn || 'partialArgs' in call) {
      const made = { index, values: new PartialArguments(), more }
      this.#call = made
      this.#continue(made, call, goesOn, emit)
      return
    }
    emit({ type: 'tool-call-delta', index, text: argumentsText(call['args'], root) })
    emit({ type: 'tool-call-end', index, ...more })
  }

  #continue(open: OpenCall, call: JsonObject, goesOn: boolean, emit: Emit<StreamPart>): void {
    open.values.addWhole(call['args'])
    open.values.add(call['partialArgs'])
    if (!goesOn) this.#closeCall(emit)
  }

  #close(emit: Emit<StreamPart>): void {
    this.#closeText(emit, undefined, undefined)
    this.#closeCall(emit)
  }

  #closeText(
    emit: Emit<StreamPart>,
    state: ReasoningState | undefined,
    extras: JsonObject | undefined,
  ): void {
    const open = this.#text
    if (!open) return
    this.#text = undefined
    const end: Part<'text-end'> | Part<'reasoning-end'> = {
      type: open.kind === 'text' ? 'text-end' : 'reasoning-end',
      index: open.index,
    }
    if (state) end.state = state
    if (extras) end.extras = { [NAME]: extras }
    emit(end)
  }

  /** The end of a call may be left out; whatever comes next ends it. */
  #closeCall(emit: Emit<StreamPart>): void {
    const open = this.#call
    if (!open) return
    this.#call = undefined
    const { index, values, more } = open
    if (values.broken !== undefined) {
      this.#contradict(values.broken, emit)
      return
    }
    emit({ type: 'tool-call-delta', index, text: values.text() })
    emit({ type: 'tool-call-end', index, ...more })
  }

  #finish(emit: Emit<StreamPart>): void {
    this.#close(emit)
    if (this.#isOver) return
    let finish: FinishReason
    try {
      finish =
        this.#blocked && this.#word === ''
          ? this.#blocked
          : decodeFinish(this.#word, this.#message, this.#calls > 0)
    } catch (error) {
      if (!isToolgateError(error)) throw error
      this.#fail(error, emit)
      return
    }
    if (this.#hasNews) emit({ type: 'usage', usage: decodeUsage(this.#usage) })
    this.#isOver = true
    const end: Part<'message-end'> = { type: 'message-end', finish }
    const extras = this.#allExtras()
    if (extras) end.extras = { [NAME]: extras }
    emit(end)
  }

  #allExtras(): JsonObject | undefined {
    if (!this.#candidate) return this.#extras
    return { ...this.#extras, $candidate: this.#candidate }
  }

  #contradict(what: string, emit: Emit<StreamPart>): void {
    this.#fail(contradiction(what), emit)
  }

  #fail(error: ToolgateError, emit: Emit<StreamPart>): void {
    this.#isOver = true
    emit({ type: 'error', error })
  }
}

/** Numbers inside arguments are kept as they were written, for which the text is kept, too. */
function readEvent(data: string): Json | undefined {
  try {
    return parseJson(data)
  } catch {
    return undefined
  }
}

function moreOf(part: JsonObject, call: JsonObject): CallMore {
  const state = stateOf(part)
  const extras = callExtras(part, call)
  return { ...(state && { state }), ...(extras && { extras: { [NAME]: extras } }) }
}
