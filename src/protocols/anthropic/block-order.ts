import type { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { embed, parseJson, sourceText, stringifyJson, tryParseJson } from '../../wire/json.ts'
import { frame, type SseEvent } from '../../wire/sse.ts'
import { contradiction } from './response.ts'
import { isSame } from './stream-block.ts'
import { textAt } from './wire.ts'

/**
 * Keeps the order of blocks in a stream that passes as bytes: they count from 0, one is open at a
 * time, and each is closed. The vendor's own clients find a block by its index and see nothing wrong
 * (Anthropic SDK 1.11), so that a delta with a wrong one lands in another block or nowhere. What can
 * be mended is; a delta of no open block is a fault. One for each stream.
 *
 * Nearly all events are deltas. Those of the open block begin alike in the vendor's streams, and
 * only what begins in another way is parsed.
 */
export class BlockOrder {
  #count = 0
  /** The open block as the client knows it, or -1. */
  #open = -1
  /** What the vendor calls it. */
  #wireIndex: Json | undefined
  /** Whether the open block has the same index on both sides, so that its deltas can pass. */
  #isPlain = false
  #isStarted = false
  #isOver = false
  /** Set when the stream cannot go on. */
  fault: ToolgateError | undefined

  /** Whether an event is surely a delta of the open block, in order as it is. */
  isNext(data: string): boolean {
    return this.#isPlain && deltaIndex(data) === this.#open
  }

  /** What takes the place of an event that is not in order; `undefined` if it may pass. */
  mend(event: SseEvent): string | undefined {
    if (this.#isOver || this.isNext(event.data)) return undefined
    const wire = tryParseJson(event.data)
    if (!isObject(wire)) return undefined
    switch (textAt(wire, 'type') || event.event) {
      case 'message_start':
        return this.#start(wire)
      case 'content_block_start':
        return this.#openBlock(wire, event)
      case 'content_block_delta':
        return this.#delta(wire, event)
      case 'content_block_stop':
        return this.#stop(wire, event)
      case 'message_delta':
        return this.#closed(event)
      case 'message_stop':
        this.#isOver = true
        return this.#closed(event)
      default:
        return undefined
    }
  }

  #start(wire: JsonObject): string | undefined {
    if (this.#isStarted && this.#count > 0)
      return this.#fail('a second message begins inside the first')
    this.#isStarted = true
    const message = isObject(wire['message']) ? wire['message'] : {}
    // An answer that goes on after a pause may begin with blocks that are whole already.
    if (Array.isArray(message['content'])) this.#count = message['content'].length
    return undefined
  }

  #openBlock(wire: JsonObject, event: SseEvent): string | undefined {
    const before = this.#close()
    this.#open = this.#count++
    this.#wireIndex = wire['index']
    this.#isPlain = this.#wireIndex === this.#open
    if (!this.#isPlain) return before + this.#said(event)
    return before === '' ? undefined : before + framed(event)
  }

  #delta(wire: JsonObject, event: SseEvent): string | undefined {
    const { index } = wire
    if (this.#open === -1 || !isSame(index, this.#wireIndex)) {
      const which = typeof index === 'number' ? `block ${index}` : 'a block'
      return this.#fail(`a delta comes for ${which} that is not open`)
    }
    return index === this.#open ? undefined : this.#said(event)
  }

  #stop(wire: JsonObject, event: SseEvent): string | undefined {
    // It closes nothing; the open block has its own end.
    if (this.#open === -1 || !isSame(wire['index'], this.#wireIndex)) return ''
    const said = wire['index'] === this.#open ? undefined : this.#said(event)
    this.#close()
    return said
  }

  #closed(event: SseEvent): string | undefined {
    const before = this.#close()
    return before === '' ? undefined : before + framed(event)
  }

  /** The event that closes the open block, if one is open. */
  #close(): string {
    const index = this.#open
    if (index === -1) return ''
    this.#open = -1
    this.#isPlain = false
    return frame(`{"type":"content_block_stop","index":${index}}`, 'content_block_stop')
  }

  /** An event with the index that the client knows. */
  #said({ event, data }: SseEvent): string {
    const root = parseJson(data)
    const mended: JsonObject = {}
    if (isObject(root)) {
      for (const key in root) {
        const value = root[key]
        mended[key] = isObject(value) ? embed(sourceText(root, value)) : value
      }
    }
    mended['index'] = this.#open
    return frame(stringifyJson(mended), event || undefined)
  }

  #fail(what: string): string {
    this.fault ??= contradiction(what)
    this.#isOver = true
    return ''
  }
}

const HEAD = '{"type":"content_block_delta","index":'
const KIND = HEAD.indexOf('delta')
const COLON = 58
const COMMA = 44
const LETTER_D = 100

/**
 * The index in a delta that begins as the vendor's do, or -1. A few letters tell: to compare the whole
 * beginning would cost ten times as much, and what is taken for a delta here passes as it is.
 */
function deltaIndex(data: string): number {
  if (data.charCodeAt(HEAD.length - 1) !== COLON || data.charCodeAt(KIND) !== LETTER_D) return -1
  let index = 0
  for (let at = HEAD.length; ; at++) {
    const code = data.charCodeAt(at)
    if (code >= 48 && code < 58) index = index * 10 + code - 48
    else return code === COMMA && at > HEAD.length ? index : -1
  }
}

function framed({ event, data }: SseEvent): string {
  // Between the values of a JSON text a line end is a blank like any other.
  return frame(data.replaceAll('\n', ' '), event || undefined)
}
