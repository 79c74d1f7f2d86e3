import type { ToolgateError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { FinishKind, Usage } from '../../core/response.ts'
import { tryParseJson } from '../../wire/json.ts'
import { frame, type SseEvent } from '../../wire/sse.ts'
import type { StreamTap } from '../protocol.ts'
import { BlockOrder } from './block-order.ts'
import { decodeFinish } from './finish.ts'
import { decodeUsage, mergeUsage } from './usage.ts'
import { textAt } from './wire.ts'

/** Events that tell nothing of the answer as a whole, by name: they are not even parsed. */
const PASSED: ReadonlySet<string> = new Set(['content_block_delta', 'content_block_stop', 'ping'])

/** Watches a stream that passes as bytes: its usage, how it finished, whether it is whole. */
export class MessageStreamTap implements StreamTap {
  complete = false
  failed = false
  usage: Usage | undefined
  finish: FinishKind | undefined
  readonly #counts: JsonObject = {}
  #hasCalls = false
  #isOver = false
  readonly #order = new BlockOrder()
  instead: string | undefined

  /** Anthropic's own clients take no message that `message_stop` has not ended. */
  get owed(): string {
    return this.#isOver ? '' : frame('{"type":"message_stop"}', 'message_stop')
  }

  get fault(): ToolgateError | undefined {
    return this.#order.fault
  }

  push(event: SseEvent): void {
    this.instead = undefined
    if (this.#order.isNext(event.data)) return
    this.instead = this.#order.mend(event)
    if (this.#isOver || this.fault || PASSED.has(event.event)) return
    const wire = tryParseJson(event.data)
    if (!isObject(wire)) return
    switch (textAt(wire, 'type') || event.event) {
      case 'message_start':
        if (isObject(wire['message'])) this.#start(wire['message'])
        break
      case 'content_block_start':
        if (isObject(wire['content_block'])) {
          this.#hasCalls ||= wire['content_block']['type'] === 'tool_use'
        }
        break
      case 'message_delta':
        this.#tell(wire)
        if (isObject(wire['delta'])) this.#stop(wire['delta'])
        break
      case 'error':
        this.failed = true
        this.complete = true
        this.#isOver = true
        break
      case 'message_stop':
        this.complete = true
        this.#isOver = true
    }
  }

  /** An answer that goes on after a pause may be whole from its start. */
  #start(message: JsonObject): void {
    this.#tell(message)
    const content = Array.isArray(message['content']) ? message['content'] : []
    this.#hasCalls = content.some(block => isObject(block) && block['type'] === 'tool_use')
    this.#stop(message)
  }

  #stop(from: JsonObject): void {
    if (textAt(from, 'stop_reason') === '') return
    this.finish = decodeFinish(from, this.#hasCalls).kind
    this.complete = true
  }

  #tell(from: JsonObject): void {
    if (!isObject(from['usage'])) return
    mergeUsage(this.#counts, from['usage'])
    this.usage = decodeUsage(this.#counts)
  }
}
