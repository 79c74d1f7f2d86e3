import { ToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { ToolCallPart } from '../../core/message.ts'
import type { Usage } from '../../core/response.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { encodeAnswerPart } from './answer-part.ts'
import { encodeError } from './error-encode.ts'
import { encodeSignature } from './reasoning.ts'
import { answerId, answerModel, blockedBody, isBlocked, lastCandidate } from './response.ts'
import { objectArguments } from './tool-call.ts'
import { encodeUsage } from './usage.ts'
import { type Building, ownExtras, restore } from './wire.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>

const HEAD = 'data: {"candidates":[{"content":{"parts":['

/**
 * A chunk without a word, such as the vendor itself sends. No comment: the vendor's older package for
 * JavaScript takes an event only where it begins with `data:`. Source: @google/generative-ai 0.24.1.
 */
export const CHUNK_OF_NOTHING = `${HEAD}{"text":""}],"role":"model"},"index":0}]}\r\n\r\n`

/**
 * Writes a stream in the vendor's chunks: texts as they come, calls whole when they are complete.
 * The last chunk holds the reason and the usage, and nothing ends the stream but its end.
 */
export class ContentStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  #id = ''
  #model = ''
  /** What ends every chunk but the last. */
  #tail = ''
  #usage: Usage | undefined
  #isOver = false
  #count = 0
  #hasCalls = false
  #isRefused = false
  readonly #calls = new Map<number, Building<ToolCallPart>>()
  /** Calls with broken arguments: an answer that was cut leaves them out. */
  readonly #doubtful: ToolCallPart[] = []

  constructor(context: EncodeContext) {
    this.#context = context
  }

  push(part: StreamPart, emit: Emit<string>): void {
    if (this.#isOver) return
    switch (part.type) {
      case 'message-start':
        this.#start(part)
        break
      case 'text-start':
        if (part.refusal) this.#isRefused = true
        break
      case 'text-delta':
        if (part.text !== '') this.#write(`{"text":${JSON.stringify(part.text)}}`, emit)
        break
      case 'reasoning-delta':
        if (part.text === '') break
        this.#write(`{"text":${JSON.stringify(part.text)},"thought":true}`, emit)
        break
      case 'text-end':
      case 'reasoning-end':
        this.#endText(part, emit)
        break
      case 'tool-call-start':
        this.#openCall(part)
        break
      case 'tool-call-delta': {
        const call = this.#calls.get(part.index)
        if (call) call.arguments += part.text
        break
      }
      case 'tool-call-end':
        this.#endCall(part, emit)
        break
      case 'opaque':
        this.#writePart(encodeAnswerPart(part.part, false), emit)
        break
      case 'usage':
        this.#usage = part.usage
        break
      case 'message-end':
        this.#writeEnd(part, emit)
        break
      case 'error':
        this.#writeError(part.error, emit)
    }
  }

  end(emit: Emit<string>): void {
    if (this.#isOver) return
    const text = 'The stream ended before its answer was complete.'
    this.#writeError(new ToolgateError('stream_cut', text, { origin: 'gateway' }), emit)
  }

  #start(part: Part<'message-start'>): void {
    this.#id = answerId(part.id, this.#context)
    this.#model = answerModel(part.model, this.#context)
    const names = `"modelVersion":${JSON.stringify(this.#model)},"responseId":${JSON.stringify(this.#id)}`
    this.#tail = `],"role":"model"},"index":0}],${names}}\r\n\r\n`
  }

  #write(part: string, emit: Emit<string>): void {
    this.#count++
    emit(HEAD + part + this.#tail)
  }

  #writePart(part: Json | undefined, emit: Emit<string>): void {
    if (part !== undefined) this.#write(stringifyJson(part), emit)
  }

  /** The signature of a text follows it in an empty one, as the vendor's streams have it. */
  #endText(part: Part<'text-end'> | Part<'reasoning-end'>, emit: Emit<string>): void {
    const own = ownExtras(part.extras)
    if (!part.state && !own) return
    const wire: JsonObject = part.type === 'text-end' ? { text: '' } : { text: '', thought: true }
    if (part.state) wire['thoughtSignature'] = encodeSignature(part.state)
    this.#writePart(restore(wire, own), emit)
  }

  #openCall(part: Part<'tool-call-start'>): void {
    const { id, name, kind, state, extras } = part
    const call: Building<ToolCallPart> = { type: 'tool-call', id, name, kind, arguments: '' }
    if (state) call.state = state
    if (extras) call.extras = extras
    this.#calls.set(part.index, call)
  }

  #endCall(part: Part<'tool-call-end'>, emit: Emit<string>): void {
    const call = this.#calls.get(part.index)
    if (!call) return
    this.#calls.delete(part.index)
    if (part.state) call.state = part.state
    if (part.extras) call.extras = part.extras
    if (call.kind === 'function' && objectArguments(call.arguments).form === 'wrapped') {
      this.#doubtful.push(call)
    } else this.#writeCall(call, emit)
  }

  #writeCall(call: ToolCallPart, emit: Emit<string>): void {
    this.#hasCalls = true
    this.#writePart(encodeAnswerPart(call, false), emit)
  }

  #writeEnd(part: Part<'message-end'>, emit: Emit<string>): void {
    if (part.finish.kind !== 'length') {
      for (const call of this.#doubtful) this.#writeCall(call, emit)
    }
    this.#isOver = true
    const own = ownExtras(part.extras)
    const body: JsonObject = {}
    if (!isBlocked(part.finish, this.#count)) {
      const parts = [{ text: '' }]
      const { finish } = part
      body['candidates'] = [lastCandidate(parts, finish, this.#hasCalls, this.#isRefused, own)]
    }
    if (this.#usage) body['usageMetadata'] = encodeUsage(this.#usage)
    body['modelVersion'] = this.#model
    body['responseId'] = this.#id
    const chunk = restore(blockedBody(body, part.finish), own)
    emit(`data: ${stringifyJson(chunk)}\r\n\r\n`)
  }

  #writeError(error: ToolgateError, emit: Emit<string>): void {
    this.#isOver = true
    const { body } = encodeError(error, this.#context.requestId)
    emit(`data: ${stringifyJson(body)}\r\n\r\n`)
  }
}
