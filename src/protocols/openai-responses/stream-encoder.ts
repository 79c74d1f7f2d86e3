import { ToolgateError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/response.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { type EncodedFinish, encodeFinish } from './finish.ts'
import { malformedCall, responseBody, responseId } from './response.ts'
import { echo } from './response-echo.ts'
import { encodeStreamError } from './stream-error.ts'
import { ItemWriter } from './stream-writer.ts'
import { ownExtras } from './wire.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>
type BlockPart = Extract<StreamPart, { index: number }>

/**
 * Writes a stream in the vendor's events, numbered from 0. Clients read one item at a time, so the
 * parts of a block that begins inside another wait for the other's end. The last event repeats the
 * whole answer; after an error it is `response.failed`, and there is never a `[DONE]`.
 */
export class ResponsesStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #settings: JsonObject
  readonly #writer: ItemWriter
  #id = ''
  #model = ''
  #created = 0
  #kept: JsonObject | undefined
  #started = false
  #over = false
  #refused = false
  #usage: Usage | undefined
  /** The part index of the block that is being written, or -1. */
  #current = -1
  readonly #waiting = new Map<number, BlockPart[]>()

  constructor(context: EncodeContext) {
    this.#context = context
    this.#settings = echo(context)
    this.#writer = new ItemWriter(context)
  }

  push(part: StreamPart, emit: Emit<string>): void {
    if (this.#over) return
    switch (part.type) {
      case 'message-start':
        this.#start(part, emit)
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
      default:
        this.#pushBlock(part, emit)
    }
  }

  end(emit: Emit<string>): void {
    if (this.#over) return
    const why = 'The stream of the answer ended too early.'
    this.#fail(new ToolgateError('stream_cut', why, { origin: 'gateway' }), emit)
  }

  #start(part: Part<'message-start'> | undefined, emit: Emit<string>): void {
    const { request, now } = this.#context
    this.#started = true
    this.#id = responseId(part?.id ?? '', this.#context)
    this.#model = part?.model || request.model
    this.#created = part?.created ?? now
    this.#kept = ownExtras(part?.extras)
    const response = JSON.stringify(this.#response(IN_PROGRESS, null))
    this.#writer.event('response.created', `"response":${response}`, emit)
    this.#writer.event('response.in_progress', `"response":${response}`, emit)
  }

  #response(
    finish: EncodedFinish,
    error: JsonObject | null,
    usage: Usage | undefined = undefined,
  ): JsonObject {
    return responseBody(
      {
        id: this.#id,
        model: this.#model,
        created: this.#created,
        ...finish,
        error,
        output: this.#writer.output,
        usage,
        kept: this.#kept,
      },
      this.#settings,
    )
  }

  /** Writes a part of the current block; a part of any other block waits. */
  #pushBlock(part: BlockPart, emit: Emit<string>): void {
    if (part.type === 'text-start' && part.refusal === true) this.#refused = true
    if (this.#current === -1) this.#current = part.index
    if (part.index !== this.#current) {
      const waiting = this.#waiting.get(part.index)
      if (waiting) waiting.push(part)
      else this.#waiting.set(part.index, [part])
      return
    }
    this.#writer.write(part, emit)
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
        this.#writer.write(part, emit)
        isComplete = isLast(part)
      }
      if (!isComplete) return
      this.#current = -1
    }
  }

  #end(part: Part<'message-end'>, emit: Emit<string>): void {
    if (part.finish.kind === 'malformed-call') {
      this.#fail(malformedCall(), emit)
      return
    }
    this.#over = true
    const finish = encodeFinish(part.finish, this.#refused)
    this.#writer.finish(finish.status, emit)
    const kept = ownExtras(part.extras)
    if (kept) this.#kept = { ...this.#kept, ...kept }
    const response = this.#response(finish, null, this.#usage)
    const type = finish.status === 'incomplete' ? 'response.incomplete' : 'response.completed'
    this.#writer.event(type, `"response":${JSON.stringify(response)}`, emit)
  }

  #fail(error: ToolgateError, emit: Emit<string>): void {
    if (!this.#started) this.#start(undefined, emit)
    this.#over = true
    this.#writer.release(emit)
    const { flat, told } = encodeStreamError(error)
    this.#writer.event('error', flat, emit)
    const response = this.#response(FAILED, told, this.#usage)
    this.#writer.event('response.failed', `"response":${JSON.stringify(response)}`, emit)
  }
}

const IN_PROGRESS: EncodedFinish = { status: 'in_progress', incomplete_details: null }
const FAILED: EncodedFinish = { status: 'failed', incomplete_details: null }

/** Whether a block is complete with a part. */
function isLast(part: BlockPart): boolean {
  return (
    part.type === 'text-end' ||
    part.type === 'reasoning-end' ||
    part.type === 'tool-call-end' ||
    part.type === 'opaque'
  )
}
