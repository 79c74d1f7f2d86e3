import { ToolgateError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ReasoningState } from '../../core/message.ts'
import type { Usage } from '../../core/response.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { isSignature } from '../thought-signature.ts'
import { encodeErrorBody } from './error-encode.ts'
import { finishWord } from './finish.ts'
import { BETWEEN, reasoningDetails } from './reasoning.ts'
import { isLegacy, malformedCall } from './response.ts'
import { writeSignature } from './tool-call.ts'
import { encodeUsage } from './usage.ts'
import { isFilled, objectAt, ownExtras, restore } from './wire.ts'

/** A call that is being written. Calls are counted on their own, from 0, whatever stands between. */
interface WrittenCall {
  readonly position: number
  readonly custom: boolean
  /** Whether nothing but white space has been written of its arguments. */
  blank: boolean
  signed: boolean
}

/**
 * Writes the stream of a Chat Completions answer: the role, the deltas, a chunk with the
 * `finish_reason`, usage if the client asked for it, and `[DONE]`. All chunks share id, time and
 * model. After an error there is neither a finish nor `[DONE]`.
 */
export class ChatStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #legacy: boolean
  readonly #usageWanted: boolean
  readonly #calls = new Map<number, WrittenCall>()
  /** Text of open reasoning blocks, whose details go out whole. */
  readonly #thoughts = new Map<number, string>()
  readonly #refusals = new Set<number>()
  /** The fields of each chunk but its choice, and the text that they make it begin with. */
  readonly #fields: JsonObject = {}
  #head = ''
  /** What each chunk ends with. */
  #tail = '}\n\n'
  #roleOwed = true
  #textWritten = false
  #reasoningWritten = false
  /** What goes before the next text or reasoning, which stood apart from the last. */
  #textGap = ''
  #reasoningGap = ''
  #details = 0
  #refused = false
  #usage: Usage | undefined
  /** What this protocol kept of the answer, from its start or its end. */
  #kept: JsonObject | undefined
  #over = false

  constructor(context: EncodeContext) {
    this.#context = context
    this.#legacy = isLegacy(context)
    this.#usageWanted = context.request.includeUsage === true
    if (this.#usageWanted) this.#tail = ',"usage":null}\n\n'
  }

  push(part: StreamPart, emit: Emit<string>): void {
    if (this.#over) return
    switch (part.type) {
      case 'text-delta':
        this.#textDelta(part.index, part.text, emit)
        break
      case 'tool-call-delta':
        this.#callDelta(part.index, part.text, emit)
        break
      case 'reasoning-delta':
        this.#reasoningDelta(part.index, part.text, emit)
        break
      case 'message-start':
        this.#start(part)
        break
      case 'text-start':
        if (part.refusal === true) {
          this.#refusals.add(part.index)
          this.#refused = true
          this.#apart()
        }
        break
      case 'text-end':
        break
      case 'reasoning-start':
        this.#thoughts.set(part.index, '')
        this.#reasoningGap = this.#reasoningWritten ? BETWEEN : ''
        this.#apart()
        break
      case 'reasoning-end':
        this.#reasoningEnd(part, emit)
        break
      case 'tool-call-start':
        this.#apart()
        this.#callStart(part, emit)
        break
      case 'tool-call-end':
        this.#callEnd(part.index, part.state, emit)
        break
      case 'opaque':
        this.#apart()
        break
      case 'usage':
        this.#usage = part.usage
        break
      case 'message-end':
        this.#end(part, emit)
        break
      case 'error':
        this.#fail(part.error, emit)
        break
    }
  }

  end(emit: Emit<string>): void {
    if (this.#over) return
    const why = 'The stream of the answer ended too early.'
    this.#fail(new ToolgateError('stream_cut', why, { origin: 'gateway' }), emit)
  }

  #start(part: Extract<StreamPart, { type: 'message-start' }>): void {
    const { request, now } = this.#context
    this.#fields['id'] = part.id || this.#context.newId('chatcmpl-', 29)
    this.#fields['object'] = 'chat.completion.chunk'
    this.#fields['created'] = part.created ?? now
    this.#fields['model'] = part.model || request.model
    this.#setHead(ownExtras(part.extras))
  }

  #setHead(kept: JsonObject | undefined): void {
    if (kept) this.#kept = kept
    restore(this.#fields, kept)
    this.#head = `data: ${JSON.stringify(this.#fields).slice(0, -1)},"choices":[`
  }

  /** Writes one chunk; `delta` is JSON text. The first one of all carries the role. */
  #chunk(delta: string, emit: Emit<string>): void {
    if (this.#roleOwed) this.#role(null, emit)
    emit(
      `${this.#head}{"index":0,"delta":${delta},"logprobs":null,"finish_reason":null}]${this.#tail}`,
    )
  }

  #role(content: '' | null, emit: Emit<string>): void {
    this.#roleOwed = false
    const said = content === null ? 'null' : '""'
    this.#chunk(`{"role":"assistant","content":${said},"refusal":null}`, emit)
  }

  /** What comes next does not belong to the text before. */
  #apart(): void {
    if (this.#textWritten) this.#textGap = BETWEEN
  }

  #textDelta(index: number, text: string, emit: Emit<string>): void {
    if (this.#refusals.has(index)) {
      this.#chunk(`{"refusal":${JSON.stringify(text)}}`, emit)
      return
    }
    if (this.#roleOwed) this.#role('', emit)
    const said = this.#textGap === '' ? text : this.#textGap + text
    this.#textGap = ''
    this.#textWritten = true
    this.#chunk(`{"content":${JSON.stringify(said)}}`, emit)
  }

  #reasoningDelta(index: number, text: string, emit: Emit<string>): void {
    this.#thoughts.set(index, (this.#thoughts.get(index) ?? '') + text)
    const said = this.#reasoningGap + text
    this.#reasoningGap = ''
    this.#reasoningWritten = true
    this.#chunk(`{"reasoning_content":${JSON.stringify(said)}}`, emit)
  }

  /** Signatures go out at the end of their block, with the whole text that they are for. */
  #reasoningEnd(part: Extract<StreamPart, { type: 'reasoning-end' }>, emit: Emit<string>): void {
    const text = this.#thoughts.get(part.index) ?? ''
    this.#thoughts.delete(part.index)
    const details = reasoningDetails(text, part.state, part.extras, this.#details)
    if (details.length === 0) return
    this.#details += details.length
    this.#chunk(`{"reasoning_details":${JSON.stringify(details)}}`, emit)
  }

  #callStart(part: Extract<StreamPart, { type: 'tool-call-start' }>, emit: Emit<string>): void {
    const call: WrittenCall = {
      position: this.#calls.size,
      custom: part.kind === 'custom',
      blank: true,
      signed: isSignature(part.state),
    }
    this.#calls.set(part.index, call)
    const name = JSON.stringify(part.name)
    if (this.#legacy) {
      // The deprecated form holds one call.
      if (call.position === 0)
        this.#chunk(`{"function_call":{"name":${name},"arguments":""}}`, emit)
      return
    }
    const inner = call.custom
      ? `"type":"custom","custom":{"name":${name},"input":""}`
      : `"type":"function","function":{"name":${name},"arguments":""}`
    const head = `"index":${call.position},"id":${JSON.stringify(part.id)},${inner}`
    this.#chunk(`{"tool_calls":[{${head}${signature(part.state)}}]}`, emit)
  }

  #callDelta(index: number, text: string, emit: Emit<string>): void {
    const call = this.#calls.get(index)
    if (!call) return
    if (call.blank && text.trim() !== '') call.blank = false
    this.#arguments(call, JSON.stringify(text), emit)
  }

  #arguments(call: WrittenCall, text: string, emit: Emit<string>): void {
    if (this.#legacy) {
      if (call.position === 0) this.#chunk(`{"function_call":{"arguments":${text}}}`, emit)
    } else if (call.custom)
      this.#chunk(`{"tool_calls":[{"index":${call.position},"custom":{"input":${text}}}]}`, emit)
    else
      this.#chunk(
        `{"tool_calls":[{"index":${call.position},"function":{"arguments":${text}}}]}`,
        emit,
      )
  }

  #callEnd(index: number, state: ReasoningState | undefined, emit: Emit<string>): void {
    const call = this.#calls.get(index)
    if (!call) return
    if (call.blank && !call.custom) this.#arguments(call, '"{}"', emit)
    if (call.signed || this.#legacy || !isSignature(state)) return
    // With empty arguments: clients read them without looking.
    const head = `"index":${call.position},"function":{"arguments":""}`
    this.#chunk(`{"tool_calls":[{${head}${signature(state)}}]}`, emit)
  }

  #end(part: Extract<StreamPart, { type: 'message-end' }>, emit: Emit<string>): void {
    const { kind } = part.finish
    if (kind === 'malformed-call') {
      this.#fail(malformedCall(), emit)
      return
    }
    if (this.#roleOwed) this.#role('', emit)
    this.#setHead(ownExtras(part.extras))
    const kept = this.#kept
    const message = kept && objectAt(kept, '$message')
    if (isFilled(message)) this.#chunk(JSON.stringify(message), emit)
    const choice: JsonObject = {
      index: 0,
      delta: {},
      logprobs: null,
      finish_reason: finishWord(kind, this.#refused, this.#legacy),
    }
    restore(choice, kept && objectAt(kept, '$choice'))
    emit(`${this.#head}${JSON.stringify(choice)}]${this.#tail}`)
    if (this.#usageWanted && this.#usage)
      emit(`${this.#head}],"usage":${JSON.stringify(encodeUsage(this.#usage))}}\n\n`)
    emit('data: [DONE]\n\n')
    this.#over = true
  }

  #fail(error: ToolgateError, emit: Emit<string>): void {
    this.#over = true
    emit(`data: ${JSON.stringify(encodeErrorBody(error))}\n\n`)
  }
}

/** The fields of a call that carry a thought signature, as JSON text after other fields. */
function signature(state: ReasoningState | undefined): string {
  if (!isSignature(state)) return ''
  const fields: JsonObject = { thought_signature: state.data }
  writeSignature(fields, state)
  return `,${JSON.stringify(fields).slice(1, -1)}`
}
