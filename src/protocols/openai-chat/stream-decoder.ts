import { ToolgateError } from '../../core/error.ts'
import type { Extras } from '../../core/extras.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { parseJson, tryParseJson } from '../../wire/json.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { StreamDecoder } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { decodeInBandError, isErrorBody } from './error-decode.ts'
import { decodeFinish } from './finish.ts'
import { detailText, thinkingText } from './reasoning.ts'
import { KNOWN_ANSWER, KNOWN_CHOICE, KNOWN_MESSAGE, LEGACY_ID } from './response.ts'
import { type BlockCounter, StreamCalls } from './stream-calls.ts'
import { StreamText, type TextKind } from './stream-text.ts'
import { decodeUsage } from './usage.ts'
import { isFilled, keepField, NAME, objectAt, textAt } from './wire.ts'

/** Text that came in the middle of a call; it waits until the calls are over. */
interface HeldText {
  readonly kind: TextKind
  readonly text: string
  readonly detail?: JsonObject
}

/**
 * Reads the stream of any vendor that speaks this protocol. The end is told by `[DONE]`, or by a
 * `finish_reason` where that never comes; usage may come with every chunk, with the last one, or in
 * one without choices. Choices beyond the first (`n` above 1) are passed over: such a stream is only
 * passed on byte for byte.
 */
export class ChatStreamDecoder implements StreamDecoder {
  readonly #quirks: Quirks
  readonly #counter: BlockCounter = { next: 0 }
  readonly #calls = new StreamCalls(this.#counter)
  readonly #text = new StreamText(this.#counter)
  readonly #held: HeldText[] = []
  #started = false
  #over = false
  #broken = false
  #id = ''
  #model = ''
  #created: number | undefined
  #finish: JsonObject | undefined
  #usage: JsonObject | undefined
  /** What only this protocol understands of the answer, its choice and its message. */
  readonly #extras: JsonObject = {}
  readonly #choiceExtras: JsonObject = {}
  readonly #messageExtras: JsonObject = {}

  constructor(quirks: Quirks) {
    this.#quirks = quirks
  }

  push(event: SseEvent, emit: Emit<StreamPart>): void {
    if (this.#over || event.data === '') return
    const chunk = parseChunk(event.data)
    if (this.#broken) {
      this.#fail(notJson(), emit)
      return
    }
    if (chunk === undefined) {
      if (event.data.trim() === '[DONE]') this.#conclude(emit)
      // The last event of a stream that was cut is broken too: what comes next tells.
      else this.#broken = event.data.trim() !== ''
      return
    }
    if (event.event === 'error' || isErrorBody(chunk)) {
      this.#fail(decodeInBandError(chunk), emit)
      return
    }
    if (isObject(chunk)) this.#chunk(chunk, emit)
  }

  end(emit: Emit<StreamPart>): void {
    if (this.#over) return
    if (this.#finish && !this.#broken) this.#conclude(emit)
    else
      this.#fail(
        new ToolgateError(
          'stream_cut',
          this.#broken
            ? "The vendor's stream ended in the middle of an event."
            : "The vendor's stream ended without a finish_reason and without [DONE].",
          { origin: 'vendor' },
        ),
        emit,
      )
  }

  #chunk(chunk: JsonObject, emit: Emit<StreamPart>): void {
    if (!this.#started) this.#head(chunk)
    this.#keep(chunk)
    const usage = usageIn(chunk)
    if (usage) this.#usage = usage
    const choices = chunk['choices']
    if (!Array.isArray(choices)) return
    for (const choice of choices) {
      if (!isObject(choice)) continue
      const index = choice['index']
      if (typeof index === 'number' && index !== 0) continue
      if (isErrorBody(choice)) {
        this.#fail(decodeInBandError(choice), emit)
        return
      }
      if (!this.#started) this.#start(emit)
      this.#choice(choice, chunk, emit)
      if (this.#over) return
    }
  }

  #head(chunk: JsonObject): void {
    this.#id = textAt(chunk, 'id') || this.#id
    this.#model = textAt(chunk, 'model') || this.#model
    if (typeof chunk['created'] === 'number') this.#created = chunk['created']
  }

  #start(emit: Emit<StreamPart>): void {
    this.#started = true
    this.#calls.responseId = this.#id
    const start: {
      type: 'message-start'
      id: string
      model: string
      created?: number
      extras?: Extras
    } = { type: 'message-start', id: this.#id, model: this.#model }
    if (this.#created !== undefined) start.created = this.#created
    if (isFilled(this.#extras)) start.extras = { [NAME]: { ...this.#extras } }
    emit(start)
  }

  #keep(chunk: JsonObject): void {
    for (const key in chunk) {
      if (KNOWN_ANSWER.has(key)) continue
      const value = chunk[key]
      if (isFilled(value)) keepField(this.#extras, key, value)
    }
  }

  #choice(choice: JsonObject, chunk: JsonObject, emit: Emit<StreamPart>): void {
    for (const key in choice) {
      if (KNOWN_CHOICE.has(key)) continue
      const value = choice[key]
      if (isFilled(value)) append(this.#choiceExtras, key, value)
    }
    const delta = objectAt(choice, 'delta') ?? this.#wholeMessage(choice)
    if (delta) this.#delta(delta, chunk, emit)
    const word = choice['finish_reason']
    if (typeof word !== 'string' || word === '' || this.#over) return
    if (word === 'error')
      this.#fail(
        new ToolgateError('vendor_error', 'The vendor ended its answer with an error.', {
          origin: 'vendor',
        }),
        emit,
      )
    else this.#finish ??= choice
  }

  /** A message where a delta belongs: taken if nothing has come yet, else it only repeats. */
  #wholeMessage(choice: JsonObject): JsonObject | undefined {
    return this.#counter.next === 0 && !this.#calls.any ? objectAt(choice, 'message') : undefined
  }

  #delta(delta: JsonObject, chunk: JsonObject, emit: Emit<StreamPart>): void {
    this.#reasoning(delta, emit)
    const content = delta['content']
    if (typeof content === 'string') this.#say('text', content, emit)
    else if (Array.isArray(content)) this.#parts(content, emit)
    const refusal = delta['refusal']
    if (typeof refusal === 'string') this.#say('refusal', refusal, emit)
    const calls = delta['tool_calls']
    if (Array.isArray(calls)) {
      for (const call of calls) if (isObject(call) && !this.#over) this.#call(call, chunk, emit)
    }
    const legacy = delta['function_call']
    if (isObject(legacy) && !this.#over)
      this.#call({ index: 0, id: LEGACY_ID, function: legacy }, chunk, emit)
    for (const key in delta) {
      const value = delta[key]
      // Fragments of a text that is not known cannot be put together again.
      if (typeof value === 'object' && isFilled(value) && !KNOWN_MESSAGE.has(key))
        append(this.#messageExtras, key, value)
    }
  }

  #reasoning(delta: JsonObject, emit: Emit<StreamPart>): void {
    const plain = textAt(delta, 'reasoning_content') || textAt(delta, 'reasoning')
    const details = delta['reasoning_details']
    if (!Array.isArray(details) || details.length === 0) {
      if (plain !== '') this.#say('reasoning', plain, emit)
      return
    }
    const worded = details.some(detail => isObject(detail) && detailText(detail) !== '')
    if (plain !== '' && !worded) this.#say('reasoning', plain, emit)
    for (const detail of details) if (isObject(detail)) this.#detail(detail, emit)
  }

  #detail(detail: JsonObject, emit: Emit<StreamPart>): void {
    if (this.#calls.any && this.#calls.settle(emit))
      this.#held.push({ kind: 'reasoning', text: '', detail })
    else this.#text.detail(detail, emit)
  }

  #parts(parts: readonly Json[], emit: Emit<StreamPart>): void {
    for (const part of parts) {
      if (!isObject(part)) continue
      const type = textAt(part, 'type')
      if (type === 'text') this.#say('text', textAt(part, 'text'), emit)
      else if (type === 'thinking') this.#say('reasoning', thinkingText(part), emit)
      else if (type === 'refusal') this.#say('refusal', textAt(part, 'refusal'), emit)
      else {
        this.#text.close(emit)
        const index = this.#counter.next++
        emit({
          type: 'opaque',
          index,
          part: { type: 'opaque', protocol: NAME, kind: type, value: part },
        })
      }
    }
  }

  #say(kind: TextKind, text: string, emit: Emit<StreamPart>): void {
    if (text === '') return
    if (this.#calls.any && this.#calls.settle(emit)) this.#held.push({ kind, text })
    else this.#text.text(kind, text, emit)
  }

  #call(entry: JsonObject, chunk: JsonObject, emit: Emit<StreamPart>): void {
    if (isFilled(entry)) this.#text.close(emit)
    const error = this.#calls.read(entry, chunk, emit)
    if (error) this.#fail(error, emit)
  }

  #conclude(emit: Emit<StreamPart>): void {
    if (!this.#started) {
      const why = "The vendor's stream ended before its answer began."
      this.#fail(new ToolgateError('stream_cut', why, { origin: 'vendor' }), emit)
      return
    }
    this.#text.close(emit)
    const error = this.#calls.finish(emit)
    if (error) {
      this.#fail(error, emit)
      return
    }
    for (const { kind, text, detail } of this.#held) {
      if (detail) this.#text.detail(detail, emit)
      else this.#text.text(kind, text, emit)
    }
    this.#text.close(emit)
    this.#over = true
    if (this.#usage) emit({ type: 'usage', usage: decodeUsage(this.#usage, this.#quirks) })
    const finish = decodeFinish(this.#finish ?? NOTHING, this.#calls.any, this.#text.refused)
    if (isFilled(this.#choiceExtras)) this.#extras['$choice'] = this.#choiceExtras
    if (isFilled(this.#messageExtras)) this.#extras['$message'] = this.#messageExtras
    emit(
      isFilled(this.#extras)
        ? { type: 'message-end', finish, extras: { [NAME]: this.#extras } }
        : { type: 'message-end', finish },
    )
  }

  #fail(error: ToolgateError, emit: Emit<StreamPart>): void {
    this.#over = true
    if (this.#started && this.#usage)
      emit({ type: 'usage', usage: decodeUsage(this.#usage, this.#quirks) })
    emit({ type: 'error', error })
  }
}

const NOTHING: JsonObject = {}

/** The usage that a chunk tells: in its own field, or in a vendor's. */
export function usageIn(chunk: JsonObject): JsonObject | undefined {
  const own = objectAt(chunk, 'usage')
  if (own) return own
  const extra = objectAt(chunk, 'x_groq')
  return extra && objectAt(extra, 'usage')
}

/** Parses a chunk; where a vendor sends arguments as an object, so that their text can be had. */
function parseChunk(data: string): Json | undefined {
  if (!data.includes('arguments":{')) return tryParseJson(data)
  try {
    return parseJson(data)
  } catch {
    return undefined
  }
}

/** Adds what a chunk says to what was said before: lists go on, the rest is replaced. */
function append(into: JsonObject, key: string, value: Json): void {
  const before = Object.hasOwn(into, key) ? into[key] : undefined
  if (Array.isArray(before) && Array.isArray(value)) before.push(...value)
  else if (isObject(before) && isObject(value)) {
    for (const inner in value) {
      const more = value[inner]
      if (isFilled(more)) append(before, inner, more)
    }
  } else keepField(into, key, value)
}

function notJson(): ToolgateError {
  return new ToolgateError(
    'vendor_contradiction',
    "The vendor's stream holds an event that is not JSON.",
    { origin: 'vendor' },
  )
}
