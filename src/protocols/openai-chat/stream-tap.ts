import { isObject, type JsonObject } from '../../core/json.ts'
import type { ModelRequest } from '../../core/request.ts'
import { type FinishKind, finishKind, type Usage } from '../../core/response.ts'
import { tryParseJson } from '../../wire/json.ts'
import { frame, type SseEvent } from '../../wire/sse.ts'
import type { StreamTap } from '../protocol.ts'
import { isErrorBody } from './error-decode.ts'
import { decodeFinish } from './finish.ts'
import { usageIn } from './stream-decoder.ts'
import { decodeUsage } from './usage.ts'
import { ownExtras } from './wire.ts'

/**
 * Watches a stream that passes as bytes. It looks for the few texts that matter and parses only
 * events that hold one, when it is asked; inside a string the quotes would stand escaped.
 *
 * An answer is whole with `[DONE]`, or once every choice has its `finish_reason`: usage may be lost
 * with a stream that is cut after that, and nothing of the answer is.
 */
export class ChatStreamTap implements StreamTap {
  #done = false
  #failed = false
  #calls = false
  #finish = ''
  #usage = ''
  readonly #choices: number
  /** The choices that are over, where there is more than one. */
  readonly #over = new Set<number>()

  constructor(request?: ModelRequest) {
    const choices = ownExtras(request?.extras)?.['n']
    this.#choices = typeof choices === 'number' ? choices : 1
  }

  push(event: SseEvent): void {
    const { data } = event
    if (data.charCodeAt(0) !== 123) {
      if (data.trim() === '[DONE]') this.#done = true
      return
    }
    if (has(data, 'finish_reason":', '"')) this.#finished(data)
    if (has(data, 'usage":', '{')) this.#usage = data
    if (!this.#calls && (has(data, 'tool_calls":', '[{') || has(data, 'function_call":', '{')))
      this.#calls = true
    if (event.event === 'error') this.#failed = true
    else if (has(data, 'error":', '{') || has(data, 'error":', '"'))
      this.#failed ||= isErrorBody(tryParseJson(data) ?? null)
  }

  get complete(): boolean {
    if (this.#done || this.#failed) return true
    return this.#choices > 1 ? this.#over.size >= this.#choices : this.#finish !== ''
  }

  get failed(): boolean {
    return this.#failed
  }

  /** Clients that wait for `[DONE]` take a stream without it for one that broke. */
  get owed(): string {
    return this.#done || this.#failed ? '' : frame('[DONE]')
  }

  get usage(): Usage | undefined {
    const chunk = read(this.#usage)
    const usage = chunk && usageIn(chunk)
    return usage ? decodeUsage(usage, {}) : undefined
  }

  get finish(): FinishKind | undefined {
    const choices = read(this.#finish)?.['choices']
    const choice = Array.isArray(choices) ? choices[0] : undefined
    if (isObject(choice)) return decodeFinish(choice, this.#calls, false).kind
    return this.#done ? finishKind('stop', this.#calls) : undefined
  }

  #finished(data: string): void {
    this.#finish = data
    if (this.#choices === 1) return
    const choices = read(data)?.['choices']
    for (const choice of Array.isArray(choices) ? choices : []) {
      if (!isObject(choice) || typeof choice['finish_reason'] !== 'string') continue
      this.#over.add(typeof choice['index'] === 'number' ? choice['index'] : 0)
    }
  }
}

/**
 * Whether a key is followed by a value that opens with `opener`, with or without a space between.
 * The key comes without its first quote, which is the slowest thing to look for in JSON.
 */
function has(data: string, key: string, opener: string): boolean {
  for (let at = data.indexOf(key); at !== -1; at = data.indexOf(key, at + 1)) {
    const next = at + key.length
    if (data.startsWith(opener, data.charCodeAt(next) === 32 ? next + 1 : next)) return true
  }
  return false
}

function read(data: string): JsonObject | undefined {
  const chunk = data === '' ? undefined : tryParseJson(data)
  return isObject(chunk) ? chunk : undefined
}
